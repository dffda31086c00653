"""ctDNA results of a trial once more, from the counts of its tracked variants and the written definitions.

Nothing of the package is imported: what the two agree on was programmed twice. Rules are those of
docs/methods.md, sections 3.4 to 3.8, with the default settings, as far as the simulated trials need them.
"""

import numpy as np
import pandas as pd
from scipy import optimize, stats

ALPHA, LEAST = 0.01, 2
COPIES_PER_NG = 300
MAX_LOD, SHARE_OF_BASELINE = 0.003, 0.1
Z = stats.norm.ppf(0.975)
IN_LEVEL = ("CALLED", "GENOTYPED", "LOW_DEPTH", "NOT_DETECTED")
SITE = ["chrom", "pos", "ref", "alt"]


def level_cells(tracking: pd.DataFrame) -> pd.DataFrame:
    """Covered variants of the level's set; alt is the distinct fragments where reads were counted."""
    cells = tracking[tracking["in_level"].fillna(False).astype(bool) & tracking["status"].isin(IN_LEVEL)]
    cells = cells[(cells["depth"] > 0).fillna(False)]
    return cells.assign(
        n=cells["depth"].astype(float),
        x=cells["alt_count"].astype(float),
        distinct=cells["distinct_alt_fragments"].astype(float).fillna(cells["alt_count"].astype(float)),
    )


class Background:
    """Errors expected at the cells of one sample: a sum of Poisson variables, their means known or estimated.

    Rates that were estimated from reads rest on x errors in N bases of a class of substitutions.
    """

    def __init__(self, n: np.ndarray, cells: pd.DataFrame) -> None:
        rate = cells["error_rate"].to_numpy(float)
        errors, bases = cells["error_events"].to_numpy(float), cells["error_depth"].to_numpy(float)
        self.mean, self.signal = float((n * rate).sum()), float((n * (1 - rate)).sum())
        self.known = bool(np.isnan(bases).all())
        self.exact = self.known and rate.max() > 1e-3
        if not self.known:
            self.upper = float(np.fmax(n * (errors + 1) / bases, n * rate).sum())
            kinds = [_substitution(*pair) for pair in zip(cells["ref"], cells["alt"], strict=True)]
            classes = pd.Series(n * np.sqrt(errors + 1) / bases).groupby([kinds, errors, bases]).sum()
            self.variance = float((classes**2).sum())

    def p(self, k: float) -> float:
        """P(k errors or more)."""
        if self.known:
            return float(stats.poisson.sf(k - 1, self.mean))
        size = self.upper**2 / self.variance
        return float(stats.nbinom.sf(k - 1, size, size / (size + self.upper)))

    def critical(self) -> int:
        """Smallest number of alt fragments that is detected."""
        return next(k for k in range(LEAST, 10_000) if self.p(k) < ALPHA)


def _substitution(ref: str, alt: str) -> str:
    """Class of a substitution, strands taken together: from C or T; one name for all others."""
    if len(ref) != 1 or len(alt) != 1:
        return "other"
    return (
        ref + alt
        if ref in "CT"
        else (ref + alt).translate(str.maketrans("AG", "TC") | str.maketrans("TC", "AG"))
    )


def samples(tracking: pd.DataFrame, cfdna_ng: pd.Series, plasma_ml: pd.Series) -> pd.DataFrame:
    """Test, level and limit of detection of every sample with counts."""
    cells = level_cells(tracking)
    share = _share_of_distinct(cells, tracking)
    rows = []
    for name, own in cells.groupby("sample_id"):
        alt, depth, distinct = (float(own[column].sum()) for column in ("x", "n", "distinct"))
        counted = Background(own["n"].to_numpy(), own)
        copies = cfdna_ng.get(name, np.nan) * COPIES_PER_NG
        molecules = np.fmin(own["n"].to_numpy(), copies)
        usable = Background(molecules, own)
        wanted = stats.gamma.ppf(0.95, usable.critical()) - usable.mean
        part = share.get(own["subject_id"].iloc[0], 1.0)
        floor = -np.log(0.05) / (copies * len(own) * part)
        level = alt / depth
        scale = distinct / alt if alt else 1.0
        rows.append(
            {
                "sample_id": name,
                "exact": counted.exact,
                "n_covered": len(own),
                "expected_background": counted.mean,
                "p": counted.p(distinct),
                "p_poisson": float(stats.poisson.sf(distinct - 1, counted.mean)),
                "detected": counted.p(distinct) < ALPHA and distinct >= LEAST,
                "critical_count": counted.critical(),
                "pooled_vaf": level,
                "pooled_vaf_low": stats.beta.ppf(0.025, distinct, depth * scale - distinct + 1)
                if alt
                else 0.0,
                "pooled_vaf_high": stats.beta.ppf(0.975, distinct + 1, depth * scale - distinct),
                "mean_vaf": float((own["x"] / own["n"]).mean()),
                "median_vaf": float((own["x"] / own["n"]).median()),
                "max_vaf": float((own["x"] / own["n"]).max()),
                "ge_per_ml": level * copies / plasma_ml.get(name, np.nan),
                "lod95": min(1.0, np.fmax(wanted / (usable.signal * part), floor)),
            }
        )
    return pd.DataFrame(rows).set_index("sample_id")


def _share_of_distinct(cells: pd.DataFrame, tracking: pd.DataFrame) -> dict[str, float]:
    """Distinct over all alt fragments of a subject's baseline sample, where reads were counted."""
    baseline = cells[cells["baseline_sample"] & (cells["source"] == "bam")]
    sums = baseline.groupby("subject_id")[["distinct", "x"]].sum()
    return (sums["distinct"] / sums["x"])[sums["distinct"] > 0].to_dict()


def ratio(later: pd.DataFrame, earlier: pd.DataFrame) -> tuple[float, float, float]:
    """Pooled level of a later draw over an earlier one, matched by variant (Mantel-Haenszel), with limits."""
    pair = later.merge(earlier, on=SITE, suffixes=("1", "0"))
    scale = [pair[f"distinct{when}"].sum() / max(pair[f"x{when}"].sum(), 1) or 1.0 for when in "10"]
    a1, n1 = pair["x1"] * scale[0], pair["n1"] * scale[0]
    a0, n0 = pair["x0"] * scale[1], pair["n0"] * scale[1]
    if not a1.sum() or not a0.sum():
        a1, a0 = a1 + 0.5 / len(pair), a0 + 0.5 / len(pair)
    total = n1 + n0
    up, down = (a1 * n0 / total).sum(), (a0 * n1 / total).sum()
    if len(pair) == 1:
        variance = (1 / a1 - 1 / n1 + 1 / a0 - 1 / n0).iloc[0]
    else:
        variance = (((a1 + a0) * n1 * n0 - a1 * a0 * total) / total**2).sum() / (up * down)
    middle, half = up / down, Z * np.sqrt(variance)
    return middle, middle * np.exp(-half), middle * np.exp(half)


def baselines(drawn: pd.DataFrame, flagged: list[str]) -> pd.Series:
    """Last evaluable plasma from day -28 to day 1 at visits flagged baseline, by subject."""
    inside = drawn[drawn["evaluable"] & drawn["visit"].isin(flagged) & drawn["study_day"].between(-28, 1)]
    decides = inside["detected"] | (inside["lod95"] <= MAX_LOD)
    ordered = inside.assign(decides=decides).sort_values(["subject_id", "decides", "study_day"])
    return ordered.drop_duplicates("subject_id", keep="last").set_index("subject_id")["sample_id"]


def state(row: pd.Series, baseline: pd.Series) -> str:
    """State of a sampled visit: detected, or not detected with a limit that is good enough or not."""
    if not row["evaluable"]:
        return "NOT_EVALUABLE"
    if row["detected"]:
        return "DETECTED"
    short = row["lod95"] > MAX_LOD
    if baseline["detected"]:
        short |= row["lod95"] > SHARE_OF_BASELINE * baseline["level"]
    return "NOT_DETECTED_INSUFFICIENT" if short else "NOT_DETECTED_ADEQUATE"


def molecular_response(row: pd.Series, baseline: pd.Series, cut: float) -> str:
    """Answer at a fall of ``cut``: yes, yes_supported, no, or empty where it cannot be said."""
    if row["state"] == "NOT_EVALUABLE" or baseline["max_vaf"] < 0.003:
        return ""
    supported = "yes_supported" if row["ratio_high"] < 1 else "yes"
    if row["state"] == "DETECTED":
        if cut == 1:
            return "no"
        return "" if pd.isna(row["ratio"]) else supported if row["ratio"] <= 1 - cut else "no"
    if cut == 1:
        return supported if row["state"] == "NOT_DETECTED_ADEQUATE" else ""
    return supported if row["lod95"] / baseline["level"] <= 1 - cut else ""


def events(course: pd.DataFrame) -> pd.DataFrame:
    """What happens at each deciding visit of one subject, in order, after a detected baseline."""
    course, clear_before, rising = course.copy(), 0, False
    course["event"], course["rose"] = "", False
    for row in course.index:
        detected = course.at[row, "state"] == "DETECTED"
        back = detected and clear_before > 0
        higher = course.at[row, "nadir_ratio"] >= 2 and not course.at[row, "nadir_ratio_low"] <= 1
        rose = back or (detected and higher)
        course.at[row, "rose"] = rose
        if rose and not rising:
            course.at[row, "event"] = "MOLECULAR_PROGRESSION"
        if back:
            course.at[row, "event"] = "REAPPEARED"
        clear_before = 0 if detected else clear_before + 1
        if clear_before in (1, 2):
            course.at[row, "event"] = ("CLEARED", "CONFIRMED")[clear_before - 1]
        rising = rose
    return course


def half_life(days: np.ndarray, level: np.ndarray, limit: np.ndarray) -> float:
    """Days to half the level: a line through the log levels, non-detections below their limit (Tobit)."""
    detected = ~np.isnan(level)
    y = np.log(np.where(detected, level, limit))

    def loss(parameters: np.ndarray) -> float:
        sd = max(np.exp(parameters[2]), 0.1)
        z = (y - parameters[0] - parameters[1] * days / 30) / sd
        return -np.where(detected, stats.norm.logpdf(z) - np.log(sd), stats.norm.logcdf(z)).sum()

    start = np.polyfit(days / 30, y, 1)
    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    best = min(
        (
            optimize.minimize(loss, [start[1], start[0], guess], method="Nelder-Mead", options=options)
            for guess in (-2.0, -0.5, 0.5)
        ),
        key=lambda found: found.fun,
    )
    return float(np.log(2) / -best.x[1] * 30)
