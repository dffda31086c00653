"""Adverse events equal the published ADAE; emergence equals three upstream frames; antibodies run."""

import shutil

import pandas as pd
import pytest

from clearher.clinical.adverse_events import adverse_event_table, emergence
from clearher.clinical.immunogenicity import immunogenicity
from clearher.clinical.safety import safety_table
from clearher.intake.config import defaults
from clinical_study import read

NO_LIST = pd.DataFrame(columns=["category", "match", "term"])
SEVERITY = {"MILD": 1, "MODERATE": 2, "SEVERE": 3}


@pytest.fixture(scope="module")
def pilot(fixtures, tmp_path_factory):
    """Records of the pilot study by ADSL (which has the end of study) and AE."""
    folder = tmp_path_factory.mktemp("adam")
    shutil.copy(fixtures / "clinical" / "adsl.csv", folder / "adsl.csv")
    shutil.copy(fixtures / "clinical" / "ae.csv", folder / "adae.csv")
    return read(folder, format="adam")


@pytest.fixture(scope="module")
def compared(pilot, fixtures):
    settings = defaults("clinical")["adverse_events"] | {"severity_as_grade": SEVERITY}
    ours, _ = adverse_event_table(
        pilot.adverse_events, pilot.subjects, pilot.doses, NO_LIST, settings=settings
    )
    expected = pd.read_csv(fixtures / "clinical" / "expected_adae.csv", dtype=str, keep_default_na=False)
    expected["sequence"] = expected["AESEQ"].astype(int)
    return ours.merge(expected, left_on=["subject_id", "sequence"], right_on=["USUBJID", "sequence"])


def as_text(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "Y", False: ""})
    return values.astype(object).where(values.notna(), "").map(str).tolist()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("start_date", "ASTDT"),
        ("start_imputed", "ASTDTF"),
        ("end_date", "AENDT"),
        ("treatment_emergent", "TRTEMFL"),
        ("first_worst", "AOCCIFL"),
        ("start_day", "ASTDY"),
        ("end_day", "AENDY"),
        ("duration_days", "ADURN"),
    ],
)
def test_all_1191_records(compared, ours, theirs):
    assert len(compared) == 1191
    assert as_text(compared[ours]) == compared[theirs].tolist()


@pytest.mark.parametrize(
    ("frame", "flag", "window", "worsening"),
    [
        (
            "derive_var_trtemfl_Test_1_end_window_and_worsening_parameters_not_specfied_e8",
            "TRTEMFL",
            36_500,
            False,
        ),
        ("derive_var_trtemfl_Test_2_with_end_window_and_worsening_e9", "TRTEM2FL", 10, True),
        (
            "derive_var_trtemfl_Test_12_Checking_test_cases_from_PHUSE_White_Paper_on_Treatment_Emergent_AEs_e13",
            "TRTEMFL",
            0,
            True,
        ),
    ],
)
def test_emergence_of_upstream_unit_frames(fixtures, frame, flag, window, worsening):
    folder = fixtures / "clinical" / "admiral_unit_tests"
    rows = pd.read_csv(folder / f"{frame}__expected.csv", dtype=str, keep_default_na=False)
    days = {
        name: pd.to_datetime(rows[name].str[:10].replace("", None)) for name in rows if name.endswith("DTM")
    }
    grades = {name: pd.to_numeric(rows[name]).astype("Int64") for name in ("AETOXGR", "AEITOXGR")}
    events = pd.DataFrame(
        {
            "subject_id": rows["USUBJID"],
            "sequence": range(len(rows)),
            "start_date": days["ASTDTM"],
            "end_date": days["AENDTM"],
            "grade": grades["AETOXGR"],
            "initial_grade": grades["AEITOXGR"] if worsening else pd.Series(pd.NA, rows.index, dtype="Int64"),
            "group_id": "",
        }
    )
    milestones = pd.DataFrame({"first_dose_date": days["TRTSDTM"], "last_dose_date": days["TRTEDTM"]})
    rule = emergence(events, milestones, window_days=window)
    emergent = rule.isin(("start unknown", "started under treatment", "worsened under treatment"))
    assert emergent.map({True: "Y", False: ""}).tolist() == rows[flag].tolist()


def test_grades_are_missing_where_only_severity_was_collected(pilot):
    settings = defaults("clinical")
    events, _ = adverse_event_table(
        pilot.adverse_events, pilot.subjects, pilot.doses, NO_LIST, settings=settings["adverse_events"]
    )
    overview = safety_table(events, pilot.subjects, [], categories=[], settings=settings)
    row = overview[(overview["section"] == "overview") & (overview["group"] == "all")].set_index("category")
    assert row.loc["any", "N"] == 254
    assert row.loc["any", "n"] == row.loc["grade not recorded", "n"]
    assert row.loc["any", "n"] == events.loc[events["treatment_emergent"], "subject_id"].nunique()


def test_antibodies_of_254_subjects(fixtures, tmp_path):
    for domain, file in {"dm": "dm.csv", "ex": "ex.csv", "is": "is_ada.csv"}.items():
        shutil.copy(fixtures / "clinical" / file, tmp_path / f"{domain}.csv")
    records = read(tmp_path)
    visits = {"BASELINE": 1, "WEEK 2": 14, "WEEK 24": 168}
    settings = defaults("clinical")["ada"] | {"scale": "log10", "visits": visits, "window_days": 14}
    result = immunogenicity(records.ada, records.subjects, settings=settings)
    raw = pd.read_csv(fixtures / "clinical" / "is_ada.csv", dtype=str, keep_default_na=False)
    binding = raw[raw["ISTESTCD"] == "ADA_BAB"]
    later = binding[(binding["VISIT"] != "BASELINE") & (binding["ISSTRESC"] != "")]
    people = result.subjects.set_index("subject_id")
    assert len(people) == 254
    assert set(people.index[people["evaluable"]]) == set(later["USUBJID"])
    # pre-dose samples of the evening before the first dose are baseline, not after it
    at_baseline = binding[(binding["VISIT"] == "BASELINE") & (binding["ISSTRESC"] != "")].set_index("USUBJID")
    positive = at_baseline.index[at_baseline["ISSTRESC"] != "NEGATIVE"]
    assert set(people.index[people["baseline_status"] == "POSITIVE"]) == set(positive)
    induced = later[(later["ISSTRESC"] != "NEGATIVE") & ~later["USUBJID"].isin(positive)]["USUBJID"]
    assert set(people.index[people["ada_status"] == "INDUCED"]) == set(induced)
    titre = pd.to_numeric(at_baseline["ISSTRESC"].str.lstrip("<"), errors="coerce")
    highest = (
        pd.to_numeric(later["ISSTRESC"].str.lstrip("<"), errors="coerce").groupby(later["USUBJID"]).max()
    )
    rise = (highest - titre.reindex(highest.index)).round(9)
    assert set(people.index[people["ada_status"] == "BOOSTED"]) == set(rise.index[rise >= 0.6])
