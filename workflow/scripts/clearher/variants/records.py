"""Read one sample of one VCF: every alternate allele a row, every reference stretch a coverage row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from clearher.intake.vcf_header import (
    CONTIG_NAME,
    VcfHeader,
    choose_sample,
    contig_problems,
    parse_header,
)
from clearher.intake.vcf_text import read_text
from clearher.problems import InputError, Problem
from clearher.variants.alleles import NO_OTHER_ALLELE, Reference, interpret, left_align
from clearher.variants.annotation import Annotator, find_layout, highest
from clearher.variants.audit import InfoAudit, SampleAudit
from clearher.variants.callers import CALLERS, count_sources, detect_caller, strand_source
from clearher.variants.counts import Call, Counts, fraction, info_value, whole
from clearher.variants.notes import Notes
from clearher.variants.strands import UNKNOWN, Strands

NO_KEYS: tuple[str, ...] = ()
FORMAT_KEY_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.")


class Row(NamedTuple):
    """One alternate allele of the sample, as far as its file tells."""

    line: int
    chrom: str
    pos: int
    ref: str
    alt: str
    variant_class: str
    support: str
    count_field: str
    depth: int | None
    alt_count: int | None
    ref_count: int | None
    caller_vaf: float | None
    ref_forward: int | None
    ref_reverse: int | None
    alt_forward: int | None
    alt_reverse: int | None
    base_quality: float | None
    filter: str
    gene: str
    transcript: str
    consequence: str
    hgvsc: str
    hgvsp: str
    population_af: float | None
    copy_number: float | None
    marked_hotspot: bool
    remark: str


class Stretch(NamedTuple):
    """A stretch that states its depth without naming an alternate allele."""

    chrom: str
    start: int
    end: int
    depth: int | None


@dataclass(frozen=True)
class ReadOptions:
    """What decides how a file is read.

    Attributes
    ----------
    count_fields : Mapping
        Count source by caller, to override the automatic choice.
    population_fields : tuple of str
        INFO keys that hold population allele frequencies.
    reference : Reference or None
        Sequence for left-normalisation and for the check of REF; None: neither is done.
    """

    count_fields: Mapping[str, str] = field(default_factory=dict)
    population_fields: tuple[str, ...] = ()
    reference: Reference | None = None


@dataclass
class SampleCalls:
    """What one file says about one sample."""

    caller: str
    rows: list[Row]
    coverage: list[Stretch]
    notes: Notes
    header: VcfHeader | None = None


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
        Rows in file order; what is odd is in ``notes``.

    Raises
    ------
    InputError
        The file cannot be read whole: unreadable, truncated, no header, a record with a wrong number of
        columns or values, a position that is no positive number, no or several candidate sample columns.
        Nothing read before the fault is returned.
    """
    text = read_text(path)
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    end = next((i for i, line in enumerate(lines) if not line.startswith("##")), len(lines) - 1)
    header = parse_header(lines[: end + 1], str(path))
    problems = contig_problems(header)
    if problems:
        raise InputError(problems)
    index = choose_sample(header, vcf_sample=vcf_sample, sample_id=sample_id, specimen=specimen)
    notes = Notes(str(path), subject_id, sample_id)
    if "\ufffd" in text:
        notes.add("text_encoding", 0, "bytes that are not UTF-8")
    reader = _Reader(header, index, notes, options or ReadOptions())
    reader.read(lines[end + 1 :])
    return SampleCalls(reader.caller_name, reader.rows, reader.coverage, notes, header)


class _Reader:
    """State of one pass over a file's records."""

    def __init__(self, header: VcfHeader, index: int | None, notes: Notes, options: ReadOptions) -> None:
        self.header = header
        self.column = None if index is None else 9 + index
        self.notes = notes
        self.options = options
        self.caller_name = detect_caller(header)
        self.caller = CALLERS[self.caller_name]
        self.annotator = Annotator(find_layout(header))
        self.info_audit = InfoAudit(header.info, notes)
        self.sample_audit = SampleAudit(header.formats, notes)
        self.rows: list[Row] = []
        self.coverage: list[Stretch] = []
        self._keys: dict[str, tuple[str, ...]] = {}
        self._quality: dict[tuple[str, ...], tuple[str, bool, bool]] = {}
        self._contigs: set[str] = set()
        self._last = ("", 0)
        self._filters: set[str] = set()
        self._population = ("POPAF",) if "POPAF" in header.info else ()

    def read(self, lines: list[str]) -> None:
        """Read all records, then note what only the whole file shows."""
        width = 8 if not self.header.has_format else 9 + len(self.header.samples)
        first = self.header.lines + 1
        for number, line in enumerate(lines, first):
            fields = line.split("\t")
            if len(fields) != width:
                if not line.strip():
                    self.notes.add("blank_line", number, "an empty line")
                    continue
                raise InputError([self._fault(number, _width_fault(fields, width))])
            self._record(number, fields)
        if lines and self._filters == {"."}:
            self.notes.add("filters_not_applied", 0, "FILTER '.' in every record")

    def _record(self, number: int, fields: list[str]) -> None:
        chrom, position, identifier, ref, alternates, quality, filters, info = fields[:8]
        if not position.isdigit():
            raise InputError([self._fault(number, (f"POS {position!r}", "a whole number from 0"))])
        pos = int(position)
        self._check_place(chrom, pos, number)
        self._check_columns(identifier, quality, filters, number)
        alts = alternates.split(",")
        self.info_audit.check(info, len(alts), number)
        sample = self._sample(fields, len(alts), number)
        if alternates == "." or (len(alts) == 1 and alternates in NO_OTHER_ALLELE):
            self._reference_stretch(chrom, pos, ref, info, sample, number)
            return
        call = Call(sample, info, ref, alts)
        counted = self._counts(call, number)
        for index, alt in enumerate(alts):
            self._allele(number, chrom, pos, index, alt, call, counted[index], filters)

    def _sample(self, fields: list[str], n_alts: int, number: int) -> dict[str, str]:
        if self.column is None:
            return {}
        text = fields[8]
        keys = self._keys.get(text)
        if keys is None:
            keys = self._keys[text] = self._format_keys(text, number)
        cell = fields[self.column]
        if cell.count(":") >= len(keys) or not cell:
            found = f"sample values {cell[:60]!r} for FORMAT {text!r}"
            raise InputError([self._fault(number, (found, "a value for each FORMAT key, at most"))])
        self.sample_audit.check(text, keys, cell, n_alts, number)
        return dict(zip(keys, cell.split(":"), strict=False))

    def _format_keys(self, text: str, number: int) -> tuple[str, ...]:
        keys = tuple(text.split(":"))
        if "" in keys or len(set(keys)) < len(keys):
            found = f"FORMAT {text!r} with an empty or repeated key"
            raise InputError([self._fault(number, (found, "different keys, joined by colons"))])
        odd = any(not FORMAT_KEY_CHARACTERS.issuperset(key) or key[0].isdigit() for key in keys)
        if (odd or "GT" in keys[1:]) and text != ".":
            self.notes.add("format_malformed", number, text)
        return keys

    def _check_place(self, chrom: str, pos: int, number: int) -> None:
        last_chrom, last_pos = self._last
        if chrom == last_chrom:
            if pos < last_pos:
                self.notes.add("not_sorted", number, f"{chrom}:{pos} after {last_chrom}:{last_pos}")
        elif chrom in self._contigs:
            self.notes.add("contig_not_contiguous", number, f"{chrom} again after {last_chrom}")
        else:
            self._new_contig(chrom, number)
        self._last = (chrom, pos)

    def _new_contig(self, chrom: str, number: int) -> None:
        symbolic = chrom.startswith("<") and chrom.endswith(">")
        name = chrom[1:-1] if symbolic else chrom
        listed = symbolic or name in self.header.contigs
        if not listed and (not CONTIG_NAME.fullmatch(name) or ":" in name or "*" in name):
            found = f"contig name {chrom!r}"
            expected = (
                "a name without blanks, commas, colons, asterisks and brackets, or one that the header lists"
            )
            raise InputError([self._fault(number, (found, expected))])
        if self.header.contigs and not listed:
            self.notes.add("contig_not_in_header", number, chrom)
        self._contigs.add(chrom)

    def _check_columns(self, identifier: str, quality: str, filters: str, number: int) -> None:
        if quality != "." and not _is_quality(quality):
            self.notes.add("qual_invalid", number, f"QUAL={quality}")
        if identifier != "." and (
            " " in identifier or "" in (parts := identifier.split(";")) or len(set(parts)) < len(parts)
        ):
            self.notes.add("id_malformed", number, f"ID={identifier}")
        if filters not in self._filters:
            self._filters.add(filters)
        if filters != "PASS" and filters != "." and _filter_malformed(filters):
            self.notes.add("filter_malformed", number, f"FILTER={filters}")

    def _reference_stretch(
        self, chrom: str, pos: int, ref: str, info: str, sample: Mapping[str, str], number: int
    ) -> None:
        end = pos + len(ref) - 1
        stated = whole(info_value(info, "END"))
        if stated is not None and stated < pos:
            self.notes.add("end_before_start", number, f"END={stated}")
        elif stated is not None:
            end = stated
        depth = whole(sample.get("MIN_DP") or sample.get("DP"))
        if self.column is None:
            depth = whole(info_value(info, "DP"))
        self.coverage.append(Stretch(chrom, pos, end, depth))

    def _counts(self, call: Call, number: int) -> list[Counts]:
        keys = self._keys_of(call)
        override = self.options.count_fields.get(self.caller_name, "")
        for source in count_sources(self.caller_name, keys, override):
            found = source(call)
            if found is not None:
                break
        first = found[0]
        if first.remark:
            self.notes.add(first.remark, number, f"{first.field} {call.sample.get(first.field, '')}".strip())
        if first.field in ("AF*DP", "AF"):
            self.notes.add("fraction_not_counts", number, f"AF={call.sample.get('AF')}")
        depths = call.sample.get("AD")
        if depths and depths != "." and first.field in ("", "AF", "AF*DP"):
            self.notes.add("allele_depth_length", number, f"AD={depths} for {len(call.alts)} ALT")
        return found

    def _keys_of(self, call: Call) -> tuple[str, ...]:
        return tuple(call.sample) if call.sample else NO_KEYS

    def _allele(
        self,
        number: int,
        chrom: str,
        pos: int,
        index: int,
        alt: str,
        call: Call,
        counts: Counts,
        filters: str,
    ) -> None:
        allele = interpret(call.ref, alt)
        if allele.malformed:
            self.notes.add("allele_malformed", number, allele.malformed)
            return
        pos, ref, alt = pos + allele.offset, allele.ref, allele.alt
        if self.options.reference is not None and not allele.support:
            pos, ref, alt = self._normalised(chrom, pos, ref, alt, allele.variant_class, number)
        support = allele.support if pos > 0 else "telomere"
        if support:
            self.notes.add("allele_not_supported", number, f"{call.ref[:20]}>{alt[:40]}")
        elif counts.alt is None and counts.caller_vaf is None and counts.depth != 0:
            support = "no_counts"
            self.notes.add("no_counts", number, f"{chrom}:{pos} {ref[:20]}>{alt[:20]}")
        strands = self._strands(call, index)
        annotation = self.annotator.annotate(call.info, call.alts, index, call.ref)
        if annotation.remark:
            self.notes.add(annotation.remark, number, f"{chrom}:{pos}")
        self.rows.append(
            Row(
                number,
                chrom,
                pos,
                ref,
                alt,
                allele.variant_class,
                support,
                counts.field,
                counts.depth,
                counts.alt,
                counts.ref,
                counts.caller_vaf,
                *strands,
                self._base_quality(call, index),
                filters,
                annotation.gene,
                annotation.transcript,
                annotation.consequence,
                annotation.hgvsc,
                annotation.hgvsp,
                self._population_af(call, index, chrom, annotation.population_af),
                self._copy_number(call) if allele.variant_class == "CNV" else None,
                "HOTSPOT" in call.info,
                counts.remark,
            )
        )

    def _normalised(
        self, chrom: str, pos: int, ref: str, alt: str, variant_class: str, number: int
    ) -> tuple[int, str, str]:
        reference = self.options.reference
        try:
            expected = reference.fetch(chrom, pos - 1, pos - 1 + len(ref)).upper()
        except (KeyError, ValueError):
            expected = ""
        if expected != ref:
            found = f"{chrom}:{pos} REF {ref[:20]}, reference {expected[:20] or 'without this contig'}"
            self.notes.add("reference_mismatch", number, found)
            return pos, ref, alt
        if variant_class in ("SNV", "MNV"):
            return pos, ref, alt
        return left_align(chrom, pos, ref, alt, reference)

    def _strands(self, call: Call, index: int) -> Strands:
        source = strand_source(self.caller_name, self._keys_of(call), len(self.header.samples))
        return source(call, index) if source else UNKNOWN

    def _base_quality(self, call: Call, index: int) -> float | None:
        for place in self.caller.quality:
            column, _, name = place.partition("/")
            per_allele = name.endswith("[alt]")
            name = name.removesuffix("[alt]")
            text = call.sample.get(name) if column == "FORMAT" else info_value(call.info, name)
            if not text or text == ".":
                continue
            values = text.split(",")
            position = index + 1 if per_allele or len(values) == len(call.alts) + 1 else 0
            if position < len(values):
                return _number(values[position])
        return None

    def _population_af(self, call: Call, index: int, chrom: str, annotated: float | None) -> float | None:
        """Highest stated frequency; POPAF is minus log10 and means nothing on the mitochondrial genome."""
        found = [] if annotated is None else [annotated]
        for key in self.options.population_fields:
            text = info_value(call.info, key)
            value = highest([_nth(text, index)]) if text else None
            found += [] if value is None else [value]
        if not found and self._population and chrom not in ("chrM", "MT", "M"):
            value = _number(_nth(info_value(call.info, "POPAF") or "", index))
            found += [] if value is None else [10.0**-value]
        return max(found, default=None)

    def _copy_number(self, call: Call) -> float | None:
        text = call.sample.get("CN") or info_value(call.info, "CN") or ""
        return _number(text.split(",")[0])

    def _fault(self, number: int, fault: tuple[str, str]) -> Problem:
        return Problem(
            check="vcf_record",
            file=self.header.path,
            row=str(number),
            subject_id=self.notes.subject_id,
            sample_id=self.notes.sample_id,
            found=fault[0],
            expected=fault[1],
            remedy="The file is not used: copy or write it again, so that every record is whole.",
        )


def _width_fault(fields: list[str], width: int) -> tuple[str, str]:
    found = f"{len(fields)} tab-separated columns"
    if len(fields) < width and "  " in "\t".join(fields):
        found += " and blanks between values"
    return found, f"{width}, as the header has"


def _is_quality(text: str) -> bool:
    value = _number(text)
    return value is not None and not value < 0


def _filter_malformed(text: str) -> bool:
    entries = text.split(";")
    return (
        "" in entries
        or "0" in entries
        or " " in text
        or len(set(entries)) < len(entries)
        or (len(entries) > 1 and ("." in entries or "PASS" in entries))
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _nth(text: str, index: int) -> str:
    values = text.split(",")
    return values[index] if index < len(values) else ""


__all__ = ["ReadOptions", "Row", "SampleCalls", "Stretch", "fraction", "read_vcf"]
