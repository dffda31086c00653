"""Safety tables: how many subjects had which adverse events, at which grade, over which exposure."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import pandas as pd

from clearher.clinical.endpoints import groups
from clearher.clinical.exposure import exposure_lines
from clearher.columns import clinical as columns
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

TREATED = "share of treated subjects, Clopper-Pearson"
GRADE_GROUPS = {"1-2": (1, 2), "3-4": (3, 4), "5": (5, 5)}
OVERVIEW: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "any": lambda events: events["treatment_emergent"],
    "related": lambda events: events["related"],
    "no causality recorded": lambda events: events["causality"].eq(""),
    "grade >= 3": lambda events: events["grade"] >= 3,
    "related, grade >= 3": lambda events: (events["grade"] >= 3) & events["related"],
    "grade not recorded": lambda events: events["grade"].isna(),
    "serious": lambda events: events["serious"],
    "related, serious": lambda events: events["serious"] & events["related"],
    "fatal": lambda events: events["fatal"],
    "led to interruption": lambda events: events["interrupted"],
    "led to reduction": lambda events: events["reduced"],
    "led to discontinuation": lambda events: events["discontinued"],
    "special interest": lambda events: events["aesi"].ne(""),
}


def safety_population(subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects with at least one dose who are no screen failures: the denominator of every safety table."""
    return subjects[subjects["treated"].fillna(False) & ~subjects["screen_failure"].fillna(False)]


def safety_table(
    events: pd.DataFrame, subjects: pd.DataFrame, further: Iterable[pd.DataFrame], *, settings: Mapping
) -> pd.DataFrame:
    """Table SAFETY: adverse events by line, and further sections appended.

    Parameters
    ----------
    events : pandas.DataFrame
        Table ADVERSE_EVENTS of the clinical stage.
    subjects : pandas.DataFrame
        Table SUBJECTS of intake.
    further : iterable of pandas.DataFrame
        Lines of other sections (laboratory, antibodies), in the columns of SAFETY.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    Only treatment-emergent events count; a subject counts once a line, at the highest grade there. Lines
    are ordered by frequency, then name. Layouts follow chevron ``R/aet01.R``, ``aet02.R``, ``aet04.R``,
    ``aet05.R`` and ``aet01_aesi.R``.
    """
    people = safety_population(subjects)
    emergent = events[events["treatment_emergent"]]
    rows: list[dict] = []
    for group, members in groups(people, settings["statistics"]["group_by"]):
        mine = emergent[emergent["subject_id"].isin(members)]
        treated = people[people["subject_id"].isin(members)]
        rows += numbered(event_lines(mine, treated, settings=settings), group)
    frames = [frame_of(rows, columns.SAFETY), *further]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def event_lines(events: pd.DataFrame, treated: pd.DataFrame, *, settings: Mapping) -> Iterator[dict]:
    """Lines of all adverse event sections of one group; ``events`` are its emergent ones."""
    total, confidence = len(treated), settings["statistics"]["confidence"]
    yield from overview_lines(events, total, confidence)
    terms = ordered_terms(events)
    for category, term in terms:
        part = _of_line(events, category, term)
        yield share("soc_pt", category, term, "any", part, total, confidence)
        yield from _grade_lines(category, term, part, total, confidence)
    yield from special_interest_lines(events, total, confidence)
    measures = {name: events[rule(events).fillna(False)] for name, rule in OVERVIEW.items()}
    yield from exposure_lines(
        measures | {term: _of_line(events, category, term) for category, term in terms if term},
        treated,
        window_days=settings["adverse_events"]["window_days"],
        confidence=confidence,
    )


def overview_lines(events: pd.DataFrame, total: int, confidence: float) -> Iterator[dict]:
    """Subjects with any event, related, severe, serious, fatal, and by what was done with the drug."""
    for name, rule in OVERVIEW.items():
        yield share("overview", name, "", "any", events[rule(events).fillna(False)], total, confidence)


def ordered_terms(events: pd.DataFrame) -> list[tuple[str, str]]:
    """(SOC, PT) lines: classes by subjects then name, each followed by its terms in the same order.

    A term empty stands for the class as a whole.
    """
    classes = events.groupby("soc")["subject_id"].nunique()
    terms = events.groupby(["soc", "preferred_term"])["subject_id"].nunique()
    lines = []
    for soc in sorted(classes.index, key=lambda name: (-classes[name], name)):
        lines.append((soc, ""))
        mine = terms[soc]
        lines += [(soc, term) for term in sorted(mine.index, key=lambda name: (-mine[name], name))]
    return lines


def special_interest_lines(events: pd.DataFrame, total: int, confidence: float) -> Iterator[dict]:
    """Categories of special interest: any, severe and serious; onset, duration and outcome."""
    exploded = events.assign(category=events["aesi"].str.split("; ")).explode("category")
    exploded = exploded[exploded["category"].fillna("").ne("")]
    for category, part in sorted(exploded.groupby("category"), key=lambda item: item[0]):
        severe = part[(part["grade"] >= 3).fillna(False)]
        serious = part[part["serious"].fillna(False)]
        for level, rows in (("any", part), ("grade >= 3", severe), ("serious", serious)):
            yield share("aesi", category, "", level, rows, total, confidence)
        onset = part.groupby("subject_id")["start_day"].min()
        yield _median("aesi_onset", category, onset, "first event of each subject, by study day")
        yield _median("aesi_duration", category, part["duration_days"], "events that ended")
        outcomes = part["outcome"].replace("", "not recorded")
        for outcome in sorted(set(outcomes)):
            yield share("aesi_outcome", category, "", outcome, part[outcomes == outcome], total, confidence)


def share(
    section: str, category: str, term: str, level: str, events: pd.DataFrame, total: int, confidence: float
) -> dict:
    """A line that counts subjects among all treated, and the events behind them."""
    count = events["subject_id"].nunique()
    interval = clopper_pearson(count, total, confidence)
    return {
        "section": section,
        "category": category,
        "term": term,
        "level": level,
        "n": count,
        "N": total,
        "events": len(events),
        **interval._asdict(),
        "unit": "fraction",
        "method": TREATED,
    }


def numbered(lines: Iterable[dict], group: str) -> list[dict]:
    """Lines with their group and their place within the section."""
    places: dict[str, int] = {}
    rows = []
    for line in lines:
        places[line["section"]] = places.get(line["section"], 0) + 1
        rows.append(line | {"group": group, "line": places[line["section"]]})
    return rows


def _of_line(events: pd.DataFrame, soc: str, term: str) -> pd.DataFrame:
    part = events[events["soc"] == soc]
    return part[part["preferred_term"] == term] if term else part


def _grade_lines(
    category: str, term: str, events: pd.DataFrame, total: int, confidence: float
) -> Iterator[dict]:
    highest = events["subject_id"].map(events.groupby("subject_id")["grade"].max()).astype("Int64")
    for level, (least, most) in GRADE_GROUPS.items():
        subjects = highest.between(least, most).fillna(False).astype(bool)
        records = events["grade"].between(least, most).fillna(False).astype(bool)
        line = share("worst_grade", category, term, level, events[subjects], total, confidence)
        yield line | {"events": int(records.sum())}
    line = share("worst_grade", category, term, "not recorded", events[highest.isna()], total, confidence)
    yield line | {"events": int(events["grade"].isna().sum())}


def _median(section: str, category: str, values: pd.Series, method: str) -> dict:
    known = values.dropna().astype("float64")
    return {
        "section": section,
        "category": category,
        "level": "median",
        "n": len(known),
        "N": len(values),
        "estimate": known.median(),
        "low": known.min(),
        "high": known.max(),
        "unit": "days",
        "method": f"median, minimum and maximum; {method}",
    }
