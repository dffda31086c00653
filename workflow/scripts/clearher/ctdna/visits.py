"""The course of a subject: each visit's state, ratio to baseline, response, and what happened."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from clearher.columns import ctdna as columns
from clearher.ctdna.baseline import choose_baseline, visit_order
from clearher.ctdna.events import with_events
from clearher.ctdna.ratios import with_baseline_ratio, with_nadir_ratio
from clearher.ctdna.response import baseline_too_low, response_columns
from clearher.ctdna.schedule import expected_visits, missing_visits
from clearher.ctdna.sentences import visit_sentences
from clearher.tables import conform, empty

RESULT_COLUMNS = [
    "n_tracked",
    "n_covered",
    "alt_total",
    "depth_total",
    "detected",
    "level",
    "level_low",
    "level_high",
    "level_metric",
    "pooled_vaf",
    "mean_vaf",
    "median_vaf",
    "max_vaf",
    "lod95",
    "lod_basis",
    "evaluable",
    "why_not",
]
DRAW_COLUMNS = [
    "subject_id",
    "sample_id",
    "visit",
    "study_day",
    "collection_date",
    "qc_status",
    "qc_reason",
    "vcf",
]
FRACTION_METRICS = ("pooled", "mean", "median", "max")
ROUNDING = 1e-9


def visit_table(course: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Every visit of every subject: state, ratio to baseline, response, events, and a sentence.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows of :func:`course_frame`.
    settings : Mapping
        Configuration section ``ctdna``; used: response, level, lod.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/visits``; cuts of response beyond 50, 90 and 100 % are further columns.
    """
    if course.empty:
        return empty(columns.VISITS)
    words = {"confidence": settings["level"]["confidence"], "power": settings["lod"]["power"]}
    told = course.assign(sentence=visit_sentences(course, **words))
    further = [f"response_{_percent(cut)}" for cut in settings["response"]["further_cuts"]]
    return conform(told[[*columns.VISITS.names, *further]], columns.VISITS)


def course_frame(
    results: pd.DataFrame,
    tracking: pd.DataFrame,
    samples: pd.DataFrame,
    subjects: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
    *,
    settings: Mapping,
    foreign: Collection[str] = (),
) -> pd.DataFrame:
    """The visits with all that later steps need, the columns of the baseline (``baseline_*``) included.

    Parameters
    ----------
    results : pandas.DataFrame
        Table ``ctdna/samples``, from counts or from a laboratory's report.
    tracking : pandas.DataFrame
        Table ``ctdna/tracking``; empty where only sample-level results exist (ratios then have no interval).
    samples, subjects : pandas.DataFrame
        Tables ``intake/samples`` and ``intake/subjects``.
    planned_visits : Mapping
        Schedule: visit name -> day, window_days, baseline, optional.
    settings : Mapping
        Configuration section ``ctdna``; used: baseline, clearance, response, level, lod.
    foreign : collection of str
        Samples that hold another person's DNA: NOT_EVALUABLE, never baseline.

    Returns
    -------
    pandas.DataFrame
        One row a subject and visit, ordered by subject and sequence; empty without plasma samples.
    """
    rule = settings["clearance"]
    expected = expected_visits(subjects, planned_visits, until=rule["expected_until"])
    course = draws(results, samples, expected, planned_visits)
    if course.empty:
        return course
    course["foreign"] = course["sample_id"].isin(list(foreign))
    course = with_baseline(course, planned_visits, settings=settings)
    course = with_states(
        course,
        max_lod95=rule["max_lod95"],
        max_lod95_of_baseline=rule["max_lod95_of_baseline"],
        min_covered_fraction=settings["lod"]["min_covered_fraction"],
    )
    course = with_emergent_detection(course, tracking)
    course = with_baseline_ratio(
        course,
        tracking,
        min_covered_fraction=settings["lod"]["min_covered_fraction"],
        settings=settings["level"],
    )
    cuts = [0.5, 0.9, 1.0, *settings["response"]["further_cuts"]]
    course = course.assign(**response_columns(course, {_percent(cut): cut for cut in cuts}))
    course = with_nadir_ratio(
        course,
        tracking,
        min_covered_fraction=settings["lod"]["min_covered_fraction"],
        settings=settings["level"],
    )
    return with_events(course, settings=rule)


def draws(
    results: pd.DataFrame,
    samples: pd.DataFrame,
    expected: pd.DataFrame,
    planned_visits: Mapping[str, Mapping],
) -> pd.DataFrame:
    """Plasma draws with their results and the planned visits that have none, in order within each subject.

    Of two tubes of one visit and day the evaluable one stays, one with ctDNA before one without, then the
    one with the lower limit of detection. A draw on
    another day under the same visit name is a visit of its own: the day is added to its name, except for
    the draw nearest to the nominal day.

    Returns
    -------
    pandas.DataFrame
        One row a subject and visit; ``sequence`` is 1, 2, ... by study day, undated visits at their place in
        the schedule.
    """
    plasma = samples[samples["specimen"] == "plasma"]
    rows = plasma[DRAW_COLUMNS].merge(results[["sample_id", *RESULT_COLUMNS]], on="sample_id", how="left")
    rows = _one_tube_a_day(rows)
    rows = _distinct_names(rows, planned_visits)
    missing = missing_visits(expected, samples).assign(sample_id="", missed=True)
    rows = pd.concat([rows.assign(missed=False), missing], ignore_index=True)
    rows["planned"] = rows["visit"].isin(planned_visits)
    rows = _typed(rows)
    return _in_order(rows, planned_visits)


def with_baseline(
    course: pd.DataFrame, planned_visits: Mapping[str, Mapping], *, settings: Mapping
) -> pd.DataFrame:
    """Choose the baseline visit of each subject and put its values beside every visit.

    The last draw that answers (:func:`clearher.ctdna.baseline.choose_baseline`): DETECTED, or
    BASELINE_NOT_DETECTED where LoD95 is known and, as an allele fraction, at most clearance.max_lod95.
    Without one the last usable draw, which is then NOT_EVALUABLE: also a non-detection of unknown or
    insufficient limit, and a variant file in which nothing was called.

    Returns
    -------
    pandas.DataFrame
        The visits with baseline_sample_id, baseline_day, baseline_date, baseline_state, baseline_reason,
        baseline_level, baseline_metric, baseline_max_vaf, baseline_low and phase.
    """
    drawn = course[~course["missed"] & (course["qc_status"] != "fail") & ~course["foreign"]]
    rule, max_lod95 = settings["baseline"], settings["clearance"]["max_lod95"]
    informative = drawn[drawn["detected"].fillna(False) | _negative(drawn, max_lod95)]
    first = choose_baseline(informative, planned_visits, **rule)
    others = choose_baseline(drawn[~drawn["subject_id"].isin(first["subject_id"])], planned_visits, **rule)
    chosen = pd.concat([first, others], ignore_index=True)
    chosen = _baseline_values(chosen, settings["response"]["min_baseline_max_vaf"], max_lod95)
    result = course.merge(chosen, on="subject_id", how="left")
    result = result.fillna({"baseline_sample_id": "", "baseline_state": "NOT_EVALUABLE"})
    result["baseline_reason"] = result["baseline_reason"].fillna("no usable plasma sample before treatment")
    result["baseline_low"] = result["baseline_low"].astype("boolean")
    at_baseline = (result["sample_id"] == result["baseline_sample_id"]) & (result["sample_id"] != "")
    untreated = (result["study_day"] <= rule["last_day"]).fillna(False).astype(bool)
    before = untreated | (result["sequence"] < result["baseline_sequence"])
    result["phase"] = np.select([at_baseline, before], ["BASELINE", "PRE_BASELINE"], "POST_BASELINE")
    return result


def with_states(
    course: pd.DataFrame, *, max_lod95: float, max_lod95_of_baseline: float, min_covered_fraction: float
) -> pd.DataFrame:
    """State of each visit and the reason behind it.

    NOT_EVALUABLE without a usable sample; DETECTED; NOT_EVALUABLE where the sample cannot support a
    non-detection (nothing tracked, no depth known, too few variants covered, no limit of detection);
    NOT_DETECTED_ADEQUATE where LoD95 <= max_lod95 and LoD95 <= max_lod95_of_baseline x baseline level;
    else NOT_DETECTED_INSUFFICIENT. A level that is no allele fraction has no absolute limit: only the
    relative one applies, and that only in the unit of the baseline level (``same_unit``). ``comparable`` says
    whether the unit is the same and enough variants are covered to compare the level with another visit's.

    Parameters
    ----------
    course : pandas.DataFrame
        Rows of :func:`with_baseline`.
    max_lod95 : float
        Highest LoD95, allele fraction.
    max_lod95_of_baseline : float
        Highest LoD95 as a share of the baseline level; without a detected baseline it does not apply.
    min_covered_fraction : float
        Share of the tracked variants that must have counts for a non-detection.
    """
    rules = _unevaluable(course, min_covered_fraction)
    detected = course["detected"].fillna(False).to_numpy(dtype=bool)
    failed, silent = rules[:3], rules[3:]
    limit = course["lod95"]
    same_unit = _same_unit(course["level_metric"], course["baseline_metric"])
    relative = course["baseline_level"].where(same_unit & (course["baseline_state"] == "DETECTED"))
    relative = max_lod95_of_baseline * relative
    fraction = is_fraction(course["level_metric"])
    too_high = fraction & _above(limit, max_lod95)
    too_high_for_baseline = _above(limit, relative)
    incomparable = ~fraction & relative.isna()
    insufficient = (too_high | too_high_for_baseline | incomparable).to_numpy(dtype=bool)
    state = np.select(
        [_any(failed), detected, _any(silent), insufficient],
        ["NOT_EVALUABLE", "DETECTED", "NOT_EVALUABLE", "NOT_DETECTED_INSUFFICIENT"],
        default="NOT_DETECTED_ADEQUATE",
    )
    weak = np.where(too_high, f"LoD95 above {max_lod95:g}", "")
    weak_for_baseline = np.where(
        too_high_for_baseline, f"LoD95 above {max_lod95_of_baseline:g} x baseline level", ""
    )
    both = [
        " and ".join(part for part in parts if part) for parts in zip(weak, weak_for_baseline, strict=True)
    ]
    unevaluable = np.select([rule[0] for rule in rules], [rule[1] for rule in rules], default="")
    reason = np.select(
        [state == "NOT_EVALUABLE", state == "NOT_DETECTED_INSUFFICIENT"],
        [unevaluable, np.where(incomparable, "LoD95 cannot be compared with a limit", both)],
        default="",
    )
    too_few = (course["n_covered"] < min_covered_fraction * course["n_tracked"]).fillna(False)
    comparable = same_unit & ~too_few.astype(bool)
    words = {"state": state.astype(object), "reason": reason.astype(object)}
    return course.assign(**words, comparable=comparable, same_unit=same_unit)


def with_emergent_detection(course: pd.DataFrame, tracking: pd.DataFrame) -> pd.DataFrame:
    """Where no variant is tracked, a visit with a variant called later is DETECTED, without a level.

    This is how a subject without ctDNA at baseline shows it later. Variants that look like blood and
    germline variants do not count.
    """
    called = tracking[(tracking["origin"] == "emergent") & (tracking["status"] == "CALLED")]
    called = called[~called["ch_like"].fillna(False).astype(bool)]
    untracked = course["reason"].str.startswith("NO_TRACKED_VARIANTS")
    found = untracked & course["sample_id"].isin(called["sample_id"]) & (course["phase"] == "POST_BASELINE")
    return course.assign(
        state=course["state"].mask(found, "DETECTED"),
        reason=course["reason"].mask(found, "a variant not seen at baseline was called"),
    )


def is_fraction(level_metric: pd.Series) -> pd.Series:
    """Whether a level is an allele fraction (all metrics of ours, and a laboratory's in that unit)."""
    return level_metric.isin(FRACTION_METRICS) | level_metric.str.contains("fraction", regex=False)


def _same_unit(level_metric: pd.Series, other: pd.Series) -> pd.Series:
    """Whether two levels have one unit; where one of them names none they are taken to."""
    one, another = (
        metric.fillna("").str.removeprefix("vendor, ").replace(dict.fromkeys(FRACTION_METRICS, "fraction"))
        for metric in (level_metric, other)
    )
    return (one == another) | (one == "") | (another == "")


def _any(rules: list[tuple]) -> np.ndarray:
    return np.logical_or.reduce([rule[0] for rule in rules])


def _unevaluable(course: pd.DataFrame, min_covered_fraction: float) -> list[tuple]:
    tracked = course["n_tracked"].to_numpy(dtype=float, na_value=np.nan)
    covered = course["n_covered"].to_numpy(dtype=float, na_value=np.nan)
    share = np.divide(covered, tracked, out=np.full(len(course), np.nan), where=tracked > 0)
    quality = "QC: failed quality control" + course["qc_reason"].map(
        lambda text: f" ({text})" if text else ""
    )
    count = course["n_covered"].astype(str) + " of " + course["n_tracked"].astype(str)
    judged = course["evaluable"] & course["detected"].notna()
    other = "OTHER: " + course["why_not"].replace("", "no result")
    return [
        (course["missed"].to_numpy(dtype=bool), "NO_SAMPLE: planned visit without a sample"),
        ((course["qc_status"] == "fail").to_numpy(), quality),
        (course["foreign"].to_numpy(), "IDENTITY: the sample holds another person's DNA"),
        (tracked == 0, "NO_TRACKED_VARIANTS: no variant was called at baseline that could be followed"),
        (covered == 0, "NOT_ASSESSED: depth unknown at every tracked variant"),
        (share < min_covered_fraction, "LOW_COVERAGE: only " + count + " tracked variants covered"),
        ((course["lod95"].isna() & ~course["detected"].fillna(True)).to_numpy(dtype=bool), LOD_UNKNOWN),
        (~judged.to_numpy(dtype=bool), other),
    ]


NOTHING_CALLED = "nothing was called that could be followed, and no limit of detection is known for that"
LOD_UNKNOWN = "LOD_UNKNOWN: not detected, but no limit of detection is known"


def _negative(drawn: pd.DataFrame, max_lod95: float) -> pd.Series:
    """Draws that say "no ctDNA": an evaluable non-detection whose limit of detection is good enough."""
    silent = ~drawn["detected"].fillna(True) & drawn["evaluable"]
    return (silent & drawn["lod95"].notna() & ~_limit_too_high(drawn, max_lod95)).astype(bool)


def _limit_too_high(drawn: pd.DataFrame, max_lod95: float) -> pd.Series:
    return is_fraction(drawn["level_metric"]) & _above(drawn["lod95"], max_lod95)


def _above(limit: pd.Series, highest: pd.Series | float) -> pd.Series:
    """Whether a limit of detection is above the highest one; a rounding of the product is not."""
    return limit > highest * (1 + ROUNDING)


def _baseline_values(chosen: pd.DataFrame, min_max_vaf: float, max_lod95: float) -> pd.DataFrame:
    detected = chosen["detected"].fillna(False).to_numpy(dtype=bool)
    negative = _negative(chosen, max_lod95)
    state = np.select([detected, negative], ["DETECTED", "BASELINE_NOT_DETECTED"], "NOT_EVALUABLE")
    insufficient = chosen["evaluable"] & _limit_too_high(chosen, max_lod95)
    untracked = (chosen["n_tracked"] == 0).fillna(False)
    why_not = chosen["why_not"].mask(insufficient, f"not detected, but LoD95 above {max_lod95:g}")
    why_not = why_not.mask(untracked, NOTHING_CALLED)
    reason = np.where(state == "NOT_EVALUABLE", why_not.replace("", "no result"), "")
    low = baseline_too_low(chosen["max_vaf"], min_max_vaf)
    words = f"highest allele fraction below {min_max_vaf:g}, response is not classified"
    return pd.DataFrame(
        {
            "subject_id": chosen["subject_id"],
            "baseline_sample_id": chosen["sample_id"],
            "baseline_day": chosen["study_day"],
            "baseline_date": chosen["collection_date"],
            "baseline_sequence": chosen["sequence"],
            "baseline_state": state,
            "baseline_reason": np.where((state == "DETECTED") & low.fillna(False), words, reason),
            "baseline_level": chosen["level"].where(state == "DETECTED"),
            "baseline_metric": chosen["level_metric"].where(state == "DETECTED", ""),
            "baseline_max_vaf": chosen["max_vaf"],
            "baseline_low": low,
        }
    )


def _one_tube_a_day(rows: pd.DataFrame) -> pd.DataFrame:
    worth = rows.assign(
        _failed=rows["qc_status"] == "fail",
        _mute=~rows["evaluable"].astype("boolean").fillna(False),
        _silent=~rows["detected"].astype("boolean").fillna(False),
    )
    rank = ["_failed", "_mute", "_silent"]
    order = ["subject_id", "visit", "study_day", *rank, "lod95", "sample_id"]
    kept = worth.sort_values(order, kind="stable").drop_duplicates(["subject_id", "visit", "study_day"])
    return kept.drop(columns=rank)


def _distinct_names(rows: pd.DataFrame, planned_visits: Mapping[str, Mapping]) -> pd.DataFrame:
    nominal = rows["visit"].map({name: visit.get("day") for name, visit in planned_visits.items()})
    distance = (rows["study_day"].astype(float) - nominal.astype(float)).abs()
    ranked = rows.assign(_distance=distance, _failed=rows["qc_status"] == "fail")
    ranked = ranked.sort_values(
        ["subject_id", "visit", "_failed", "_distance", "study_day"], kind="stable", na_position="last"
    )
    second = ranked.duplicated(["subject_id", "visit"])
    day = ranked["study_day"].astype(str).replace("<NA>", "unknown")
    names = ranked["visit"].mask(second, ranked["visit"] + " (day " + day + ")")
    return ranked.assign(visit=names).drop(columns=["_distance", "_failed"])


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    text = ["sample_id", "qc_status", "qc_reason", "vcf", "level_metric", "lod_basis", "why_not"]
    whole = ["study_day", "n_tracked", "n_covered", "alt_total", "depth_total"]
    flags = ["detected", "evaluable"]
    result = rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), "") for name in text})
    result = result.assign(**{name: result[name].astype("Int64") for name in whole})
    result = result.assign(**{name: result[name].astype("boolean") for name in flags})
    result["evaluable"] = result["evaluable"].fillna(False)
    result["collection_date"] = pd.to_datetime(result["collection_date"])
    numbers = ["level", "level_low", "level_high", "pooled_vaf", "mean_vaf", "median_vaf", "max_vaf", "lod95"]
    return result.astype(dict.fromkeys(numbers, float))


def _in_order(rows: pd.DataFrame, planned_visits: Mapping[str, Mapping]) -> pd.DataFrame:
    order = rows["visit"].map(visit_order(planned_visits)).fillna(len(planned_visits))
    scheduled = rows["visit"].map({name: visit.get("day") for name, visit in planned_visits.items()})
    day = rows["study_day"].astype(float)
    if "nominal_day" in rows:
        day = day.fillna(rows["nominal_day"].astype(float))
    day = day.fillna(scheduled.astype(float))
    ranked = rows.assign(_day=day, _order=order)
    ranked = ranked.sort_values(["subject_id", "_day", "_order", "visit"], kind="stable", na_position="last")
    ranked["sequence"] = ranked.groupby("subject_id", sort=False).cumcount() + 1
    return ranked.drop(columns=["_day", "_order"]).reset_index(drop=True)


def _percent(cut: float) -> str:
    return format(100 * cut, "g").replace(".", "_")
