"""Do all samples of a subject come from one person? Germline-like calls compared pair by pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy import sparse

from clearher.columns import variants as columns
from clearher.tables import conform, frame_of

SITE = ["chrom", "pos", "ref", "alt"]
VARIANT_COLUMNS = ("depth", "vaf", "population_af", "status")
CALLS_SAME = 0.8
CALLS_OTHER = 0.6
CANDIDATES = 20


@dataclass(frozen=True)
class Genotypes:
    """Germline-like alleles of all samples as samples x sites matrices.

    Attributes
    ----------
    samples : pandas.DataFrame
        ``subject_id sample_id`` of each row, sorted.
    present : scipy.sparse.csr_matrix
        1 where a sample carries the allele as heterozygous, 2 as homozygous.
    absent : scipy.sparse.csr_matrix
        1 where a sample covers the site and does not carry the allele.
    known : scipy.sparse.csr_matrix
        1 where a sample has a VAF at the site, whatever it is.
    common : numpy.ndarray of bool
        Sites known in the population, where a tumour variant is unlikely.
    """

    samples: pd.DataFrame
    present: sparse.csr_matrix
    absent: sparse.csr_matrix
    known: sparse.csr_matrix
    common: np.ndarray


def identity_table(variants: pd.DataFrame, samples: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Genotype concordance of all pairs of samples of each subject.

    A site is an SNV or indel that some sample carries as germline variants are carried: VAF within
    ``heterozygous`` or at least ``homozygous``. In a pair it is concordant where both carry it alike and
    discordant where one carries it and the other, at ``min_depth`` or deeper, shows at most ``absent``.
    Anything between is not counted: loss of heterozygosity and copy number move a VAF without making another
    person. Sites known in the population are used alone where there are enough of them, since tumour variants
    can lie in the heterozygous band too.

    MISMATCH: discordant share at or above ``max_discordance``. With fewer than ``min_sites`` sites, or more
    alleles of one sample of which the other file says nothing than sites, the germline-like calls themselves
    are compared (basis "calls": calls shared alike over the smaller number of calls; at least 0.8 a match,
    below 0.6 a mismatch); with fewer than ``min_sites`` calls in either sample the pair is NOT_EVALUABLE.

    A sample that differs from more of its subject's samples than it matches is odd. For it the samples of
    other subjects are searched; ``likely_partner`` says "x as y": the DNA of x is that of y's subject, and y
    is that subject's own odd sample where it has one, so that a swap names both tubes.

    Parameters
    ----------
    variants : pandas.DataFrame
        Table ``variants/variants`` of the whole cohort, or the rows of it at the positions of
        :func:`carried_alleles`; :data:`VARIANT_COLUMNS` are used.
    samples : pandas.DataFrame
        subject_id and sample_id of all samples of table ``variants/variants``, each once.
    settings : Mapping
        Section ``variants`` of the configuration; ``identity`` is used.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/identity``.

    Notes
    -----
    After msk-access/biometrics (biometrics/genotype.py), whose rule on homozygous sites is widened to all
    germline-like calls, because calls hold few homozygous reference sites.
    """
    rules = settings["identity"]
    genotypes = germline_genotypes(variants, samples, rules)
    compared = {
        subject: _compared(genotypes, index, rules) for subject, index in _subjects(genotypes.samples)
    }
    partners = _partners(genotypes, compared, rules)
    rows = [
        _row(genotypes, subject, a, b, found, partners)
        for subject, pairs in compared.items()
        for a, b, found in pairs
    ]
    return frame_of(rows, columns.IDENTITY)


def contamination_table(variants: pd.DataFrame, samples: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Foreign DNA in each sample, from the calls alone.

    ``minor``: mean share of reference reads at sites read as homozygous for alt (VAF at least
    ``identity.homozygous``, known in the population where the files say so); a few per mille are errors.
    ``major``: share of heterozygous among germline-like sites; far above one half in a mixture.

    Parameters
    ----------
    variants, samples : pandas.DataFrame
        As :func:`identity_table` takes them.
    settings : Mapping
        Section ``variants`` of the configuration; ``identity`` is used.

    Returns
    -------
    pandas.DataFrame
        Table ``variants/contamination``; every sample, missing where there are no sites.
    """
    rules = settings["identity"]
    usable = _usable(variants, rules)
    homozygous = usable[usable["vaf"] >= rules["homozygous"]]
    heterozygous = usable[usable["vaf"].between(*rules["heterozygous"])]
    samples = samples[["subject_id", "sample_id"]].sort_values("sample_id", ignore_index=True)
    by_sample = samples["sample_id"]
    n_hom = by_sample.map(homozygous["sample_id"].value_counts()).fillna(0).astype(int)
    n_het = by_sample.map(heterozygous["sample_id"].value_counts()).fillna(0).astype(int)
    minor = by_sample.map((1 - homozygous["vaf"]).groupby(homozygous["sample_id"]).mean())
    table = samples.assign(
        homozygous_sites=n_hom, minor=minor, heterozygous_sites=n_het, major=n_het / (n_hom + n_het)
    )
    return conform(table, columns.CONTAMINATION)


def carried_alleles(rules: Mapping) -> pc.Expression:
    """The rows of table ``variants/variants`` that some sample carries as germline variants are carried."""
    low, high = rules["heterozygous"]
    vaf = pc.field("vaf")
    carried = (vaf >= rules["homozygous"]) | ((vaf >= low) & (vaf <= high))
    return carried & (pc.field("depth") >= rules["min_depth"]) & (pc.field("status") != "NOT_SUPPORTED")


def germline_genotypes(variants: pd.DataFrame, samples: pd.DataFrame, rules: Mapping) -> Genotypes:
    """Samples x sites matrices of germline-like alleles.

    Parameters
    ----------
    variants, samples : pandas.DataFrame
        As :func:`identity_table` takes them.
    rules : Mapping
        ``identity`` of the configuration.
    """
    order = ["subject_id", "sample_id"]
    samples = samples[order].sort_values(order, ignore_index=True)
    usable = _usable(variants, rules)
    genotype = np.select(
        [usable["vaf"] >= rules["homozygous"], usable["vaf"].between(*rules["heterozygous"])],
        [2, 1],
        default=0,
    )
    sites = pd.MultiIndex.from_frame(usable.loc[genotype > 0, SITE].drop_duplicates())
    where = sites.get_indexer(pd.MultiIndex.from_frame(usable[SITE]))
    owner = pd.Index(samples["sample_id"]).get_indexer(usable["sample_id"])
    shape = (len(samples), len(sites))
    known = where >= 0
    common = np.zeros(len(sites), dtype=bool)
    frequent = known & (usable["population_af"] > rules["population_af"]).to_numpy()
    common[where[frequent]] = True
    return Genotypes(
        samples,
        _matrix(owner, where, np.where(known, genotype, 0), shape),
        _matrix(owner, where, known & (usable["vaf"] <= rules["absent"]).to_numpy(), shape),
        _matrix(owner, where, known, shape),
        common,
    )


def _usable(variants: pd.DataFrame, rules: Mapping) -> pd.DataFrame:
    deep = variants["depth"].ge(rules["min_depth"]).fillna(False)
    return variants[deep & variants["vaf"].notna() & variants["status"].ne("NOT_SUPPORTED")]


def _matrix(owner: np.ndarray, where: np.ndarray, values: np.ndarray, shape: tuple) -> sparse.csr_matrix:
    chosen = values > 0
    return sparse.csr_matrix((values[chosen].astype(np.int64), (owner[chosen], where[chosen])), shape=shape)


def _subjects(samples: pd.DataFrame) -> list[tuple[str, list[int]]]:
    groups = samples.groupby("subject_id", sort=True).indices
    return [(subject, sorted(index)) for subject, index in groups.items()]


def _compared(genotypes: Genotypes, index: Sequence[int], rules: Mapping) -> list[tuple[int, int, dict]]:
    """Counts and verdict of all pairs of the given samples."""
    counts = _pair_counts(genotypes, index)
    return [
        (index[i], index[j], _verdict({name: int(count[i, j]) for name, count in counts.items()}, rules))
        for i, j in combinations(range(len(index)), 2)
    ]


def _pair_counts(genotypes: Genotypes, index: Sequence[int]) -> dict[str, np.ndarray]:
    """Counts of sites of each pair of samples, as samples x samples matrices.

    ``alike``: carried by both with the same genotype; ``against``: carried by one, covered without it in the
    other; both also over the common sites alone. ``unknown``: carried by one, while the other's file says
    nothing. ``fewer_calls``: sites carried by the one that carries fewer.
    """
    known = genotypes.known[index]
    sites = np.unique(known.indices)
    present, absent, known = (
        matrix[:, sites].toarray() for matrix in (genotypes.present[index], genotypes.absent[index], known)
    )
    counts = {}
    for suffix, kept in (("", slice(None)), ("_common", genotypes.common[sites])):
        carried, without = present[:, kept], absent[:, kept] > 0
        counts[f"alike{suffix}"] = sum(
            _overlap(carried == genotype, carried == genotype) for genotype in (1, 2)
        )
        one_sided = _overlap(carried > 0, without)
        counts[f"against{suffix}"] = one_sided + one_sided.T
    calls = (present > 0).sum(axis=1)
    seen = _overlap(present > 0, known > 0)
    counts["unknown"] = calls[:, None] + calls - seen - seen.T
    counts["fewer_calls"] = np.minimum(calls[:, None], calls)
    return counts


def _overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sites in both, for each row of one and each row of the other."""
    return a.astype(np.int64) @ b.astype(np.int64).T


def _verdict(counts: Mapping[str, int], rules: Mapping) -> dict:
    """Counts and verdict of one pair, by sites where enough are known in both, else by the calls."""
    enough = counts["alike_common"] + counts["against_common"] >= rules["min_sites"]
    suffix = "_common" if enough else ""
    alike, against = counts[f"alike{suffix}"], counts[f"against{suffix}"]
    sites = alike + against
    result = {"sites": sites, "concordant": alike, "discordant": against, "basis": "sites"}
    result["discordance"] = against / sites if sites else np.nan
    if sites >= rules["min_sites"] and counts["unknown"] <= sites:
        mismatch = result["discordance"] >= rules["max_discordance"]
        return result | {"verdict": "MISMATCH" if mismatch else "MATCH"}
    return result | {"basis": "calls", "verdict": _verdict_by_calls(counts, rules)}


def _verdict_by_calls(counts: Mapping[str, int], rules: Mapping) -> str:
    if counts["fewer_calls"] < rules["min_sites"]:
        return "NOT_EVALUABLE"
    share = counts["alike"] / counts["fewer_calls"]
    if share >= CALLS_SAME:
        return "MATCH"
    return "MISMATCH" if share < CALLS_OTHER else "NOT_EVALUABLE"


def _odd_samples(pairs: list[tuple[int, int, dict]]) -> list[int]:
    """Samples that differ from more of their subject's samples than they match; of two, both."""
    balance: dict[int, int] = {}
    for a, b, found in pairs:
        step = {"MISMATCH": 1, "MATCH": -1}.get(found["verdict"], 0)
        balance[a], balance[b] = balance.get(a, 0) + step, balance.get(b, 0) + step
    return sorted(index for index, value in balance.items() if value > 0)


def _partners(
    genotypes: Genotypes, compared: Mapping[str, list[tuple[int, int, dict]]], rules: Mapping
) -> dict[int, int]:
    """Partner of each odd sample: the odd sample that came in exchange, else the one that agrees best."""
    odd = [index for pairs in compared.values() for index in _odd_samples(pairs)]
    subjects = genotypes.samples["subject_id"].tolist()
    agreeing = {index: found for index in odd if (found := _agreeing(genotypes, index, rules)) >= 0}
    partners = {}
    for index, other in agreeing.items():
        exchanged = [
            candidate
            for candidate, home in agreeing.items()
            if subjects[candidate] == subjects[other] and subjects[home] == subjects[index]
        ]
        partners[index] = exchanged[0] if exchanged else other
    return partners


def _agreeing(genotypes: Genotypes, index: int, rules: Mapping) -> int:
    """The sample of another subject that shares most with this one and matches it; -1 if none does."""
    subject = genotypes.samples["subject_id"].iloc[index]
    carried = (genotypes.present > 0).astype(np.int64)
    shared = (carried @ carried[index].T).toarray().ravel()
    shared[(genotypes.samples["subject_id"] == subject).to_numpy()] = -1
    for candidate in np.argsort(-shared, kind="stable")[:CANDIDATES]:
        if shared[candidate] < 1:
            break
        ((_, _, found),) = _compared(genotypes, [index, int(candidate)], rules)
        if found["verdict"] == "MATCH":
            return int(candidate)
    return -1


def _row(
    genotypes: Genotypes, subject: str, a: int, b: int, found: Mapping, partners: Mapping[int, int]
) -> dict:
    names = genotypes.samples["sample_id"]
    likely = ""
    if found["verdict"] == "MISMATCH":
        likely = "; ".join(f"{names[i]} as {names[partners[i]]}" for i in (a, b) if i in partners)
    row = {"subject_id": subject, "sample_a": names[a], "sample_b": names[b], **found}
    return row | {"likely_partner": likely, "sentence": _sentence(row, likely)}


def _sentence(row: Mapping, likely: str) -> str:
    counted = f"{row['concordant']} of {row['sites']} germline-like sites agree"
    if row["basis"] == "calls":
        counted = f"{row['concordant']} germline-like calls are shared; few sites are known in both"
    words = {
        "MATCH": f"{row['sample_a']} and {row['sample_b']} come from one person: {counted}.",
        "MISMATCH": f"{row['sample_a']} and {row['sample_b']} do not come from one person: {counted}.",
        "NOT_EVALUABLE": f"{row['sample_a']} and {row['sample_b']} cannot be compared: {counted}.",
    }
    return words[row["verdict"]] + (f" Perhaps exchanged: {likely}." if likely else "")
