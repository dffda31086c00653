"""Results that a laboratory delivers ready-made: sample-level calls, fill-out counts, tissue variants,
copy numbers of genes.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from clearher.columns import Table
from clearher.columns import intake as columns
from clearher.intake.layouts import AS_NAMED, Layout
from clearher.intake.samples import DRAW_COLUMNS
from clearher.intake.sheets import Sheet, read_sheet
from clearher.problems import Problem
from clearher.tables import frame_of

NEGATIVE = {"not detected", "not_detected", "negative"}
YES = {"true", "yes", "y", "1", "detected", "positive"}
NO = {"false", "no", "n", "0"} | NEGATIVE
NOT_FOUND = {"nd", "n.d.", "undetected"} | NEGATIVE
LEVEL_UNITS = {"fraction": 1.0, "percent": 0.01, "%": 0.01, "ppm": 1e-6}
ALLELE = frozenset("ACGTN-")

RESULT_COLUMNS = (*DRAW_COLUMNS, "level", "level_unit", "detected", "lod")
COUNT_COLUMNS = ("subject_id", "sample_id", "chrom", "pos", "ref", "alt", "alt_count", "depth")
COPY_COLUMNS = ("subject_id", "sample_id", "gene", "copy_number", "ratio", "log2_ratio")
LARGEST_LOG2 = 20
NUMBER = "a number of 0 or more, or an empty cell"
EXPECTED = {"level": "a number of 0 or more, ND, < and a number, or an empty cell"}
TISSUE_COLUMNS = ("subject_id", "chrom", "pos", "ref", "alt", "gene")


def read_results(path: str | Path, layout: Layout = AS_NAMED) -> tuple[pd.DataFrame, list[Problem]]:
    """Read sample-level results: one row a sample with level, unit, detected and limit of detection.

    Levels in ``fraction``, ``percent`` or ``ppm`` become fractions; any other unit (``MTM/mL``) is kept as it
    is, one unit for the whole table. An empty ``detected`` or ``lod`` stays unknown. A level in words is
    missing, not zero: ``ND`` also says that nothing was detected; ``<0.02`` does not (ctDNA may have been
    found below the limit of quantification), so that such a row must state ``detected``; and it is no limit
    of detection, which only ``lod`` gives.

    Returns
    -------
    pandas.DataFrame, list of Problem
        Table ``RESULTS``; problems name file, row and column. Rows with errors are left out.
    """
    sheet = read_sheet(
        path, required=("subject_id", "sample_id", "level"), known=RESULT_COLUMNS, layout=layout
    )
    problems = [*sheet.problems, *_one_unit(sheet)]
    return _rows_to_frame(sheet, _result_row, columns.RESULTS, problems, ("sample_id",))


def read_counts(path: str | Path, layout: Layout = AS_NAMED) -> tuple[pd.DataFrame, list[Problem]]:
    """Read fill-out counts: one row a variant and sample with alternate and total depth.

    An empty ``alt_count`` or ``depth`` is refused: a count that is not known does not belong in the table.
    """
    sheet = read_sheet(path, required=COUNT_COLUMNS, known=COUNT_COLUMNS, layout=layout)
    key = ("sample_id", "chrom", "pos", "ref", "alt")
    return _rows_to_frame(sheet, _count_row, columns.COUNTS, list(sheet.problems), key)


def read_tissue(path: str | Path, layout: Layout = AS_NAMED) -> tuple[pd.DataFrame, list[Problem]]:
    """Read variants known from tumour tissue, one row a subject and variant."""
    sheet = read_sheet(path, required=TISSUE_COLUMNS[:5], known=TISSUE_COLUMNS, layout=layout)
    key = ("subject_id", "chrom", "pos", "ref", "alt")
    return _rows_to_frame(sheet, _tissue_row, columns.TISSUE, list(sheet.problems), key)


def read_copies(path: str | Path, layout: Layout = AS_NAMED) -> tuple[pd.DataFrame, list[Problem]]:
    """Read copy numbers of genes, one row a sample and gene.

    One of the columns ``copy_number`` (mean copies over all DNA of the sample), ``ratio`` (to two copies) and
    ``log2_ratio`` must be there; copies are 2 x ratio or 2 x 2^log2_ratio. A sample that the table names was
    looked at for copy numbers; a gene that it does not name is not known.

    Returns
    -------
    pandas.DataFrame, list of Problem
        Table ``COPIES``.
    """
    sheet = read_sheet(path, required=COPY_COLUMNS[:3], known=COPY_COLUMNS, layout=layout)
    problems = list(sheet.problems)
    stated = [name for name in COPY_COLUMNS[3:] if any(cells.get(name) for _, cells in sheet.rows)]
    if len(stated) != 1 and sheet.rows:
        expected = f"one of {', '.join(COPY_COLUMNS[3:])}"
        problems.append(_problem(sheet, 0, "copy_number", ", ".join(stated) or "none", expected, {}))
        return frame_of([], columns.COPIES), problems
    frame, problems = _rows_to_frame(sheet, _copies_row, columns.COPIES, problems, ("sample_id", "gene"))
    lines = {(cells["sample_id"], cells["gene"]): line for line, cells in sheet.rows}
    keys = zip(frame["sample_id"], frame["gene"], strict=True)
    return frame.assign(source=[f"{path} row {lines[key]}" for key in keys]), problems


RowReader = Callable[[Mapping[str, str], Callable[[str, str], None]], dict]


def _rows_to_frame(
    sheet: Sheet, reader: RowReader, table: Table, problems: list[Problem], key: Sequence[str]
) -> tuple[pd.DataFrame, list[Problem]]:
    rows, seen = [], {}
    if any(problem.check == "sheet_column_missing" for problem in sheet.problems):
        return frame_of([], table), problems
    for line, cells in sheet.rows:
        found: list[Problem] = []

        def refuse(
            column: str,
            expected: str,
            *,
            line: int = line,
            cells: Mapping = cells,
            found: list = found,
        ) -> None:
            found.append(_problem(sheet, line, column, repr(cells.get(column, "")), expected, cells))

        row = reader(cells, refuse)
        identity = tuple(cells[name] for name in key)
        if identity in seen:
            value = f"{' '.join(identity)}, also in row {seen[identity]}"
            found.append(_problem(sheet, line, key[0], value, "each once", cells))
        seen.setdefault(identity, line)
        problems += found
        if not found:
            rows.append(row)
    return frame_of(rows, table), problems


def _result_row(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict:
    factor = LEVEL_UNITS.get(cells.get("level_unit", "").lower(), 1.0)
    unit = "fraction" if cells.get("level_unit", "").lower() in LEVEL_UNITS else cells.get("level_unit", "")
    return {
        "subject_id": _filled(cells, "subject_id", refuse),
        "sample_id": _filled(cells, "sample_id", refuse),
        "level": _share(_level(cells, refuse) * factor, unit, cells, refuse),
        "level_unit": unit,
        "detected": _detected(cells, refuse),
        "lod": _number(cells, "lod", refuse) * factor,
    }


def _level(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> float:
    text = cells.get("level", "")
    if text.lower() in NOT_FOUND:
        return math.nan
    if text.startswith("<"):
        _number(cells | {"level": text[1:].strip() or text}, "level", refuse)
        return math.nan
    return _number(cells, "level", refuse)


def _share(level: float, unit: str, cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> float:
    if unit == "fraction" and level > 1:
        refuse("level", f"at most all of the DNA: is the unit {cells['level_unit']}?")
    return level


def _detected(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> bool | None:
    stated, level = cells.get("detected", "").lower(), cells.get("level", "").lower()
    if stated and stated not in YES | NO:
        refuse("detected", "yes, no, or an empty cell")
    if level in NOT_FOUND and stated in YES:
        refuse("detected", f"no, or an empty cell, with a level of {cells['level']}")
    if level.startswith("<") and not stated:
        refuse("detected", f"yes or no, since a level of {cells['level']} may be either")
    if stated in YES:
        return True
    return False if stated in NO or level in NOT_FOUND else None


def _count_row(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict:
    row = _variant(cells, refuse)
    alt_count, depth = (_whole(cells, name, refuse) for name in ("alt_count", "depth"))
    if None not in (alt_count, depth) and alt_count > depth:
        refuse("alt_count", f"at most the depth, {depth}")
    row |= {"sample_id": _filled(cells, "sample_id", refuse), "alt_count": alt_count, "depth": depth}
    return row


def _tissue_row(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict:
    return _variant(cells, refuse) | {"gene": cells.get("gene", "")}


def _copies_row(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict:
    row = {name: _filled(cells, name, refuse) for name in ("subject_id", "sample_id", "gene")}
    if cells.get("log2_ratio"):
        return row | {"copy_number": 2 * 2 ** _signed(cells, "log2_ratio", refuse)}
    name, factor = ("ratio", 2) if cells.get("ratio") else ("copy_number", 1)
    if not cells.get(name):
        refuse(name, "a number of 0 or more")
    return row | {"copy_number": factor * _number(cells, name, refuse)}


def _signed(cells: Mapping[str, str], name: str, refuse: Callable[[str, str], None]) -> float:
    try:
        value = float(cells[name])
    except ValueError:
        value = math.inf
    if not abs(value) <= LARGEST_LOG2:
        refuse(name, f"a number from -{LARGEST_LOG2} to {LARGEST_LOG2}")
        return math.nan
    return value


def _variant(cells: Mapping[str, str], refuse: Callable[[str, str], None]) -> dict:
    for name in ("ref", "alt"):
        if not cells[name] or set(cells[name].upper()) - ALLELE:
            refuse(name, "an allele of A, C, G, T (VCF form, with anchor base)")
    return {
        "subject_id": _filled(cells, "subject_id", refuse),
        "chrom": _filled(cells, "chrom", refuse),
        "pos": _whole(cells, "pos", refuse),
        "ref": cells["ref"].upper(),
        "alt": cells["alt"].upper(),
    }


def _filled(cells: Mapping[str, str], name: str, refuse: Callable[[str, str], None]) -> str:
    if not cells[name]:
        refuse(name, "a value")
    return cells[name]


def _number(cells: Mapping[str, str], name: str, refuse: Callable[[str, str], None]) -> float:
    text = cells.get(name, "")
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value) or value < 0:
        refuse(name, EXPECTED.get(name, NUMBER))
        return math.nan
    return value


def _whole(cells: Mapping[str, str], name: str, refuse: Callable[[str, str], None]) -> int | None:
    if not cells[name].isascii() or not cells[name].isdigit():
        refuse(name, "a whole number of 0 or more")
        return None
    return int(cells[name])


def _one_unit(sheet: Sheet) -> Iterator[Problem]:
    units = sorted({cells.get("level_unit", "").lower() for _, cells in sheet.rows if cells.get("level")})
    foreign = [unit for unit in units if unit not in LEVEL_UNITS]
    if len(units) > 1 and foreign:
        found = ", ".join(repr(unit) for unit in units)
        yield _problem(sheet, 0, "level_unit", found, "one unit for the whole table", {})


def _problem(
    sheet: Sheet, line: int, column: str, found: str, expected: str, cells: Mapping[str, str]
) -> Problem:
    return Problem(
        check=f"vendor_{column}",
        file=sheet.file,
        row=str(line) if line else "",
        column=column,
        found=found,
        expected=expected,
        remedy="Correct the table.",
        subject_id=cells.get("subject_id", ""),
        sample_id=cells.get("sample_id", ""),
    )
