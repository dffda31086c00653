"""Transport files as R reads them: names, labels, kinds and every value, by haven and by pyreadstat."""

import subprocess
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from workflow_runs import results

from clearher.report.adam import LABELS, adam_datasets
from clearher.report.catalogue import ADAM
from clearher.report.xport import write_xport
from report_builders import no_results, settings, subject
from report_builders import results as small_results

pytestmark = pytest.mark.system

SCRIPT = Path(__file__).with_name("read_xpt.R")
LONG = "word " * 60


def by_haven(paths: list[Path], folder: Path) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Variables and values of each file as R's haven tells them."""
    subprocess.run(
        ["Rscript", str(SCRIPT), str(folder), *map(str, paths)], check=True, capture_output=True, text=True
    )
    tables = {}
    for path in paths:
        told = (folder / f"{path.stem}.{part}.tsv" for part in ("variables", "values"))
        tables[path.stem] = tuple(
            pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False) for file in told
        )
    return tables


def as_told(column: pd.Series) -> list[str]:
    """Values of a column as the R script tells them."""
    if column.dtype == object and not column.map(lambda value: hasattr(value, "isoformat")).any():
        return ["" if pd.isna(value) else str(value) for value in column]
    if pd.api.types.is_numeric_dtype(column):
        return ["" if pd.isna(value) else f"{value:.15g}" for value in column]
    return ["" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}" for value in column]


def check_same(paths: list[Path], folder: Path) -> None:
    for name, (variables, values) in by_haven(paths, folder).items():
        path = next(path for path in paths if path.stem == name)
        read, meta = pyreadstat.read_xport(path)
        assert list(variables["name"]) == meta.column_names, name
        assert list(variables["label"]) == meta.column_labels, name
        assert len(values) == len(read), name
        for column in read.columns:
            assert list(values[column]) == as_told(read[column]), (name, column)


def write_all(tables, folder: Path) -> list[Path]:
    paths = []
    for dataset in adam_datasets(tables, settings()):
        labels = {name: LABELS[name] for name in dataset.frame.columns}
        paths.append(folder / f"{dataset.name}.xpt")
        write_xport(dataset.frame, paths[-1], name=dataset.name, label=dataset.label, labels=labels)
    return paths


def test_r_reads_the_files_of_a_run(demo, tmp_path):
    paths = [results(demo) / "adam" / f"{name}.xpt" for name in ADAM]
    assert all(pyreadstat.read_xport(path)[1].number_rows > 0 for path in paths)
    check_same(paths, tmp_path)


def test_r_reads_dates_flags_and_difficult_texts(tmp_path):
    """Accents and overlong texts were changed to fit; what R reads is what stands in the list of changes."""
    difficult = [subject("S1", True, arm="Dosis ñ ≥ 3"), subject("S 2", True, arm=LONG), subject("S3", False)]
    paths = write_all(small_results(intake_subjects=difficult), tmp_path)
    check_same(paths, tmp_path)
    variables, values = by_haven(paths[:1], tmp_path)["adsl"]
    assert sorted(values["ARM"]) == ["A", "Dosis n ? 3", LONG[:200].rstrip()]
    assert dict(zip(variables["name"], variables["class"], strict=True))["TRTSDT"] == "Date"
    assert sorted(values["TRTSDT"]) == ["", "2024-01-01", "2024-01-01"]


def test_r_reads_files_without_a_row(tmp_path):
    check_same(write_all(no_results(), tmp_path), tmp_path)
