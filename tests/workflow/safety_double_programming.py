"""Safety tables of a trial once more, from its SDTM files and the written definitions alone.

Nothing of the package is imported. Rules are those of docs/methods.md, sections 7 and 8, with the default
settings, as far as the simulated trials need them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from double_programming import Trial, emergent_events, first_day, last_day
from scipy import stats

NAN = np.nan
WINDOW_DAYS = 30
DAYS_PER_YEAR = 365.25
GRADE_BANDS = {"1-2": (1, 2), "3-4": (3, 4), "5": (5, 5)}
ACTIONS = {
    "led to interruption": ["DRUG INTERRUPTED", "DOSE INTERRUPTED", "DOSE DELAYED"],
    "led to reduction": ["DOSE REDUCED", "DOSE RATE REDUCED"],
    "led to discontinuation": ["DRUG WITHDRAWN", "DRUG DISCONTINUED", "PERMANENTLY DISCONTINUED"],
}
FALL_POINTS, BELOW_PERCENT = 10, 50
ANTIBODY_TESTS = {"binding": "ADA_BAB", "neutralising": "ADA_NAB"}
ANTIBODY_DAYS = {"C1D1": 1, "C2D1": 22, "C4D1": 64, "C7D1": 127, "C12D1": 232, "FU": None}
VISIT_WINDOW_DAYS = 7
ANTIBODY_STATUSES = (
    "NEGATIVE", "INDUCED", "BOOSTED", "UNAFFECTED", "UNDETERMINED", "INCONCLUSIVE", "NOT EVALUABLE",
)  # fmt: skip
PERSISTENT_DAYS = 112
BOOST_LOG10 = 0.6


class Line(NamedTuple):
    """What a line of clinical/safety.tsv says."""

    n: float
    of: float
    events: float = NAN
    estimate: float = NAN
    low: float = NAN
    high: float = NAN
    years: float = NAN


Lines = dict[tuple[str, str, str, str], Line]


def share(n: int, of: int, events: float = NAN) -> Line:
    """A fraction with exact limits."""
    if not of:
        return Line(n, of, events)
    exact = stats.binomtest(int(n), int(of)).proportion_ci(method="exact")
    return Line(n, of, events, n / of, exact.low, exact.high)


def middle(values: pd.Series, of: int) -> Line:
    """Median with smallest and largest."""
    return Line(len(values), of, NAN, values.median(), values.min(), values.max())


def windows(trial: Trial) -> pd.Series:
    """Last day that counts for safety: 30 days after the last dose, death or the cut, whichever is first."""
    until = trial.last_dose + pd.Timedelta(days=WINDOW_DAYS)
    return pd.concat([until, trial.death], axis=1).min(axis=1).clip(upper=trial.cut)


def adverse_events(trial: Trial, special: pd.DataFrame) -> pd.DataFrame:
    """Emergent events with what the lines ask of them."""
    rows = emergent_events(trial)
    start = rows["USUBJID"].map(trial.first_dose)
    began = first_day(rows["AESTDTC"])
    first_month = (rows["AESTDTC"].str.len() == 7) & (rows["AESTDTC"] == start.dt.strftime("%Y-%m"))
    began = began.where(~first_month, start)
    grade = pd.to_numeric(rows["AETOXGR"])
    return pd.DataFrame(
        {
            "subject": rows["USUBJID"],
            "soc": rows["AESOC"],
            "term": rows["AEDECOD"],
            "grade": grade,
            "severe": grade >= 3,
            "related": rows["AEREL"].isin(["RELATED", ""]),
            "no causality": rows["AEREL"] == "",
            "serious": (rows["AESER"] == "Y") | (rows["AEOUT"] == "FATAL"),
            "not said whether serious": rows["AESER"] == "",
            "fatal": (rows["AEOUT"] == "FATAL") | (grade == 5),
            "action": rows["AEACN"],
            "outcome": rows["AEOUT"],
            "category": rows["AEDECOD"].str.casefold().map(_categories(special)).fillna(""),
            "began": began,
            "ended": last_day(rows["AEENDTC"]),
            "day": (began - start).dt.days + 1,
            "exact": rows["AESTDTC"].str.len() >= 10,
        }
    )


def _categories(special: pd.DataFrame) -> dict[str, str]:
    whole = special[special["match"] == "pt"]
    return dict(zip(whole["term"].str.casefold(), whole["category"], strict=True))


def overview(events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The events of each line of the overview."""
    acted = {name: events["action"].isin(words) for name, words in ACTIONS.items()}
    chosen = {
        "any": events["subject"].notna(),
        "related": events["related"],
        "no causality recorded": events["no causality"],
        "grade >= 3": events["severe"],
        "related, grade >= 3": events["related"] & events["severe"],
        "grade not recorded": events["grade"].isna(),
        "serious": events["serious"],
        "related, serious": events["related"] & events["serious"],
        "seriousness not recorded": events["not said whether serious"] & ~events["serious"],
        "fatal": events["fatal"],
        **acted,
        "action not recorded": events["action"] == "",
        "special interest": events["category"] != "",
    }
    return {name: events[rows] for name, rows in chosen.items()}


def by_class_and_term(events: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for soc, rows in events.groupby("soc"):
        yield soc, "", rows
        for term, own in rows.groupby("term"):
            yield soc, term, own


def incidence(events: pd.DataFrame, treated: int) -> Lines:
    """Overview, classes and terms, and each subject at the highest grade of the line."""

    def counted(rows: pd.DataFrame) -> Line:
        return share(rows["subject"].nunique(), treated, len(rows))

    lines = {("overview", name, "", "any"): counted(rows) for name, rows in overview(events).items()}
    for soc, term, rows in by_class_and_term(events):
        lines["soc_pt", soc, term, "any"] = counted(rows)
        highest = rows.groupby("subject")["grade"].transform("max")
        for band, (low, high) in GRADE_BANDS.items():
            lines["worst_grade", soc, term, band] = share(
                rows.loc[highest.between(low, high), "subject"].nunique(),
                treated,
                rows["grade"].between(low, high).sum(),
            )
        unknown = rows.loc[highest.isna(), "subject"].nunique()
        lines["worst_grade", soc, term, "not recorded"] = share(unknown, treated, rows["grade"].isna().sum())
    return lines


def exposure_adjusted(trial: Trial, events: pd.DataFrame) -> Lines:
    """First events over the time until them, or until the window ends, per 100 subject-years."""
    ends = windows(trial)
    chosen = {(name, ""): rows for name, rows in overview(events).items()}
    chosen |= {(soc, term): rows for soc, term, rows in by_class_and_term(events) if term}
    lines = {}
    for (category, term), rows in chosen.items():
        first = rows.groupby("subject")["began"].min().reindex(ends.index)
        days = (first.fillna(ends) - trial.first_dose).dt.days + 1
        years, n = days.sum() / DAYS_PER_YEAR, rows["subject"].nunique()
        low = stats.chi2.ppf(0.025, 2 * n) / 2 if n else 0.0
        rates = [100 * count / years for count in (n, low, stats.chi2.ppf(0.975, 2 * n + 2) / 2)]
        lines["exposure_adjusted", category, term, "any"] = Line(n, len(ends), len(rows), *rates, years=years)
    return lines


def special_interest(events: pd.DataFrame, categories: list[str], treated: int) -> Lines:
    """Incidence, onset, duration and outcome of each category."""
    lines = {}
    for name in categories:
        rows = events[events["category"] == name]
        parts = {"any": rows, "grade >= 3": rows[rows["severe"]], "serious": rows[rows["serious"]]}
        for level, part in parts.items():
            lines["aesi", name, "", level] = share(part["subject"].nunique(), treated, len(part))
        if rows.empty:
            continue
        onset = rows.groupby("subject")["day"].min().dropna()
        lines["aesi_onset", name, "", "median"] = middle(onset, rows["subject"].nunique())
        lasted = ((rows["ended"] - rows["began"]).dt.days + 1).dropna()
        lines["aesi_duration", name, "", "median"] = middle(lasted, len(rows))
        for outcome, part in rows.groupby("outcome"):
            lines["aesi_outcome", name, "", outcome] = share(part["subject"].nunique(), treated, len(part))
    return lines


def near_a_dose(trial: Trial, events: pd.DataFrame, category: str) -> Lines:
    """Events on the day of a dose are within 24 hours of it; those of the day after it may be."""
    doses = trial.domain("ex")
    dates = first_day(doses["EXSTDTC"])[doses["EXDOSE"].astype(float) > 0]
    given = dates.groupby(doses["USUBJID"]).apply(np.sort)
    rows = events[events["category"] == category]
    since = pd.Series(
        [
            (day - max(d for d in given[who] if d <= day)).days if exact else NAN
            for who, day, exact in zip(rows["subject"], rows["began"], rows["exact"], strict=True)
        ],
        index=rows.index,
        dtype=float,
    )
    parts = {
        "within 24 h of a dose": rows[since == 0],
        "time after a dose not known": rows[(since == 1) | since.isna()],
    }
    of = len(trial.first_dose)
    return {
        ("aesi_infusion", category, "", level): share(part["subject"].nunique(), of, len(part))
        for level, part in parts.items()
    }


def laboratory(trial: Trial) -> pd.DataFrame:
    """Baseline and worst state of each subject, parameter and direction, of those with values."""
    rows = trial.domain("lb")
    rows = rows[rows["LBSTRESN"] != ""]
    rows = rows.assign(
        parameter=rows["LBTESTCD"],
        unit=rows["LBSTRESU"],
        value=rows["LBSTRESN"].astype(float),
        date=first_day(rows["LBDTC"]),
        grade=pd.to_numeric(rows["LBTOXGR"]).fillna(0),
    )
    start, end = (rows["USUBJID"].map(day) for day in (trial.first_dose, windows(trial)))
    before, after = rows[rows["date"] <= start], rows[(rows["date"] > start) & (rows["date"] <= end)]
    found = []
    keys = rows[["USUBJID", "parameter", "unit"]].drop_duplicates().itertuples(index=False, name=None)
    for key in keys:
        first, later = (
            part[(part[["USUBJID", "parameter", "unit"]] == key).all(axis=1)].sort_values("date")
            for part in (before, after)
        )
        for direction in ("high", "low"):
            found.append((*key, direction, *_states(first, later, direction)))
    names = ("subject", "parameter", "unit", "direction", "baseline", "worst", "worst_value", "n_post")
    return pd.DataFrame(found, columns=names)


def _states(first: pd.DataFrame, later: pd.DataFrame, direction: str) -> tuple[float, float, float, int]:
    """Ranks of baseline and worst (0 normal, 0.5 abnormal without a grade, else the grade), worst value."""
    baseline = _rank(first.iloc[-1], direction) if len(first) else NAN
    if later.empty:
        return baseline, NAN, NAN, 0
    ranks = later.apply(_rank, axis=1, direction=direction)
    extreme = later.loc[ranks == ranks.max(), "value"].agg("max" if direction == "high" else "min")
    return baseline, ranks.max(), extreme, len(later)


def _rank(row: pd.Series, direction: str) -> float:
    if row["LBNRIND"] != direction.upper():
        return 0.0
    return row["grade"] if row["grade"] else 0.5


def state_word(rank: float) -> str:
    return {0: "normal", 0.5: "abnormal"}.get(rank, f"grade {rank:.0f}")


def laboratory_lines(found: pd.DataFrame) -> Lines:
    """Shifts from baseline to worst, and what became worse, over those with both."""
    lines = {}
    known = found.dropna(subset=["baseline", "worst"])
    lines |= _became_abnormal(known, "any parameter", "")
    for (name, unit, direction), rows in known.groupby(["parameter", "unit", "direction"]):
        label = f"{name} ({unit})"
        lines |= _became_abnormal(rows, label, direction)
        for (before, after), part in rows.groupby(["baseline", "worst"]):
            words = f"{state_word(before)} to {state_word(after)}"
            lines["laboratory_shift", label, direction, words] = share(len(part), len(rows))
    return lines


def _became_abnormal(rows: pd.DataFrame, label: str, direction: str) -> Lines:
    """Subjects with a value worse than at baseline; of grade 3 or more where the values have grades."""
    worse = rows[rows["worst"] > rows["baseline"]]
    of = rows["subject"].nunique()
    chosen = {"emergent": worse}
    if (rows[["baseline", "worst"]] >= 1).any(axis=None):
        chosen["emergent, grade >= 3"] = worse[worse["worst"] >= 3]
    return {
        ("laboratory_emergent", label, direction, level): share(part["subject"].nunique(), of)
        for level, part in chosen.items()
    }


def ejection_fraction(trial: Trial) -> pd.DataFrame:
    """Last value up to the first dose and lowest after it, by subject."""
    rows = trial.domain("cv")
    rows = rows[rows["CVTESTCD"].isin(["LVEF", "LVEF_C"]) & (rows["CVSTRESN"] != "")]
    rows = rows.assign(value=rows["CVSTRESN"].astype(float), date=first_day(rows["CVDTC"]))
    rows = rows.sort_values(["USUBJID", "date"])
    start, end = (rows["USUBJID"].map(day) for day in (trial.first_dose, windows(trial)))
    before = rows[rows["date"] <= start].groupby("USUBJID")["value"].last()
    lowest = rows[(rows["date"] > start) & (rows["date"] <= end)].groupby("USUBJID")["value"].min()
    return pd.DataFrame({"baseline": before, "lowest": lowest})


def ejection_fraction_lines(found: pd.DataFrame, events: pd.DataFrame, treated: int) -> Lines:
    both = found.dropna()
    low = both["lowest"] < BELOW_PERCENT
    fallen = set(both.index[low & (both["baseline"] - both["lowest"] >= FALL_POINTS)])
    coded = set(events.loc[events["category"] == "Left ventricular dysfunction", "subject"])
    place = ("ejection_fraction", "Left ventricular ejection fraction", "")
    return {
        (*place, "fall of 10 points or more to below 50 %"): share(len(fallen), len(both)),
        (*place, "such a fall or a coded event"): share(len(fallen | coded), treated),
    }


def antibody_samples(trial: Trial, test: str) -> pd.DataFrame:
    """Results of a test up to the cut, with sign, titre and the nominal sample they are."""
    rows = trial.domain("is")
    rows["date"] = first_day(rows["ISDTC"])
    rows = rows[
        (rows["ISTESTCD"] == ANTIBODY_TESTS[test]) & (rows["ISSTAT"] == "") & (rows["date"] <= trial.cut)
    ]
    start = rows["USUBJID"].map(trial.first_dose)
    titre = pd.to_numeric(rows["ISSTRESC"].str.removeprefix("<"), errors="coerce")
    found = pd.DataFrame(
        {
            "subject": rows["USUBJID"],
            "date": rows["date"],
            "day": (rows["date"] - start).dt.days + 1,
            "before": rows["date"] <= start,
            "positive": (rows["ISSTRESC"] == "POSITIVE") | titre.notna(),
            "titre": titre,
            "visit": rows["VISIT"],
            "planned": pd.to_numeric(rows["VISITDY"]),
        }
    )
    last = (trial.last_dose - trial.first_dose).dt.days + 1
    found["nominal"] = [
        _nominal(row.visit, row.planned, row.day, last[row.subject] + WINDOW_DAYS)
        for row in found.itertuples()
    ]
    return found.sort_values(["subject", "date"], kind="stable")


def _nominal(visit: str, planned: float, day: int, follow_up: int) -> str:
    """Sample of the same name, else of the planned day, else the nearest within 7 days."""
    days = {name: follow_up if due is None else due for name, due in ANTIBODY_DAYS.items()}
    if visit in days:
        return visit
    if planned in days.values():
        return next(name for name, due in days.items() if due == planned)
    nearest = min(days, key=lambda name: abs(days[name] - day))
    return nearest if abs(days[nearest] - day) <= VISIT_WINDOW_DAYS else ""


def antibody_lines_by_visit(trial: Trial) -> Lines:
    lines = {}
    for test in ANTIBODY_TESTS:
        rows = antibody_samples(trial, test)
        off = [
            abs(row.day - _due(row.nominal, trial, row.subject)) if row.nominal else NAN
            for row in rows.itertuples()
        ]
        rows = rows.assign(off=off).sort_values(["subject", "off"], kind="stable")
        rows = rows[rows["nominal"] != ""].drop_duplicates(["subject", "nominal"])
        for visit in ANTIBODY_DAYS:
            own = rows[rows["nominal"] == visit]
            if own.empty:
                continue
            lines["ada_visit", visit, test, "positive"] = share(own["positive"].sum(), len(own))
            titres = own.loc[own["positive"], "titre"].dropna()
            if test == "binding":
                lines["ada_titre", visit, test, "median"] = middle(titres, len(own))
    return lines


def _due(nominal: str, trial: Trial, subject: str) -> int:
    last = (trial.last_dose[subject] - trial.first_dose[subject]).days + 1
    return last + WINDOW_DAYS if ANTIBODY_DAYS[nominal] is None else ANTIBODY_DAYS[nominal]


def antibody_status(trial: Trial) -> pd.DataFrame:
    """Status of each treated subject, of the binding test; persistence of induced antibodies."""
    samples = antibody_samples(trial, "binding")
    settled = _without_a_later_sample(trial, samples)
    neutral = antibody_samples(trial, "neutralising").groupby("subject")["positive"].any()
    rows = {}
    for subject in trial.first_dose.index:
        own = samples[samples["subject"] == subject]
        before, later = own[own["before"]], own[~own["before"]]
        status, change = _category(before, later)
        positive = later[later["positive"]]
        rows[subject] = {
            "status": status,
            "change": change,
            "ever": bool(own["positive"].any()),
            "results": len(own),
            "onset": (positive["day"].min() - 1) / 7,
            "span": positive["day"].max() - positive["day"].min(),
            "persistence": _persistence(later, subject in settled) if status == "INDUCED" else "",
            "neutralising": neutral.get(subject, pd.NA) if status in ("INDUCED", "BOOSTED") else pd.NA,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _persistence(later: pd.DataFrame, settled: bool) -> str:
    days = later.loc[later["positive"], "day"]
    if days.max() - days.min() >= PERSISTENT_DAYS:
        return "PERSISTENT"
    if not later["positive"].iloc[-1]:
        return "TRANSIENT"
    return "PERSISTENT" if settled else "NOT DETERMINABLE"


def _without_a_later_sample(trial: Trial, samples: pd.DataFrame) -> set[str]:
    """Who has died or left, has the sample after the last dose, or is off treatment and it is overdue."""
    ends = trial.domain("ds")
    ends["date"] = first_day(ends["DSSTDTC"])
    ends = ends[(ends["date"] <= trial.cut) & (ends["DSCAT"] == "DISPOSITION EVENT")]
    off = ends[ends["DSSCAT"] == "END OF TREATMENT"].set_index("USUBJID").index
    due = trial.last_dose + pd.Timedelta(days=WINDOW_DAYS + VISIT_WINDOW_DAYS)
    return {
        *trial.death.dropna().index,
        *ends.loc[ends["DSSCAT"] == "END OF STUDY", "USUBJID"],
        *samples.loc[samples["nominal"] == "FU", "subject"],
        *due.index[due.index.isin(off) & (due < trial.cut)],
    }


def _category(before: pd.DataFrame, later: pd.DataFrame) -> tuple[str, float]:
    if later.empty:
        return "NOT EVALUABLE", NAN
    baseline = len(before) > 0 and before["positive"].iloc[-1]
    if not baseline:
        return ("INDUCED" if later["positive"].any() else "NEGATIVE"), NAN
    change = later["titre"].max() - before["titre"].iloc[-1]
    if not later["positive"].any():
        return "UNAFFECTED", NAN
    return ("BOOSTED" if round(change, 9) >= BOOST_LOG10 else "UNAFFECTED"), change


def antibody_lines_by_subject(found: pd.DataFrame) -> Lines:
    """Categories over treated, persistence over induced, neutralising over positive."""
    lines = {}
    induced = found[found["status"] == "INDUCED"]
    for word in ("TRANSIENT", "PERSISTENT", "NOT DETERMINABLE"):
        lines["ada_subject", "persistence", "", word] = share(
            (induced["persistence"] == word).sum(), len(induced)
        )
    for word in ANTIBODY_STATUSES:
        lines["ada_subject", "ada_status", "", word] = share((found["status"] == word).sum(), len(found))
    positive = found[found["status"].isin(["INDUCED", "BOOSTED"])]
    known = {"POSITIVE": positive["neutralising"].eq(True), "NEGATIVE": positive["neutralising"].eq(False)}
    for word, rows in known.items():
        lines["ada_subject", "neutralising", "", word] = share(int(rows.sum()), len(positive))
    return lines
