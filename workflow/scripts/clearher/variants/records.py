"""Read one sample of each VCF: every alternate allele a row, every reference stretch a coverage row.

Files that declare the same are read together, as one long table of records: what is done once a table is
then done once for dozens of files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearher.intake.vcf_header import VcfHeader, choose_sample, contig_problems, parse_header
from clearher.intake.vcf_text import read_bytes
from clearher.problems import InputError, Problem
from clearher.variants.alleles import NO_OTHER_ALLELE
from clearher.variants.annotation import Layout, find_layout
from clearher.variants.assembly import assemble
from clearher.variants.audit import InfoReader, SampleReader, alike
from clearher.variants.blocks import Block
from clearher.variants.callers import CALLERS, detect_caller
from clearher.variants.calls import ReadOptions, SampleCalls
from clearher.variants.lines import columns_of
from clearher.variants.notes import Notes, RecordNotes
from clearher.variants.places import check_columns, positions
from clearher.variants.texts import Coded, as_mask, constant

NAMING_NONE = frozenset({".", *NO_OTHER_ALLELE})
ALWAYS_READ = ("POPAF", "CN", "HOTSPOT", "END", "DP")
TOGETHER_BYTES = 6_000_000


@dataclass(frozen=True)
class OpenFile:
    """A VCF whose header has been read.

    Attributes
    ----------
    header : VcfHeader
        What it declares.
    caller : str
        Who wrote it.
    layout : Layout or None
        Of its annotation.
    sample : int or None
        Sample column that is read; None for a file without.
    data : bytes
        The whole file.
    begin, end : int
        Where in ``data`` the records are.
    notes : Notes
        Takes what is odd.
    place : int
        Row of its sample.
    """

    header: VcfHeader
    caller: str
    layout: Layout | None
    sample: int | None
    data: bytes
    begin: int
    end: int
    notes: Notes
    place: int = 0

    @property
    def width(self) -> int:
        """Columns of each record."""
        return 9 + len(self.header.samples) if self.header.has_format else 8

    def declares_as(self, other: "OpenFile") -> bool:
        """Whether records of both can be read as one table."""
        mine, its = self.header, other.header
        return (
            (self.width, self.sample, self.caller) == (other.width, other.sample, other.caller)
            and self.layout == other.layout
            and mine.info == its.info
            and mine.formats == its.formats
        )


def open_vcf(
    path: str | Path,
    *,
    subject_id: str = "",
    sample_id: str = "",
    vcf_sample: str = "",
    specimen: str = "plasma",
    place: int = 0,
) -> OpenFile:
    """Read the header of a VCF, VCF.gz (bgzip or gzip) or BCF file and take its records along.

    Parameters
    ----------
    path : str or Path
        The file.
    subject_id, sample_id, vcf_sample, specimen : str
        As in the sample sheet; they choose the column (:func:`clearher.intake.vcf_header.choose_sample`).
    place : int
        Row of the sample.

    Raises
    ------
    InputError
        The file is unreadable or truncated, its header is malformed, no or several sample columns could be
        meant.
    """
    data = read_bytes(path)
    start = _header_end(data)
    header = parse_header(data[:start].decode().rstrip("\n").split("\n"), str(path))
    problems = contig_problems(header)
    if problems:
        raise InputError(problems)
    index = choose_sample(header, vcf_sample=vcf_sample, sample_id=sample_id, specimen=specimen)
    notes = Notes(str(path), subject_id, sample_id)
    if not data.isascii() and "\ufffd".encode() in data:
        notes.add("text_encoding", 0, "bytes that are not UTF-8")
    caller, layout = detect_caller(header), find_layout(header)
    end = _records_end(data, start)
    if end == len(data):
        _check_last_line(data[data.rfind(b"\n", start - 1) + 1 :].decode(), header, notes)
    return OpenFile(header, caller, layout, index, data, start, end, notes, place)


def _check_last_line(line: str, header: VcfHeader, notes: Notes) -> None:
    """Refuse a file whose last line neither ends nor has all values: it was cut off within them.

    A line that only lacks its line feed is whole, and so is one that leaves out values at its end. Missing
    and empty columns are refused with all others of their kind, when records are read.
    """
    columns = line.split("\t")
    if not header.has_format or len(columns) < 10 or not columns[-1]:
        return
    values, keys = columns[-1].count(":") + 1, columns[8].count(":") + 1
    if values < keys:
        raise InputError([_cut_off(values, keys, notes)])


def _cut_off(values: int, keys: int, notes: Notes) -> Problem:
    return Problem(
        check="file_truncated",
        file=notes.path,
        subject_id=notes.subject_id,
        sample_id=notes.sample_id,
        found=f"a last line that does not end and has {values} of {keys} values of FORMAT",
        expected="a complete file",
        remedy="The file was cut off while it was written or copied: copy or make it again. If it is whole, "
        "end its last line with a line feed.",
    )


def read_vcf(path: str | Path, *, options: ReadOptions | None = None, **names: str) -> SampleCalls:
    """Read one sample of one VCF; ``names`` as :func:`open_vcf` takes them.

    Raises
    ------
    InputError
        As :func:`open_vcf` and :func:`read_together` raise it.
    """
    (calls,), parts = read_together([open_vcf(path, **names)], options or ReadOptions())
    calls.alleles.extend(parts)
    return calls


def portions(files: Iterable[OpenFile]) -> Iterator[list[OpenFile]]:
    """Neighbouring files that can be read together, as many as fit into the processor's cache."""
    portion: list[OpenFile] = []
    size = 0
    for file in files:
        if portion and (size + len(file.data) > TOGETHER_BYTES or not file.declares_as(portion[0])):
            yield portion
            portion, size = [], 0
        portion.append(file)
        size += len(file.data)
    if portion:
        yield portion


def read_together(
    files: Sequence[OpenFile], options: ReadOptions
) -> tuple[list[SampleCalls], list[dict[str, np.ndarray]]]:
    """Read the records of files that declare the same.

    Returns
    -------
    calls : list of SampleCalls
        One a file, without its alleles.
    parts : list of dict
        Alleles of all files; ``file`` is their place in ``files``.

    Raises
    ------
    InputError
        A file cannot be read whole: a record with a wrong number of columns or values, a position that is no
        whole number. Nothing read before the fault is returned.
    """
    first = files[0]
    records = _read_records(files, _wanted_info(first, options))
    calls = [
        SampleCalls(file.caller, [], coverage, file.notes, file.header)
        for file, coverage in zip(files, _stretches(records, files), strict=True)
    ]
    parts = [
        assemble(records, block, first.caller, first.layout, options) for block in _blocks(records, first)
    ]
    return calls, parts


def _header_end(data: bytes) -> int:
    """Where the records begin: after the first line that does not start with ``##``."""
    start = 0
    while data.startswith(b"##", start):
        start = data.find(b"\n", start) + 1
        if start == 0:
            return len(data)
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end + 1


def _records_end(data: bytes, start: int) -> int:
    """Where the records end: before the line feeds at the end."""
    end = len(data)
    while end > start and data[end - 1] == ord("\n"):
        end -= 1
    return end


def _wanted_info(file: OpenFile, options: ReadOptions) -> tuple[str, ...]:
    known = CALLERS[file.caller]
    quality = tuple(place.removeprefix("INFO/") for place in known.quality if place.startswith("INFO/"))
    tag = (file.layout.tag,) if file.layout else ()
    keys = (*ALWAYS_READ, *known.info, *quality, *options.population_fields, *tag)
    return tuple(dict.fromkeys(keys))


@dataclass(frozen=True)
class Records:
    """Records of files that are read together: columns with one value a record.

    Attributes
    ----------
    notes : RecordNotes
        Knows file and line of each record and takes what is odd.
    """

    chroms: Coded
    positions: np.ndarray
    refs: Coded
    alternates: Coded
    filters: Coded
    formats: Coded
    cells: pa.StringArray
    info: Mapping[str, pa.StringArray]
    notes: RecordNotes

    def sizes(self) -> np.ndarray:
        """Number of alternate alleles of each record."""
        return self.alternates.number(lambda text: text.count(",") + 1, int)


def _read_records(files: Sequence[OpenFile], wanted: tuple[str, ...]) -> Records:
    first = files[0]
    texts, notes = columns_of(files)
    chroms, filters, alternates = Coded(texts[0]), Coded(texts[6]), Coded(texts[4])
    place = positions(chroms, texts[1], [file.header for file in files], notes)
    check_columns(Coded(texts[2]), Coded(texts[5]), filters, notes)
    sizes = alternates.number(lambda text: text.count(",") + 1, int)
    info = InfoReader(first.header.info, wanted, notes).read(texts[7], sizes)
    if any(file.data.find(b" ", file.begin, file.end) >= 0 for file in files):
        _note_blanks(texts[7], notes)
    without = constant("", len(place))
    return Records(
        chroms=chroms,
        positions=place,
        refs=Coded(texts[3]),
        alternates=alternates,
        filters=filters,
        formats=Coded(without if first.sample is None else texts[8]),
        cells=without if first.sample is None else texts[9 + first.sample],
        info=info,
        notes=notes,
    )


def _note_blanks(info: pa.StringArray, notes: RecordNotes) -> None:
    with_blank = np.flatnonzero(as_mask(pc.match_substring(info, " ")))
    for row in notes.first_of_each_file(with_blank).tolist():
        notes.add("info_blank", row, info[row].as_py())


def _blocks(records: Records, first: OpenFile) -> Iterator[Block]:
    """Records with alternate alleles by FORMAT and number of alternate alleles."""
    reader = SampleReader(first.header.formats, records.notes)
    sizes, named = records.sizes(), records.alternates.where(lambda text: text not in NAMING_NONE)
    for rows in alike(records.formats.codes, sizes):
        n_alts = int(sizes[rows[0]])
        keys = reader.keys(records.formats.distinct[records.formats.codes[rows[0]]], rows)
        values = reader.read(keys, _picked(records.cells, rows), n_alts, rows)
        kept = named[rows]
        if not kept.all():
            rows, chosen = rows[kept], np.flatnonzero(kept)
            values = {key: texts.take(pa.array(chosen)) for key, texts in values.items()}
        if len(rows):
            alternates = [text.split(",") for text in records.alternates.distinct]
            codes = records.alternates.codes[rows]
            yield Block(
                rows=rows,
                refs=records.refs.objects()[rows],
                alts=[_nth(alternates, i)[codes] for i in range(n_alts)],
                keys=keys,
                values=values,
                info={key: _picked(texts, rows) for key, texts in records.info.items()},
                n_samples=len(first.header.samples),
            )


def _nth(lists: Sequence[Sequence[str]], place: int) -> np.ndarray:
    return np.array([items[place] if place < len(items) else "" for items in lists], dtype=object)


def _picked(texts: pa.StringArray, rows: np.ndarray) -> pa.StringArray:
    return texts if len(rows) == len(texts) else texts.take(pa.array(rows))


def _stretches(records: Records, files: Sequence[OpenFile]) -> list[list[tuple[str, int, int, int | None]]]:
    """Records without an alternate allele: reference calls and gVCF blocks, with the depth they state."""
    stretches: list[list] = [[] for _ in files]
    rows = np.flatnonzero(records.alternates.where(lambda text: text in NAMING_NONE))
    if not len(rows):
        return stretches
    taken = pa.array(rows)
    chroms, refs, formats = (
        column_.objects()[rows].tolist() for column_ in (records.chroms, records.refs, records.formats)
    )
    ends, depths = (records.info[key].take(taken).to_pylist() for key in ("END", "DP"))
    cells = records.cells.take(taken).to_pylist()
    for i, row in enumerate(rows.tolist()):
        pos = int(records.positions[row])
        end = pos + len(refs[i]) - 1
        stated = _whole(ends[i])
        if stated is not None and stated < pos:
            records.notes.add("end_before_start", row, f"END={stated}")
        elif stated is not None:
            end = stated
        values = dict(zip(formats[i].split(":"), cells[i].split(":"), strict=False))
        depth = depths[i] if files[0].sample is None else values.get("MIN_DP") or values.get("DP")
        stretches[records.notes.owners[row]].append((chroms[i], pos, end, _whole(depth)))
    return stretches


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
