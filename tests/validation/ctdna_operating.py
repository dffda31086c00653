"""Operating characteristics of the ctDNA calls by simulation; writes its tables into docs/methods.md.

Samples are drawn from the model, sent through the functions the workflow uses, and compared with the truth:
size of each test without ctDNA, power at the stated limit of detection, coverage of the intervals of level
and ratio, and how often a sample at the clearance limit comes out as an adequate non-detection.

Run: python tests/validation/ctdna_operating.py (minutes); --quick for a trial run that writes nothing.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from clearher.columns import ctdna as columns  # noqa: E402
from clearher.ctdna import decision  # noqa: E402
from clearher.ctdna.decision import critical_counts, decide, expectations, mean_signal  # noqa: E402
from clearher.ctdna.error import error_rate_for  # noqa: E402
from clearher.ctdna.intervals import vaf_interval  # noqa: E402
from clearher.ctdna.level import level_metrics  # noqa: E402
from clearher.ctdna.lod import from_signal  # noqa: E402
from clearher.ctdna.ratio import matched_ratio, mean_vaf_ratio, pooled_ratio  # noqa: E402
from clearher.intake.config import defaults  # noqa: E402

METHODS_PAGE = ROOT / "docs" / "methods.md"
MARKS = ("<!-- ctdna operating characteristics: start -->", "<!-- ctdna operating characteristics: end -->")
TRUE_RATE = 2e-5
BACKGROUND_BASES = 400_000
BACKGROUND_CLASSES = ("C>T", "T>C")
VARIANTS = (1, 3, 10, 30)
DEPTHS = (500, 2000, 5000, 20_000)
CLEARANCE_LIMIT = 0.003


class Design(NamedTuple):
    """One simulated situation."""

    variants: int
    depth: int
    background: str
    samples: int


def cells_of(
    design: Design, generator: np.random.Generator, section: dict, *, depth: np.ndarray | int | None = None
) -> pd.DataFrame:
    """Cells without counts yet: variants x samples with depth and the error rate the workflow would use."""
    rows = design.variants * design.samples
    if depth is None:
        depth = np.maximum(1, generator.poisson(design.depth, rows))
    cells = pd.DataFrame(
        {
            "sample_id": np.repeat([f"{i:06d}" for i in range(design.samples)], design.variants),
            "chrom": "1",
            "pos": np.tile(np.arange(design.variants), design.samples),
            "ref": np.tile(np.resize(["C", "T"], design.variants), design.samples),
            "alt": np.tile(np.resize(["T", "C"], design.variants), design.samples),
            "source": "bam",
            "depth": np.broadcast_to(depth, rows),
            "status": "NOT_DETECTED",
            "distinct_alt_fragments": np.nan,
            "tumour_vaf": 0.3,
        }
    )
    known = section["error"] | {"default_rate": TRUE_RATE}
    backgrounds = drawn_backgrounds(design, generator)
    return cells.join(error_rate_for(cells, backgrounds, settings=section | {"error": known}))


def drawn_backgrounds(design: Design, generator: np.random.Generator) -> pd.DataFrame:
    """Background each sample would count over its panel; none where the rate is known."""
    if design.background == "known":
        return pd.DataFrame(columns=columns.BACKGROUND.names)
    names = [f"{i:06d}" for i in range(design.samples)]
    frame = pd.DataFrame(
        {
            "sample_id": np.repeat(names, len(BACKGROUND_CLASSES)),
            "substitution": np.tile(BACKGROUND_CLASSES, design.samples),
        }
    )
    errors = generator.binomial(BACKGROUND_BASES, TRUE_RATE, len(frame))
    return frame.assign(
        alt=errors,
        depth=BACKGROUND_BASES,
        rate=errors / BACKGROUND_BASES,
        sites=100,
        alpha=np.nan,
        beta=np.nan,
    )


def with_counts(cells: pd.DataFrame, vaf: np.ndarray | float, generator: np.random.Generator) -> pd.DataFrame:
    """Draw alt fragments: tumour and error."""
    chance = vaf + (1 - vaf) * np.full(len(cells), TRUE_RATE)
    return cells.assign(alt_count=generator.binomial(cells["depth"].to_numpy(), np.minimum(chance, 1.0)))


def detected(cells: pd.DataFrame, detection: dict) -> np.ndarray:
    """Calls, with a variant counted as called at the configured number of fragments."""
    status = np.where(cells["alt_count"] >= detection["fragments_of_a_call"], "CALLED", "GENOTYPED")
    counted = cells.assign(status=status)
    with exact_p_where_it_decides(detection):
        calls = decide(expectations(counted), counted, detection=detection)["detected"]
    return calls.fillna(False).to_numpy(dtype=bool)


@contextmanager
def exact_p_where_it_decides(detection: dict) -> Iterator[None]:
    """Leave out the exact p that is printed beside the one that decides: most of the time goes there."""
    usual = decision.MOST_EXACT_TERMS
    if detection["method"] != "poisson_binomial":
        decision.MOST_EXACT_TERMS = 0
    try:
        yield
    finally:
        decision.MOST_EXACT_TERMS = usual


def detected_by_pattern(
    design: Design, chance: np.ndarray | float, generator: np.random.Generator, section: dict
) -> np.ndarray:
    """As :func:`detected` for samples of equal depths and rates: each set of counts is tested once.

    ``chance`` is that of an alt fragment, one for all or samples x variants.
    """
    counts = generator.binomial(design.depth, chance, (design.samples, design.variants))
    patterns, pattern = np.unique(np.sort(counts, axis=1), axis=0, return_inverse=True)
    once = cells_of(design._replace(samples=len(patterns)), generator, section, depth=design.depth)
    answers = detected(once.assign(alt_count=patterns.reshape(-1)), section["detection"])
    return answers[pattern.reshape(-1)]


def varying_rates(design: Design, generator: np.random.Generator, spread: float = 1e-4) -> np.ndarray:
    """Error rates, samples x variants; spread is their intra-class correlation."""
    total = 1 / spread - 1
    return generator.beta(TRUE_RATE * total, (1 - TRUE_RATE) * total, (design.samples, design.variants))


def limits(cells: pd.DataFrame, detection: dict) -> pd.Series:
    """LoD95 of each sample."""
    blank = cells.assign(alt_count=0)
    totals = expectations(blank)
    critical = critical_counts(totals, blank, detection=detection)
    signal = mean_signal(critical, totals, blank, detection=detection, power=0.95)
    informative = (blank["depth"] * (1 - blank["error_rate"])).groupby(blank["sample_id"]).sum()
    lod = from_signal(
        signal, informative.to_numpy(), np.full(len(totals), np.nan), power=0.95, calibration=1.0
    )
    return pd.Series(lod, index=totals.index)


def exact_size(cells: pd.DataFrame, detection: dict) -> float:
    """Size of the Poisson test for a known background: the mean over the samples, whose depths differ."""
    mean = cells["depth"].to_numpy().reshape(cells["sample_id"].nunique(), -1).sum(axis=1) * TRUE_RATE
    critical = stats.poisson.isf(detection["alpha"], mean) + 1
    return float(stats.poisson.sf(np.maximum(critical, detection["min_alt_fragments"]) - 1, mean).mean())


def share(hits: np.ndarray) -> str:
    """Percentage with the 95 % limits of the simulation."""
    low, high = vaf_interval(np.array([hits.sum()]), np.array([len(hits)]))
    return f"{100 * hits.mean():.2f} ({100 * low[0]:.2f}-{100 * high[0]:.2f})"


# ---- the studies -------------------------------------------------------------------------------------


def detection_study(samples: int) -> Iterator[dict]:
    """Size, power at LoD95 and adequate non-detections of the default test."""
    section = defaults("ctdna")
    detection = section["detection"]
    for background in ("known", "estimated"):
        for variants in VARIANTS:
            for depth in DEPTHS:
                generator = np.random.default_rng([variants, depth, len(background)])
                many = cells_of(Design(variants, depth, background, 3 * samples), generator, section)
                null = detected(with_counts(many, 0.0, generator), detection)
                cells = cells_of(Design(variants, depth, background, samples), generator, section)
                lod = limits(cells, detection)
                own = cells["sample_id"].map(lod).to_numpy()
                power = detected(with_counts(cells, own, generator), detection)
                at_limit = detected(with_counts(cells, CLEARANCE_LIMIT, generator), detection)
                adequate = ~at_limit & (lod.to_numpy() <= CLEARANCE_LIMIT)
                exact = f"{100 * exact_size(many, detection):.2f}" if background == "known" else ""
                yield {
                    "background": background,
                    "variants": variants,
                    "depth": depth,
                    "LoD95": f"{lod.median():.2e}",
                    "size %": share(null),
                    "exact size %": exact,
                    "detected at LoD95 %": share(power),
                    "cleared at limit %": share(adequate),
                }


METHODS = (
    ("poisson", {}),
    ("poisson_binomial", {}),
    ("beta_binomial", {"overdispersion": 1e-4}),
    ("fisher", {}),
    ("monte_carlo", {"draws": 2000}),
    ("likelihood_ratio", {"draws": 2000}),
    ("rule: variants", {"rule": "variants"}),
)
SIMULATED = ("monte_carlo", "likelihood_ratio")


def method_study(samples: int) -> Iterator[dict]:
    """Size and power of every selectable method: background known, estimated, or with rates that vary."""
    for name, changes in METHODS:
        section = defaults("ctdna")
        method = {} if name.startswith("rule") else {"method": name}
        section["detection"] |= method | changes
        for variants in VARIANTS:
            for depth in (DEPTHS[0], DEPTHS[-1]):
                generator = np.random.default_rng([variants, depth, len(name)])
                row = {"method": name, "variants": variants, "depth": depth}
                yield row | _method_row(name, section, variants, depth, samples, generator)


def _method_row(
    name: str, section: dict, variants: int, depth: int, samples: int, generator: np.random.Generator
) -> dict:
    detection = section["detection"]
    slow = name in SIMULATED
    few = max(200, samples // (80 if slow else 10))
    known = Design(variants, depth, "known", samples if slow else 3 * samples)
    estimated = cells_of(Design(variants, depth, "estimated", few), generator, section, depth=depth)
    one = cells_of(known._replace(samples=1), generator, section, depth=depth)
    of_known, of_estimated = float(limits(one, detection).iloc[0]), limits(estimated, detection)
    row = {"size %, known": "not made", "size %, rates vary": "not made"}
    if name != "fisher":
        row["size %, known"] = share(detected_by_pattern(known, TRUE_RATE, generator, section))
        vary = varying_rates(known, generator)
        row["size %, rates vary"] = share(detected_by_pattern(known, vary, generator, section))
    row["size %, estimated"] = share(detected(with_counts(estimated, 0.0, generator), detection))
    if of_estimated.isna().all():
        none = {f"detected at LoD95 %, {background}": "no limit" for background in ("known", "estimated")}
        return row | {"LoD95": "none"} | none
    row["LoD95"] = f"{of_estimated.median():.2e}"
    row["detected at LoD95 %, known"] = "not made"
    if name != "fisher":
        chance = of_known + (1 - of_known) * TRUE_RATE
        power = detected_by_pattern(known._replace(samples=few), chance, generator, section)
        row["detected at LoD95 %, known"] = share(power)
    own = estimated["sample_id"].map(of_estimated).to_numpy()
    row["detected at LoD95 %, estimated"] = share(detected(with_counts(estimated, own, generator), detection))
    return row


def interval_study(samples: int) -> Iterator[dict]:
    """Coverage of the 95 % intervals of the level metrics; VAFs differ between variants."""
    section = defaults("ctdna")
    for variants in VARIANTS:
        for vaf in (1e-4, 1e-3, 0.01, 0.2):
            generator = np.random.default_rng([variants, int(1e6 * vaf)])
            design = Design(variants, 2000, "known", samples)
            cells = cells_of(design, generator, section)
            shape = np.exp(generator.normal(0, 0.5, variants))
            truth = np.tile(np.minimum(vaf * shape / shape.mean(), 0.95), samples)
            counted = cells.assign(alt_count=generator.binomial(cells["depth"].to_numpy(), truth))
            metrics = level_metrics(counted)
            weights = pd.DataFrame({"id": cells["sample_id"], "v": truth, "n": cells["depth"]})
            pooled = (weights["v"] * weights["n"]).groupby(weights["id"]).sum() / weights.groupby("id")[
                "n"
            ].sum()
            per_sample = weights.groupby("id")["v"]
            true = {
                "pooled": pooled,
                "mean": per_sample.mean(),
                "median": per_sample.median(),
                "max": per_sample.max(),
            }
            row = {"variants": variants, "VAF": f"{vaf:g}"}
            for metric, value in true.items():
                inside = (metrics[f"{metric}_vaf_low"] <= value) & (value <= metrics[f"{metric}_vaf_high"])
                row[f"{metric} %"] = share(inside.to_numpy())
            yield row


def ratio_study(samples: int) -> Iterator[dict]:
    """Coverage of the interval of the ratio to baseline, with equal and with changing depths."""
    for variants in VARIANTS:
        for ratio in (1.0, 0.5, 0.1, 0.02):
            generator = np.random.default_rng([variants, int(1000 * ratio)])
            shape = np.exp(generator.normal(0, 0.5, variants))
            level = 0.02 * shape / shape.mean()
            row = {"variants": variants, "ratio": ratio}
            for depths in ("equal", "changing"):
                depth0 = generator.integers(1000, 3000, (samples, variants))
                depth1 = depth0 if depths == "equal" else generator.integers(1000, 3000, (samples, variants))
                alt0, alt1 = generator.binomial(depth0, level), generator.binomial(depth1, level * ratio)
                row |= {"alt fragments": f"{alt1.sum(axis=1).mean():.1f}"}
                row |= _ratio_coverage(alt1, depth1, alt0, depth0, ratio, f"{depths} depths")
            yield row


def _ratio_coverage(
    alt1: np.ndarray, depth1: np.ndarray, alt0: np.ndarray, depth0: np.ndarray, ratio: float, words: str
) -> dict:
    sums = [counts.sum(axis=1) for counts in (alt1, depth1, alt0, depth0)]
    pooled = pooled_ratio(*sums)
    means = [mean_vaf_ratio(*pair) for pair in zip(alt1, depth1, alt0, depth0, strict=True)]
    low, high = np.array([m.low for m in means]), np.array([m.high for m in means])
    pair = np.repeat(np.arange(len(alt1)), alt1.shape[1])
    matched = matched_ratio(alt1.ravel(), depth1.ravel(), alt0.ravel(), depth0.ravel(), pair)
    return {
        f"matched, {words} %": share((matched.low <= ratio) & (ratio <= matched.high)),
        f"pooled, {words} %": share((pooled.low <= ratio) & (ratio <= pooled.high)),
        f"mean, {words} %": share((low <= ratio) & (ratio <= high)),
    }


# ---- writing -----------------------------------------------------------------------------------------


def as_markdown(rows: list[dict]) -> str:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join(lines + ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows])


STUDIES = (
    (
        "Detection, default test",
        "Error 2e-5; estimated: from 400,000 bases a class in each sample. Size: detected without ctDNA "
        "(alpha 1 %). Cleared at limit: true level 0.003, not detected although LoD95 <= 0.003.",
        detection_study,
        20_000,
    ),
    (
        "Every method",
        "Background known, estimated as above, or known while the rates vary between positions (intra-class "
        "correlation 1e-4). Not made: fisher compares with counted errors only.",
        method_study,
        20_000,
    ),
    ("Intervals of the level", "Coverage of the nominal 95 %, depth 2,000 a variant.", interval_study, 5000),
    (
        "Interval of the ratio to baseline",
        "Baseline level 0.02; depth 1,000 to 3,000 a variant, equal at both draws or drawn anew.",
        ratio_study,
        5000,
    ),
)


def write_between_marks(text: str, page: Path) -> None:
    """Replace what stands between the marks of the page."""
    whole = page.read_text(encoding="utf-8")
    before, rest = whole.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the samples; prints, writes nothing"
    )
    parser.add_argument("--only", default="", help="a word of the study's title; prints, writes nothing")
    options = parser.parse_args()
    parts = []
    for title, note, study, samples in STUDIES:
        if options.only.lower() in title.lower():
            rows = []
            for row in study(samples // 20 if options.quick else samples):
                print(*row.values(), sep="\t", file=sys.stderr, flush=True)
                rows.append(row)
            parts.append(f"#### {title}\n\n{note} Simulation limits in brackets.\n\n{as_markdown(rows)}\n")
            print(parts[-1], flush=True)
    if not options.quick and not options.only:
        write_between_marks("\n".join(parts), METHODS_PAGE)


if __name__ == "__main__":
    main()
