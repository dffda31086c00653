"""What the subject's white blood cells say about a plasma variant: blood, germline or tumour."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import betaln

from clearher.variants.same_allele import row_codes
from clearher.variants.substitutions import fill_from_parts
from clearher.variants.texts import first_holding

WBC_KEY = ["subject_id", "chrom", "pos", "ref", "alt"]


def log_bayes_factor(
    plasma_alt: np.ndarray,
    plasma_depth: np.ndarray,
    wbc_alt: np.ndarray,
    wbc_depth: np.ndarray,
    *,
    wbc_prior: tuple[float, float] = (1, 1000),
    plasma_prior: tuple[float, float] = (1, 9),
    shared_prior: tuple[float, float] = (1, 9),
) -> np.ndarray:
    """Natural log of the Bayes factor of tumour origin against blood origin.

    Under tumour origin the white cells carry the allele at an error rate with Beta prior ``wbc_prior`` and
    the plasma at a fraction with ``plasma_prior``; under blood origin both share one fraction with
    ``shared_prior``. With y of n reads, ``lB`` the log Beta function:

    ``[lB(a_w + y_w, b_w + n_w - y_w) - lB(a_w, b_w)] + [lB(a_p + y_p, b_p + n_p - y_p) - lB(a_p, b_p)]
    - [lB(a_s + y_w + y_p, b_s + n_w + n_p - y_w - y_p) - lB(a_s, b_s)]``

    White cells without reads carry no information: the result is then exactly 0 when ``plasma_prior`` and
    ``shared_prior`` agree.

    Parameters
    ----------
    plasma_alt, plasma_depth, wbc_alt, wbc_depth : array of numbers
        Reads or fragments; NaN gives NaN.

    Returns
    -------
    numpy.ndarray
        Positive speaks for tumour.

    Notes
    -----
    Closed form of the Monte Carlo estimate in plasmut (van 't Erve et al. 2023,
    cancer-genomics/plasmut R/importance_sampler.R).
    """

    def evidence(prior: tuple[float, float], y: np.ndarray, n: np.ndarray) -> np.ndarray:
        return betaln(prior[0] + y, prior[1] + n - y) - betaln(*prior)

    separate = evidence(wbc_prior, wbc_alt, wbc_depth) + evidence(plasma_prior, plasma_alt, plasma_depth)
    return separate - evidence(shared_prior, plasma_alt + wbc_alt, plasma_depth + wbc_depth)


def depth_needed(plasma_vaf: np.ndarray, *, min_depth: int = 20, power: float = 0.95) -> np.ndarray:
    """White-cell depth below which no reads of the allele say nothing.

    Depth at which an allele with half the plasma VAF would show at least one read with probability ``power``:
    ``max(min_depth, ln(1 - power) / ln(1 - vaf / 2))``. Infinite for VAF 0.
    """
    with np.errstate(divide="ignore"):
        depth = np.log(1 - power) / np.log1p(-np.asarray(plasma_vaf, dtype=float) / 2)
    return np.maximum(min_depth, depth)


def white_cell_states(counts: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """State of each plasma allele by its counts in white cells.

    First match: GERMLINE, white-cell VAF above ``germline_vaf`` at ``min_depth`` or more reads;
    WBC_NOT_COVERED, no white-cell counts, or none of the allele at a depth below :func:`depth_needed`;
    WBC_ORIGIN, plasma VAF below ``ratio`` x white-cell VAF and log Bayes factor below 0;
    TUMOUR_LIKE, no white-cell reads or VAF ratio at least ``ratio``, and log Bayes factor above 0;
    CONFLICT, anything else.

    Parameters
    ----------
    counts : pandas.DataFrame
        Columns ``depth alt_count wbc_depth wbc_alt``; missing where not known.
    settings : Mapping
        ``white_cells`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        ``wbc_state`` and ``wbc_log_bf`` (NaN without white-cell counts); state "" where the allele has no
        plasma reads or no plasma counts.
    """
    values = {name: counts[name].to_numpy(dtype=float, na_value=np.nan) for name in counts}
    known = np.flatnonzero(~np.isnan(values["wbc_alt"]))
    state, score = np.full(len(counts), "WBC_NOT_COVERED", dtype=object), np.full(len(counts), np.nan)
    state[known], score[known] = _states_and_scores(
        *(values[name][known] for name in ("alt_count", "depth", "wbc_alt", "wbc_depth")), settings
    )
    state[~(values["alt_count"] > 0)] = ""
    return pd.DataFrame({"wbc_state": state, "wbc_log_bf": score}, index=counts.index)


def _states_and_scores(
    y_p: np.ndarray, n_p: np.ndarray, y_w: np.ndarray, n_w: np.ndarray, settings: Mapping
) -> tuple[np.ndarray, np.ndarray]:
    """State and log Bayes factor where white cells have counts; plasma first, alt reads before depths."""
    with np.errstate(divide="ignore", invalid="ignore"):
        v_p, v_w = y_p / n_p, y_w / n_w
        ratio = v_p / v_w
        needed = depth_needed(v_p, min_depth=settings["min_depth"], power=settings["power"])
    score = log_bayes_factor(
        y_p,
        n_p,
        y_w,
        n_w,
        wbc_prior=tuple(settings["wbc_prior"]),
        plasma_prior=tuple(settings["plasma_prior"]),
        shared_prior=tuple(settings["plasma_prior"]),
    )
    covered = (n_w > 0) & ~((y_w == 0) & (n_w < needed))
    rules = [
        (n_w >= settings["min_depth"]) & (v_w > settings["germline_vaf"]),
        ~covered,
        (ratio < settings["ratio"]) & (score < 0),
        ((y_w == 0) | (ratio >= settings["ratio"])) & (score > 0),
    ]
    states = ["GERMLINE", "WBC_NOT_COVERED", "WBC_ORIGIN", "TUMOUR_LIKE"]
    return first_holding(rules, states, default="CONFLICT"), score


def white_cell_counts(
    variants: pd.DataFrame, coverage: pd.DataFrame, *, codes: np.ndarray | None = None
) -> pd.DataFrame:
    """Counts of each allele in the white cells of its own subject, summed over white-cell samples.

    A white-cell file knows an allele that it names (also with 0 reads), and any single-base substitution
    inside a stretch whose depth it states without an alternate allele. Where one caller joins neighbouring
    substitutions and another does not, see :func:`clearher.variants.substitutions.fill_from_parts`. Other
    alleles stay missing.

    Parameters
    ----------
    variants : pandas.DataFrame
        Alleles of all samples of whole subjects, with ``specimen``.
    coverage : pandas.DataFrame
        Stretches of the same samples, with ``specimen``.
    codes : numpy.ndarray, optional
        :func:`clearher.variants.same_allele.row_codes` of the rows, where they are known already.

    Returns
    -------
    pandas.DataFrame
        ``wbc_depth`` and ``wbc_alt`` (Int64) with the index of ``variants``.
    """
    codes = row_codes(variants) if codes is None else codes
    blood = (variants["specimen"] == "wbc") & variants["alt_count"].notna() & variants["depth"].notna()
    rows = np.flatnonzero(blood.to_numpy(dtype=bool))
    size = int(codes.max(initial=-1)) + 1
    unknown = (np.bincount(codes[rows], minlength=size) == 0)[codes]
    result = pd.DataFrame(index=variants.index)
    for name, source in (("wbc_depth", "depth"), ("wbc_alt", "alt_count")):
        read = variants[source].to_numpy(dtype=float, na_value=np.nan)[rows]
        total = np.bincount(codes[rows], weights=read, minlength=size).astype(np.int64)
        result[name] = pd.arrays.IntegerArray(total[codes], unknown.copy())
    result = _fill_from_blocks(result, variants, coverage[coverage["specimen"] == "wbc"])
    return fill_from_parts(result, variants)


def _fill_from_blocks(result: pd.DataFrame, variants: pd.DataFrame, blocks: pd.DataFrame) -> pd.DataFrame:
    blocks = blocks[blocks["depth"].notna()]
    if blocks.empty:
        return result
    open_rows = result["wbc_depth"].isna() & (variants["variant_class"] == "SNV")
    asked = variants.loc[open_rows, ["subject_id", "chrom", "pos"]].astype({"pos": "int64"})
    asked = asked.reset_index(names="row").sort_values("pos", kind="stable")
    given = blocks.astype({"start": "int64"}).sort_values("start", kind="stable")
    given = given[["subject_id", "chrom", "start", "end", "depth"]]
    joined = pd.merge_asof(
        asked, given, left_on="pos", right_on="start", by=["subject_id", "chrom"], direction="backward"
    )
    inside = joined[joined["end"].notna() & (joined["pos"] <= joined["end"])]
    result.loc[inside["row"], "wbc_depth"] = inside["depth"].astype("Int64").to_numpy()
    result.loc[inside["row"], "wbc_alt"] = 0
    return result
