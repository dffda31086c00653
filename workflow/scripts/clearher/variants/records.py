"""Read one sample of one VCF: every alternate allele a row, every reference stretch a coverage row."""

from collections.abc import Iterator
from functools import lru_cache
from operator import methodcaller
from pathlib import Path

import numpy as np

from clearher.intake.vcf_header import VcfHeader, choose_sample, contig_problems, parse_header
from clearher.intake.vcf_text import read_text
from clearher.problems import InputError
from clearher.variants.alleles import NO_OTHER_ALLELE
from clearher.variants.annotation import Layout, find_layout
from clearher.variants.assembly import assemble
from clearher.variants.audit import InfoReader, SampleAudit
from clearher.variants.blocks import Block, columns_of
from clearher.variants.callers import CALLERS, detect_caller
from clearher.variants.calls import ReadOptions, Records, SampleCalls
from clearher.variants.notes import Notes
from clearher.variants.places import check_columns, positions

NAMING_NONE = frozenset({".", *NO_OTHER_ALLELE})
ALWAYS_READ = ("POPAF", "CN", "HOTSPOT", "END", "DP")


def read_vcf(
    path: str | Path,
    *,
    subject_id: str = "",
    sample_id: str = "",
    vcf_sample: str = "",
    specimen: str = "plasma",
    options: ReadOptions | None = None,
) -> SampleCalls:
    """Read one sample of a VCF, VCF.gz (bgzip or gzip) or BCF file.

    Parameters
    ----------
    path : str or Path
        The file.
    subject_id, sample_id, vcf_sample, specimen : str
        As in the sample sheet; they choose the column (:func:`clearher.intake.vcf_header.choose_sample`).
    options : ReadOptions, optional
        Count fields, population fields, reference.

    Returns
    -------
    SampleCalls
        What is odd is in ``notes``.

    Raises
    ------
    InputError
        The file cannot be read whole: unreadable, truncated, no header, a record with a wrong number of
        columns or values, a position that is no positive number, no or several candidate sample columns.
        Nothing read before the fault is returned.
    """
    options = options or ReadOptions()
    text = read_text(path)
    start = _header_end(text)
    header = parse_header(text[:start].rstrip("\n").split("\n"), str(path))
    problems = contig_problems(header)
    if problems:
        raise InputError(problems)
    index = choose_sample(header, vcf_sample=vcf_sample, sample_id=sample_id, specimen=specimen)
    notes = Notes(str(path), subject_id, sample_id)
    if "\ufffd" in text:
        notes.add("text_encoding", 0, "bytes that are not UTF-8")
    caller, layout = detect_caller(header), find_layout(header)
    wanted = _wanted_info(caller, layout, options)
    records = _split_records(text[start:].rstrip("\n"), header, index, wanted, notes)
    calls = SampleCalls(caller, [], _stretches(records, notes, sites_only=index is None), notes, header)
    for rows, block in _blocks(records, header, notes):
        calls.alleles.append(assemble(records, rows, block, caller, layout, options, notes))
    return calls


def _header_end(text: str) -> int:
    """Where the records begin: after the first line that does not start with ``##``."""
    start = 0
    while text.startswith("##", start):
        start = text.find("\n", start) + 1
        if start == 0:
            return len(text)
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


@lru_cache(maxsize=256)
def _info_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _wanted_info(caller: str, layout: Layout | None, options: ReadOptions) -> tuple[str, ...]:
    known = CALLERS[caller]
    quality = tuple(place.removeprefix("INFO/") for place in known.quality if place.startswith("INFO/"))
    tag = (layout.tag,) if layout else ()
    return _info_keys((*ALWAYS_READ, *known.info, *quality, *options.population_fields, *tag))


def _split_records(
    body: str, header: VcfHeader, index: int | None, wanted: tuple[str, ...], notes: Notes
) -> Records:
    width = 8 if not header.has_format else 9 + len(header.samples)
    texts = body.split("\n") if body else []
    lines = np.arange(header.lines + 1, header.lines + 1 + len(texts))
    if not set(map(methodcaller("count", "\t"), texts)) <= {width - 1}:
        texts, lines = _without_blank_lines(texts, lines, width, notes)
    if not texts:
        return Records(lines, [], np.array([], dtype=np.int64), [], [], [], [], [], [])
    flat = "\t".join(texts).split("\t")
    columns = [flat[place::width] for place in range(width)]
    place = positions(columns[0], columns[1], lines, header, notes)
    check_columns(columns[2], columns[5], columns[6], lines, notes)
    reader = InfoReader(header.info, wanted, notes)
    n_alts = [alternates.count(",") + 1 for alternates in columns[4]]
    info = reader.read(columns[7], n_alts, lines.tolist())
    if " " in body and " " in "".join(columns[7]):
        first = next(i for i, text in enumerate(columns[7]) if " " in text)
        notes.add("info_blank", int(lines[first]), columns[7][first])
    without = [""] * len(texts)
    return Records(
        lines=lines,
        chroms=columns[0],
        positions=place,
        refs=columns[3],
        alternates=columns[4],
        filters=columns[6],
        formats=without if index is None else columns[8],
        cells=without if index is None else columns[9 + index],
        info=info,
    )


def _without_blank_lines(
    texts: list[str], lines: np.ndarray, width: int, notes: Notes
) -> tuple[list[str], np.ndarray]:
    kept = []
    for i, text in enumerate(texts):
        size = text.count("\t") + 1
        if size == width:
            kept.append(i)
        elif not text.strip():
            notes.add("blank_line", int(lines[i]), "an empty line")
        else:
            blanks = " and blanks between values" if size < width and "  " in text else ""
            found = f"{size} tab-separated columns{blanks}"
            raise InputError([notes.fault(int(lines[i]), found, f"{width}, as the header has")])
    return [texts[i] for i in kept], lines[kept]


def _blocks(records: Records, header: VcfHeader, notes: Notes) -> Iterator[tuple[np.ndarray, Block]]:
    """Records with alternate alleles by FORMAT and number of alternate alleles."""
    audit = SampleAudit(header.formats, notes)
    for (layout, n_alts), rows in _laid_out_alike(records).items():
        whole = len(rows) == len(records.formats)
        lines = (records.lines if whole else records.lines[rows]).tolist()
        keys = audit.keys(layout, lines[0])
        cells = _picked(records.cells, rows, whole)
        audit.check(layout, cells, n_alts, lines)
        alternates = _picked(records.alternates, rows, whole)
        if not NAMING_NONE.isdisjoint(alternates):
            whole = False
            named = [j for j, text in enumerate(alternates) if text not in NAMING_NONE]
            rows, cells = [rows[j] for j in named], [cells[j] for j in named]
            alternates = [alternates[j] for j in named]
        if not rows:
            continue
        yield (
            np.array(rows),
            Block(
                refs=_picked(records.refs, rows, whole),
                alts=[text.split(",") for text in alternates],
                n_alts=n_alts,
                keys=keys,
                values=_sample_values(keys, cells),
                info={key: _picked(values, rows, whole) for key, values in records.info.items()},
                n_samples=len(header.samples),
            ),
        )


def _laid_out_alike(records: Records) -> dict[tuple[str, int], list[int]]:
    """Rows by FORMAT and number of alternate alleles."""
    sizes = [text.count(",") + 1 for text in records.alternates]
    if len(set(records.formats)) == 1 and len(set(sizes)) == 1:
        return {(records.formats[0], sizes[0]): [*range(len(sizes))]}
    groups: dict[tuple[str, int], list[int]] = {}
    for i, key in enumerate(zip(records.formats, sizes, strict=True)):
        groups.setdefault(key, []).append(i)
    return groups


def _picked(values: list, rows: list[int], whole: bool) -> list:
    return values if whole else [values[i] for i in rows]


def _sample_values(keys: tuple[str, ...], cells: list[str]) -> dict[str, list[str]]:
    if not keys:
        return {}
    return dict(zip(keys, columns_of(cells, ":", len(keys), "."), strict=True))


def _stretches(records: Records, notes: Notes, *, sites_only: bool) -> list[tuple[str, int, int, int | None]]:
    """Records without an alternate allele: reference calls and gVCF blocks, with the depth they state."""
    stretches = []
    for i, alternates in enumerate(records.alternates):
        if alternates not in NAMING_NONE:
            continue
        pos = int(records.positions[i])
        end = pos + len(records.refs[i]) - 1
        stated = _whole(records.info["END"][i])
        if stated is not None and stated < pos:
            notes.add("end_before_start", int(records.lines[i]), f"END={stated}")
        elif stated is not None:
            end = stated
        values = dict(zip(records.formats[i].split(":"), records.cells[i].split(":"), strict=False))
        depth = records.info["DP"][i] if sites_only else values.get("MIN_DP") or values.get("DP")
        stretches.append((records.chroms[i], pos, end, _whole(depth)))
    return stretches


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
