"""Force-counting: how many fragments of a read file show each variant of a list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pysam

from clearher.columns import ctdna as columns
from clearher.ctdna.alleles import Site, Window, observer, trimmed, variant_class
from clearher.ctdna.fragments import FragmentVotes, ReadVotes, Tally, Votes
from clearher.ctdna.molecules import shared_patterns, site_name
from clearher.ctdna.reads import (
    consensus_tag_problems,
    contig_in,
    groups_of_sample,
    open_reads,
    read_filter,
)
from clearher.problems import InputError, Problem, raise_if_errors
from clearher.tables import frame_of

CLUSTER_GAP = 16_384
LONGEST_INDEL = 50
REPEAT_WINDOW = 300
ReadFilter = Callable[[pysam.AlignedSegment], bool]


def count_sample(
    path: str | Path,
    sites: pd.DataFrame,
    *,
    sample_id: str,
    settings: Mapping[str, Any],
    reference: str | Path | None = None,
    read_group_sample: str = "",
) -> pd.DataFrame:
    """Count the fragments of a BAM or CRAM that show each variant of a list.

    A fragment is a read name. Duplicate, QC-failed, secondary and supplementary reads are left out, as are
    reads and bases of low quality. Two reads of a fragment that disagree: see
    :func:`clearher.ctdna.fragments.combined`. SNVs, MNVs, insertions, deletions and replacements of other
    length are compared as haplotypes, indels after shifting to the left where a reference is given; an
    inserted base is never taken for an SNV. VAF = alt_count / depth with depth = ref_count + alt_count.

    Parameters
    ----------
    path : str or Path
        Sorted and indexed BAM or CRAM.
    sites : pandas.DataFrame
        Columns chrom, pos (1-based), ref, alt; VCF style. Repeated rows are counted once.
    sample_id : str
        Sample the file belongs to.
    settings : Mapping
        Section ``ctdna``; uses ``counting``.
    reference : str or Path, optional
        FASTA; needed for CRAM, and for indels in repeats.
    read_group_sample : str
        Count only read groups with this SM; empty: all.

    Returns
    -------
    pandas.DataFrame
        Table COUNTS. A class that cannot be counted has no counts and the note NOT_SUPPORTED; a site that no
        fragment covers has depth 0 and the note NOT_COVERED.

    Raises
    ------
    InputError
        The file is missing, broken, unsorted, not indexed, holds several samples, has none of the
        chromosomes, or lacks the UMI tags that the settings ask for.

    References
    ----------
    Rules of fragment counting: msk-access/py-gbcms docs/reference/counting-metrics.md, read-filters.md.
    UMI consensus tags: fulcrumgenomics/fgbio umi/ConsensusTags.scala.
    """
    votes, refusals = _look(path, sites, sample_id, settings["counting"], reference, read_group_sample)
    tallies = {site: vote.tally() for site, vote in votes.items()}
    return _counts_frame(list(refusals), tallies, refusals, sample_id)


def fragment_votes(
    path: str | Path,
    sites: pd.DataFrame,
    *,
    sample_id: str,
    settings: Mapping[str, Any],
    reference: str | Path | None = None,
) -> pd.DataFrame:
    """What each fragment shows at each variant: fragment, chrom, pos, ref, alt, allele.

    allele is 0 (ref), 1 (alt), 2 (another) or 3 (reads disagree). Parameters and errors as in
    :func:`count_sample`; the unit is always the fragment.
    """
    counting = {**settings["counting"], "unit": "fragment"}
    votes, _ = _look(path, sites, sample_id, counting, reference, "")
    rows = [
        (name, site.chrom, site.start + 1, site.ref, site.alt, vote[0])
        for site, seen in votes.items()
        for name, vote in seen.votes.items()
    ]
    return pd.DataFrame(rows, columns=["fragment", "chrom", "pos", "ref", "alt", "allele"])


def _look(
    path: str | Path,
    sites: pd.DataFrame,
    sample_id: str,
    counting: Mapping[str, Any],
    reference: str | Path | None,
    read_group_sample: str,
) -> tuple[dict[Site, Votes], dict[Site, str]]:
    """Votes of each countable site, and for every site why it was refused (empty: it was not)."""
    wanted = (
        sites[["chrom", "pos", "ref", "alt"]].drop_duplicates().sort_values(["chrom", "pos", "ref", "alt"])
    )
    severity = _severity(counting, read_group_sample)
    with open_reads(path, sample_id=sample_id, several_samples=severity, reference=reference) as reads:
        accepts = _accepted_reads(reads, counting, sample_id, read_group_sample)
        named = [(site, contig_in(reads, site.chrom)) for site in _sites(wanted)]
        _check_contigs(named, path, sample_id)
        lengths = dict(zip(reads.references, reads.lengths, strict=True))
        refusals = {site: _refusal(site, contig, lengths) for site, contig in named}
        countable = [(site, contig) for site, contig in named if not refusals[site]]
        windows = _windows(countable, reference)
        refusals |= _reference_refusals(windows)
        countable = [(site, contig) for site, contig in countable if not refusals[site]]
        votes = _votes(reads, countable, windows, accepts, counting)
    return votes, refusals


def _severity(counting: Mapping[str, Any], read_group_sample: str) -> str:
    return "warning" if read_group_sample else counting["several_samples"]


def _accepted_reads(
    reads: pysam.AlignmentFile, counting: Mapping[str, Any], sample_id: str, read_group_sample: str
) -> ReadFilter:
    if counting["consensus"] != "any" or counting["min_family_depth"] > 1:
        raise_if_errors(consensus_tag_problems(reads, sample_id=sample_id))
    return read_filter(
        min_mapping_quality=counting["min_mapping_quality"],
        consensus=counting["consensus"],
        min_family_depth=counting["min_family_depth"],
        read_groups=groups_of_sample(reads, read_group_sample) if read_group_sample else None,
    )


def _sites(wanted: pd.DataFrame) -> list[Site]:
    return [
        Site(str(chrom), int(pos) - 1, str(ref).upper(), str(alt).upper())
        for chrom, pos, ref, alt in wanted.itertuples(index=False)
    ]


def _check_contigs(named: Sequence[tuple[Site, str]], path: str | Path, sample_id: str) -> None:
    if named and not any(contig for _, contig in named):
        chromosomes = ", ".join(sorted({site.chrom for site, _ in named}))
        remedy = "Give reads of the same genome build as the variant calls."
        raise InputError(
            [
                Problem(
                    "chromosomes",
                    f"none of {chromosomes}",
                    "the chromosomes of the tracked variants",
                    remedy,
                    file=str(path),
                    sample_id=sample_id,
                )
            ]
        )


def _refusal(site: Site, contig: str, lengths: Mapping[str, int]) -> str:
    """Why a site cannot be counted at all; empty where it can."""
    if not variant_class(site.ref, site.alt):
        return "symbolic, breakend or ambiguous allele"
    if abs(len(site.ref) - len(site.alt)) > LONGEST_INDEL:
        return f"indel longer than {LONGEST_INDEL} bases"
    if not contig:
        return "the read file has no such chromosome"
    if site.end > lengths[contig]:
        return f"{site.chrom} of the read file ends at {lengths[contig]}: another genome build?"
    return ""


def _windows(countable: Sequence[tuple[Site, str]], reference: str | Path | None) -> dict[Site, Window]:
    """Reference around each site; empty without a reference."""
    if reference is None:
        return {}
    with pysam.FastaFile(str(reference)) as fasta:
        known = set(fasta.references)
        windows = {}
        for site, contig in countable:
            name = next((n for n in (contig, site.chrom) if n in known), None)
            if name is not None:
                start = max(0, site.start - REPEAT_WINDOW)
                bases = fasta.fetch(name, start, site.end + REPEAT_WINDOW).upper()
                windows[site] = Window(start, bases)
    return windows


def _reference_refusals(windows: Mapping[Site, Window]) -> dict[Site, str]:
    return {
        site: f"REF {site.ref} contradicts the reference ({window.at(site.start, len(site.ref))})"
        for site, window in windows.items()
        if window.at(site.start, len(site.ref)) != site.ref
    }


def _votes(
    reads: pysam.AlignmentFile,
    countable: Sequence[tuple[Site, str]],
    windows: Mapping[Site, Window],
    accepts: ReadFilter,
    counting: Mapping[str, Any],
) -> dict[Site, Votes]:
    found: dict[Site, Votes] = {}
    for contig, cluster in _clusters(countable):
        votes = {site: _new_votes(counting) for site in cluster}
        looks = [
            (
                site.start,
                site.end,
                observer(trimmed(site), counting["min_base_quality"], windows.get(site)),
                votes[site],
            )
            for site in cluster
        ]
        _sweep(reads, contig, looks, accepts)
        found |= votes
    return found


def _new_votes(counting: Mapping[str, Any]) -> Votes:
    if counting["unit"] == "read":
        return ReadVotes()
    return FragmentVotes(counting["conflict_quality_difference"])


def _clusters(countable: Sequence[tuple[Site, str]]) -> Iterator[tuple[str, list[Site]]]:
    """Sites so near to each other that reading the file once through them is cheaper than seeking."""
    cluster: list[Site] = []
    contig = ""
    for site, name in sorted(countable, key=lambda item: (item[1], item[0].start)):
        if cluster and (name != contig or site.start - cluster[-1].end > CLUSTER_GAP):
            yield contig, cluster
            cluster = []
        cluster.append(site)
        contig = name
    if cluster:
        yield contig, cluster


def _sweep(reads: pysam.AlignmentFile, contig: str, looks: list[tuple], accepts: ReadFilter) -> None:
    """Pass once over the reads of a cluster and let every site look at the reads that overlap it."""
    starts = [start for start, _, _, _ in looks]
    longest = max(end - start for start, end, _, _ in looks)
    region_end = min(max(end for _, end, _, _ in looks) + 1, reads.get_reference_length(contig))
    first, last = 0, len(looks)
    for read in reads.fetch(contig, starts[0], region_end):
        gone = read.reference_start - longest
        while first < last and starts[first] < gone:
            first += 1
        if first == last:
            return
        end = read.reference_end
        if end is None or starts[first] >= end or not accepts(read):
            continue
        current = first
        while current < last and starts[current] < end:
            _, _, observe, votes = looks[current]
            seen = observe(read)
            if seen is not None:
                votes.add(read, *seen)
            current += 1


def _counts_frame(
    sites: Sequence[Site], tallies: Mapping[Site, Tally], refusals: Mapping[Site, str], sample_id: str
) -> pd.DataFrame:
    rows, counted = [], set()
    names = {site: site_name(site.chrom, site.start + 1, site.ref, site.alt) for site in tallies}
    shared = shared_patterns({names[site]: tallies[site].alt_fragments for site in sites if site in tallies})
    for site in sites:
        row = {
            "sample_id": sample_id,
            "chrom": site.chrom,
            "pos": site.start + 1,
            "ref": site.ref,
            "alt": site.alt,
        }
        tally = tallies.get(site)
        if tally is None:
            rows.append(row | {"status_note": "NOT_SUPPORTED", "why": refusals[site]})
            continue
        depth = tally.ref + tally.alt
        rows.append(
            row
            | {
                "depth": depth,
                "alt_count": tally.alt,
                "ref_count": tally.ref,
                "fragments_total": tally.total,
                "alt_forward": tally.alt_forward,
                "alt_reverse": tally.alt_reverse,
                "distinct_alt_fragments": len(tally.alt_fragments - counted),
                "shared_alt_fragments": shared[names[site]],
                "status_note": "COUNTED" if depth else "NOT_COVERED",
                "why": "",
            }
        )
        counted |= tally.alt_fragments
    return frame_of(rows, columns.COUNTS)
