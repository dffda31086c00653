"""Records that contradict each other become findings, or errors where nothing can decide."""

import pytest

from clearher.intake.config import defaults
from clinical_study import RS_HEADER, checks, read, study

ADA = defaults("clinical")["ada"]


def responses(*rows: str) -> str:
    """RS lines of S1 by the investigator: number, response, visit number, visit, date."""
    lines = []
    for number, row in enumerate(rows, 1):
        response, visit_number, visit, date = row.split()
        lines.append(f"S1,{number},OVRLRESP,{response},INVESTIGATOR,,,{visit_number},{visit},{date}")
    return RS_HEADER + "\n".join(lines)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("SD 2 W6 2024-02-12", "PR 3 W12 2024-03-25"), []),
        (("SD 2 W6 2024-02-12", "PR 2 W6 2024-02-12"), ["assessments_same_day"]),
        (("SD 2 W6 2024-02-12", "SD 3 W12 2024-02-12"), ["assessments_same_day", "visits_same_date"]),
        (("SD 3 W12 2024-02-12", "SD 2 W6 2024-03-25"), ["visit_order"]),
        (("PD 1 SCR 2023-12-28",), ["pd_before_reference"]),
        (("SD 1 SCR 2023-12-28",), []),
        (("PR 1 C1 2024-01-01",), ["response_on_reference"]),
        (("CR 2 W6 2024-02-12", "PR 3 W12 2024-03-25"), ["pr_after_cr"]),
        (("PR 2 W6 2024-02-12", "CR 3 W12 2024-03-25"), []),
    ],
)
def test_assessments(tmp_path, rows, expected):
    records = read(study(tmp_path, rs=responses(*rows)))
    assert [check for check, *_ in checks(records, "warning")] == expected
    assert checks(records, "error") == []


def by_criteria(*rows: str) -> str:
    """RS lines of S1: category, response, date."""
    lines = [row.split(",") for row in rows]
    body = [f"S1,{n},OVRLRESP,{c},{r},INVESTIGATOR,{d}" for n, (c, r, d) in enumerate(lines, 1)]
    return "USUBJID,RSSEQ,RSTESTCD,RSCAT,RSSTRESC,RSEVAL,RSDTC\n" + "\n".join(body)


@pytest.mark.parametrize(
    ("rows", "criteria", "responses", "expected"),
    [
        (
            ["RECIST 1.1,SD,2024-02-12", "IRECIST,iUPD,2024-02-12"],
            "RECIST 1.1",
            ["SD"],
            ["criteria_left_out"],
        ),
        (["RECIST v1.1,SD,2024-02-12", "RANO-BM,PD,2024-02-12"], "RECIST 1.1", ["SD"], ["criteria_left_out"]),
        (["RECIST Version 1.1,SD,2024-02-12", "RECIST 1.1,PR,2024-03-25"], "RECIST 1.1", ["SD", "PR"], []),
        (["RANO-BM,PD,2024-02-12", "RECIST 1.1,SD,2024-02-12"], "RANO-BM", ["PD"], ["criteria_left_out"]),
        (["TUMOUR,SD,2024-02-12", "TUMOUR,PR,2024-03-25"], "RECIST 1.1", ["SD", "PR"], []),  # one category
        ([",SD,2024-02-12", "RECIST 1.1,PR,2024-03-25"], "RECIST 1.1", ["SD", "PR"], []),  # blank is no other
        (["iRECIST,SD,2024-02-12", "RANO,PR,2024-03-25"], "RECIST 1.1", ["SD", "PR"], ["criteria_unknown"]),
    ],
)
def test_responses_by_other_criteria_do_not_count(tmp_path, rows, criteria, responses, expected):
    response = defaults("clinical")["response"]
    rules = response | {"rows": response["rows"] | {"criteria": criteria}}
    records = read(study(tmp_path, rs=by_criteria(*rows)), clinical={"response": rules})
    assert records.assessments["response"].tolist() == responses
    assert [problem.check for problem in records.problems if problem.column == "RSCAT"] == expected


def test_readers_that_do_not_count_are_not_checked(tmp_path):
    rs = (
        RS_HEADER
        + """S1,1,OVRLRESP,SD,INDEPENDENT ASSESSOR,R1,Y,2,W6,2024-02-12
S1,2,OVRLRESP,CR,INDEPENDENT ASSESSOR,R2,,1,W3,2024-03-12
S1,3,OVRLRESP,PR,INDEPENDENT ASSESSOR,R2,,2,W6,2024-03-14"""
    )
    assert checks(read(study(tmp_path, rs=rs)), "warning") == []


def test_new_lesion_on_a_day_of_progression_is_in_order(tmp_path):
    tu = "USUBJID,TUSEQ,TULNKID,TUSTRESC,TUDTC\nS1,1,N1,NEW,2024-02-12\nS1,2,N2,NEW,2024-03-25"
    records = read(study(tmp_path, tu=tu, rs=responses("PD 2 W6 2024-02-12")))
    found = [p for p in records.problems if p.check == "new_lesion_without_pd"]
    assert [(p.file, p.row, p.found) for p in found] == [("TU", "3", "N2")]


def antibodies(*rows: str) -> str:
    lines = [f"S1,{number},ADA_BAB,{row}" for number, row in enumerate(rows, 1)]
    return "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISSTRESN,VISIT,ISDTC,ISTPTNUM\n" + "\n".join(lines)


def test_two_results_of_one_sample_are_an_error(tmp_path):
    is_ = antibodies("NEGATIVE,,C1D1,2024-01-01T08:00,-1", "POSITIVE,,C1D1,2024-01-01T08:00,-1")
    records = read(study(tmp_path, **{"is": is_}))
    assert [check for check, *_ in checks(records, "error")] == ["ada_conflict"]


TIERED = """USUBJID,ISSEQ,ISTESTCD,ISTSTOPO,ISSTRESC,ISSTRESN,VISIT,ISDTC
S1,1,ADA_BAB,SCREEN,POSITIVE,,C2D1,2024-01-22
S1,2,ADA_BAB,Confirm,NEGATIVE,,C2D1,2024-01-22
S1,3,ADA_NAB,,NEGATIVE,,C2D1,2024-01-22"""


def test_steps_of_a_tiered_assay_are_no_conflict(tmp_path):
    records = read(study(tmp_path, **{"is": TIERED}))
    assert checks(records, "error") == []
    assert records.ada["step"].tolist() == ["SCREEN", "CONFIRM", ""]


def test_two_results_of_one_step_are_a_conflict(tmp_path):
    records = read(study(tmp_path, **{"is": TIERED.replace("Confirm", "SCREEN")}))
    assert [check for check, *_ in checks(records, "error")] == ["ada_conflict"]


def test_steps_may_be_told_by_the_test_code(tmp_path):
    is_ = TIERED.replace("ADA_BAB,SCREEN", "ADASCR,").replace("ADA_BAB,Confirm", "ADACON,")
    tests = ADA["tests"] | {"ADASCR": "BINDING", "ADACON": "BINDING"}
    steps = {"ADASCR": "SCREEN", "ADACON": "CONFIRM"}
    records = read(study(tmp_path, **{"is": is_}), clinical={"ada": ADA | {"tests": tests, "steps": steps}})
    assert checks(records, "error") == []
    assert records.ada["step"].tolist() == ["SCREEN", "CONFIRM", ""]


@pytest.mark.parametrize(("scale", "expected"), [(None, ["ada_scale_missing"]), ("log10", []), ("raw", [])])
def test_titres_need_a_declared_scale(tmp_path, scale, expected):
    folder = study(tmp_path, **{"is": antibodies("1.9,1.9,C2D1,2024-01-22,-1")})
    records = read(folder, clinical={"ada": ADA | {"scale": scale}})
    assert [check for check, *_ in checks(records, "error")] == expected


def test_results_without_titres_need_no_scale(tmp_path):
    folder = study(tmp_path, **{"is": antibodies("NEGATIVE,,C2D1,2024-01-22,-1")})
    assert checks(read(folder), "error") == []


def test_a_sample_after_the_infusion_of_its_day_is_a_finding(tmp_path):
    is_ = antibodies("NEGATIVE,,C2D1,2024-01-22,1", "NEGATIVE,,C2D2,2024-01-23,1")
    found = checks(read(study(tmp_path, **{"is": is_})), "warning")
    assert found == [("ada_after_dose", "S1", "date_text")]  # no infusion on the 23rd


def test_a_screen_failure_with_a_dose_is_a_finding(tmp_path):
    """S3 is a screen failure by its arm and was dosed: out of every denominator, and that is said."""
    ex = "USUBJID,EXSEQ,EXTRT,EXDOSE,EXSTDTC\nS1,1,TQB2102,6,2024-01-01\nS3,1,TQB2102,6,2024-01-10"
    records = read(study(tmp_path, ex=ex))
    assert ("screen_failure_dosed", "S3", "arm") in checks(records, "warning")
    assert [who for check, who, _ in checks(records, "warning") if check == "screen_failure_dosed"] == ["S3"]
