"""SDTM domains become records: each rule on a few lines a reader can check by eye."""

import pandas as pd
import pytest

from clearher.intake.config import defaults
from clearher.problems import InputError, raise_if_errors
from clinical_study import DM, EX, RS_HEADER, checks, read, study


def day(text):
    return pd.Timestamp(text)


def test_subjects_have_arm_doses_reference_and_survival(tmp_path):
    subjects = read(study(tmp_path)).subjects.set_index("subject_id")
    assert subjects["screen_failure"].tolist() == [False, False, True]
    assert subjects["treated"].tolist() == [True, True, False]
    assert subjects.loc["S1", ["first_dose_date", "last_dose_date"]].tolist() == [
        day("2024-01-01"),
        day("2024-01-22"),
    ]
    assert subjects.loc["S1", "reference_date"] == day("2024-01-01")
    assert subjects.loc["S1", "last_alive_date"] == day("2024-01-22")
    assert subjects.loc["S2", "death_date"] == day("2024-06-10")
    assert subjects.loc["S1", "age"] == 51


@pytest.mark.parametrize(
    ("reference", "expected"), [("randomisation", "2023-12-30"), ("enrolment", "2023-12-28")]
)
def test_reference_date_is_a_setting(tmp_path, reference, expected):
    ds = "USUBJID,DSSEQ,DSDECOD,DSCAT,DSSTDTC\nS1,1,RANDOMIZED,PROTOCOL MILESTONE,2023-12-30\n"
    ds += "S1,2,ENROLLED,PROTOCOL MILESTONE,2023-12-28"
    records = read(study(tmp_path, ds=ds), clinical={"reference_date": reference})
    assert records.subjects["reference_date"][0] == day(expected)
    assert checks(records, "warning")[0][:2] == ("reference_missing", "S2")  # S3 is a screen failure


def test_dose_zero_counts_for_placebo_only_and_a_partial_start_is_not_used(tmp_path):
    ex = """USUBJID,EXSEQ,EXTRT,EXDOSE,EXSTDTC,EXENDTC
S1,1,TQB2102,0,2024-01-01,2024-01-01
S1,2,TQB2102,6,2024-01,
S1,3,TQB2102,6,2024-02-12,2024-02-10
S2,1,PLACEBO,0,2024-01-03,"""
    records = read(study(tmp_path, ex=ex))
    assert records.doses[["subject_id", "sequence"]].to_numpy().tolist() == [["S1", 2], ["S1", 3], ["S2", 1]]
    assert records.subjects["first_dose_date"][0] == day("2024-02-12")
    assert records.doses["end_date"].isna().all()  # 2024-02-10 lies before its start
    assert ("end_before_start", "S1", "EXENDTC") in checks(records, "warning")
    assert ("date_partial", "S1", "EXSTDTC") in checks(records, "warning")


def test_responses_of_each_evaluator_with_their_dates(tmp_path):
    rs = (
        RS_HEADER
        + """S1,1,OVRLRESP,SD,INVESTIGATOR,,,2,W6,2024-02
S1,2,OVRLRESP,PR,,,,3,W12,2024-03-25
S1,3,TRGRESP,PR,INVESTIGATOR,,,3,W12,2024-03-25
S1,4,OVRLRESP,PR,INDEPENDENT ASSESSOR,R1,,3,W12,2024-03-25
S1,5,OVRLRESP,SD,INDEPENDENT ASSESSOR,R2,Y,3,W12,2024-03-25
S1,6,OVRLRESP,NE,INVESTIGATOR,,,4,W18,2024"""
    )
    records = read(study(tmp_path, rs=rs))
    rows = records.assessments.set_index("sequence")
    assert rows["response"].to_dict() == {1: "SD", 2: "PR", 4: "PR", 5: "SD", 6: "NE"}
    assert rows.loc[1, ["date", "date_text", "date_imputed"]].tolist() == [day("2024-02-29"), "2024-02", "D"]
    assert rows["accepted"].to_dict() == {1: True, 2: True, 4: False, 5: True, 6: True}
    assert pd.isna(rows.loc[6, "date"])  # month missing: kept, but without a day
    assert rows.loc[5, "source"] == "RS row 6"
    assert [check for check, *_ in checks(records, "warning")] == ["date_partial", "date_month_missing"]


def test_unknown_response_is_an_error_until_it_is_mapped(tmp_path):
    rs = (
        RS_HEADER
        + "S1,1,OVRLRESP,CHECK,INVESTIGATOR,,,2,W6,2024-02-12\nS1,2,OVRLRESP,reply,,,,3,W9,2024-03-04"
    )
    folder = study(tmp_path, rs=rs)
    with pytest.raises(InputError) as caught:
        raise_if_errors(read(folder).problems)
    assert [(p.row, p.found) for p in caught.value.problems] == [("2", "'CHECK'"), ("3", "'reply'")]
    rows = defaults("clinical")["response"]["rows"]
    response = {"rows": rows | {"value_map": {"CHECK": "exclude", "reply": "PR"}}}
    mapped = read(folder, clinical={"response": response})
    assert mapped.assessments["response"].tolist() == ["PR"]
    assert ("response_excluded", "S1", "RSSTRESC") in checks(mapped, "info")


def test_blank_and_the_text_na_are_reported_apart(tmp_path):
    rs = RS_HEADER + "S1,1,OVRLRESP,,INVESTIGATOR,,,2,W6,2024-02-12\nS1,2,OVRLRESP,NA,,,,3,W9,2024-03-04"
    found = [p.found for p in read(study(tmp_path, rs=rs)).problems if p.check == "response_unknown"]
    assert found == ["nothing", "'NA'"]


def test_several_readers_without_an_accepted_one_are_an_error(tmp_path):
    rs = (
        RS_HEADER
        + """S1,1,OVRLRESP,PR,INDEPENDENT ASSESSOR,R1,,3,W12,2024-03-25
S1,2,OVRLRESP,SD,INDEPENDENT ASSESSOR,R2,,3,W12,2024-03-25
S2,1,OVRLRESP,SD,INDEPENDENT ASSESSOR,R1,,3,W12,2024-03-25"""
    )
    records = read(study(tmp_path, rs=rs))
    assert checks(records, "error") == [("reader_not_accepted", "S1", "RSACPTFL")]
    assert records.assessments["accepted"].tolist() == [False, False, True]  # a single reader needs no flag


def test_lesions_are_joined_with_their_sites(tmp_path):
    tu = """USUBJID,TUSEQ,TULNKID,TUTESTCD,TUSTRESC,TULOC,TUEVAL,VISIT,TUDTC
S1,1,T01,TUMIDENT,TARGET,LIVER,INVESTIGATOR,SCR,2023-12-27
S1,2,T02,TUMIDENT,TARGET,AXILLARY LYMPH NODE,INVESTIGATOR,SCR,2023-12-27
S1,3,N01,TUMIDENT,NEW,BRAIN,INVESTIGATOR,W12,2024-03-25"""
    tr = """USUBJID,TRSEQ,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,VISIT,TRDTC
S1,1,T01,LDIAM,21.5,21.5,mm,INVESTIGATOR,SCR,2023-12-27
S1,2,T02,LPERP,1.8,1.8,cm,INVESTIGATOR,SCR,2023-12-27
S1,3,T01,LDIAM,NOT EVALUABLE,,,INVESTIGATOR,W6,2024-02-12
S1,4,T01,SUMDIAM,40,40,mm,INVESTIGATOR,W6,2024-02-12
S1,5,X09,LDIAM,10,10,mm,INVESTIGATOR,W6,2024-02-12
S1,6,T02,LPERP,2,2,in,INVESTIGATOR,W6,2024-02-12"""
    records = read(study(tmp_path, tr=tr, tu=tu))
    rows = records.lesions.set_index("sequence")
    assert rows["value_mm"].dropna().to_dict() == {1: 21.5, 2: 18.0}
    assert rows["nodal"].to_dict() == {1: False, 2: True, 3: False, 6: True, 7: False}
    assert rows.loc[3, "state"] == "NOT EVALUABLE"
    assert rows.loc[7, ["lesion_id", "lesion_class", "location"]].tolist() == ["N01", "NEW", "BRAIN"]
    assert rows.loc[7, "date"] == day("2024-03-25")
    assert ("unit_unknown", "S1", "TRSTRESU") in checks(records, "error")
    assert ("lesion_class_unknown", "S1", "TULNKID") in checks(records, "warning")
    assert ("new_lesion_without_pd", "S1", "lesion_id") in checks(records, "warning")


def test_adverse_events_keep_dates_as_recorded(tmp_path):
    ae = """USUBJID,AESEQ,AETERM,AEDECOD,AESOC,AESTDTC,AEENDTC,AETOXGR,AESER,AEREL,AEACN,AEOUT
S1,1,nausea,Nausea,GI,2024-01,2024-02-03,GRADE 2,N,RELATED,DOSE REDUCED,RECOVERED
S2,1,sepsis,Sepsis,Infections,2024-06-01,2024-06-10,5,Y,,,FATAL
S2,2,rash,,,2024-05-01,2024-04-01,6,N,,,"""
    records = read(study(tmp_path, ae=ae))
    rows = records.adverse_events
    assert rows["grade"].tolist() == [2, 5, pd.NA]
    assert rows["start_text"].tolist() == ["2024-01", "2024-06-01", "2024-05-01"]
    assert rows["end_text"].tolist() == ["2024-02-03", "2024-06-10", ""]
    assert rows["fatal"].tolist() == [False, True, False]
    assert rows["serious"].tolist() == [False, True, False]
    assert checks(records, "error") == [("grade_unknown", "S2", "AETOXGR")]
    assert ("end_before_start", "S2", "AEENDTC") in checks(records, "warning")


def test_plain_diameter_of_a_node_is_its_short_axis(tmp_path):
    """T02 and T03 are nodes; T03 has a short axis of its own, its DIAMETER is the longest."""
    tr = """USUBJID,TRSEQ,TRLNKID,TRGRPID,TRLOC,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,VISIT,TRDTC
S1,1,T01,TARGET,LIVER,DIAMETER,20,20,mm,INVESTIGATOR,SCR,2023-12-27
S1,2,T02,TARGET,LYMPH NODE,DIAMETER,18,18,mm,INVESTIGATOR,SCR,2023-12-27
S1,3,T03,TARGET,LYMPH NODE,DIAMETER,25,25,mm,INVESTIGATOR,SCR,2023-12-27
S1,4,T03,TARGET,LYMPH NODE,LPERP,16,16,mm,INVESTIGATOR,SCR,2023-12-27"""
    rows = read(study(tmp_path, tr=tr)).lesions
    assert rows["measure"].tolist() == ["LDIAM", "LPERP", "LDIAM", "LPERP"]


def test_a_diameter_that_stands_as_text_alone_is_a_number(tmp_path):
    """Trap: TRSTRESN is there and blank in one row: the lesion would fall out of its sum."""
    tr = """USUBJID,TRSEQ,TRLNKID,TRGRPID,TRLOC,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,VISIT,TRDTC
S1,1,T01,TARGET,LIVER,LDIAM,20,20,mm,INVESTIGATOR,SCR,2023-12-27
S1,2,T02,TARGET,LUNG,LDIAM,2.5,,cm,INVESTIGATOR,SCR,2023-12-27
S1,3,T03,TARGET,LUNG,LDIAM,TOO SMALL,,,INVESTIGATOR,SCR,2023-12-27
S1,4,T04,TARGET,LUNG,LDIAM,"25,5",,mm,INVESTIGATOR,SCR,2023-12-27"""
    records = read(study(tmp_path, tr=tr))
    assert records.lesions["value_mm"].fillna(-1).tolist() == [20, 25, -1, -1]
    assert records.lesions["state"].tolist() == ["", "", "TOO SMALL", "25,5"]
    assert [p.column for p in records.problems if p.check == "number_malformed"] == ["TRSTRESC"]


def test_event_is_serious_by_its_flag_or_by_a_criterion(tmp_path):
    """Hospitalisation and death make an event serious whatever AESER says; nothing recorded is not "no"."""
    ae = """USUBJID,AESEQ,AETERM,AEDECOD,AESTDTC,AETOXGR,AESER,AESHOSP,AEREL,AEOUT
S1,1,a,A,2024-01-05,2,Y,,RELATED,
S1,2,b,B,2024-01-05,2,N,N,RELATED,
S1,3,c,C,2024-01-05,2,,Y,RELATED,
S1,4,d,D,2024-01-05,2,N,Y,RELATED,
S1,5,e,E,2024-01-05,2,,,RELATED,
S2,1,f,F,2024-06-01,4,N,,RELATED,FATAL"""
    records = read(study(tmp_path, ae=ae))
    assert records.adverse_events["serious"].tolist() == [True, False, True, True, pd.NA, True]
    said = [who for check, who, _ in checks(records, "warning") if check == "serious_by_criterion"]
    assert said == ["S1", "S1", "S2"]
    assert ("adverse_event_incomplete", "S1", "AESER") in checks(records, "info")


def test_words_of_seriousness_and_death_that_are_not_read_are_told(tmp_path):
    """What looks like a "yes" and is read as nothing would leave the event out of the serious ones."""
    ae = """USUBJID,AESEQ,AETERM,AEDECOD,AESTDTC,AETOXGR,AESER,AESHOSP,AESDTH,AEREL,AEOUT
S1,1,a,A,2024-01-05,2,yes,,,RELATED,Death
S1,2,b,B,2024-01-05,2,SAE,,,RELATED,NON-FATAL
S1,3,c,C,2024-01-05,2,N,X,,RELATED,Not fatal
S1,4,d,D,2024-01-05,2,N,,Yes,RELATED,RESULTED IN DEATH
S1,5,e,E,2024-01-05,2,N,,,RELATED,RECOVERED/RESOLVED"""
    records = read(study(tmp_path, ae=ae))
    assert records.adverse_events["fatal"].tolist() == [True, False, False, True, False]
    assert records.adverse_events["serious"].tolist() == [True, pd.NA, False, True, False]
    unread = [(p.row, p.column, p.found) for p in records.problems if p.check == "flag_unknown"]
    assert unread == [("3", "AESER", "'SAE'"), ("4", "AESHOSP", "'X'")]
    unclear = [p.found for p in records.problems if p.check == "outcome_unclear"]
    assert unclear == ["'RESULTED IN DEATH'"]


@pytest.mark.parametrize(
    ("columns", "absent"),
    [
        ("AEGRADE,AESER,AEREL,AEACN", ["AETOXGR"]),
        ("AETOXGR,AESLIFE,CAUSALITY,AEACN", ["AEREL"]),
        ("AETOXGR,SERIOUS,AEREL,ACTION", ["AESER", "AEACN"]),
        ("AETOXGR,AESER,AEREL,AEACN", []),
    ],
)
def test_events_without_a_column_are_told_since_their_rates_would_be_zero(tmp_path, columns, absent):
    """Grade 4 under AEGRADE is a grade that is not known: "grade >= 3: 0 of 2" must not come unannounced."""
    ae = f"USUBJID,AESEQ,AETERM,AEDECOD,AESTDTC,{columns}\nS1,1,a,A,2024-01-05,4,Y,RELATED,DRUG WITHDRAWN"
    told = checks(read(study(tmp_path, ae=ae)), "warning")
    assert [column for check, _, column in told if check == "adverse_event_column_absent"] == absent


def test_antibody_results_and_their_planned_time(tmp_path):
    is_ = """USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISSTRESN,ISSTAT,VISIT,VISITDY,ISDTC,ISTPT,ISTPTNUM
S1,1,ADA_BAB,NEGATIVE,,,C1D1,1,2023-12-31T23:30,Pre-dose,-0.5
S1,2,ADA_BAB,<1.40,,,C2D1,22,2024-01-22,POST-DOSE,2
S1,3,ADA_NAB,POSITIVE,,,C2D1,22,2024-01-22,,
S1,4,ADA_BAB,,,NOT DONE,C4D1,64,,,
S1,5,PK,3,3,,C4D1,64,2024-03-04,,"""
    records = read(study(tmp_path, **{"is": is_}))
    rows = records.ada
    assert rows["test"].tolist() == ["BINDING", "BINDING", "NEUTRALISING", "BINDING"]
    assert rows["date"][0] == day("2023-12-31")
    assert rows["titre_text"].tolist() == ["", "<1.40", "", ""]
    assert rows["before_dose"].tolist() == [True, False, pd.NA, pd.NA]
    assert rows["not_done"].tolist() == [False, False, False, True]
    assert ("test_unknown", "S1", "ISTESTCD") in checks(records, "info")
    assert ("ada_after_dose", "S1", "date_text") in checks(records, "warning")


SAMPLE_TIMES = [
    ("", "2024-01-01T08:10", True),
    ("", "2024-01-01T13:00:30", False),
    ("", "2024-01-01T09:00", pd.NA),  # the minute of the dose
    ("", "2024-01-01", pd.NA),
    ("", "2024-01-01T08:10Z", pd.NA),  # another time zone than the dose's, perhaps
    ("", "2024-01-22T08:10", pd.NA),  # that dose has no time
    ("POST-DOSE", "2024-01-01T13:00", False),
    ("PRE-DOSE", "2024-01-01T09:05", True),  # drawn late: the plan stands, and it is told
]


@pytest.mark.parametrize(("planned", "drawn", "before"), SAMPLE_TIMES)
def test_clock_times_tell_the_side_of_the_dose_where_no_plan_does(tmp_path, planned, drawn, before):
    """Dose on 2024-01-01 at 09:00 and, in a second record, at 11:30; drug in a sample hides antibodies."""
    ex = """USUBJID,EXSEQ,EXTRT,EXDOSE,EXSTDTC
S1,1,TQB2102,3,2024-01-01T11:30
S1,2,TQB2102,3,2024-01-01T09:00:00
S1,3,TQB2102,6,2024-01-22"""
    is_ = f"USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISTPT,ISDTC\nS1,1,ADA_BAB,NEGATIVE,{planned},{drawn}"
    records = read(study(tmp_path, ex=ex, **{"is": is_}))
    assert records.ada["before_dose"].tolist() == [before]
    told = [p.found for p in records.problems if p.check == "sample_time_against_plan"]
    assert told == (["2024-01-01T09:05, after that day's dose"] if "09:05" in drawn else [])


def test_therapies_are_those_that_start_after_the_reference_date(tmp_path):
    cm = """USUBJID,CMSEQ,CMTRT,CMCAT,CMSTDTC
S1,1,TAXANE,PRIOR ANTI-CANCER THERAPY,2022-05-01
S1,2,PARACETAMOL,GENERAL,2024-01-05
S1,3,CAPECITABINE,Subsequent Anti-Cancer Therapy,2024-05
S1,4,OLD,ANTI-CANCER THERAPY,2023-06-01
S2,1,ERIBULIN,ANTICANCER,2024"""
    records = read(study(tmp_path, cm=cm))
    rows = records.therapies
    assert rows["term"].tolist() == ["CAPECITABINE", "ERIBULIN"]
    assert rows["start_date"][0] == day("2024-05-01")
    assert pd.isna(rows["start_date"][1])
    assert rows["date_imputed"].tolist() == ["D", ""]


def test_therapy_not_given_is_none_and_one_on_the_reference_date_is_noted(tmp_path):
    """S1 starts on 2024-01-01: a therapy of "2024-01" may be of that very day, and then ends nothing."""
    cm = """USUBJID,CMSEQ,CMTRT,CMCAT,CMOCCUR,CMSTDTC
S1,1,CAPECITABINE,ANTI-CANCER THERAPY,Y,2024-01
S1,2,ERIBULIN,ANTI-CANCER THERAPY,N,2024-03-01
S1,3,VINORELBINE,ANTI-CANCER THERAPY,,2024-04-01"""
    records = read(study(tmp_path, cm=cm))
    assert records.therapies["term"].tolist() == ["CAPECITABINE", "VINORELBINE"]
    assert ("therapy_on_reference", "S1", "start_date") in checks(records, "warning")


def test_laboratory_text_is_no_number(tmp_path):
    lb = """USUBJID,LBSEQ,LBTESTCD,LBSTRESC,LBSTRESN,LBSTRESU,LBSTNRLO,LBSTNRHI,LBNRIND,LBTOXGR,LBDTC
S1,1,ALT,55,55,U/L,10,40,HIGH,-1,2024-01-22
S1,2,CRP,<5,,mg/L,0,5,NORMAL,,2024-01-22"""
    rows = read(study(tmp_path, lb=lb)).labs
    assert rows["value"].tolist()[0] == 55
    assert pd.isna(rows["value"][1])
    assert rows["grade"].tolist() == [1, pd.NA]


@pytest.mark.parametrize(
    ("written", "grade"),
    [("3", 3), ("3.0", 3), ("-2.0", 2), ("GRADE 4", 4), ("", None), ("1.5", None), ("3 (HIGH)", None)],
)
def test_laboratory_grade_as_written(tmp_path, written, grade):
    """A file that went through floating-point numbers says 3.0, which is grade 3 and not its last digit."""
    lb = f"USUBJID,LBSEQ,LBTESTCD,LBSTRESN,LBNRIND,LBTOXGR,LBDTC\nS1,1,ALT,55,HIGH,{written},2024-01-22"
    records = read(study(tmp_path, lb=lb))
    assert records.labs["grade"].fillna(-1).tolist() == [-1 if grade is None else grade]
    told = [row for row in checks(records, "warning") if row[0] == "lab_grade_unknown"]
    assert told == ([("lab_grade_unknown", "S1", "LBTOXGR")] if written and grade is None else [])


def test_a_number_stands_in_either_column_of_a_result(tmp_path):
    """LBSTRESN and ISSTRESN filled for some records only: the number of the others is in --STRESC."""
    lb = """USUBJID,LBSEQ,LBTESTCD,LBSTRESC,LBSTRESN,LBDTC
S1,1,ALT,55,55,2024-01-22
S1,2,ALT,60,,2024-02-22"""
    is_ = """USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISSTRESN,ISDTC
S1,1,ADA_BAB,80,80,2024-01-22
S1,2,ADA_BAB,160,,2024-02-22
S1,3,ADA_BAB,NEGATIVE,,2024-03-22"""
    records = read(
        study(tmp_path, lb=lb, **{"is": is_}),
        clinical={"ada": defaults("clinical")["ada"] | {"scale": "raw"}},
    )
    assert records.labs["value"].tolist() == [55.0, 60.0]
    assert records.ada["titre"].tolist()[:2] == [80.0, 160.0]
    assert pd.isna(records.ada["titre"][2])


@pytest.mark.parametrize(
    ("domain", "text", "column"),
    [
        ("cv", "USUBJID,CVSEQ,CVTESTCD,CVSTRESN,CVSTRESU,CVDTC\nS1,1,LVEF,{},%,2024-01-22", "CVSTRESN"),
        ("lb", "USUBJID,LBSEQ,LBTESTCD,LBSTRESC,LBSTRESN,LBDTC\nS1,1,ALT,{},,2024-01-22", "LBSTRESC"),
        ("is", "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISDTC\nS1,1,ADA_BAB,{},2024-01-22", "ISSTRESC"),
        ("pc", "USUBJID,PCSEQ,PCTESTCD,PCSTRESC,PCSTRESU,PCDTC\nS1,1,X,{},ug/mL,2024-01-22", "PCSTRESC"),
        ("tr", "USUBJID,TRSEQ,TRTESTCD,TRSTRESC,TRSTRESU,TRDTC\nS1,1,LDIAM,{},mm,2024-01-22", "TRSTRESC"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("written", "refused"), [("45,5", True), ("<0,1", True), ("1,250", True), ("45.5", False), ("BLQ", False)]
)
def test_a_number_with_a_comma_is_an_error_and_no_missing_value(
    tmp_path, domain, text, column, written, refused
):
    """An ejection fraction of 45,5 left out is a fall that nobody sees; 1,250 may be either number."""
    more = {
        "is": "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISDTC\nS1,1,ADA_BAB,NEGATIVE,2024-01-22",
        domain: text.replace("{}", f'"{written}"'),
    }
    told = [
        (p.column, p.found, p.severity) for p in read(study(tmp_path, **more)).problems if written in p.found
    ]
    assert ((column, repr(written), "error") in told) == refused


def test_laboratory_bounds_without_an_indicator_are_told(tmp_path):
    """Neutrophils below 0.1 are no number: without LBNRIND nothing tells that they are low."""
    lb = """USUBJID,LBSEQ,LBTESTCD,LBSTRESC,LBSTRESN,LBNRIND,LBSTNRLO,LBDTC
S1,1,NEUT,<0.1,,,1.8,2024-01-22
S1,2,NEUT,<0.1,,LOW,1.8,2024-02-22
S2,1,NEUT,2.1,2.1,,1.8,2024-06-03
S2,2,COLOR,YELLOW,,,,2024-06-03"""
    problems = [p for p in read(study(tmp_path, lb=lb)).problems if p.check == "lab_bound"]
    assert [(p.column, p.severity) for p in problems] == [("NEUT", "warning")]
    assert problems[0].found.startswith("1 value such as '<0.1'")


@pytest.mark.parametrize(
    ("word", "number", "before"),
    [
        ("PRE-DOSE", "", True),
        ("Predose", "0", True),
        ("PRE-DOSE", "1", True),  # the number only sorts planned times, it need not be hours
        ("Before infusion", "", True),
        ("0.5 H PRIOR TO DOSE", "", True),
        ("2 H POST-DOSE", "", False),
        ("END OF INFUSION", "", False),
        ("30 min after EOI", "", False),
        ("HOUR 2", "2", False),
        ("DAY 1", "", None),
    ],
)
def test_planned_time_of_an_antibody_sample(tmp_path, word, number, before):
    header = "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISTPT,ISTPTNUM,ISDTC"
    is_ = f"{header}\nS1,1,ADA_BAB,NEGATIVE,{word},{number},2024-01-01"
    found = read(study(tmp_path, **{"is": is_})).ada["before_dose"][0]
    assert pd.isna(found) if before is None else found == before


def test_blood_and_urine_are_two_parameters(tmp_path):
    """Both have the code GLUC: a urine value is no baseline of a blood value."""
    lb = """USUBJID,LBSEQ,LBTESTCD,LBSPEC,LBSTRESN,LBSTRESU,LBDTC
S1,1,GLUC,SERUM,5.1,mmol/L,2024-01-01
S1,2,GLUC,Urine,0.3,mmol/L,2024-01-01
S1,3,GLUC,,5.4,mmol/L,2024-01-22"""
    assert read(study(tmp_path, lb=lb)).labs["parameter"].tolist() == ["GLUC", "GLUC URINE", "GLUC"]


def test_heart_function_stands_with_the_laboratory_values(tmp_path):
    """Both domains number their records from 1: the domain is part of the key."""
    lb = "USUBJID,LBSEQ,LBTESTCD,LBSTRESN,LBSTRESU,LBDTC\nS1,1,ALT,55,U/L,2024-01-22"
    cv = """USUBJID,CVSEQ,CVTESTCD,CVSTRESN,CVSTRESU,CVDTC,CVSTAT
S1,1,LVEF,62,%,2024-01-01,
S1,2,LVEF,,,2024-03-01,NOT DONE"""
    records = read(study(tmp_path, lb=lb, cv=cv))
    rows = records.labs[["domain", "sequence", "parameter", "value", "unit"]].to_numpy().tolist()
    assert rows == [["CV", 1, "LVEF", 62.0, "%"], ["LB", 1, "ALT", 55.0, "U/L"]]
    assert records.subjects["last_alive_date"][0] == day("2024-01-22")


def test_antibody_samples_know_the_drug_of_their_day(tmp_path):
    """Before the dose where the sample was taken then; a value below its limit is that limit."""
    ada = """USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISTPT,ISDTC
S1,1,ADA_BAB,NEGATIVE,PRE-DOSE,2024-01-01T08:00
S1,2,ADA_BAB,NEGATIVE,PRE-DOSE,2024-01-22T08:00
S1,3,ADA_BAB,NEGATIVE,PRE-DOSE,2024-02-12"""
    pc = """USUBJID,PCSEQ,PCTESTCD,PCSTRESC,PCSTRESN,PCSTRESU,PCTPT,PCDTC,PCSTAT
S1,1,TQB,<0.1,,ug/mL,PRE-DOSE,2024-01-01T08:00,
S1,2,TQB,98,98,ug/mL,END OF INFUSION,2024-01-01T10:30,
S1,3,TQB,120,120,ug/mL,POST-DOSE,2024-01-22T07:00,
S1,4,TQB,31.5,31.5,ug/mL,PRE-DOSE,2024-01-22T08:00,
S1,5,MET,900,900,ng/mL,PRE-DOSE,2024-01-22T08:00,
S1,6,TQB,,,ug/mL,PRE-DOSE,2024-02-12,NOT DONE"""
    folder = study(tmp_path, **{"is": ada, "pc": pc})
    rows = read(folder, clinical={"ada": defaults("clinical")["ada"] | {"drug_tests": ["TQB"]}}).ada
    assert rows["drug_concentration"].tolist()[:2] == [0.1, 31.5]
    assert pd.isna(rows["drug_concentration"][2])
    assert rows["drug_unit"].tolist() == ["ug/mL", "ug/mL", ""]


def test_last_alive_takes_every_proof_of_life_and_no_other(tmp_path):
    ss = (
        "USUBJID,SSSEQ,SSTESTCD,SSSTRESC,SSDTC\nS1,1,SURVSTAT,ALIVE,2024-07\nS1,2,SURVSTAT,UNKNOWN,2024-09-01"
    )
    ds = "USUBJID,DSSEQ,DSDECOD,DSCAT,DSSTDTC\nS1,1,LOST TO FOLLOW-UP,DISPOSITION EVENT,2024-10-01"
    subjects = read(study(tmp_path, ss=ss, ds=ds)).subjects
    assert subjects["last_alive_date"][0] == day("2024-07-01")  # partial: from its first possible day


@pytest.mark.parametrize(
    ("category", "epoch", "treatment", "study_", "why"),
    [
        ("STUDY TREATMENT", "", True, False, "the subcategory says so"),
        ("STUDY PARTICIPATION", "TREATMENT", False, True, "it goes before the epoch"),
        ("", "TREATMENT", True, False, "without one the epoch"),
        ("", "TREATMENT PHASE 2", True, False, "by any name"),
        ("", "FOLLOW-UP", False, True, "the last epoch"),
        ("", "SCREENING", False, False, "ends neither"),
        ("", "", False, False, "nothing says what ended"),
    ],
)
def test_what_a_disposition_event_ends(tmp_path, category, epoch, treatment, study_, why):
    ds = f"""USUBJID,DSSEQ,DSCAT,DSSCAT,EPOCH,DSDECOD,DSSTDTC
S1,1,DISPOSITION EVENT,{category},{epoch},PROGRESSIVE DISEASE,2024-04-01
S1,2,PROTOCOL MILESTONE,,TREATMENT,RANDOMIZED,2024-01-01"""
    subject = read(study(tmp_path, ds=ds)).subjects.iloc[0]
    assert pd.notna(subject["end_of_treatment_date"]) == treatment, why
    assert pd.notna(subject["end_of_study_date"]) == study_, why


def test_responses_under_another_test_code_are_told(tmp_path):
    rs = "USUBJID,RSSEQ,RSTESTCD,RSSTRESC,RSDTC\nS1,1,OVRRESP,SD,2024-02-12\nS1,2,ECOG101,0,2024-02-12"
    records = read(study(tmp_path, rs=rs))
    assert records.assessments.empty
    (told,) = [problem for problem in records.problems if problem.check == "overall_response_absent"]
    assert (told.severity, told.found) == ("warning", "'ECOG101', 'OVRRESP'")


def test_disposition_gives_end_of_treatment_and_of_study(tmp_path):
    ds = """USUBJID,DSSEQ,DSDECOD,DSCAT,DSSCAT,DSSTDTC
S1,1,PROGRESSIVE DISEASE,DISPOSITION EVENT,STUDY TREATMENT,2024-04-01
S1,2,COMPLETED,DISPOSITION EVENT,STUDY PARTICIPATION,2024-08-01"""
    subjects = read(study(tmp_path, ds=ds)).subjects
    assert subjects["end_of_treatment_date"][0] == day("2024-04-01")
    assert subjects["end_of_study_date"][0] == day("2024-08-01")


def test_records_after_death_are_not_used(tmp_path):
    rs = RS_HEADER + "S2,1,OVRLRESP,PD,INVESTIGATOR,,,2,W6,2024-07-01\nS2,2,OVRLRESP,SD,,,,1,W3,2024-06-10"
    records = read(study(tmp_path, rs=rs))
    assert records.assessments["sequence"].tolist() == [2]  # the day of death itself is possible
    assert ("record_after_death", "S2", "assessments") in checks(records, "warning")


def test_a_scan_of_the_month_of_death_is_not_dated_after_it(tmp_path):
    """S2 died on 2024-06-10: a PD of "2024-06" is of that day at the latest, not of the 30th."""
    rs = RS_HEADER + "S2,1,OVRLRESP,PD,INVESTIGATOR,,,2,W6,2024-06\nS1,1,OVRLRESP,SD,,,,2,W6,2024-06"
    rows = read(study(tmp_path, rs=rs)).assessments.set_index("subject_id")
    assert rows["date"].to_dict() == {"S2": day("2024-06-10"), "S1": day("2024-06-30")}
    assert rows["date_imputed"].tolist() == ["D", "D"]


def test_partial_death_is_not_before_the_last_proof_of_life(tmp_path):
    dm = DM.replace("2024-06-10", "2024-06")
    rs = RS_HEADER + "S2,1,OVRLRESP,PD,INVESTIGATOR,,,2,W6,2024-06-04"
    subjects = read(study(tmp_path, dm=dm, rs=rs)).subjects
    assert subjects["death_date"][1] == day("2024-06-04")
    assert subjects["death_date_imputed"][1] == "D"
    assert subjects["death_text"][1] == "2024-06"


def test_domain_of_an_endpoint_can_be_required(tmp_path):
    folder = study(tmp_path)
    assert ("domain_missing", "", "RS") in checks(read(folder), "info")
    assert checks(read(folder, endpoints_required=True), "error") == [("domain_missing", "", "RS")]


def test_a_domain_with_a_header_alone_is_told(tmp_path):
    """An export that failed looks like a study without progression; a domain of contacts may be so."""
    folder = study(tmp_path, rs=RS_HEADER, ae="USUBJID,AETERM,AESTDTC", cv="USUBJID,CVTESTCD,CVDTC")
    empty = [p for p in read(folder).problems if p.check == "table_without_rows"]
    assert [(p.file.rpartition("/")[2], p.severity) for p in empty] == [
        ("ae.csv", "warning"),
        ("rs.csv", "warning"),
    ]
    required = read(folder, endpoints_required=True)
    assert checks(required, "error") == [("table_without_rows", "", "")]
    assert ("domain_missing", "", "RS") not in checks(required, "info", "error")


def test_without_subjects_nothing_can_be_read(tmp_path):
    records = read(study(tmp_path, dm="USUBJID,ARM"))
    assert ("table_without_rows", "", "") in checks(records, "error")


def test_without_dm_nothing_can_be_read(tmp_path):
    records = read(study(tmp_path, dm=""))
    assert checks(records, "error") == [("domain_missing", "", "DM")]
    assert records.subjects.empty


def test_a_study_without_clinical_data_is_empty_and_in_order():
    records = read(None, format="none")
    assert all(frame.empty for frame in records.frames().values())
    assert records.problems == ()


def test_all_errors_of_all_files_come_together(tmp_path):
    dm = DM + "\nS1,TQB2102,T,51,F,2024-01-01,,"
    ex = EX + "\nS9,1,TQB2102,6,mg/kg,2024-01-01,\nS1,3,TQB2102,six,mg/kg,2024-02-31,"
    rs = RS_HEADER + "S1,1,OVRLRESP,??,,,,,W6,2024-02-12"
    with pytest.raises(InputError) as caught:
        raise_if_errors(read(study(tmp_path, dm=dm, ex=ex, rs=rs)).problems)
    assert sorted((p.check, p.subject_id, p.row) for p in caught.value.problems) == [
        ("date_malformed", "S1", "6"),
        ("number_malformed", "S1", "6"),
        ("response_unknown", "S1", "2"),
        ("subject_duplicate", "S1", "5"),
        ("subject_unknown", "S9", "5"),
    ]


def test_severity_of_a_check_is_a_setting(tmp_path):
    ex = EX + "\nS9,1,TQB2102,6,mg/kg,2024-01-01,"
    records = read(study(tmp_path, ex=ex), intake={"severity": {"subject_unknown": "warning"}})
    assert checks(records, "error") == []
    assert "S9" not in set(records.doses["subject_id"])


def test_deaths_that_do_not_agree_are_findings_and_dm_counts(tmp_path):
    dm = """USUBJID,ARM,DTHDTC,DTHFL
S1,T,,Y
S2,T,2024-06-10,
S4,T,,
S5,T,2024-06,Y"""
    ds = """USUBJID,DSSEQ,DSDECOD,DSSTDTC
S2,1,DEATH,2024-06-11
S2,2,DEATH,2024-06-10
S4,1,DEATH,2024-05-01
S5,1,DEATH,2024-06-20"""
    records = read(study(tmp_path, dm=dm, ds=ds, ex=EX.replace("S3", "S1")))
    found = checks(records, "warning")
    assert ("death_without_date", "S1", "DTHDTC") in found
    assert ("death_without_flag", "S2", "DTHDTC") in found
    assert ("death_date_conflict", "S2", "DSSTDTC") in found
    assert ("death_several_dates", "S2", "DSSTDTC") in found
    assert ("death_not_in_dm", "S4", "DSSTDTC") in found
    assert not any(check == "death_date_conflict" and who == "S5" for check, who, _ in found)
    dates = records.subjects.set_index("subject_id")["death_date"]
    assert dates["S2"] == day("2024-06-10")
    assert dates[["S1", "S4"]].isna().all()


def test_order_of_rows_changes_no_record(tmp_path):
    rs = [f"S1,{n},OVRLRESP,{r},,,,{n},V{n},2024-0{n}-15" for n, r in enumerate(("SD", "PR", "PR", "PD"), 2)]
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, rows in ((one, rs), (other, rs[::-1])):
        folder.mkdir()
        study(folder, rs=RS_HEADER + "\n".join(rows))
    first, second = read(one).assessments, read(other).assessments
    pd.testing.assert_frame_equal(first.drop(columns="source"), second.drop(columns="source"))
