"""Safety tables: how many subjects had which adverse events, at which grade, over which exposure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

import pandas as pd

from clearher.clinical.exposure import exposure_lines
from clearher.clinical.populations import groups
from clearher.columns import clinical as columns
from clearher.statistics.proportions import clopper_pearson
from clearher.tables import frame_of

TREATED = "share of treated subjects, Clopper-Pearson"
exact_interval = cache(clopper_pearson)
NOBODY_RECORDED = "not known: no event has it recorded"
NO_GRADE = 0
GRADE_GROUPS = {"1-2": (1, 2), "3-4": (3, 4), "5": (5,), "not recorded": (NO_GRADE,)}
OVERVIEW: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "any": lambda events: events["treatment_emergent"],
    "related": lambda events: events["related"],
    "no causality recorded": lambda events: ~events["causality_recorded"],
    "grade >= 3": lambda events: events["grade"] >= 3,
    "related, grade >= 3": lambda events: events["grade"][events["related"]] >= 3,
    "grade not recorded": lambda events: events["grade"].isna(),
    "serious": lambda events: events["serious"],
    "related, serious": lambda events: events["serious"][events["related"]],
    "seriousness not recorded": lambda events: events["serious"].isna(),
    "fatal": lambda events: events["fatal"],
    "led to interruption": lambda events: events["interrupted"],
    "led to reduction": lambda events: events["reduced"],
    "led to discontinuation": lambda events: events["discontinued"],
    "action not recorded": lambda events: events["interrupted"].isna(),
    "special interest": lambda events: events["aesi"].ne(""),
}
UNRECORDED = dict.fromkeys(("n", "events", "estimate", "low", "high"))


def safety_population(subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects with at least one dose who are no screen failures: the denominator of every safety table."""
    return subjects[subjects["treated"].fillna(False) & ~subjects["screen_failure"].fillna(False)]


def safety_table(
    events: pd.DataFrame,
    subjects: pd.DataFrame,
    further: Iterable[pd.DataFrame],
    *,
    categories: Iterable[str],
    settings: Mapping,
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
    categories : iterable of str
        Categories of special interest; one without an event has lines of 0.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    Only treatment-emergent events count; a subject counts once a line, at the highest grade there. A study
    without any event record has no event lines: what was not collected is not zero. Lines are ordered by
    frequency, then name. Layouts follow chevron ``R/aet01.R``, ``aet02.R``, ``aet04.R``, ``aet05.R`` and
    ``aet01_aesi.R``.
    """
    people = safety_population(subjects)
    emergent = events[events["treatment_emergent"]]
    rows: list[dict] = []
    for group, members in groups(people, settings["statistics"]["group_by"]):
        mine = emergent[emergent["subject_id"].isin(members)]
        treated = people[people["subject_id"].isin(members)]
        if len(events):
            rows += numbered(event_lines(mine, treated, categories=categories, settings=settings), group)
    frames = [frame_of(rows, columns.SAFETY), *further]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def event_lines(
    events: pd.DataFrame, treated: pd.DataFrame, *, categories: Iterable[str], settings: Mapping
) -> Iterator[dict]:
    """Lines of all adverse event sections of one group; ``events`` are its emergent ones."""
    total, confidence = len(treated), settings["statistics"]["confidence"]
    yield from overview_lines(events, total, confidence)
    parts = {(category, term): part for category, term, part in ordered_terms(events)}
    for (category, term), part in parts.items():
        yield share("soc_pt", category, term, "any", part, total, confidence)
        yield from _grade_lines(category, term, part, total, confidence)
    yield from special_interest_lines(events, total, confidence, categories)
    yield from infusion_lines(events, total, settings=settings)
    yield from exposure_lines(
        _exposure_measures(events, parts),
        treated,
        window_days=settings["adverse_events"]["window_days"],
        confidence=confidence,
    )


def _exposure_measures(
    events: pd.DataFrame, parts: Mapping[tuple[str, str], pd.DataFrame]
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for name, rule in OVERVIEW.items():
        met = rule(events)
        if not unrecorded(met):
            yield name, "", meeting(events, met)
    for (category, term), part in parts.items():
        if term:
            yield category, term, part


def overview_lines(events: pd.DataFrame, total: int, confidence: float) -> Iterator[dict]:
    """Subjects with any event, related, severe, serious, fatal, and by what was done with the drug."""
    for name, rule in OVERVIEW.items():
        yield _of_those_that_meet("overview", name, "any", events, rule(events), total, confidence)


def _of_those_that_meet(
    section: str,
    category: str,
    level: str,
    events: pd.DataFrame,
    met: pd.Series,
    total: int,
    confidence: float,
) -> dict:
    """A line of the events that meet a rule; no number where no event has recorded what it rests on."""
    line = share(section, category, "", level, meeting(events, met), total, confidence)
    return line | UNRECORDED | {"method": NOBODY_RECORDED} if unrecorded(met) else line


def meeting(events: pd.DataFrame, met: pd.Series) -> pd.DataFrame:
    """Events that are known to meet a rule; ``met`` has the index of the events that the rule asks about."""
    return events[events.index.isin(met.index[met.fillna(False).astype(bool)])]


def unrecorded(met: pd.Series) -> bool:
    """Whether no event has recorded what a rule asks about."""
    return bool(len(met) and met.isna().all())


def ordered_terms(events: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(SOC, PT, events) of each line: classes by subjects then name, each followed by its terms likewise.

    An empty term stands for the class as a whole.
    """
    for soc, of_class in _by_frequency(events, "soc"):
        yield soc, "", of_class
        for term, of_term in _by_frequency(of_class, "preferred_term"):
            yield soc, term, of_term


def _by_frequency(events: pd.DataFrame, column: str) -> list[tuple[str, pd.DataFrame]]:
    parts = list(events.groupby(column))
    return sorted(parts, key=lambda part: (-part[1]["subject_id"].nunique(), part[0]))


def special_interest_lines(
    events: pd.DataFrame, total: int, confidence: float, categories: Iterable[str]
) -> Iterator[dict]:
    """Lines of each category of special interest: any, severe, serious; onset, duration and outcome."""
    exploded = events.assign(category=events["aesi"].str.split("; ")).explode("category")
    exploded = exploded[exploded["category"].fillna("").ne("")]
    for category in sorted(set(categories) | set(exploded["category"])):
        part = exploded[exploded["category"] == category]
        levels = {
            "any": part["treatment_emergent"],
            "grade >= 3": part["grade"] >= 3,
            "serious": part["serious"],
        }
        for level, met in levels.items():
            yield _of_those_that_meet("aesi", category, level, part, met, total, confidence)
        if part.empty:
            continue
        onset = part.groupby("subject_id")["start_day"].min()
        yield _median("aesi_onset", category, onset, "first event of each subject, by study day")
        yield _median("aesi_duration", category, part["duration_days"], "events that ended")
        outcomes = part["outcome"].replace("", "not recorded")
        for outcome in sorted(set(outcomes)):
            yield share("aesi_outcome", category, "", outcome, part[outcomes == outcome], total, confidence)


def infusion_lines(events: pd.DataFrame, total: int, *, settings: Mapping) -> Iterator[dict]:
    """Categories of infusion reactions by their time after a dose.

    Subjects with an event within the hours of a dose, and with one whose time leaves it open: the share of
    those within the hours lies between the first line and the two together.
    """
    rule, confidence = settings["adverse_events"], settings["statistics"]["confidence"]
    within = f"within {rule['infusion_hours']:g} h of a dose"
    for category in rule["infusion_categories"]:
        part = events[in_category(events, category)]
        if part.empty:
            continue
        near, unknown = part["near_dose"].fillna(False), part["near_dose"].isna()
        for level, rows in ((within, part[near]), ("time after a dose not known", part[unknown])):
            yield share("aesi_infusion", category, "", level, rows, total, confidence)


def in_category(events: pd.DataFrame, category: str) -> pd.Series:
    """Whether each event belongs to a category of special interest."""
    found = [category in names.split("; ") for names in events["aesi"]]
    return pd.Series(found, index=events.index, dtype=bool)


def share(
    section: str, category: str, term: str, level: str, events: pd.DataFrame, total: int, confidence: float
) -> dict:
    """A line that counts subjects among all treated, and the events behind them."""
    line = {"section": section, "category": category, "term": term, "level": level}
    return line | counted(events["subject_id"].nunique(), len(events), total, confidence)


def counted(count: int, records: int, total: int, confidence: float) -> dict:
    """The numbers of a line that counts subjects among all treated."""
    return {
        "n": count,
        "N": total,
        "events": records,
        **exact_interval(count, total, confidence)._asdict(),
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


def _grade_lines(
    category: str, term: str, events: pd.DataFrame, total: int, confidence: float
) -> Iterator[dict]:
    grades = events["grade"].fillna(NO_GRADE).astype(int).tolist()
    highest: dict[str, int] = {}
    for subject, grade in zip(events["subject_id"], grades, strict=True):
        highest[subject] = max(grade, highest.get(subject, NO_GRADE))
    subjects, records = Counter(highest.values()), Counter(grades)
    for level, members in GRADE_GROUPS.items():
        count, found = (sum(counter[grade] for grade in members) for counter in (subjects, records))
        line = {"section": "worst_grade", "category": category, "term": term, "level": level}
        yield line | counted(count, found, total, confidence)


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
