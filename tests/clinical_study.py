"""Small SDTM folders for the tests of clinical intake: domains as lines of text."""

from collections.abc import Iterable
from pathlib import Path

from clearher.intake.clinical import read_clinical
from clearher.intake.config import defaults, part_of
from clearher.intake.records import ClinicalRecords
from clearher.intake.study import CLINICAL_AT_INTAKE

DM = """USUBJID,ARM,ARMCD,AGE,SEX,RFICDTC,DTHDTC,DTHFL
S1,TQB2102,T,51,F,2023-12-20,,
S2,TQB2102,T,62,F,2023-12-22,2024-06-10,Y
S3,Screen Failure,SCRNFAIL,40,F,2023-12-23,,"""
EX = """USUBJID,EXSEQ,EXTRT,EXDOSE,EXDOSU,EXSTDTC,EXENDTC
S1,1,TQB2102,6,mg/kg,2024-01-01,2024-01-01
S1,2,TQB2102,6,mg/kg,2024-01-22,2024-01-22
S2,1,TQB2102,6,mg/kg,2024-01-03,2024-01-03"""
RS_HEADER = "USUBJID,RSSEQ,RSTESTCD,RSSTRESC,RSEVAL,RSEVALID,RSACPTFL,VISITNUM,VISIT,RSDTC\n"


def study(folder: Path, **domains: str) -> Path:
    """Write domains (given as text with commas) as files; DM and EX stand in when not given."""
    for name, text in ({"dm": DM, "ex": EX} | domains).items():
        if text:
            (folder / f"{name}.csv").write_text(text.strip() + "\n", encoding="utf-8")
    return folder


def read(
    folder: Path,
    *,
    clinical: dict | None = None,
    intake: dict | None = None,
    cut: str | None = None,
    sampled: Iterable[str] = (),
    **inputs,
) -> ClinicalRecords:
    """Read a folder as SDTM (or as ``format`` says) under the default settings of intake, some replaced."""
    source = {"format": "sdtm", "path": folder} | inputs
    return read_clinical(
        source,
        None,
        settings=defaults("intake") | (intake or {}),
        clinical_settings=part_of(defaults("clinical") | (clinical or {}), CLINICAL_AT_INTAKE),
        data_cut=cut,
        sampled=sampled,
    )


def checks(records: ClinicalRecords, *severities: str) -> list[tuple[str, str, str]]:
    """Check, subject and column of the problems of the severities named, in order of their appearance."""
    return [(p.check, p.subject_id, p.column) for p in records.problems if p.severity in severities]
