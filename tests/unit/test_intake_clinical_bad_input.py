"""Each kind of bad clinical input by itself: what is said, how grave it is, of whom, from which record."""

import pytest

from clinical_study import DM, EX, RS_HEADER, read, study

RS = RS_HEADER + "S1,1,OVRLRESP,SD,INVESTIGATOR,,,2,W6,2024-02-12\n"
TU = "USUBJID,TUSEQ,TULNKID,TUSTRESC,TUDTC\n"
AE = "USUBJID,AESEQ,AETERM,AEDECOD,AETOXGR,AEREL,AESTDTC,AEENDTC\n"
# what, domains that replace the good ones, check, severity, subject, what names the record
CASES = [
    (
        "a subject that DM does not know",
        {"ex": EX + "\nS9,1,TQB2102,6,mg/kg,2024-01-01,"},
        ("subject_unknown", "error", "S9", "row 5"),
    ),
    (
        "a subject twice in DM",
        {"dm": DM + "\nS1,OTHER,T,51,F,2023-12-20,,"},
        ("subject_duplicate", "error", "S1", "row 5"),
    ),
    (
        "an unknown response value",
        {"rs": RS + "S1,2,OVRLRESP,CHECK,INVESTIGATOR,,,3,W12,2024-03-25"},
        ("response_unknown", "error", "S1", "row 3"),
    ),
    (
        "an unknown evaluator",
        {"rs": RS + "S1,2,OVRLRESP,PR,SPONSOR,,,3,W12,2024-03-25"},
        ("evaluator_unknown", "warning", "S1", "row 3"),
    ),
    (
        "an impossible date",
        {"rs": RS + "S1,2,OVRLRESP,PR,,,,3,W12,2024-02-31"},
        ("date_malformed", "error", "S1", "row 3"),
    ),
    (
        "an end before its start",
        {"ae": AE + "S1,1,Cough,Cough,1,RELATED,2024-02-05,2024-02-01"},
        ("end_before_start", "warning", "S1", "row 2"),
    ),
    (
        "two dates of death",
        {"ds": "USUBJID,DSSEQ,DSDECOD,DSSTDTC\nS2,1,DEATH,2024-06-10\nS2,2,DEATH,2024-06-12"},
        ("death_several_dates", "warning", "S2", "row 3"),
    ),
    (
        "a scan after death",
        {"rs": RS + "S2,2,OVRLRESP,PD,,,,3,W30,2024-07-01"},
        ("record_after_death", "warning", "S2", "RS row 3 after the date of death"),
    ),
    (
        "a dose after death",
        {"ex": EX + "\nS2,2,TQB2102,6,mg/kg,2024-06-20,2024-06-20"},
        ("record_after_death", "warning", "S2", "EX row 5 after the date of death"),
    ),
    (
        "alive after death",
        {"ss": "USUBJID,SSSEQ,SSTESTCD,SSSTRESC,SSDTC\nS2,1,SURVSTAT,ALIVE,2024-08-01"},
        ("record_after_death", "warning", "S2", "SSDTC 2024-08-01 after the date of death"),
    ),
    (
        "a death without a date",
        {"dm": DM.replace("2023-12-20,,", "2023-12-20,,Y")},
        ("death_without_date", "warning", "S1", "row 2"),
    ),
    (
        "a new lesion without progression",
        {"rs": RS, "tu": TU + "S1,1,N1,NEW,2024-02-12"},
        ("new_lesion_without_pd", "warning", "S1", "row 2"),
    ),
    (
        "two visits on one day",
        {"rs": RS + "S1,2,OVRLRESP,SD,INVESTIGATOR,,,3,W12,2024-02-12"},
        ("visits_same_date", "warning", "S1", "row 3"),
    ),
    (
        "one assessment twice",
        {"rs": RS + "S1,1,OVRLRESP,SD,INVESTIGATOR,,,2,W6,2024-02-12"},
        ("row_duplicate", "warning", "S1", "row 3"),
    ),
    (
        "one record number for two assessments",
        {"rs": RS + "S1,1,OVRLRESP,PR,INVESTIGATOR,,,3,W12,2024-03-25"},
        ("key_duplicate", "error", "S1", "row 3"),
    ),
    (
        "another first dose in DM than in EX",
        {"dm": "USUBJID,ARM,RFXSTDTC\nS1,T,2024-01-02\nS2,T,2024-01-03"},
        ("first_dose_conflict", "warning", "S1", "row 2"),
    ),
    (
        "an event without grade",
        {"ae": AE + "S1,1,Cough,Cough,,RELATED,2024-02-05,"},
        ("adverse_event_incomplete", "info", "S1", "row 2"),
    ),
]


@pytest.mark.parametrize(("what", "domains", "expected"), CASES, ids=[case[0] for case in CASES])
def test_bad_input_is_named(tmp_path, what, domains, expected):
    check, severity, subject, record = expected
    said = [
        f"{problem.file} row {problem.row}: {problem.found}"
        for problem in read(study(tmp_path, **domains)).problems
        if (problem.check, problem.severity, problem.subject_id) == (check, severity, subject)
    ]
    assert said, what
    assert record in said[-1]


def test_good_input_has_none_of_these(tmp_path):
    found = {problem.check for problem in read(study(tmp_path, rs=RS)).problems}
    assert not found & {expected[0] for _, _, expected in CASES}


def test_many_records_after_death_are_counted_beyond_the_first(tmp_path):
    rs = RS + "".join(f"S2,{n},OVRLRESP,SD,,,,{n},V{n},2024-07-{n:02d}\n" for n in range(1, 8))
    (found,) = (p.found for p in read(study(tmp_path, rs=rs)).problems if p.check == "record_after_death")
    assert found == "RS row 3, RS row 4, RS row 5, RS row 6, RS row 7 and 2 more after the date of death"
