"""Studies made from the reference data: the files a person would write for them."""

import csv
import shutil
from pathlib import Path

import yaml

DAYS_PER_MONTH = 30.4375
AT_C3 = {"status": "decrease", "landmark": {"visit": "C3"}}
INSPIRE_ANALYSES = [
    {
        "id": "decrease_response",
        "question": "Do patients whose ctDNA falls by C3 respond more often?",
        "type": "status_response",
        "outcome": "responder",
        **AT_C3,
    },
    {
        "id": "decrease_pfs",
        "question": "Is a fall of ctDNA by C3 followed by longer PFS?",
        "type": "landmark_survival",
        "outcome": "pfs",
        **AT_C3,
    },
    {
        "id": "decrease_os",
        "question": "Is a fall of ctDNA by C3 followed by longer OS?",
        "type": "landmark_survival",
        "outcome": "os",
        **AT_C3,
    },
]


def write_rows(path: Path, rows: list[dict]) -> None:
    """Write dictionaries as a TSV file."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path, delimiter: str = "\t") -> list[dict]:
    """Read a delimited file as dictionaries of text."""
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def ctdnatools_study(fixtures: Path, folder: Path) -> Path:
    """One lymphoma patient: T1 as baseline, T2 as later visit, three healthy controls, 10 known variants."""
    source = fixtures / "ctdnatools_bam"
    folder.mkdir(parents=True)
    for name in ("T1", "T2", "N1", "N2", "N3"):
        for suffix in (".bam", ".bam.bai"):
            shutil.copy2(source / f"{name}{suffix}", folder / f"{name}{suffix}")
    shutil.copy2(source / "targets.bed", folder / "targets.bed")
    names = ("subject_id", "sample_id", "visit", "study_day", "specimen", "bam")
    draws = [("LYM-1", "T1", "C1D1", "1", "plasma"), ("LYM-1", "T2", "C9D1", "169", "plasma")]
    draws += [("", name, "", "", "control") for name in ("N1", "N2", "N3")]
    rows = [dict(zip(names, (*draw, f"{draw[1]}.bam"), strict=True)) for draw in draws]
    write_rows(folder / "samples.tsv", rows)
    variants = read_rows(source / "mutations.csv", ",")
    keys = ("CHROM", "POS", "REF", "ALT")
    known = [{key.lower(): variant[key] for key in keys} for variant in variants]
    write_rows(folder / "tissue.tsv", [{"subject_id": "LYM-1", **row, "gene": "IGH"} for row in known])
    config = {
        "study": {"id": "CTDNATOOLS"},
        "data_cut": {"id": "cut1"},
        "inputs": {"samples": "samples.tsv", "tissue_variants": "tissue.tsv", "panel_bed": "targets.bed"},
        "visits": {"C1D1": {"day": 1, "baseline": True}, "C9D1": {"day": 169}},
        "ctdna": {"counting": {"min_base_quality": 30, "min_mapping_quality": 40}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return folder


def inspire_study(fixtures: Path, folder: Path) -> Path:
    """94 patients from two spreadsheets: sample-level ctDNA results and one clinical row a patient.

    C3 is dated by the months between start of treatment and the C3 sample that the tables imply; months
    become days by 30.4375. The published response is known in two groups only, CR/PR and SD/PD.
    """
    source = fixtures / "inspire"
    folder.mkdir(parents=True)
    patients = {row["subject_id"]: row for row in read_rows(source / "patients.tsv")}
    draws = []
    for row in read_rows(source / "ctdna_levels.tsv"):
        patient = patients[row["subject_id"]]
        day = "1"
        if row["visit"] == "C3":
            months = float(patient["os_months"]) - float(patient["os_months_from_c3"])
            day = str(round(months * DAYS_PER_MONTH) + 1)
        draws.append(
            {
                "subject_id": row["subject_id"],
                "sample_id": f"{row['subject_id']}-{row['visit']}",
                "visit": row["visit"],
                "study_day": day,
                "level": row["ctdna_level"],
                "level_unit": "as published",
                "detected": "yes" if float(row["ctdna_level"]) > 0 else "no",
            }
        )
    write_rows(folder / "ctdna.tsv", draws)
    write_rows(folder / "clinical.tsv", [_inspire_row(patient) for patient in patients.values()])
    config = {
        "study": {"id": "INSPIRE"},
        "data_cut": {"id": "published"},
        "inputs": {"sample_results": "ctdna.tsv", "clinical": {"format": "table", "path": "clinical.tsv"}},
        "visits": {"BASELINE": {"day": 1, "baseline": True}, "C3": {"day": 43, "window_days": 21}},
        "association": {"analyses": INSPIRE_ANALYSES},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return folder


def _inspire_row(patient: dict) -> dict:
    row = {
        "subject_id": patient["subject_id"],
        "cohort": patient["cohort"],
        "age": patient["age_years"],
        "sex": patient["sex"],
        "best_response": patient["best_response_group"],
    }
    for name in ("pfs", "os"):
        row[f"{name}_days"] = str(round(float(patient[f"{name}_months"]) * DAYS_PER_MONTH))
        row[f"{name}_event"] = patient[f"{name}_event"]
    return row
