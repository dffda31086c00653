"""Unit-test frames of pharmaverse/admiralonco and pharmaverse/admiral as literal tables.

The frames hold input rows (PARAMCD OVR, PD, RSP) and result rows. Where our own rule deliberately gives
another answer, as the reference lists, that answer is asserted and named.
"""

import copy

import pandas as pd
import pytest

from clearher.clinical.confirmation import best_response, confirm
from clearher.clinical.days import difference
from clearher.clinical.response import subject_responses
from clearher.clinical.sources import Source, first_event_or_last_censoring
from clearher.columns.clinical import OVERALL
from clearher.intake.config import defaults

DEFAULT = {"min_days": 28, "max_ne": 1, "accept_sd": False}
LENIENT = {"min_days": 14, "max_ne": 0, "accept_sd": True}


def frame(fixtures, folder, token):
    (path,) = sorted((fixtures / "clinical" / folder).glob(f"*_{token}__expected.csv"))
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def usable_rows(table, *, cut):
    """Rows of OVR as the derivation takes them: known values, on or after day 1, up to the given PD."""
    rows = table[table["PARAMCD"].eq("OVR") & table["AVALC"].isin(OVERALL)]
    start = pd.to_datetime(rows["TRTSDT"]) if "TRTSDT" in rows else pd.to_datetime(rows["ADT"])
    rows = pd.DataFrame(
        {
            "subject_id": rows["USUBJID"],
            "date": pd.to_datetime(rows["ADT"]),
            "days": difference(pd.to_datetime(rows["ADT"]), start),
            "value": rows["AVALC"],
            "source": "",
        }
    )
    rows = rows[rows["days"].ge(0)]
    if cut:
        progression = table[table["PARAMCD"].eq("PD") & table["AVALC"].eq("Y")]
        limit = rows["subject_id"].map(pd.to_datetime(progression.set_index("USUBJID")["ADT"]))
        rows = rows[limit.isna() | rows["date"].le(limit)]
    return rows.sort_values(["subject_id", "date"], ignore_index=True)


def results(table, parameter, left_out=()):
    """{subject: (value, date)} of the result rows."""
    rows = table[table["PARAMCD"].eq(parameter) & ~table["USUBJID"].isin(left_out)]
    return {row.USUBJID: (row.AVALC, row.ADT) for row in rows.itertuples()}


def as_results(found, subjects, missing):
    text = found.set_index("subject_id")
    return {
        subject: (text["category"][subject], text["date"][subject].strftime("%Y-%m-%d"))
        if subject in text.index
        else (missing, "")
        for subject in subjects
    }


BOR = [
    ("e2", {}),
    ("e3", {}),
    ("e4", {"7": ("MISSING", "")}),
    ("e5", {"7": ("MISSING", "")}),
    ("e6", {}),
]


@pytest.mark.parametrize(("token", "ours"), BOR)
def test_best_overall_response(fixtures, token, ours):
    table = frame(fixtures, "admiralonco_unit_tests", token)
    rows = usable_rows(table, cut=True)
    found = best_response(rows, pd.Series(True, index=rows.index), sd_from=28)
    expected = results(table, "BOR") | ours
    assert as_results(found, expected, "MISSING") == expected


CONFIRMED_BOR = [
    # frame, rule, cut at PD, word for no rows, our own answers
    ("e9", DEFAULT, True, "MISSING", {}),
    ("e10", LENIENT, True, "NE", {"7": ("NE", "")}),
    ("e11", DEFAULT, False, "MISSING", {}),
    ("e11", DEFAULT, True, "MISSING", {"9": ("PD", "2020-02-16")}),
]


@pytest.mark.parametrize(("token", "rule", "cut", "missing", "ours"), CONFIRMED_BOR)
def test_confirmed_best_overall_response(fixtures, token, rule, cut, missing, ours):
    table = frame(fixtures, "admiralonco_unit_tests", token)
    rows = confirm(usable_rows(table, cut=cut), **rule)
    expected = results(table, "CBOR") | ours
    assert as_results(best_response(rows, rows["confirmed"], sd_from=28), expected, missing) == expected


CONFIRMED = [
    ("e12", DEFAULT, True, {}),
    ("e13", LENIENT, True, {}),
    ("e14", DEFAULT, False, {}),
]


@pytest.mark.parametrize(("token", "rule", "cut", "ours"), CONFIRMED)
def test_confirmed_response(fixtures, token, rule, cut, ours):
    table = frame(fixtures, "admiralonco_unit_tests", token)
    rows = confirm(usable_rows(table, cut=cut), **rule)
    first = rows[rows["confirmed"]].drop_duplicates("subject_id").set_index("subject_id")["date"]
    expected = results(table, "CRSP") | ours
    found = {s: ("Y", first[s].strftime("%Y-%m-%d")) if s in first.index else ("N", "") for s in expected}
    assert found == expected


def test_response_after_progression_never_counts_in_ours(fixtures):
    table = frame(fixtures, "admiralonco_unit_tests", "e14")
    rows = usable_rows(table, cut=False)
    first = rows[rows["value"].eq("PD")].groupby("subject_id")["date"].min()
    cut = rows[rows["date"].le(rows["subject_id"].map(first))].reset_index(drop=True)
    assert not confirm(cut, **DEFAULT)["confirmed"].any()


BENEFIT = [
    # frame, NON-CR/NON-PD counts, our own answers (SD after PD never counts)
    ("e7", False, {}),
    ("e8", True, {"06": ("N", "")}),
]


@pytest.mark.parametrize(("token", "count_non_cr", "ours"), BENEFIT)
def test_clinical_benefit(fixtures, token, count_non_cr, ours):
    table = frame(fixtures, "admiralonco_unit_tests", token)
    settings = copy.deepcopy(defaults("clinical"))
    settings["response"]["sd"] = {"min_days": 28, "window_days": 0, "count_non_cr_non_pd": count_non_cr}
    rows = confirm(usable_rows(table, cut=True), **DEFAULT)
    found = subject_responses(rows, settings=settings)
    expected = results(table, "CBR") | ours
    dates = found["clinical_benefit_date"].dropna().dt.strftime("%Y-%m-%d").to_dict()
    assert {s: ("Y", dates[s]) if s in dates else ("N", "") for s in expected} == expected


def inputs(fixtures, test, name):
    path = fixtures / "clinical" / "admiral_unit_tests" / f"derive_param_tte_Test_{test}__input_{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def dates(table, column):
    return pd.DataFrame(
        {"subject_id": table["USUBJID"], "date": pd.to_datetime(table[column].mask(table[column].eq("")))}
    )


def started(table, column):
    return dates(table, column).rename(columns={"date": "start_date"})


def compare(found, expected, description):
    """Subjects, end dates, event flags and descriptions of an expected frame."""
    end = "ADTM" if "ADTM" in expected else "ADT"
    assert found["subject_id"].tolist() == expected["USUBJID"].tolist()
    assert found["end_date"].tolist() == pd.to_datetime(expected[end]).tolist()
    assert (~found["event"].astype(bool)).astype(int).astype(str).tolist() == expected["CNSR"].tolist()
    assert found["description"].tolist() == expected[description].tolist()


def test_overall_survival(fixtures):
    people = inputs(fixtures, 1, "adsl")
    found = first_event_or_last_censoring(
        started(people, "TRTSDT"),
        [Source("DEATH", dates(people[people["DTHFL"].eq("Y")], "DTHDT"))],
        [Source("LAST KNOWN ALIVE DATE", dates(people, "LSTALVDT"))],
    )
    compare(found, frame(fixtures, "admiral_unit_tests", "e1"), "EVENTDESC")


def test_progression_free_survival_with_times_of_day(fixtures):
    people, responses = inputs(fixtures, 2, "adsl"), inputs(fixtures, 2, "adrs")
    found = first_event_or_last_censoring(
        started(people, "TRTSDTM"),
        [
            Source("PD", dates(responses[responses["AVALC"].eq("PD")], "ADTM")),
            Source("DEATH", dates(people[people["DTHFL"].eq("Y")], "DTHDT")),
        ],
        [
            Source("TREATMENT START", dates(people, "TRTSDTM")),
            Source("LAST TUMOR ASSESSMENT", dates(responses, "ADTM")),
        ],
    )
    compare(found, frame(fixtures, "admiral_unit_tests", "e2"), "EVENTDESC")


def test_duration_of_response_and_ties(fixtures):
    people, responses = inputs(fixtures, 3, "adsl"), inputs(fixtures, 3, "adrs")
    found = first_event_or_last_censoring(
        started(people, "RSPDT"),
        [
            Source("PD", dates(responses[responses["AVALC"].eq("PD")], "ADT")),
            Source("DEATH", dates(people[people["DTHFL"].eq("Y")], "DTHDT")),
        ],
        [
            Source("RESPONSE", dates(people, "RSPDT")),
            Source("LAST TUMOR ASSESSMENT", dates(responses, "ADT")),
        ],
    )
    compare(found, frame(fixtures, "admiral_unit_tests", "e3"), "EVENTDESC")


@pytest.mark.parametrize(("test", "token", "description"), [(5, "e4", "EVENTDESC"), (12, "e6", "EVNTDESC")])
def test_time_to_each_term(fixtures, test, token, description):
    people, events = inputs(fixtures, test, "adsl"), inputs(fixtures, test, "ae")
    expected = frame(fixtures, "admiral_unit_tests", token)
    last = dates(people, "TRTEDT")
    last["date"] = (last["date"] + pd.Timedelta(days=10)).clip(upper=pd.to_datetime(people["EOSDT"]))
    for term in sorted(events["AEDECOD"].unique()):
        found = first_event_or_last_censoring(
            started(people, "TRTSDT"),
            [Source("AE", dates(events[events["AEDECOD"].eq(term)], "AESTDT"))],
            [Source("END OF TRT", last)],
        )
        mine = expected[expected["PARCAT2"].eq(term)].sort_values("USUBJID")
        compare(found, mine, description)


def test_no_row_without_a_start_date(fixtures):
    people, events = inputs(fixtures, 11, "adsl"), inputs(fixtures, 11, "ae")
    found = first_event_or_last_censoring(
        started(people, "TRTSDT"), [Source("Any Adverse Event", dates(events, "ASTDT"))], []
    )
    expected = frame(fixtures, "admiral_unit_tests", "e5")
    compare(found, expected[expected["STARTDT"].ne("")], "EVNTDESC")
