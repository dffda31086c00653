"""Which caller wrote a VCF, and where that caller keeps its counts.

The caller is detected from the header; the order of count sources per caller is data. Where the header
names no caller, the general order applies: allele depths before anything that has to be computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from clearher.intake.vcf_header import VcfHeader
from clearher.variants import counts, strands
from clearher.variants.counts import Source
from clearher.variants.strands import StrandSource

SOURCES: Mapping[str, Source] = {
    "FAD": counts.per_allele_depths("FAD"),
    "AD": counts.per_allele_depths("AD"),
    "ADP_ALL": counts.per_allele_depths("ADP_ALL"),
    "ADP_PASS": counts.per_allele_depths("ADP_PASS"),
    "ADPD": counts.per_allele_depths("ADPD"),
    "AD/RD": counts.alt_only_depth,
    "VD": counts.vardict_depth,
    "AO/RO": counts.observation_counts,
    "DP4": counts.strand_counts_in_info,
    "AU,CU,GU,TU": counts.tier_base_counts,
    "TIR,TAR": counts.tier_indel_counts,
    "AC": counts.umivar_counts,
    "AF*DP": counts.fraction_times_depth,
    "AF": counts.fraction_alone,
    "none": counts.depth_alone,
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "FAD": ("FAD",),
    "AD": ("AD",),
    "ADP_ALL": ("ADP_ALL",),
    "ADP_PASS": ("ADP_PASS",),
    "ADPD": ("ADPD",),
    "AD/RD": ("AD", "RD"),
    "VD": ("VD",),
    "AO/RO": ("AO",),
    "DP4": (),
    "AU,CU,GU,TU": ("AU", "CU", "GU", "TU"),
    "TIR,TAR": ("TIR", "TAR"),
    "AC": ("AC", "DP"),
    "AF*DP": ("AF", "DP"),
    "AF": ("AF",),
    "none": (),
}
GENERAL = ("AD", "AO/RO", "AD/RD", "AU,CU,GU,TU", "TIR,TAR", "VD", "ADP_ALL", "AF*DP", "AF", "none")


@dataclass(frozen=True)
class Caller:
    """How one caller states counts.

    Attributes
    ----------
    name : str
        As reported in the column ``caller``.
    sources : tuple of str
        Preferred keys of :data:`SOURCES`, before the general ones.
    strand : strands.StrandSource or None
        Where strand counts stand; None where the caller states none.
    quality : tuple of str
        Places of the base quality of alt, tried in order: ``FORMAT/x`` or ``INFO/x``.
    info : tuple of str
        INFO fields that the sources read.
    """

    name: str
    sources: tuple[str, ...] = ()
    strand: StrandSource | None = None
    quality: tuple[str, ...] = ()
    info: tuple[str, ...] = ()


CALLERS = {
    caller.name: caller
    for caller in (
        Caller("mutect2", ("FAD", "AD"), strands.ref_then_alt("SB"), ("INFO/MBQ", "FORMAT/MBQ")),
        Caller("mutect1", ("AD",), None, ("FORMAT/BQ",)),
        Caller("vardict", ("AD", "VD"), strands.vardict, ("FORMAT/QUAL", "INFO/QUAL")),
        Caller("lofreq", ("DP4",), strands.info_strands, (), ("DP4", "DP", "AF")),
        Caller("strelka", ("AU,CU,GU,TU", "TIR,TAR", "AD")),
        Caller("varscan", ("AD/RD", "AD"), strands.forward_reverse_depths, ("FORMAT/ABQ",)),
        Caller("freebayes", ("AO/RO", "AD"), strands.info_observations, (), ("SRF", "SRR", "SAF", "SAR")),
        Caller("dragen", ("AD",), strands.ref_then_alt("SB")),
        Caller("tnscope", ("AD",)),
        Caller("sage", ("AD",), None, ("FORMAT/ABQ",)),
        Caller("umivar", ("AC",), strands.umivar),
        Caller("bmftools", ("ADP_ALL",)),
        Caller("varlociraptor", ("AF*DP",)),
        Caller("unknown"),
    )
}
HEADER_KEYS = {
    "varlociraptor_version": "varlociraptor",
    "sageVersion": "sage",
    "DRAGENVersion": "dragen",
    "DRAGENCommandLine": "dragen",
    "MutectVersion": "mutect2",
    "SentieonCommandLine.TNscope": "tnscope",
}
SOURCE_WORDS = (
    ("umivar", "umivar"),
    ("vardict", "vardict"),
    ("lofreq", "lofreq"),
    ("freebayes", "freebayes"),
    ("varscan", "varscan"),
    ("strelka", "strelka"),
    ("mutect2", "mutect2"),
    ("filtermutectcalls", "mutect2"),
    ("tnscope", "tnscope"),
    ("dragen", "dragen"),
    ("bmf", "bmftools"),
)


def detect_caller(header: VcfHeader) -> str:
    """Name of the caller that a header speaks of, "unknown" where it speaks of none.

    Version lines of a caller decide first, then ``##source``, then command lines, then fields that only one
    caller writes.
    """
    for key, name in HEADER_KEYS.items():
        if key in header.texts:
            return name
    said = " ".join(header.texts.get("source", ())).lower()
    commands = " ".join(header.texts.get("GATKCommandLine", ()))
    for word, name in SOURCE_WORDS:
        if word in said:
            return name
    if "ID=Mutect2" in commands or "FilterMutectCalls" in commands:
        return "mutect2"
    if "MuTect" in commands or header.texts.get("MuTect"):
        return "mutect1"
    return _by_fields(header)


def _by_fields(header: VcfHeader) -> str:
    formats, info = header.formats, header.info
    if "ADP_PASS" in formats:
        return "bmftools"
    if "OBS" in formats and any(key.startswith("PROB_") for key in info):
        return "varlociraptor"
    if {"TLOD", "ECNT"} <= info.keys():
        return "mutect2"
    if {"SQ", "F1R2", "MB"} <= formats.keys():
        return "dragen"
    if {"FA", "BQ", "SS"} <= formats.keys():
        return "mutect1"
    if {"AU", "TU"} <= formats.keys():
        return "strelka"
    if {"RD", "FREQ"} <= formats.keys():
        return "varscan"
    return "unknown"


@cache
def count_sources(caller: str, keys: tuple[str, ...], override: str = "") -> tuple[Source, ...]:
    """Sources to try for records with these FORMAT keys, in order.

    ``override`` is the count field that the configuration sets for the caller; it is tried first.
    """
    order = [*([override] if override else []), *CALLERS[caller].sources, *GENERAL]
    present = set(keys)
    return tuple(SOURCES[name] for name in dict.fromkeys(order) if present.issuperset(NEEDS[name]))


@cache
def strand_source(caller: str, keys: tuple[str, ...]) -> StrandSource:
    """Where strand counts stand for records with these FORMAT keys."""
    named = CALLERS[caller].strand
    if caller == "varscan" and "DP4" in keys:
        named = strands.ref_then_alt("DP4")
    if named is None and {"ADF", "ADR"} <= set(keys):
        named = strands.forward_reverse_depths
    return named or strands.unknown
