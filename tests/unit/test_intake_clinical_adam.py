"""ADaM data sets become records, and what they derive stands in ``supplied``."""

import pandas as pd

from clinical_study import checks, read

ADSL = """USUBJID,TRT01A,ARMCD,TRTSDT,TRTEDT,RANDDT,DTHDT,LSTALVDT,EOSDT,AGE,SEX
A,TQB2102,T,2024-01-01,2024-03-01,2023-12-30,2024-06-01,2024-05-30,2024-06-01,51,F
B,Screen Failure,Scrnfail,,,,,,,40,F"""
ADRS = """USUBJID,PARAMCD,AVALC,ADT,RSSEQ
A,OVR,PR,2024-02-12,1
A,OVR,PD,2024-05-01,2
A,BOR,PR,2024-02-12,
A,RSP,Y,2024-02-12,
A,PD,Y,2024-05-01,
A,DEATH,Y,2024-06-01,
B,BOR,MISSING,,"""
ADTTE = """USUBJID,PARAMCD,STARTDT,ADT,AVAL,AVALU,CNSR
A,PFS,2024-01-01,2024-05-01,122,DAYS,0
A,OS,,,5,MONTHS,1
A,RSD,2024-02-12,2024-05-01,80,DAYS,0"""
ADAE = "USUBJID,AESEQ,AETERM,AEDECOD,ASTDT,AENDT,AETOXGR\nA,1,nausea,Nausea,2024-01-05,,3"


def folder(path, **sets):
    for name, text in ({"adsl": ADSL, "adrs": ADRS, "adtte": ADTTE, "adae": ADAE} | sets).items():
        if text:
            (path / f"{name}.csv").write_text(text + "\n")
    return path


def test_subjects(tmp_path):
    subjects = read(folder(tmp_path), format="adam").subjects.set_index("subject_id")
    assert subjects["screen_failure"].tolist() == [False, True]
    assert subjects["treated"].tolist() == [True, False]
    first = subjects.loc["A"]
    assert first["randomisation_date"] == pd.Timestamp("2023-12-30")
    assert first["last_alive_date"] == pd.Timestamp("2024-05-30")
    assert first["death_date"] == pd.Timestamp("2024-06-01")


def test_overall_responses_become_assessments(tmp_path):
    rows = read(folder(tmp_path), format="adam").assessments
    assert rows["response"].tolist() == ["PR", "PD"]
    assert rows["evaluator"].unique().tolist() == ["INVESTIGATOR"]


def test_derived_endpoints_are_supplied(tmp_path):
    row = read(folder(tmp_path), format="adam").supplied.set_index("subject_id").loc["A"]
    assert row["best_response"] == "PR"
    assert row["progression_date"] == pd.Timestamp("2024-05-01")
    assert (row["pfs_days"], row["pfs_event"]) == (122, True)
    assert (row["os_days"], row["os_event"]) == (5 * 30.4375, False)
    assert (row["dor_days"], row["dor_event"]) == (80, True)


def test_adverse_events_by_analysis_dates_where_no_others_are(tmp_path):
    rows = read(folder(tmp_path), format="adam").adverse_events
    assert rows["start_text"].tolist() == ["2024-01-05"]
    assert rows["grade"].tolist() == [3]


def test_negative_duration_is_an_error(tmp_path):
    adtte = "USUBJID,PARAMCD,STARTDT,ADT,AVAL,CNSR\nA,RSD,2024-05-01,2024-02-12,,0"
    assert checks(read(folder(tmp_path, adtte=adtte), format="adam"), "error") == [
        ("duration_negative", "A", "AVAL")
    ]


def test_absent_sets_are_said(tmp_path):
    records = read(folder(tmp_path, adae=""), format="adam")
    assert checks(records, "info") == [("domain_missing", "", "ADAE")]
    records = read(tmp_path / "..", format="adam")
    assert checks(records, "error") == [("domain_missing", "", "ADSL")]


def test_times_without_usable_unit_or_censoring_are_errors(tmp_path):
    """Weeks are read; a time in "CYCLES", and one that may be event or censored, are not guessed."""
    adtte = """USUBJID,PARAMCD,STARTDT,ADT,AVAL,AVALU,CNSR
A,PFS,,,10,WEEKS,0
A,OS,,,5,CYCLES,1
A,RSD,2024-02-12,2024-05-01,80,DAYS,"""
    records = read(folder(tmp_path, adtte=adtte), format="adam")
    row = records.supplied.set_index("subject_id").loc["A"]
    assert (row["pfs_days"], row["pfs_event"]) == (70, True)
    assert pd.isna(row["os_days"])
    assert pd.isna(row["dor_days"])
    assert checks(records, "error") == [("unit_unknown", "A", "AVALU"), ("event_missing", "A", "CNSR")]
