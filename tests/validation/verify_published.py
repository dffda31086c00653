"""Derive published HER2 results again from their counts, with the functions that the workflow uses.

Rates and exact intervals of DAISY, SHR-A1811, T-DXd phase 1b, RC48 and DESTINY-Breast06; the tests of the
DAISY trend and contrasts; hazard ratios and their interaction in DESTINY-Breast04; kappa of local by central
IHC. Prints a line a number; ends with 1 if a single one differs.

Run: python tests/validation/verify_published.py
"""

import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from clearher.statistics.jonckheere import jonckheere  # noqa: E402
from clearher.statistics.kappa import kappa  # noqa: E402
from clearher.statistics.logistic import likelihood_ratio, logistic_firth, logistic_ml  # noqa: E402
from clearher.statistics.proportions import (  # noqa: E402
    clopper_pearson,
    conditional_odds_ratio,
)
from clearher.statistics.trend import (  # noqa: E402
    cochran_armitage,
    exact_trend,
    freeman_halton,
    linear_by_linear,
)

Z = stats.norm.ppf(0.975)
DAISY = "DAISY, doi 10.1038/s41591-023-02478-2"
SHR = "SHR-A1811 phase 1, PMID 38900984"
RC48 = "RC48-ADC, pooled analysis of C001 CANCER and C003 CANCER, abstract"
DB04 = "DESTINY-Breast04, ASCO 2022 LBA3"
DB06 = "DESTINY-Breast06, HER2-low, enhertuhcp.com"
MODI = "T-DXd phase 1b, Modi et al. 2020"
LOCAL = "local by central IHC, PMC3828190 table 3"
DPCR = "plasma digital PCR by tissue, PMID 35154443"


class Rate(NamedTuple):
    """Responders of n, and what was printed: percent and limits, empty where none were."""

    source: str
    group: str
    responders: int
    n: int
    percent: str
    low: str = ""
    high: str = ""


class Hazard(NamedTuple):
    """A printed hazard ratio with its limits, and events and subjects in both arms where printed."""

    group: str
    ratio: str
    low: str
    high: str
    events: tuple[int, int] | None = None
    subjects: tuple[int, int] | None = None


class Check(NamedTuple):
    """A derived number beside the expected one."""

    name: str
    derived: float
    expected: str
    equal: bool


RATES = (
    Rate(DAISY, "over-expressing", 48, 68, "70.6", "58.3", "81"),
    Rate(DAISY, "low", 27, 72, "37.5", "26.4", "49.7"),
    Rate(DAISY, "IHC 0", 11, 37, "29.7", "15.9", "47"),
    Rate(DAISY, "IHC 0, ERBB2 mRNA below the median", 5, 14, "35.7", "12.8", "64.9"),
    Rate(DAISY, "IHC 0, ERBB2 mRNA above the median", 3, 10, "30", "6.7", "65.2"),
    Rate(SHR, "positive", 90, 118, "76.3"),
    Rate(SHR, "low", 55, 91, "60.4"),
    Rate(SHR, "all", 184, 307, "59.9"),
    Rate(MODI, "low", 20, 54, "37.0", "24.3", "51.3"),
    Rate(RC48, "low", 19, 48, "39.6", "25.8", "54.7"),
    Rate(RC48, "positive, 1.5 mg/kg", 4, 18, "22.2", "6.4", "47.6"),
    Rate(RC48, "positive, 2.0 mg/kg", 9, 21, "42.9", "21.8", "66.0"),
    Rate(RC48, "positive, 2.5 mg/kg", 10, 25, "40.0", "21.1", "61.3"),
    Rate(DB06, "clinical benefit, T-DXd", 252, 326, "77.3"),
    Rate(DB06, "clinical benefit, chemotherapy", 172, 324, "53.1"),
    Rate(DB06, "disease control, T-DXd", 300, 326, "92.0"),
    Rate(DB06, "disease control, chemotherapy", 259, 324, "79.9"),
    Rate(DB06, "response, chemotherapy", 114, 324, "35.2"),
)
DAISY_SUBJECTS = 177
HAZARDS = (
    Hazard("IHC 1+", "0.48", "0.35", "0.65", (119, 66), (192, 96)),
    Hazard("IHC 2+/ISH-", "0.55", "0.38", "0.80", (92, 44), (139, 67)),
    Hazard("all HR+", "0.51", "0.40", "0.64", (211, 110), (331, 163)),
    Hazard("all", "0.50", "0.40", "0.63"),
    Hazard("HR-", "0.46", "0.24", "0.89"),
)
INTERACTION = ("-0.5512", "0.5815")
LOCAL_CENTRAL = ((534, 32, 0), (47, 42, 2), (3, 12, 49))
LOCAL_CENTRAL_BINARY = ((72, 14), (6, 629))
PLASMA = ((42, 54), (20, 108))


def agrees(derived: float, expected: str) -> bool:
    """Whether a number, rounded to as many digits as the expected text has, is that text."""
    places = -int(Decimal(expected).as_tuple().exponent)
    return abs(derived - float(expected)) <= 0.5 * 10.0**-places * (1 + 1e-6)


def check(name: str, derived: float, expected: str) -> Check:
    """A number beside the one it must be."""
    return Check(name, float(derived), expected, agrees(derived, expected))


def rate_checks() -> Iterator[Check]:
    """Percentages and exact intervals of all printed rates."""
    for rate in RATES:
        found = clopper_pearson(rate.responders, rate.n)
        name = f"{rate.source}: {rate.group} {rate.responders}/{rate.n}"
        for part, expected in zip(
            ("percent", "low", "high"), (rate.percent, rate.low, rate.high), strict=True
        ):
            if expected:
                value = found.estimate if part == "percent" else getattr(found, part)
                yield check(f"{name}, {part}", 100 * value, expected)


def fits(rate: Rate, responders: int, n: int) -> bool:
    """Whether a count gives the printed percentage and limits."""
    if not agrees(100 * responders / n, rate.percent):
        return False
    found = clopper_pearson(responders, n)
    return agrees(100 * found.low, rate.low) and agrees(100 * found.high, rate.high)


def counts_that_fit(rate: Rate, sizes: range) -> list[tuple[int, int]]:
    """All responders / n that give the printed percentage and limits."""
    return [(r, n) for n in sizes for r in range(n + 1) if fits(rate, r, n)]


def daisy_counts() -> list[tuple[tuple[int, int], ...]]:
    """All counts of the three DAISY cohorts that fit what is printed of each and the total of subjects."""
    options = [counts_that_fit(rate, range(1, DAISY_SUBJECTS)) for rate in RATES[:3]]
    return [found for found in product(*options) if sum(n for _, n in found) == DAISY_SUBJECTS]


def count_checks() -> Iterator[Check]:
    """Counts that were worked out from percentages are the only ones that fit."""
    yield check(f"{DAISY}: triples of counts that fit", len(daisy_counts()), "1")
    for rate in RATES:
        if rate.source == RC48:
            found = counts_that_fit(rate, range(rate.n, rate.n + 1))
            yield check(f"{RC48}: {rate.group}, counts of {rate.n} that fit", len(found), "1")


def daisy_rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Responders, subjects and scores of IHC 0, low and over-expressing."""
    chosen = RATES[2::-1]
    return np.array([r.responders for r in chosen]), np.array([r.n for r in chosen]), np.arange(3.0)


def patients(
    responders: np.ndarray, totals: np.ndarray, scores: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a subject: score, and response."""
    response = [np.r_[np.ones(r), np.zeros(n - r)] for r, n in zip(responders, totals, strict=True)]
    return pd.DataFrame({"score": np.repeat(scores, totals)}), np.concatenate(response)


def daisy_checks() -> Iterator[Check]:
    """Tests and slopes of the DAISY trend, and the contrasts that show what carries it."""
    r, n, scores = daisy_rows()
    x, y = patients(r, n, scores)
    trend, linear = cochran_armitage(r, n, scores), linear_by_linear(r, n, scores)
    maximum, firth = (fit(x, y).table.loc["score"] for fit in (logistic_ml, logistic_firth))
    bend = x.assign(over=(x["score"] == 2).astype(float))
    numbers = {
        "Cochran-Armitage chi-square": (trend.statistic, "19.34923146"),
        "Cochran-Armitage p": (trend.p, "0.000010886"),
        "exact trend p": (exact_trend(r, n, scores).p, "0.0000125493"),
        "Freeman-Halton p": (freeman_halton(r, n).p, "0.0000138228"),
        "linear-by-linear chi-square": (linear.statistic, "19.2399"),
        "linear-by-linear p": (linear.p, "0.0000115278"),
        "Jonckheere-Terpstra p": (jonckheere(x["score"], y).p, "0.0000067971"),
        "maximum likelihood slope": (maximum["estimate"], "0.9513059"),
        "its standard error": (maximum["error"], "0.224502"),
        "Firth slope": (firth["estimate"], "0.9347618"),
        "Firth low": (firth["low"], "0.5115620"),
        "Firth high": (firth["high"], "1.3861583"),
        "Firth p": (firth["p"], "0.0000088225"),
        "linear against factor p": (likelihood_ratio(bend, y, ["over"]), "0.117"),
    }
    yield from (check(f"{DAISY}: {name}", *pair) for name, pair in numbers.items())
    yield from contrast("low against IHC 0", r[:2], n[:2], ("1.41", "0.56", "3.70", "0.525"))
    yield from contrast("over-expressing against low", r[1:], n[1:], ("3.96", "1.87", "8.64", "0.000099"))


def contrast(name: str, r: np.ndarray, n: np.ndarray, expected: tuple[str, ...]) -> Iterator[Check]:
    """Conditional odds ratio of the upper level against the lower, with exact limits and Fisher's p."""
    found = conditional_odds_ratio(np.array([[r[1], n[1] - r[1]], [r[0], n[0] - r[0]]]))
    values = (found.estimate, found.low, found.high, found.p)
    for part, value, text in zip(("odds ratio", "low", "high", "p"), values, expected, strict=True):
        yield check(f"{DAISY}: {name}, {part}", value, text)


def interaction(first: Hazard, second: Hazard) -> tuple[float, float]:
    """z and p of the difference of two printed log hazard ratios, errors from their limits."""
    logs = [[np.log(float(value)) for value in (h.ratio, h.low, h.high)] for h in (first, second)]
    errors = [(high - low) / (2 * Z) for _, low, high in logs]
    z = (logs[0][0] - logs[1][0]) / float(np.hypot(*errors))
    return z, float(2 * stats.norm.sf(abs(z)))


def hazard_checks() -> Iterator[Check]:
    """Sums of the IHC rows, ratios in the middle of their limits, and the interaction of the two rows."""
    for row in HAZARDS:
        middle = float(np.sqrt(float(row.low) * float(row.high)))
        yield check(f"{DB04}: {row.group}, middle of the printed limits", middle, row.ratio)
    for arm, name in enumerate(("T-DXd", "control")):
        for field in ("events", "subjects"):
            total = sum(getattr(row, field)[arm] for row in HAZARDS[:2])
            yield check(f"{DB04}: {field}, {name}", total, str(getattr(HAZARDS[2], field)[arm]))
    for part, value, expected in zip(("z", "p"), interaction(*HAZARDS[:2]), INTERACTION, strict=True):
        yield check(f"{DB04}: interaction of IHC level and treatment, {part}", value, expected)


def kappa_checks() -> Iterator[Check]:
    """Agreement of local and central readings, and of plasma and tissue; weights are named."""
    printed = (
        (LOCAL, LOCAL_CENTRAL, "unweighted", ("0.6116", "0.5435", "0.6797")),
        (LOCAL, LOCAL_CENTRAL, "linear", ("0.7080", "0.6495", "0.7665")),
        (f"{LOCAL}, as printed", LOCAL_CENTRAL, "linear", ("0.71", "0.65", "0.77")),
        (LOCAL, LOCAL_CENTRAL, "quadratic", ("0.7992",)),
        (f"{LOCAL}, positive or not", LOCAL_CENTRAL_BINARY, "unweighted", ("0.8624", "0.8034", "0.9215")),
        (
            f"{LOCAL}, positive or not, as printed",
            LOCAL_CENTRAL_BINARY,
            "unweighted",
            ("0.86", "0.80", "0.92"),
        ),
        (DPCR, PLASMA, "unweighted", ("0.294",)),
    )
    for source, table, weights, expected in printed:
        found = kappa(table, weights)
        for part, text in zip(("estimate", "low", "high"), expected, strict=False):
            yield check(f"{source}: kappa, {weights}, {part}", getattr(found, part), text)


def all_checks() -> list[Check]:
    """Every number, in order."""
    return [*rate_checks(), *count_checks(), *daisy_checks(), *hazard_checks(), *kappa_checks()]


def main() -> int:
    found = all_checks()
    for line in found:
        print(f"{'equal' if line.equal else 'DIFFERS'}\t{line.derived:.10g}\t{line.expected}\t{line.name}")
    wrong = [line for line in found if not line.equal]
    print(f"{len(found)} numbers, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
