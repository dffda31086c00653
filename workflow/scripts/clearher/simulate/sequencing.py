"""What the sequencer counts in each tube: depth and alternate fragments at every site of interest."""

from dataclasses import dataclass, replace

import numpy as np

from clearher.simulate.biology import Carried, Subject, tumour_fraction
from clearher.simulate.biology import subject as simulated_subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.design import BACKGROUND_ERROR, stream
from clearher.simulate.fragments import Layout, layout
from clearher.simulate.panel import Site, panel, sites_of
from clearher.simulate.tubes import Tube, tubes

ARTEFACT_RATE = 0.35
ARTEFACT_VAF = 0.004
HIGHEST_VAF = 0.998
WATCHED_GENE = "ERBB2"
CALL_ALT = 3
CALL_SCORE = 4.0


@dataclass(frozen=True)
class Library:
    """Counts of one sequenced tube, one entry a site, sites in order of position.

    Attributes
    ----------
    vaf : numpy.ndarray
        True allele fraction of the DNA in the tube.
    depth, alt, alt_forward, alt_f1r2, ref_forward, ref_f1r2 : numpy.ndarray
        Fragments, those with the alternate allele, and their split by strand and by read order.
    passed : numpy.ndarray
        Whether the caller believes it.
    layout : Layout or None
        Fragments, where the library was made with the small assay.
    """

    tube: Tube
    fraction: float
    sites: tuple[Site, ...]
    vaf: np.ndarray
    depth: np.ndarray
    alt: np.ndarray
    alt_forward: np.ndarray
    alt_f1r2: np.ndarray
    ref_forward: np.ndarray
    ref_f1r2: np.ndarray
    score: np.ndarray
    passed: np.ndarray
    layout: Layout | None
    read_seed: int


@dataclass(frozen=True)
class Sequenced:
    """All tubes of a subject, the libraries of those that worked, and the sites genotyped in every one."""

    tubes: tuple[Tube, ...]
    accidents: tuple[tuple[str, str, str], ...]
    libraries: tuple[Library, ...]
    forced: frozenset[int]


def sequence(seed: int, subject: Subject, timeline: Timeline) -> Sequenced:
    """Draw, extract and sequence everything of a subject."""
    random = stream(seed, subject.number, "sequencing")
    drawn, accidents = tubes(subject, timeline, random)
    read_seeds = stream(seed, subject.number, "reads").integers(0, 2**62, (len(drawn), 2)).tolist()
    libraries = [
        _library(seed, subject, tube, seeds, random)
        for tube, seeds in zip(drawn, read_seeds, strict=True)
        if not tube.failed
    ]
    forced = _forced(subject, libraries)
    if subject.has("wbc_without_cover"):
        libraries = [_uncovered(subject, library, forced) for library in libraries]
    return Sequenced(tuple(drawn), tuple(accidents), tuple(libraries), forced)


def true_vaf(carried: Carried, specimen: str, day: int, fraction: float) -> float:
    """Allele fraction of a variant in a tube of DNA, before any error."""
    if carried.origin != "tumour":
        return carried.scale
    exists = carried.first_day is None or day >= carried.first_day
    return fraction * carried.scale if exists and specimen == "plasma" else 0.0


def expected_level(subject: Subject, fraction: float) -> float:
    """Pooled VAF expected over the tumour variants a subject had before treatment."""
    scales = [v.scale for v in subject.carried if v.origin == "tumour" and v.first_day is None]
    return fraction * sum(scales) / len(scales)


def _library(
    seed: int, subject: Subject, tube: Tube, seeds: list[int], random: np.random.Generator
) -> Library:
    donor = subject if tube.donor == subject.number else simulated_subject(seed, tube.donor)
    noise = float(np.exp(random.normal(0, 0.08)))
    fraction = float(tumour_fraction(donor.course, np.array([tube.day]))[0]) * noise
    fraction = fraction if tube.specimen == "plasma" else 0.0
    sites, vaf = _sites_and_vafs(subject, donor, tube, fraction, random)
    fragments = None
    if subject.small_assay:
        fragments = layout(tube.depth, np.random.Generator(np.random.PCG64(seeds[0])))
        depth = np.array([len(fragments.covering(site)) for site in sites])
    else:
        depth = np.rint(tube.depth * random.uniform(0.8, 1.2, len(sites))).astype(np.int64)
    alt = random.binomial(depth, np.minimum(vaf + BACKGROUND_ERROR, HIGHEST_VAF))
    return _split(tube, fraction, sites, vaf, depth, alt, fragments, seeds[1], random)


def _sites_and_vafs(
    subject: Subject, donor: Subject, tube: Tube, fraction: float, random: np.random.Generator
) -> tuple[tuple[Site, ...], np.ndarray]:
    vafs = dict.fromkeys(sorted(watched_sites()), 0.0)
    vafs |= {variant.site.index: 0.0 for variant in subject.carried if variant.site.kind != "snp"}
    for variant in donor.carried:
        vafs[variant.site.index] = true_vaf(variant, tube.specimen, tube.day, fraction)
    artefact = sites_of("artefact")[0]
    if random.random() < ARTEFACT_RATE and not subject.small_assay:
        vafs[artefact.index] = ARTEFACT_VAF
    order = sorted(vafs)
    return tuple(panel().sites[index] for index in order), np.array([vafs[index] for index in order])


def _split(
    tube: Tube,
    fraction: float,
    sites: tuple[Site, ...],
    vaf: np.ndarray,
    depth: np.ndarray,
    alt: np.ndarray,
    fragments: Layout | None,
    read_seed: int,
    random: np.random.Generator,
) -> Library:
    one_strand = np.array([site.kind == "artefact" for site in sites])
    ref = depth - alt
    score = 0.8 * alt * np.log10(np.maximum(alt / np.maximum(depth, 1), BACKGROUND_ERROR) / BACKGROUND_ERROR)
    believed = (alt >= CALL_ALT) & (score >= CALL_SCORE)
    return Library(
        tube=tube,
        fraction=fraction,
        sites=sites,
        vaf=vaf,
        depth=depth,
        alt=alt,
        alt_forward=np.where(one_strand, alt, random.binomial(alt, 0.5)),
        alt_f1r2=random.binomial(alt, 0.5),
        ref_forward=random.binomial(ref, 0.5),
        ref_f1r2=random.binomial(ref, 0.5),
        score=score,
        passed=believed & (~one_strand | (random.random(len(sites)) < 0.3)),
        layout=fragments,
        read_seed=read_seed,
    )


def watched_sites() -> frozenset[int]:
    """Sites genotyped in every sample of every subject: resistance mutations of ERBB2."""
    return frozenset(site.index for site in sites_of("resistance") if site.gene == WATCHED_GENE)


def _forced(subject: Subject, libraries: list[Library]) -> frozenset[int]:
    """The watched sites, and those believed in a plasma tube drawn before the first infusion.

    Common SNPs and artefacts are not among them.
    """
    called = set()
    for library in libraries:
        if library.tube.specimen == "plasma" and library.tube.day <= 1:
            called |= {site.index for site, ok in zip(library.sites, library.passed, strict=True) if ok}
    own = {variant.site.index for variant in subject.carried if variant.site.kind != "snp"}
    return frozenset(called & own) | watched_sites()


def _uncovered(subject: Subject, library: Library, forced: frozenset[int]) -> Library:
    """The white-cell library without any read at the subject's strongest tumour variant."""
    if library.tube.specimen != "wbc":
        return library
    known = [v for v in subject.carried if v.origin == "tumour" and v.first_day is None]
    tumour = [variant for variant in known if variant.site.index in forced]
    strongest = max(tumour, key=lambda variant: variant.scale).site.index
    keep = np.array([site.index != strongest for site in library.sites])
    names = ("depth", "alt", "alt_forward", "alt_f1r2", "ref_forward", "ref_f1r2", "score")
    return replace(library, **{name: getattr(library, name) * keep for name in names})
