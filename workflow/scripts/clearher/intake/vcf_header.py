"""Header of a VCF: what it declares, which column a sample is, which genome build it was called on.

These checks read no record, so they can be made for thousands of files before any job starts.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from clearher.intake.maf_samples import barcodes_of, sample_problem
from clearher.intake.vcf_text import header_lines
from clearher.problems import InputError, Problem

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
STRUCTURED = re.compile(r"##(\w+)=<(.*)>\s*$", re.DOTALL)
ATTRIBUTE = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,]*)')
CONTIG_NAME = re.compile(r"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
BUILD_LENGTHS = {
    "GRCh37": {
        "1": 249250621,
        "7": 159138663,
        "17": 81195210,
        "20": 63025520,
        "22": 51304566,
        "X": 155270560,
    },
    "GRCh38": {
        "1": 248956422,
        "7": 159345973,
        "17": 83257441,
        "20": 64444167,
        "22": 50818468,
        "X": 156040895,
    },
    "T2T-CHM13": {
        "1": 248387328,
        "7": 160567428,
        "17": 84276897,
        "20": 66210255,
        "22": 51324926,
        "X": 154259566,
    },
}
BUILD_NAMES = {
    "GRCh37": ("grch37", "hg19", "b37", "hs37d5", "g1k_v37"),
    "GRCh38": ("grch38", "hg38"),
    "T2T-CHM13": ("t2t", "chm13"),
}


@dataclass(frozen=True)
class Declared:
    """One INFO or FORMAT declaration: how many values of what kind."""

    number: str
    type: str
    description: str


@dataclass(frozen=True)
class VcfHeader:
    """What a VCF header says.

    Attributes
    ----------
    samples : tuple of str
        Names of the sample columns in file order.
    info, formats : Mapping
        Declared INFO and FORMAT fields by name.
    contigs : Mapping
        Length by contig name; 0 where the header states none.
    texts : Mapping
        Unstructured header lines by key, with all their values.
    lines : int
        Number of header lines, so that record i stands at line ``lines + i``.
    """

    path: str
    samples: tuple[str, ...]
    has_format: bool
    lines: int
    info: Mapping[str, Declared] = field(default_factory=dict)
    formats: Mapping[str, Declared] = field(default_factory=dict)
    contigs: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """First value of an unstructured header line, empty where there is none."""
        values = self.texts.get(key, ())
        return values[0] if values else ""


def read_header(path: str | Path) -> VcfHeader:
    """Read the header of a VCF or BCF file and nothing else.

    Raises
    ------
    InputError
        Not readable, empty, truncated, or not a VCF header.
    """
    return parse_header(list(header_lines(path)), str(path))


def parse_header(lines: list[str], path: str) -> VcfHeader:
    """Interpret header lines, the last of which must be the ``#CHROM`` line.

    Raises
    ------
    InputError
        No ``##fileformat`` line, no or a malformed ``#CHROM`` line, sample names empty or not unique.
    """
    problems = _column_problems(lines, path)
    if problems:
        raise InputError(problems)
    columns = lines[-1].split("\t")
    groups: dict[str, dict] = {"INFO": {}, "FORMAT": {}, "contig": {}}
    texts: dict[str, list[str]] = {}
    for line in lines[:-1]:
        key, name, value = _meta(line)
        if key in groups and name:
            groups[key].setdefault(name, value)
        else:
            texts.setdefault(key, []).append(value)
    return VcfHeader(
        path=path,
        samples=tuple(columns[9:]),
        has_format=len(columns) > 8,
        lines=len(lines),
        info=groups["INFO"],
        formats=groups["FORMAT"],
        contigs=groups["contig"],
        texts={key: tuple(values) for key, values in texts.items()},
    )


@lru_cache(maxsize=65536)
def _meta(line: str) -> tuple[str, str, object]:
    """Key, identifier and content of one ``##`` line; identifier empty for unstructured lines."""
    match = STRUCTURED.match(line)
    key, _, value = line[2:].partition("=")
    if not match or key not in ("INFO", "FORMAT", "contig"):
        return key, "", value
    values = {name: text.strip('"') for name, text in ATTRIBUTE.findall(match.group(2))}
    if key == "contig":
        length = values.get("length", "")
        return key, values.get("ID", ""), int(length) if length.isdigit() else 0
    declared = Declared(values.get("Number", ""), values.get("Type", ""), values.get("Description", ""))
    return key, values.get("ID", ""), declared


def _column_problems(lines: list[str], path: str) -> list[Problem]:
    row = str(len(lines))
    if not lines or not lines[0].startswith("##fileformat=VCF"):
        found = repr(lines[0][:60]) if lines else "nothing"
        return [_malformed(path, "1", found, "##fileformat=VCFv4.x as first line")]
    last = lines[-1]
    if not last.startswith("#CHROM"):
        return [_malformed(path, row, repr(last[:60]), "the #CHROM line after the ## lines")]
    columns = last.split("\t")
    if tuple(columns[:8]) != FIXED_COLUMNS or (len(columns) > 8 and columns[8] != "FORMAT"):
        expected = "tab-separated columns " + " ".join(FIXED_COLUMNS) + " [FORMAT and samples]"
        return [_malformed(path, row, repr(last[:80]), expected)]
    samples = columns[9:]
    if any(not name.strip() for name in samples):
        found = "an empty sample name (a tab at the end of the #CHROM line)"
        return [_malformed(path, row, found, "a name for each sample column")]
    repeated = sorted({name for name in samples if samples.count(name) > 1})
    if repeated:
        return [_malformed(path, row, f"sample name {', '.join(repeated)} more than once", "unique names")]
    return []


def choose_sample(
    header: VcfHeader, *, vcf_sample: str = "", sample_id: str = "", specimen: str = "plasma"
) -> int | None:
    """Index of the sample column to read, chosen by name and never by position.

    The first of these that names a column: ``vcf_sample`` of the sample sheet; the sample's own id;
    ``##tumor_sample`` (``##normal_sample`` for white cells); the only column; a column named TUMOR
    (NORMAL for white cells) beside its counterpart.

    Returns
    -------
    int or None
        None for a file without sample columns (LoFreq), whose counts stand in INFO.

    Raises
    ------
    InputError
        ``vcf_sample`` names no column, or several columns are left.
    """
    names = header.samples
    if not names:
        return None
    if vcf_sample:
        if vcf_sample in names:
            return names.index(vcf_sample)
        raise InputError([_no_such_sample(header, vcf_sample, sample_id)])
    normal = specimen in ("wbc", "control")
    declared = header.text("normal_sample" if normal else "tumor_sample")
    for name in (sample_id, declared):
        if name and name in names:
            return names.index(name)
    if len(names) == 1:
        return 0
    upper = [name.upper() for name in names]
    if sorted(upper) == ["NORMAL", "TUMOR"]:
        return upper.index("NORMAL" if normal else "TUMOR")
    raise InputError([_ambiguous(header, sample_id)])


def genome_build(header: VcfHeader) -> str:
    """Genome build by contig lengths, else by the names in ``##reference``; empty when unknown.

    Returns "mixed" when the lengths belong to several builds.
    """
    builds = set()
    for name, length in header.contigs.items():
        plain = name.removeprefix("chr")
        builds.update(build for build, lengths in BUILD_LENGTHS.items() if lengths.get(plain, -1) == length)
    if len(builds) > 1:
        return "mixed"
    if builds:
        return builds.pop()
    return named_build(header.text("reference"))


def named_build(text: str) -> str:
    """Genome build that a free text names (hg19, GRCh38, ...); empty when it names none."""
    lower = text.lower()
    named = [build for build, words in BUILD_NAMES.items() if any(word in lower for word in words)]
    return named[0] if len(named) == 1 else ""


def chromosome_style(names: Iterable[str]) -> str:
    """``chr`` when the main contigs carry the prefix, ``plain`` when not, ``mixed``, or empty if unknown."""
    main = {"X", "Y", *(str(number) for number in range(1, 23))}
    styles = {
        "chr" if name.startswith("chr") else "plain" for name in names if name.removeprefix("chr") in main
    }
    return styles.pop() if len(styles) == 1 else ("mixed" if styles else "")


def check_file(
    path: str | Path,
    vcf_sample: str = "",
    *,
    sample_id: str = "",
    specimen: str = "plasma",
    genome_build_stated: str = "",
    others: Collection[str] = (),
) -> list[Problem]:
    """Everything that can be known to be wrong with a variant file from its header alone.

    Openable, complete (bgzip end block), a VCF header, a column for the sample and not for one of the
    ``others`` (ids of all samples of the sheet), contig names that the format allows, one genome build, and
    that build the one the sample sheet states.
    """
    try:
        lines = list(header_lines(path))
        if is_combined_output(lines):
            return []
        if is_maf_header(lines):
            return _maf_problems(str(path), vcf_sample, sample_id)
        header = parse_header(lines, str(path))
        column = choose_sample(header, vcf_sample=vcf_sample, sample_id=sample_id, specimen=specimen)
    except InputError as error:
        return list(error.problems)
    named = "" if column is None or vcf_sample else header.samples[column]
    if named != sample_id and named in others:
        return [_other_sample(header, named, sample_id)]
    return [*contig_problems(header), *_build_problems(header, genome_build_stated, sample_id)]


def _maf_problems(path: str, vcf_sample: str, sample_id: str) -> list[Problem]:
    """That the MAF has no row of the sample; a lacking column is told when it is read."""
    barcodes = barcodes_of(path)
    problem = sample_problem(path, barcodes, vcf_sample, sample_id) if barcodes is not None else None
    return [problem] if problem else []


class Use(NamedTuple):
    """A sample of the sheet and where its calls are."""

    sample_id: str
    path: str
    vcf_sample: str
    specimen: str


def shared_columns(uses: Iterable[Use]) -> list[Problem]:
    """Samples whose calls would be the same column of a file, or all of a file without sample columns.

    Of a MAF: the same rows. Files that cannot be read, which :func:`check_file` names, are passed over.
    """
    by_path: dict[str, list[Use]] = {}
    for use in uses:
        by_path.setdefault(use.path, []).append(use)
    problems = []
    for path in sorted(path for path, named in by_path.items() if len(named) > 1):
        try:
            columns = _columns_of(path, by_path[path])
        except InputError:
            continue
        for column in sorted(set(columns)):
            samples = [
                use.sample_id for use, own in zip(by_path[path], columns, strict=True) if own == column
            ]
            if len(samples) > 1:
                problems.append(_shared(path, column, samples))
    return problems


def _columns_of(path: str, uses: Sequence[Use]) -> list[str]:
    """Name of the column, or of the rows of a MAF, that each sample's calls are read from."""
    lines = list(header_lines(path))
    if is_combined_output(lines):
        return [""] * len(uses)
    if is_maf_header(lines):
        barcodes = barcodes_of(path) or ()
        return [_rows_of(barcodes, use) for use in uses if barcodes]
    header = parse_header(lines, path)
    return [_column_of(header, use) for use in uses]


def _rows_of(barcodes: Sequence[str], use: Use) -> str:
    """Name in a MAF of a sample; its own id where several names are there and none is the sample's."""
    name = use.vcf_sample or use.sample_id
    return name if name in barcodes or len(barcodes) > 1 else barcodes[0]


def _column_of(header: VcfHeader, use: Use) -> str:
    """Name of the column that a sample's calls are read from; empty for a file without."""
    column = choose_sample(header, vcf_sample=use.vcf_sample, sample_id=use.sample_id, specimen=use.specimen)
    return "" if column is None else header.samples[column]


def _shared(path: str, column: str, samples: list[str]) -> Problem:
    which = f"its sample {column!r}" if column else "a file without sample columns"
    return Problem(
        check="vcf_shared",
        file=path,
        column="vcf",
        sample_id=samples[0],
        found=f"{which} named for {', '.join(samples)}",
        expected="calls of its own for each sample",
        remedy="Name each sample's own file or, in a file of several samples, its column in vcf_sample.",
    )


def is_maf_header(lines: list[str]) -> bool:
    """Whether the first line that is no comment names the columns of a MAF."""
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith("Hugo_Symbol\t") or "\tTumor_Seq_Allele2\t" in first


def is_combined_output(lines: list[str]) -> bool:
    """Whether the first line opens a CombinedVariantOutput.tsv of a TSO 500 assay."""
    return bool(lines) and lines[0].strip() == "[Analysis Details]"


def contig_problems(header: VcfHeader) -> list[Problem]:
    """Contig names in the header that the VCF format does not allow."""
    return [
        _malformed(header.path, "", f"contig name {name!r}", "a name without blanks, commas and brackets")
        for name in header.contigs
        if not CONTIG_NAME.fullmatch(name)
    ]


def _build_problems(header: VcfHeader, stated: str, sample_id: str) -> list[Problem]:
    found = genome_build(header)
    if found == "mixed":
        return [_wrong_build(header, "contig lengths of several genome builds", "one build", sample_id)]
    expected = named_build(stated)
    if found and expected and found != expected:
        return [_wrong_build(header, f"contigs of {found}", f"{stated}, as the sample sheet says", sample_id)]
    return []


def _other_sample(header: VcfHeader, named: str, sample_id: str) -> Problem:
    return Problem(
        check="vcf_of_other_sample",
        file=header.path,
        column="vcf",
        found=f"calls of {named!r}, which is another sample of the sheet",
        expected=f"calls of {sample_id!r}",
        remedy=f"Name the sample's own file; where this one is right, set vcf_sample to {named!r}.",
        sample_id=sample_id,
    )


def _wrong_build(header: VcfHeader, found: str, expected: str, sample_id: str) -> Problem:
    return Problem(
        check="genome_build",
        file=header.path,
        sample_id=sample_id,
        found=found,
        expected=expected,
        remedy="Correct genome_build in the sample sheet, or call all samples on one build.",
    )


def _malformed(path: str, row: str, found: str, expected: str) -> Problem:
    return Problem(
        check="vcf_header",
        file=path,
        row=row,
        found=found,
        expected=expected,
        remedy="Write the file again with its caller, or repair its header with bcftools reheader.",
    )


def _no_such_sample(header: VcfHeader, name: str, sample_id: str) -> Problem:
    return Problem(
        check="vcf_sample",
        file=header.path,
        row=str(header.lines),
        column="vcf_sample",
        sample_id=sample_id,
        found=f"no sample column {name!r}",
        expected=f"one of {', '.join(header.samples)}",
        remedy="Correct vcf_sample in the sample sheet.",
    )


def _ambiguous(header: VcfHeader, sample_id: str) -> Problem:
    return Problem(
        check="vcf_sample",
        file=header.path,
        row=str(header.lines),
        column="vcf_sample",
        sample_id=sample_id,
        found=f"{len(header.samples)} sample columns: {', '.join(header.samples)}",
        expected="a column named by vcf_sample, by the sample_id, or by ##tumor_sample",
        remedy="Name the column in vcf_sample of the sample sheet.",
    )
