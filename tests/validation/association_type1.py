"""False positives of analyses of time to event by ctDNA status and by level; the tests of response by level.

Trials are drawn in which neither has anything to do with progression-free survival, and sent through the
functions that the workflow runs. Beside them stands what the workflow refuses: "ever cleared" as if it were
known at baseline. Writes its tables into docs/methods.md.

Run: python tests/validation/association_type1.py (about ten minutes); --trials 50 for a trial run that writes
nothing.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from clearher.association.declared import Analysis  # noqa: E402
from clearher.association.frames import survival_rows  # noqa: E402
from clearher.association.landmark_models import landmark_survival, time_varying  # noqa: E402
from clearher.association.results import Row  # noqa: E402
from clearher.association.survival_models import levels_survival  # noqa: E402
from clearher.intake.config import defaults  # noqa: E402
from clearher.statistics import exact_log_rank as permutation  # noqa: E402
from clearher.statistics.cox import cox  # noqa: E402
from clearher.statistics.exact_log_rank import exact_log_rank  # noqa: E402
from clearher.statistics.logistic import logistic_firth  # noqa: E402
from clearher.statistics.newton import NotEstimableError  # noqa: E402
from clearher.statistics.proportions import clopper_pearson  # noqa: E402
from clearher.statistics.survival import log_rank  # noqa: E402
from clearher.statistics.trend import cochran_armitage, exact_trend, freeman_halton  # noqa: E402

METHODS_PAGE = ROOT / "docs" / "methods.md"
MARKS = (
    "<!-- association operating characteristics: start -->",
    "<!-- association operating characteristics: end -->",
)
ALPHA = 0.05
BAND = (3.0, 7.0)
RANDOM_SPLITS = 2000
SIZES = (42, 150)
DRAW_DAYS = tuple(range(22, 360, 21))
MEDIAN_PFS_DAYS = 170
HAZARD_OF_NEGATIVE = 1.6
CLEARED_AT_A_DRAW = 0.12
MISSED_DRAW = 0.1
POOR_DRAW = 0.05
UNDETECTED_AT_BASELINE = 0.15
BESIDE = "beside, with a warning"
LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+")
SHARE_OF_LEVEL = (0.18, 0.2, 0.34, 0.28)
LEVEL_TESTS = {
    "log-rank trend": "log-rank trend",
    "log-rank": "{}log-rank",
    "log-rank, chi-square": f"{BESIDE}: chi-square log-rank where a level has < 25",
}
GROUP_SIZES = ((10, 20), (14, 28), (20, 22))
FEW_EVENTS = (2, 3, 4, 5, 6, 10)
NAIVE = "NAIVE, refused by the workflow: ever cleared as a baseline factor"


class Trial(NamedTuple):
    """A simulated trial: subjects of the analysis set, and their ctDNA visits."""

    subjects: pd.DataFrame
    visits: pd.DataFrame


def simulated(n: int, generator: np.random.Generator) -> Trial:
    """Clearance comes at a draw by chance, whatever the survival; there are no draws after progression."""
    negative = generator.random(n) < 0.3
    hazard = np.log(2) / MEDIAN_PFS_DAYS * np.where(negative, HAZARD_OF_NEGATIVE, 1.0)
    survival = np.ceil(generator.exponential(1 / hazard)).astype(int)
    follow_up = np.ceil(generator.uniform(120, 540, n)).astype(int)
    subjects = pd.DataFrame(
        {
            "subject_id": [f"S{i:04d}" for i in range(n)],
            "pfs_days": np.minimum(survival, follow_up),
            "pfs_event": survival <= follow_up,
            "clock_shift_days": 0,
            "hormone_receptor": np.where(negative, "NEGATIVE", "POSITIVE"),
            "ctdna_baseline_state": np.where(
                generator.random(n) < UNDETECTED_AT_BASELINE, "BASELINE_NOT_DETECTED", "DETECTED"
            ),
        }
    )
    return Trial(subjects, drawn_visits(subjects["pfs_days"].to_numpy(), generator))


def drawn_visits(last_day: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
    """Draws every three weeks until the end of follow-up: some missed, some too poor to be judged."""
    shape = (len(last_day), len(DRAW_DAYS))
    day = np.array(DRAW_DAYS) + generator.integers(-3, 4, shape)
    cleared = np.maximum.accumulate(generator.random(shape) < CLEARED_AT_A_DRAW, axis=1)
    response = generator.random(shape) < 0.4
    state = np.where(cleared, "NOT_DETECTED_ADEQUATE", "DETECTED")
    state = np.where(generator.random(shape) < POOR_DRAW, "NOT_EVALUABLE", state)
    there = (day <= last_day[:, None]) & (generator.random(shape) >= MISSED_DRAW)
    subject, draw = np.nonzero(there)
    known = state[there] != "NOT_EVALUABLE"
    return pd.DataFrame(
        {
            "subject_id": [f"S{i:04d}" for i in subject],
            "visit": [f"D{DRAW_DAYS[k]}" for k in draw],
            "study_day": day[there],
            "phase": "POST_BASELINE",
            "state": state[there],
            "change_percent": np.where(cleared[there], -100.0, np.where(response[there], -60.0, 20.0)),
            "response_50": np.where(~known, "", np.where(response[there], "yes", "no")),
            "response_90": "",
        }
    )


def analyses() -> list[tuple[str, Analysis]]:
    """What the workflow offers for a ctDNA status and a time to event."""
    common = {"question": "", "outcome": "pfs"}
    landmark = {**common, "type": "landmark_survival"}
    return [
        ("clearance", Analysis("clearance", adjustment=("hormone_receptor",), **landmark)),
        ("clearance, landmark at a visit", Analysis("visit", landmark={"visit": "D43"}, **landmark)),
        ("molecular response", Analysis("response", status="response_50", **landmark)),
        (
            "clearance, time-varying",
            Analysis("varying", type="time_varying", adjustment=("hormone_receptor",), **common),
        ),
    ]


def tests_of(trial: Trial, settings: dict) -> Iterator[tuple[str, float]]:
    """Every p of every method, by name, and that of the naive analysis."""
    for name, analysis in analyses():
        run = landmark_survival if analysis.type == "landmark_survival" else time_varying
        for row in run(trial.subjects, trial.visits, analysis, settings).rows:
            label = method_name(row)
            if label:
                yield label.format(name), row.p
    yield from naive_tests(trial)


def method_name(row: Row) -> str:
    """Name of a test of the status, with {} for the analysis; empty for rows that are no such test."""
    if row.term.startswith("log-rank") and row.headline:
        return "{}: log-rank (permutation where a group has < 10, or < 5 events)"
    if row.term.startswith("log-rank"):
        return f"{BESIDE}: {{}}: chi-square log-rank where a group has < 10, or < 5 events"
    if row.estimate_name == "hazard ratio":
        adjusted = ", adjusted" if "adjusted" in row.term else ""
        if row.term.startswith("day"):
            return f"{{}}: {row.term.split(':')[0]}, Cox (permutation where a group has < 10)"
        return f"{{}}: Cox (Firth where a group has no event){adjusted}"
    return ""


def naive_tests(trial: Trial) -> Iterator[tuple[str, float]]:
    """Ever cleared, at any draw, compared from day 1: immortal time."""
    known, _ = survival_rows(trial.subjects, "pfs")
    known = known[known["ctdna_baseline_state"] == "DETECTED"]
    cleared = trial.visits.loc[trial.visits["state"] == "NOT_DETECTED_ADEQUATE", "subject_id"]
    ever = known["subject_id"].isin(cleared).astype(float).rename("ever").to_frame()
    if ever["ever"].nunique() < 2:
        return
    yield f"{NAIVE}: log-rank", log_rank(known["days"], known["event"], ever["ever"]).p
    fit = cox(known["days"], known["event"], ever)
    yield f"{NAIVE}: Cox", float(fit.table.loc["ever", "p"])


def tests_by_level(trial: Trial, settings: dict) -> Iterator[tuple[str, float]]:
    """Every test of time to event by a level that has nothing to do with it."""
    n = len(trial.subjects)
    counts = np.round(n * np.cumsum(SHARE_OF_LEVEL)).astype(int)
    level = np.array(LEVELS, dtype=object)[np.searchsorted(counts, np.arange(n), side="right")]
    analysis = Analysis("level", type="levels_survival", question="", outcome="pfs", predictor="her2_level")
    for row in levels_survival(trial.subjects.assign(her2_level=level), analysis, settings).rows:
        if row.term in LEVEL_TESTS:
            permuted = "permutation " if row.method.startswith("permutation") else ""
            yield LEVEL_TESTS[row.term].format(permuted), row.p


def type1_block(
    tests: Callable[[Trial, dict], Iterator[tuple[str, float]]], n: int, first: int, trials: int
) -> pd.DataFrame:
    """p-values of some trials: one row a trial and method."""
    settings = defaults("association")
    rows = []
    with patch.multiple(permutation, DRAWS=RANDOM_SPLITS, MAX_SPLITS=RANDOM_SPLITS):
        for number in range(first, first + trials):
            trial = simulated(n, np.random.default_rng([n, number]))
            rows += [{"method": name, "p": p} for name, p in tests(trial, settings)]
    return pd.DataFrame(rows)


def type1_study(
    tests: Callable[[Trial, dict], Iterator[tuple[str, float]]], trials: int, workers: int
) -> Iterator[dict]:
    """Share of trials with p < 0.05 by method, at each size."""
    step = 50
    with ProcessPoolExecutor(workers) as pool:
        jobs = {
            n: [pool.submit(type1_block, tests, n, k, min(step, trials - k)) for k in range(0, trials, step)]
            for n in SIZES
        }
        found = {n: pd.concat([job.result() for job in parts]) for n, parts in jobs.items()}
    for method in pd.concat(found.values())["method"].unique():
        row = {"method": method}
        for n in SIZES:
            p = found[n].loc[found[n]["method"] == method, "p"].dropna()
            row |= {f"n = {n}: trials with a p": len(p), f"false positives at n = {n}, %": share(p < ALPHA)}
        yield row


def share(hits: pd.Series | np.ndarray) -> str:
    """Percentage with the 95 % limits of the simulation."""
    if not len(hits):
        return ""
    interval = clopper_pearson(int(np.sum(hits)), len(hits))
    return f"{100 * interval.estimate:.1f} ({100 * interval.low:.1f}-{100 * interval.high:.1f})"


def few_events_study(trials: int, workers: int) -> Iterator[dict]:
    """False positives of the log-rank tests of two groups by the number of events, no relation."""
    cases = [(sizes, events) for sizes in GROUP_SIZES for events in FEW_EVENTS]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(few_events_tests, *case, trials) for case in cases]
        for (sizes, events), job in zip(cases, jobs, strict=True):
            rejected = job.result() < ALPHA
            yield {
                "groups": f"{sizes[0]} and {sizes[1]}",
                "events": events,
                **{f"{test}, %": share(rejected[test]) for test in rejected},
            }


def few_events_tests(sizes: tuple[int, int], events: int, trials: int) -> pd.DataFrame:
    """p of each test by trial: the events are some of the earliest times, the groups a random split."""
    generator = np.random.default_rng([*sizes, events])
    n = sum(sizes)
    time, rows = np.arange(1.0, n + 1), []
    with patch.multiple(permutation, DRAWS=RANDOM_SPLITS, MAX_SPLITS=RANDOM_SPLITS):
        for _ in range(trials):
            event = np.isin(np.arange(n), generator.choice(2 * events, events, replace=False))
            group = generator.permutation(np.repeat([0, 1], sizes))
            rows.append(
                {
                    "chi-square": log_rank(time, event, group).p,
                    "permutation": exact_log_rank(time, event, group, seed=1).p,
                }
            )
    return pd.DataFrame(rows)


def trend_study(trials: int, workers: int) -> Iterator[dict]:
    """Size and power of the tests of response by level, four equal levels, rates 20 to 50 %."""
    scores = np.arange(4.0)
    for n in (42, 80, 160):
        totals = np.bincount(np.arange(n) % 4, minlength=4)
        for name, rates in (("none", np.full(4, 0.35)), ("20, 30, 40, 50 %", np.linspace(0.2, 0.5, 4))):
            generator = np.random.default_rng([n, int(1000 * rates[0])])
            counts = [generator.binomial(totals, rates) for _ in range(trials)]
            rejected = pd.DataFrame([trend_tests(r, totals, scores) for r in counts]) < ALPHA
            yield {"n": n, "trend": name} | {f"{test}, %": share(rejected[test]) for test in rejected}


def trend_tests(responders: np.ndarray, totals: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """p of each test of one trial; 1 where nobody or everybody responds."""
    if not 0 < responders.sum() < totals.sum():
        return dict.fromkeys(("exact trend", "Cochran-Armitage", "Firth logistic", "Freeman-Halton"), 1.0)
    return {
        "exact trend": exact_trend(responders, totals, scores).p,
        "Cochran-Armitage": cochran_armitage(responders, totals, scores).p,
        "Firth logistic": firth_p(responders, totals, scores),
        "Freeman-Halton": freeman_halton(responders, totals).p,
    }


def firth_p(responders: np.ndarray, totals: np.ndarray, scores: np.ndarray) -> float:
    """Penalised likelihood-ratio p of the slope."""
    x = pd.DataFrame({"score": np.repeat(scores, totals)})
    y = np.concatenate([np.r_[np.ones(r), np.zeros(n - r)] for r, n in zip(responders, totals, strict=True)])
    try:
        return float(logistic_firth(x, y).table.loc["score", "p"])
    except NotEstimableError:
        return float("nan")


def as_markdown(rows: list[dict]) -> str:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join(lines + ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows])


STUDIES = (
    (
        "ctDNA status and time to event, no relation",
        f"PFS exponential, median {MEDIAN_PFS_DAYS} days, worse in hormone-receptor-negative subjects; a "
        f"draw every 21 days until progression, {100 * MISSED_DRAW:.0f} % missed; at each draw "
        f"{100 * CLEARED_AT_A_DRAW:.0f} % of those not yet cleared clear, independently of PFS. Default "
        f"settings, but {RANDOM_SPLITS:,} random splits where the workflow draws 100,000. A trial without a "
        "p had an empty group, too few events, or fewer than 10 in a group, where a Cox model gives no p.",
        partial(type1_study, tests_of),
        2000,
    ),
    (
        "Time to event by level, no relation",
        "The same trials; levels of "
        + ", ".join(f"{100 * part:.0f} %" for part in SHARE_OF_LEVEL)
        + f" of the subjects, independently of PFS. {RANDOM_SPLITS:,} random arrangements where the workflow "
        "draws 100,000.",
        partial(type1_study, tests_by_level),
        4000,
    ),
    (
        "Two groups and few events, no relation",
        "Events at some of the earliest times, as many as there are events again are censored among them; "
        f"groups by chance. {RANDOM_SPLITS:,} random splits where the workflow draws 100,000. Below 5 events "
        "the workflow answers by the permutation.",
        few_events_study,
        4000,
    ),
    (
        "Response by level",
        "Four levels of equal size. No trend: 35 % in each.",
        trend_study,
        2500,
    ),
)


def write_between_marks(text: str, page: Path) -> None:
    """Replace what stands between the marks of the page."""
    before, rest = page.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def outside(rows: list[dict]) -> list[str]:
    """Methods that the workflow offers as an answer and that are not between 3 and 7 %."""
    return [
        f"{row['method']}: {value} ({column})"
        for row in rows
        for column, value in row.items()
        if column.startswith("false positives") and value and not row["method"].startswith((NAIVE, BESIDE))
        if not BAND[0] <= float(value.split(" ")[0]) <= BAND[1]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=0, help="another number: prints, writes nothing")
    parser.add_argument("--workers", type=int, default=2, help="processes; no matter for the result")
    options = parser.parse_args()
    parts, wrong = [], []
    for title, note, study, trials in STUDIES:
        rows = list(study(options.trials or trials, options.workers))
        text = f"{note} {options.trials or trials:,} trials; simulation limits in brackets."
        parts.append(f"#### {title}\n\n{text}\n\n{as_markdown(rows)}\n")
        print(parts[-1], flush=True)
        wrong += outside(rows)
    if not options.trials:
        write_between_marks("\n".join(parts), METHODS_PAGE)
    print("\n".join(wrong) or "every method offered: 3 to 7 %")
    return 1 if wrong and not options.trials else 0


if __name__ == "__main__":
    sys.exit(main())
