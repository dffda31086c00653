"""One row a subject: dates or day counts, checked against each other; everything else a covariate."""

import pandas as pd
import pytest

from clearher.intake.covariates import with_covariates
from clinical_study import checks, read

DATES = ("response_date", "progression_date", "death_date", "last_contact_date")
HEADER = "\t".join(("subject_id", "first_dose_date", "best_response", *DATES))


def table(folder, *rows, header=HEADER):
    (folder / "clinical.tsv").write_text("\n".join([header, *rows]) + "\n")
    return folder / "clinical.tsv"


def supplied(path, **options):
    records = read(path, format="table", **options)
    return records, records.supplied.set_index("subject_id")


def test_durations_follow_from_dates_and_the_first_day_is_day_1(tmp_path):
    path = table(
        tmp_path,
        "A\t2024-01-01\tPR\t2024-02-12\t2024-05-01\t2024-08-01\t2024-08-01",
        "B\t2024-01-01\tSD\t\t\t\t2024-03-01",
        "C\t2024-01-01\tPD\t\t\t2024-01-01\t",
    )
    _, rows = supplied(path)
    assert rows.loc[["A", "C"], "pfs_days"].tolist() == [122, 1]
    assert rows.loc[["A", "C"], "os_days"].tolist() == [214, 1]
    assert rows.loc["A", ["dor_days", "dor_event"]].tolist() == [80, True]
    assert rows.loc[["B", "C"], "dor_days"].isna().all()
    # B has no event: where to censor is for the endpoint rules, which see the last contact
    assert rows.loc["B", ["pfs_days", "pfs_event", "os_days", "os_event"]].isna().all()
    assert rows.loc["B", "last_contact_date"] == pd.Timestamp("2024-03-01")


COUNTS = "subject_id\tfirst_dose_date\tpfs_days\tpfs_event\tos_days\tos_event"


def test_day_counts_alone_do_and_give_the_day_of_death(tmp_path):
    path = table(tmp_path, "A\t2024-01-01\t100\t1\t214\t1", "B\t\t30.5\t0\t30.5\t0", header=COUNTS)
    records, rows = supplied(path)
    assert rows["pfs_days"].tolist() == [100, 30.5]
    assert records.subjects["death_date"][0] == pd.Timestamp("2024-08-01")
    assert records.subjects["treated"].tolist() == [True, False]
    assert ("reference_missing", "B", "first_dose_date") not in checks(records, "warning")


BOTH = "subject_id\tfirst_dose_date\tprogression_date\tpfs_days\tpfs_event"


@pytest.mark.parametrize(
    ("row", "severity", "check"),
    [
        ("A\t2024-01-01\t2024-05-01\t122\t1", None, None),
        ("A\t2024-01-01\t2024-05-01\t121\t1", "warning", "duration_one_day_off"),
        ("A\t2024-01-01\t2024-05-01\t90\t1", "error", "duration_disagrees"),
        ("A\t2024-01-01\t2024-05-01\t90\t0", None, None),  # censored before: the table may know why
        ("A\t2024-01-01\t2024-05-01\t200\t0", "error", "event_disagrees"),
        ("A\t2024-01-01\t2023-12-01\t\t", "error", "duration_negative"),
        ("A\t2024-01-01\t\t-3\t1", "error", "duration_negative"),
        ("A\t2024-01-01\t\t90\t", "error", "event_missing"),
        ("A\t2024-01-01\t\t\t1", "warning", "duration_missing"),
        ("A\t2024-01-01\t\t90\tmaybe", "error", "event_unknown"),
        ("A\t2024-01-01\t2024-02-30\t90\t1", "error", "date_malformed"),
        ("A\t2024-01-01\t2024-02\t90\t1", "warning", "date_partial"),
    ],
)
def test_dates_and_counts_are_checked_against_each_other(tmp_path, row, severity, check):
    records, _ = supplied(table(tmp_path, row, header=BOTH))
    found = {p.check for p in records.problems if p.severity == severity}
    assert (check in found) if check else not checks(records, "error", "warning")


@pytest.mark.parametrize(
    ("dates", "column", "found", "expected"),
    [
        ("\t2023-12-01\t\t", "progression_date", "2023-12-01", "first_dose_date, 2024-01-01"),
        ("\t\t2023-12-31\t", "death_date", "2023-12-31", "first_dose_date, 2024-01-01"),
        ("\t\t\t2023-12-31", "last_contact_date", "2023-12-31", "first_dose_date, 2024-01-01"),
        ("2024-03-01\t2024-02-01\t\t", "progression_date", "2024-02-01", "response_date, 2024-03-01"),
    ],
)
def test_a_date_before_the_start_is_named_with_the_start(tmp_path, dates, column, found, expected):
    records, _ = supplied(table(tmp_path, f"A\t2024-01-01\tPR\t{dates}"))
    errors = [p for p in records.problems if p.severity == "error"]
    assert [(p.check, p.column, p.row, p.found) for p in errors] == [
        ("duration_negative", column, "2", repr(found))
    ]
    assert errors[0].expected == f"a date on or after {expected}"


def test_a_progression_counted_in_days_may_come_before_a_dated_death(tmp_path):
    header = "subject_id\tfirst_dose_date\tdeath_date\tpfs_days\tpfs_event"
    rows = ("A\t2024-01-01\t2024-05-01\t60\t1", "B\t2024-01-01\t2024-05-01\t\t")
    records, frame = supplied(table(tmp_path, *rows, header=header))
    assert checks(records, "error", "warning") == []
    assert frame["pfs_days"].tolist() == [60, 122]
    records, _ = supplied(table(tmp_path, "A\t2024-01-01\t2024-05-01\t130\t1", header=header))
    assert checks(records, "error") == [("duration_disagrees", "A", "pfs_days")]


def test_words_for_responses_can_be_mapped(tmp_path):
    path = table(tmp_path, "A\tRESPONSE", "B\t", "C\tSD", "D\tSD/PD", header="subject_id\tbest_response")
    records, _ = supplied(path)
    assert checks(records, "error") == [("response_unknown", "A", "best_response")]
    response = {"rows": {"value_map": {"RESPONSE": "PR"}, "partial_day": "last"}}
    _, rows = supplied(path, clinical={"response": response})
    assert rows["best_response"].tolist() == ["PR", "", "SD", "SD/PD"]


def test_without_a_first_dose_everyone_counts_as_treated_and_it_is_said(tmp_path):
    records, _ = supplied(table(tmp_path, "A\tCR", header="subject_id\tbest_response"))
    assert records.subjects["treated"].tolist() == [True]
    assert ("treated_assumed", "", "first_dose_date") in checks(records, "info")


def test_other_columns_are_covariates_and_near_misses_are_noted(tmp_path):
    header = "subject_id\tfirst_dose_date\tecog\tvisceral\tpfs_day"
    records, _ = supplied(table(tmp_path, "A\t2024-01-01\t1\tY\t9", "B\t2024-01-01\t\tN\t9", header=header))
    assert records.subjects["ecog"].tolist()[0] == 1.0
    assert records.subjects["visceral"].tolist() == ["Y", "N"]
    assert ("column_misspelt", "", "pfs_day") in checks(records, "warning")


def test_repeated_and_blank_subjects_are_errors(tmp_path):
    records, rows = supplied(table(tmp_path, "A\tCR", "A\tPD", "\tPD", header="subject_id\tbest_response"))
    assert checks(records, "error") == [
        ("subject_blank", "", "subject_id"),
        ("subject_duplicate", "A", "subject_id"),
    ]
    assert rows["best_response"].tolist() == ["CR"]


RESPONSE_WORDS = [
    # recorded, read as, why
    ("pr", "PR", "case"),
    ("Stable disease", "SD", "RECIST's own words"),
    ("PROGRESSIVE  DISEASE", "PD", "two blanks"),
    ("Not evaluable", "NE", "RECIST's own words"),
    ("sd/pd", "SD/PD", "the groups of a table, too"),
    ("Complete", "", "not a word of RECIST: an error, as it may be a status"),
    ("Disease progression", "", "could be clinical progression: to be mapped on purpose"),
]


@pytest.mark.parametrize(("recorded", "expected", "why"), RESPONSE_WORDS)
def test_words_of_recist_are_read(tmp_path, recorded, expected, why):
    records, rows = supplied(table(tmp_path, f"A\t{recorded}", header="subject_id\tbest_response"))
    assert rows["best_response"].tolist() == [expected], why
    assert bool(checks(records, "error")) is (expected == ""), why


WRONG = "subject_id\tfirst_dose_date\tbest_response\tprogression_date\tage\tos_days\tos_event"


def test_what_is_done_with_a_wrong_value_is_told_only_where_the_run_goes_on(tmp_path):
    """An error stops the run, so nothing is read as missing; made a warning by the settings, it is."""
    path = table(
        tmp_path, "A\t2024-01-01\tPR\t2024-02-30\told\t90\tmaybe", "\t\tPR", "B\t\tCRR", header=WRONG
    )
    done = {
        "date_malformed": ("Correct the date.", " It is read as missing."),
        "number_malformed": ("Correct the value.", " It is read as missing."),
        "event_unknown": ("Correct the value.", " It is read as missing."),
        "event_missing": ("Give the flag, or the dates.", " The duration is not used."),
        "subject_blank": ("Fill it in.", " The row is not used."),
        "response_unknown": (
            "Map the word in clinical.response.rows.value_map, to one of these or to exclude.",
            " The row is not used.",
        ),
    }
    stopped, _ = supplied(path)
    told = {p.check: p.advice for p in stopped.problems if p.severity == "error"}
    assert told == {check: remedy for check, (remedy, _) in done.items()}
    assert "read as missing" not in "\n".join(str(p) for p in stopped.problems)
    running, _ = supplied(path, intake={"severity": dict.fromkeys(done, "warning")})
    told = {p.check: p.advice for p in running.problems if p.check in done}
    assert told == {check: remedy + otherwise for check, (remedy, otherwise) in done.items()}


def test_a_table_without_subjects_names_the_nearest_column(tmp_path):
    records, _ = supplied(table(tmp_path, "A", header="subjectid"))
    assert [(p.check, p.found) for p in records.problems] == [
        ("column_missing", "no such column, but subjectid")
    ]


def test_last_contact_is_the_last_day_alive(tmp_path):
    records, _ = supplied(table(tmp_path, "B\t2024-01-01\tSD\t\t\t\t2024-03-01"))
    assert records.subjects["last_alive_date"][0] == pd.Timestamp("2024-03-01")


SUBJECTS = pd.DataFrame({"subject_id": ["A", "B"], "age": [50.0, None], "sex": ["F", ""], "arm": ["T", "T"]})


def test_covariates_join_by_subject(tmp_path):
    path = tmp_path / "covariates.csv"
    path.write_text("subject_id,ecog,site,age,sex,arm\nB,1,Paris,61,M,X\nZ,0,Rome,1,F,X\nB,2,Oslo,1,F,X\n")
    subjects, problems = with_covariates(SUBJECTS, path)
    assert subjects["ecog"].tolist()[1] == 1.0
    assert subjects["site"].tolist() == ["", "Paris"]
    assert subjects["age"].tolist() == [50.0, 61.0]  # gaps are filled, values stay
    assert subjects["arm"].tolist() == ["T", "T"]
    assert [(p.check, p.subject_id) for p in problems] == [
        ("subject_unknown", "Z"),
        ("subject_duplicate", "B"),
        ("covariate_reserved", ""),
    ]


LAST = "subject_id\tfirst_dose_date\tlast_contact_date\tpfs_days\tpfs_event"


def test_a_count_without_flag_is_no_censoring_where_no_column_tells_of_the_event(tmp_path):
    """100 days and a contact on day 214: nobody wrote whether day 100 was a progression."""
    records = read(table(tmp_path, "A\t2024-01-01\t2024-08-01\t100\t", header=LAST), format="table")
    assert checks(records, "error") == [("event_missing", "A", "pfs_days")]
    path = table(tmp_path, "A\t2024-01-01\t2024-08-01\t100\t\t", header=f"{LAST}\tprogression_date")
    assert checks(read(path, format="table"), "error") == []


def test_covariates_that_are_no_numbers_where_numbers_stand_are_told(tmp_path):
    """250,5 is no category, an age of "51 y" is no missing age, and ND makes categories of ECOG 0 and 1."""
    subjects = pd.DataFrame({"subject_id": ["A", "B"], "age": [float("nan")] * 2, "sex": ["", ""]})
    path = tmp_path / "covariates.csv"
    path.write_text("subject_id;age;ldh;ecog;stage\nA;51 y;250,5;0;I\nB;60;199;ND;II\n", encoding="utf-8")
    _, problems = with_covariates(subjects, path)
    assert [(p.check, p.severity, p.column, p.subject_id, p.row) for p in problems] == [
        ("number_malformed", "error", "age", "A", "2"),
        ("number_malformed", "error", "ldh", "A", "2"),
        ("covariate_mixed", "warning", "ecog", "B", "3"),
    ]
