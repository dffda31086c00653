"""Variant files as Mutect2 (forced genotypes included) and VarDict (calls only) write them."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pysam

from clearher.simulate.annotation import CSQ_FIELDS
from clearher.simulate.design import GENOME_BUILD
from clearher.simulate.panel import Site, panel, sites_of
from clearher.simulate.sequencing import Library

NO_POPULATION = 7.30
MUTECT2_SCORE = 3.0
VARDICT_ALT, VARDICT_VAF = 2, 0.001
MUTECT2_NOISE = ("weak_evidence", "base_qual;weak_evidence", "strand_bias;weak_evidence")
VARDICT_NOISE = ("v3", "Bias;v3", "q22.5;v3")

MUTECT2_HEADER = """\
##FILTER=<ID=PASS,Description="Site contains at least one allele that passes filters">
##FILTER=<ID=base_qual,Description="alt median base quality">
##FILTER=<ID=germline,Description="Evidence indicates this site is germline, not somatic">
##FILTER=<ID=strand_bias,Description="Evidence for alt allele comes from one read direction only">
##FILTER=<ID=weak_evidence,Description="Mutation does not meet likelihood threshold">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths for the ref and alt alleles">
##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele fractions of alternate alleles in the tumor">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Approximate read depth">
##FORMAT=<ID=F1R2,Number=R,Type=Integer,Description="Reads in F1R2 pair orientation by allele">
##FORMAT=<ID=F2R1,Number=R,Type=Integer,Description="Reads in F2R1 pair orientation by allele">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=SB,Number=4,Type=Integer,Description="Strand counts: ref and alt, forward and reverse">
##INFO=<ID=AS_SB_TABLE,Number=1,Type=String,Description="Allele-specific forward/reverse read counts">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Approximate read depth; some reads may have been filtered">
##INFO=<ID=ECNT,Number=1,Type=Integer,Description="Number of events in this haplotype">
##INFO=<ID=GERMQ,Number=1,Type=Integer,Description="Phred-scaled quality that alt alleles are not germline">
##INFO=<ID=MBQ,Number=R,Type=Integer,Description="median base quality by allele">
##INFO=<ID=MMQ,Number=R,Type=Integer,Description="median mapping quality by allele">
##INFO=<ID=MPOS,Number=A,Type=Integer,Description="median distance from end of read">
##INFO=<ID=POPAF,Number=A,Type=Float,Description="negative log 10 population allele frequencies">
##INFO=<ID=TLOD,Number=A,Type=Float,Description="Log 10 likelihood ratio score of variant existing">
"""
VARDICT_HEADER = """\
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=q22.5,Description="Mean Base Quality Below 22.5">
##FILTER=<ID=Bias,Description="Strand Bias">
##FILTER=<ID=v3,Description="Var Depth < 3">
##INFO=<ID=SAMPLE,Number=1,Type=String,Description="Sample name">
##INFO=<ID=TYPE,Number=1,Type=String,Description="Variant Type: SNV Insertion Deletion Complex">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Total Depth">
##INFO=<ID=END,Number=1,Type=Integer,Description="Chr End Position">
##INFO=<ID=VD,Number=1,Type=Integer,Description="Variant Depth">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele Frequency">
##INFO=<ID=BIAS,Number=1,Type=String,Description="Strand Bias Info">
##INFO=<ID=SBF,Number=1,Type=Float,Description="Strand Bias Fisher p-value">
##INFO=<ID=ODDRATIO,Number=1,Type=Float,Description="Strand Bias Odds ratio">
##INFO=<ID=PMEAN,Number=1,Type=Float,Description="Mean position in reads">
##INFO=<ID=MQ,Number=1,Type=Float,Description="Mean Mapping Quality">
##INFO=<ID=QUAL,Number=1,Type=Float,Description="Mean quality score in reads">
##INFO=<ID=MSI,Number=1,Type=Float,Description="MicroSatellite. > 1 indicates MSI">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Total Depth">
##FORMAT=<ID=VD,Number=1,Type=Integer,Description="Variant Depth">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths for the ref and alt alleles">
##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele Frequency">
##FORMAT=<ID=RD,Number=2,Type=Integer,Description="Reference forward, reverse reads">
##FORMAT=<ID=ALD,Number=2,Type=Integer,Description="Variant forward, reverse reads">
"""


def write_vcf(path: str, library: Library, dialect: str, forced: frozenset[int]) -> None:
    """Write one sample's variant file, block-gzipped.

    Parameters
    ----------
    dialect : str
        Mutect2: sites of ``forced`` appear whatever was seen of them. VarDict: calls only.
    """
    random = np.random.Generator(np.random.PCG64(library.read_seed + 1))
    if dialect == "Mutect2":
        lines = _mutect2_lines(library, forced, random)
    else:
        lines = _vardict_lines(library, random)
    text = _header(library.tube.sample_id, dialect) + "".join(lines)
    with pysam.BGZFile(path, "wb") as file:
        file.write(text.encode())


def _header(sample_id: str, dialect: str) -> str:
    if dialect == "Mutect2":
        source = f"##source=Mutect2\n##tumor_sample={sample_id}\n"
        body = MUTECT2_HEADER
    else:
        source, body = "##source=VarDict_v1.8.2\n", VARDICT_HEADER
    names = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample_id}\n"
    return f"##fileformat=VCFv4.2\n{source}{body}{_shared_header()}{names}"


@cache
def _shared_header() -> str:
    contigs = "".join(
        f"##contig=<ID={chrom},length={len(sequence)},assembly={GENOME_BUILD}>\n"
        for chrom, sequence in panel().reference.items()
    )
    description = f"Consequence annotations from Ensembl VEP. Format: {'|'.join(CSQ_FIELDS)}"
    annotation = f'##INFO=<ID=CSQ,Number=.,Type=String,Description="{description}">\n'
    return annotation + contigs


def _rows(library: Library) -> Iterator[tuple]:
    """(site, depth, alt, alt forward, alt F1R2, ref forward, ref F1R2, score, passed) of each site."""
    columns = (
        library.depth,
        library.alt,
        library.alt_forward,
        library.alt_f1r2,
        library.ref_forward,
        library.ref_f1r2,
        library.score,
        library.passed,
    )
    return zip(library.sites, *(column.tolist() for column in columns), strict=True)


def _with_noise(
    library: Library, random: np.random.Generator, filters: tuple[str, ...]
) -> dict[int, tuple[int, str]]:
    """Up to three passing errors of this library: alt count and FILTER by site index."""
    present = {site.index for site in library.sites}
    places = sites_of("passenger")
    drawn = [places[i] for i in random.integers(0, len(places), int(random.integers(0, 4))).tolist()]
    return {
        site.index: (int(random.integers(2, 5)), filters[int(random.integers(0, len(filters)))])
        for site in drawn
        if site.index not in present and _covered(library, site)
    }


def _covered(library: Library, site: Site) -> bool:
    return site.core or library.layout is None


def _mutect2_lines(library: Library, forced: frozenset[int], random: np.random.Generator) -> Iterator[str]:
    records = []
    for site, depth, alt, forward, f1r2, ref_forward, ref_f1r2, score, passed in _rows(library):
        if site.index in forced or (alt >= 2 and score >= MUTECT2_SCORE):
            name = _mutect2_filter(site, alt, depth, passed)
            counts = (depth, alt, forward, f1r2, ref_forward, ref_f1r2)
            records.append((site.index, _mutect2_record(site, name, counts, score)))
    depth = int(library.tube.depth)
    for index, (alt, name) in _with_noise(library, random, MUTECT2_NOISE).items():
        forward = alt if "strand" in name else alt // 2
        counts = (depth, alt, forward, alt // 2, (depth - alt) // 2, (depth - alt) // 2)
        records.append((index, _mutect2_record(panel().sites[index], name, counts, 1.2 * alt)))
    return (line for _, line in sorted(records))


def _mutect2_filter(site: Site, alt: int, depth: int, passed: bool) -> str:
    if site.kind == "snp" and alt > 0.3 * depth:
        return "germline"
    if passed:
        return "PASS"
    return "strand_bias" if site.kind == "artefact" else "weak_evidence"


def _mutect2_record(site: Site, name: str, counts: tuple[int, ...], score: float) -> str:
    depth, alt, forward, f1r2, ref_forward, ref_f1r2 = counts
    ref = depth - alt
    strands = f"{ref_forward},{ref - ref_forward}|{forward},{alt - forward}"
    popaf = NO_POPULATION if site.population_af is None else -np.log10(site.population_af)
    estimate = (alt + 0.9) / (depth + 1.8)
    return (
        f"{site.chrom}\t{site.pos}\t.\t{site.ref}\t{site.alt}\t.\t{name}\t"
        f"AS_SB_TABLE={strands};DP={depth + depth // 50};ECNT=1;GERMQ={1 if name == 'germline' else 93};"
        f"MBQ=40,40;MMQ=60,60;MPOS=31;POPAF={popaf:.2f};TLOD={score:.2f};CSQ={site.csq}\t"
        f"GT:AD:AF:DP:F1R2:F2R1:SB\t0/1:{ref},{alt}:{estimate:.3e}:{depth}:{ref_f1r2},{f1r2}:"
        f"{ref - ref_f1r2},{alt - f1r2}:{ref_forward},{ref - ref_forward},{forward},{alt - forward}\n"
    )


def _vardict_lines(library: Library, random: np.random.Generator) -> Iterator[str]:
    records = []
    for site, depth, alt, forward, _, ref_forward, _, _, passed in _rows(library):
        if alt >= VARDICT_ALT and alt >= VARDICT_VAF * depth:
            name = "PASS" if passed or alt >= 3 else "v3"
            record = _vardict_record(library, site, name, (depth, alt, forward, ref_forward))
            records.append((site.index, record))
    depth = int(library.tube.depth)
    for index, (_, name) in _with_noise(library, random, VARDICT_NOISE).items():
        counts = (depth, 2, 2 if "Bias" in name else 1, (depth - 2) // 2)
        records.append((index, _vardict_record(library, panel().sites[index], name, counts)))
    return (line for _, line in sorted(records))


def _vardict_record(library: Library, site: Site, name: str, counts: tuple[int, ...]) -> str:
    depth, alt, forward, ref_forward = counts
    ref = depth - alt
    fraction = alt / depth
    genotype = "0/0" if fraction < 0.01 else "1/1" if fraction > 0.9 else "0/1"
    one_strand = forward in (0, alt) and alt > 1
    other = depth // 2500
    return (
        f"{site.chrom}\t{site.pos}\t.\t{site.ref}\t{site.alt}\t{min(40 + 5 * alt, 900)}\t{name}\t"
        f"SAMPLE={library.tube.sample_id};TYPE={_vardict_type(site)};DP={depth + other};"
        f"END={site.pos + len(site.ref) - 1};VD={alt};AF={fraction:.4f};BIAS=2:{0 if one_strand else 2};"
        f"SBF={0.5**alt if one_strand else 0.61:.5f};ODDRATIO={0 if one_strand else 1.05};PMEAN=31.2;"
        f"MQ=60;QUAL=40;MSI=1;CSQ={site.csq}\tGT:DP:VD:AD:AF:RD:ALD\t"
        f"{genotype}:{depth + other}:{alt}:{ref},{alt}:{fraction:.4f}:{ref_forward},{ref - ref_forward}:"
        f"{forward},{alt - forward}\n"
    )


def _vardict_type(site: Site) -> str:
    if len(site.ref) == len(site.alt):
        return "SNV" if len(site.ref) == 1 else "Complex"
    return "Insertion" if len(site.alt) > len(site.ref) else "Deletion"
