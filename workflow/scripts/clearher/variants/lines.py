"""From the bodies of several files to columns of texts, with file and line of each record."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clearher.intake.vcf_header import VcfHeader
from clearher.problems import InputError, Problem
from clearher.variants.notes import Notes, RecordNotes
from clearher.variants.texts import column

MOST_BYTES = 2**30


class Body(Protocol):
    """Records of a file, and what is known of it."""

    header: VcfHeader
    data: bytes
    begin: int
    end: int
    notes: Notes
    width: int


def columns_of(files: Sequence[Body]) -> tuple[list[pa.StringArray], RecordNotes]:
    """Columns of the records of files that have the same number of columns.

    Raises
    ------
    InputError
        A record with another number of columns, or a file above 1 GB.
    """
    numbers = [_lines(file) for file in files]
    owners = np.repeat(np.arange(len(files)), [len(lines) for lines in numbers])
    bodies = [memoryview(file.data)[file.begin : file.end] for file in files if file.end > file.begin]
    texts = _separated(b"\n".join(bodies), files[0].width)
    if texts is None or len(texts[0]) != len(owners):
        return _line_by_line(files)
    return texts, RecordNotes([file.notes for file in files], owners, np.concatenate(numbers))


def _lines(file: Body) -> np.ndarray:
    """Line of each record."""
    if file.end - file.begin > MOST_BYTES:
        raise InputError([_too_large(file)])
    body = np.frombuffer(file.data, np.uint8)[file.begin : file.end]
    n = np.count_nonzero(body == ord("\n")) + 1 if len(body) else 0
    return np.arange(file.header.lines + 1, file.header.lines + 1 + n)


def _separated(body: bytes, width: int) -> list[pa.StringArray] | None:
    """Columns of tab-separated lines; None where they are not all ``width`` columns wide."""
    if not body or b"\r" in body:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(body),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(body) + 1, column_names=names
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [table.column(place).chunk(0) for place in range(width)]
    has_blank_lines = pc.any(pc.equal(columns[0], "")).as_py()
    return None if has_blank_lines else columns


def _line_by_line(files: Sequence[Body]) -> tuple[list[pa.StringArray], RecordNotes]:
    """Columns of files with blank or malformed lines, which are noted or refused by their number."""
    records, owners, lines = [], [], []
    for owner, file in enumerate(files):
        body = file.data[file.begin : file.end].decode()
        texts = body.split("\n") if body else []
        for line, text in enumerate(texts, file.header.lines + 1):
            fields = text.split("\t")
            if len(fields) == file.width:
                records.append(fields)
                owners.append(owner)
                lines.append(line)
            elif not text.strip():
                file.notes.add("blank_line", line, "an empty line")
            else:
                raise InputError([_wrong_width(file, line, text)])
    columns = list(zip(*records, strict=True)) or [()] * files[0].width
    notes = RecordNotes([file.notes for file in files], np.array(owners, int), np.array(lines, int))
    return [column(texts) for texts in columns], notes


def _wrong_width(file: Body, line: int, text: str) -> Problem:
    size = text.count("\t") + 1
    blanks = " and blanks between values" if size < file.width and "  " in text else ""
    found = f"{size} tab-separated columns{blanks}"
    return file.notes.fault(line, found, f"{file.width}, as the header has")


def _too_large(file: Body) -> Problem:
    return Problem(
        check="file_too_large",
        file=file.notes.path,
        subject_id=file.notes.subject_id,
        sample_id=file.notes.sample_id,
        found=f"{(file.end - file.begin) / 1e9:.1f} GB of records",
        expected="at most 1 GB, unpacked",
        remedy="Restrict the file to the panel (bcftools view -R panel.bed).",
    )
