"""Time to event per subject: PFS, OS, duration of response, time to response, under declared rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from clearher.clinical import supplied
from clearher.clinical.days import difference, duration, spoken
from clearher.clinical.missed_visits import too_many_missed
from clearher.clinical.observation import Given, Observation, dated, observe
from clearher.clinical.recist import visit_table
from clearher.clinical.response import with_computed_responses
from clearher.clinical.selection import before_new_therapy, eligible_subjects, first_new_therapy
from clearher.clinical.sources import Source, first_event_or_last_censoring
from clearher.columns import clinical as columns
from clearher.problems import Problem, raise_if_errors
from clearher.tables import conform, empty

PRIMARY = "primary"
TITLES = {
    "PFS": "Progression-free survival",
    "OS": "Overall survival",
    "DOR": "Duration of response",
    "CDOR": "Duration of confirmed response",
    "TTR": "Time to response",
}
STARTS = {"PFS": "reference", "DOR": "response", "CDOR": "confirmed_response"}
PROGRESSION, DEATH, RESPONSE = "Progression", "Death", "Response"
NO_ASSESSMENT = "No adequate assessment after the start"
LAST_ADEQUATE = "No progression or death by the last adequate assessment"
ALIVE, NEVER_SEEN = "Alive when last known", "Not known to be alive after the start"
NEW_THERAPY = "New anti-cancer therapy before progression or death"
MISSED = "Progression or death only after missed assessments"
NO_BASELINE = "No baseline assessment"


@dataclass(frozen=True)
class Rule:
    """One rule set of the time-to-event endpoints.

    Attributes
    ----------
    name : str
        primary, or the name of a sensitivity set.
    evaluator : str
        Whose assessments count.
    new_therapy, missed_visits, no_baseline : bool
        Which censoring rules apply.
    """

    name: str
    evaluator: str
    new_therapy: bool
    missed_visits: bool
    no_baseline: bool


class TimeTables(NamedTuple):
    """What the time-to-event derivation makes."""

    times: pd.DataFrame
    findings: list[Problem]


def rules(settings: Mapping) -> list[Rule]:
    """The primary rule set and the declared sensitivity sets, in this order.

    Raises
    ------
    InputError
        A sensitivity set that is named but not defined.
    """
    section = settings["time_to_event"]
    primary = Rule(
        name=PRIMARY,
        evaluator=settings["response"]["evaluator"],
        new_therapy=section["new_therapy"]["apply"],
        missed_visits=section["missed_visits"]["apply"],
        no_baseline=section["no_baseline"]["apply"],
    )
    raise_if_errors(
        Problem(
            check="rule_set_unknown",
            column="clinical.time_to_event.sensitivity",
            found=name,
            expected="one of " + ", ".join(sorted(section["rule_sets"])),
            remedy="Define it in clinical.time_to_event.rule_sets.",
        )
        for name in section["sensitivity"]
        if name not in section["rule_sets"]
    )
    return [primary, *(replace(primary, name=n, **section["rule_sets"][n]) for n in section["sensitivity"])]


def time_tables(
    subjects: pd.DataFrame,
    assessments: pd.DataFrame,
    lesions: pd.DataFrame,
    therapies: pd.DataFrame,
    contacts: pd.DataFrame,
    supplied_values: pd.DataFrame,
    *,
    settings: Mapping,
) -> TimeTables:
    """Table TIME_TO_EVENT of all endpoints and rules.

    Parameters
    ----------
    subjects, assessments, lesions, therapies, contacts, supplied_values : pandas.DataFrame
        Tables of intake.
    settings : Mapping
        Section ``clinical``.

    Returns
    -------
    TimeTables
        A rule whose evaluator assessed nobody while others did is left out, with a finding, an error where
        it is the primary one. Without any assessment the supplied times of the study stand in, under the
        primary rule. OS does not depend on assessments and stands under the primary rule only.

    Raises
    ------
    InputError
        An event or censoring date before its start, listed for all subjects at once.
    """
    eligible = eligible_subjects(subjects)
    visits = visit_table(lesions, assessments, eligible, settings=settings)
    records = with_computed_responses(assessments, visits)
    therapy = first_new_therapy(therapies, eligible, settings["time_to_event"]["new_therapy"]["sources"])
    given = Given(eligible, records, visits, therapy, contacts)
    if records.empty and len(supplied_values):
        parts, findings = _supplied_parts(subjects, supplied_values, given, settings=settings)
    else:
        parts, findings = _derived_parts(given, settings=settings)
    times = _finished(parts, settings["statistics"]["days_per_month"])
    raise_if_errors(_ends_before_start(times))
    if len(records):
        findings = [*findings, *supplied.against_derived(times, supplied_values)]
    return TimeTables(times, [*findings, *_imputed_deaths(eligible, times)])


def _derived_parts(given: Given, *, settings: Mapping) -> tuple[list[pd.DataFrame], list[Problem]]:
    parts, findings = [], []
    wanted = settings["time_to_event"]["endpoints"]
    if "OS" in wanted:
        parts.append(overall_survival(given).assign(endpoint="OS", rule=PRIMARY))
    for rule in rules(settings):
        if rule.name == PRIMARY and _others_assessed(given.records, rule.evaluator):
            findings.append(_nobody_assessed(given.records, rule))
            continue
        if rule.name != PRIMARY and not given.records["evaluator"].eq(rule.evaluator).any():
            findings.append(_left_out(rule))
            continue
        seen = observe(given, evaluator=rule.evaluator, new_therapy=rule.new_therapy, settings=settings)
        for endpoint in wanted:
            if endpoint == "TTR":
                parts.append(time_to_response(seen).assign(endpoint=endpoint, rule=rule.name))
            elif endpoint != "OS":
                part = until_progression(seen, STARTS[endpoint], rule, settings=settings)
                parts.append(part.assign(endpoint=endpoint, rule=rule.name))
    return parts, findings


def until_progression(seen: Observation, start: str, rule: Rule, *, settings: Mapping) -> pd.DataFrame:
    """Time from a start to the first PD or death, else to the last adequate assessment.

    Parameters
    ----------
    seen : Observation
        Dates per subject under the rule.
    start : {"reference", "response", "confirmed_response"}
        Day 1; subjects without it (non-responders) get no row.
    rule : Rule
        Censoring rules. New therapy: later PD and death do not count. Missed visits: an event after too
        many missed assessments is censored at the last adequate one before it. No baseline: PFS of a
        subject with assessments but without baseline is censored at the start.
    settings : Mapping
        Section ``clinical``.

    Returns
    -------
    pandas.DataFrame
        As from :func:`first_event_or_last_censoring`.

    References
    ----------
    pharmaverse/admiralonco inst/templates/ad_adtte.R; FDA, Clinical Trial Endpoints, appendix 3, table A.
    """
    facts = seen.facts.assign(start_date=seen.facts[f"{start}_date"])
    therapy = settings["time_to_event"]["new_therapy"]
    counts = before_new_therapy(
        facts, facts["death_date"], applies=rule.new_therapy, same_day_counts=therapy["same_day_counts"]
    )
    deaths = dated(facts[counts], "death").assign(source="subjects.death_date")
    rows = first_event_or_last_censoring(
        facts,
        [Source(PROGRESSION, dated(facts, "pd")), Source(DEATH, deaths)],
        [Source(NO_ASSESSMENT, dated(facts, "start")), Source(LAST_ADEQUATE, dated(facts, "last_adequate"))],
    )
    rows = rows.merge(
        facts[["subject_id", "reference_date", "new_therapy_date", "has_baseline", "last_adequate_date"]],
        on="subject_id",
    )
    if rule.new_therapy:
        ended = ~rows["event"].astype(bool) & rows["new_therapy_date"].notna()
        rows.loc[ended, "description"] = NEW_THERAPY
    if rule.missed_visits:
        rows = _censor_after_missed(rows, seen.adequate, settings["time_to_event"])
    if rule.no_baseline and start == "reference":
        _censor_without_baseline(rows)
    return rows


def _censor_after_missed(rows: pd.DataFrame, adequate: pd.DataFrame, section: Mapping) -> pd.DataFrame:
    pairs = rows[["subject_id", "end_date"]].merge(adequate, on="subject_id")
    last = pairs[pairs["date"].lt(pairs["end_date"])].drop_duplicates("subject_id", keep="last")
    last = last.rename(columns={"date": "before_date", "source": "before_source"})
    rows = rows.merge(last[["subject_id", "before_date", "before_source"]], on="subject_id", how="left")
    before = rows["before_date"].fillna(rows["start_date"])
    missed = too_many_missed(
        difference(before, rows["reference_date"]),
        difference(rows["end_date"], rows["reference_date"]),
        schedule=section["assessments"],
        max_missed=section["missed_visits"]["max_missed"],
    )
    hit = rows["event"].astype(bool) & missed
    rows.loc[hit, "end_date"] = before[hit]
    rows.loc[hit, "source"] = rows.loc[hit, "before_source"].fillna("")
    rows.loc[hit, "description"] = MISSED
    rows.loc[hit, "event"] = False
    return rows


def _censor_without_baseline(rows: pd.DataFrame) -> None:
    hit = ~rows["has_baseline"] & rows["last_adequate_date"].notna()
    rows.loc[hit, "end_date"] = rows.loc[hit, "start_date"]
    rows.loc[hit, "description"] = NO_BASELINE
    rows.loc[hit, "source"] = ""
    rows.loc[hit, "event"] = False


def overall_survival(given: Given) -> pd.DataFrame:
    """Time from the reference date to death, else to the last day the subject was known to be alive.

    Known alive is the latest of ``last_alive_date`` and every dated assessment, never after the cut; a
    subject never seen after the reference date is censored there.
    """
    people = given.subjects.assign(start_date=given.subjects["reference_date"])
    dead = people[people["death_date"].notna()]
    deaths = pd.DataFrame(
        {"subject_id": dead["subject_id"], "date": dead["death_date"], "source": "subjects.death_date"}
    )
    start = people[["subject_id", "start_date"]].rename(columns={"start_date": "date"}).assign(source="")
    alive = _alive(people, given)
    return first_event_or_last_censoring(
        people, [Source(DEATH, deaths)], [Source(NEVER_SEEN, start), Source(ALIVE, alive)]
    )


def _alive(people: pd.DataFrame, given: Given) -> pd.DataFrame:
    latest = people[["subject_id", "last_alive_date"]].rename(columns={"last_alive_date": "date"})
    proofs = given.contacts.sort_values(["subject_id", "date", "domain", "variable", "sequence"])
    number = proofs["sequence"].astype(str).replace("<NA>", "")
    proofs = proofs.assign(source=(proofs["domain"] + "." + proofs["variable"] + " record " + number))
    proofs = proofs.drop_duplicates(["subject_id", "date"])[["subject_id", "date", "source"]]
    latest = latest.merge(proofs, on=["subject_id", "date"], how="left")
    latest["source"] = latest["source"].fillna("subjects.last_alive_date")
    scans = given.records.loc[given.records["date"].notna(), ["subject_id", "date", "source"]]
    rows = pd.concat([part for part in (scans, latest) if len(part)] or [latest], ignore_index=True)
    rows = rows.merge(people[["subject_id", "cut_date"]], on="subject_id")
    return rows[~rows["date"].gt(rows["cut_date"])]


def time_to_response(seen: Observation) -> pd.DataFrame:
    """Time from the reference date to the first response; responders only."""
    facts = seen.facts[seen.facts["response_date"].notna()]
    starts = facts.rename(columns={"reference_date": "start_date"})
    return first_event_or_last_censoring(starts, [Source(RESPONSE, dated(facts, "response"))], [])


def _supplied_parts(
    subjects: pd.DataFrame, values: pd.DataFrame, given: Given, *, settings: Mapping
) -> tuple[list[pd.DataFrame], list[Problem]]:
    parts, findings = [], []
    for endpoint in settings["time_to_event"]["endpoints"]:
        rows, remarks = supplied.times(subjects, values, endpoint)
        if endpoint == "OS" and rows.empty:
            rows = overall_survival(given)
        parts.append(rows.assign(endpoint=endpoint, rule=PRIMARY))
        findings.extend(remarks)
    return parts, findings


def _finished(parts: list[pd.DataFrame], days_per_month: float) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty(columns.TIME_TO_EVENT)
    rows = pd.concat(filled, ignore_index=True)
    counted = duration(pd.to_datetime(rows["start_date"]), pd.to_datetime(rows["end_date"]))
    rows["days"] = rows["days"].astype("Int64").fillna(counted) if "days" in rows else counted
    rows["months"] = rows["days"].astype("float64") / days_per_month
    happened = rows["event"].astype(bool)
    rows["event_description"] = rows["description"].where(happened, "")
    rows["censor_reason"] = rows["description"].where(~happened, "")
    rows["source"] = rows["source"].fillna("")
    rows["sentence"] = [_sentence(row) for row in rows.to_dict("records")]
    return conform(rows[columns.TIME_TO_EVENT.names], columns.TIME_TO_EVENT)


def _sentence(row: dict) -> str:
    title, start, end = TITLES[row["endpoint"]], spoken(row["start_date"]), spoken(row["end_date"])
    outcome = "event" if row["event"] else "censored"
    record = f" ({row['source']})" if row["source"] else ""
    when = f" on {end}" if end else ""
    since = f", day 1 being {start}" if start else ""
    return f"{title}: {outcome} after {row['days']} days{since}. {row['description']}{when}{record}."


def _ends_before_start(times: pd.DataFrame) -> Iterator[Problem]:
    for row in times[times["days"].lt(1).fillna(False) & times["start_date"].notna()].itertuples():
        yield Problem(
            check="negative_duration",
            subject_id=row.subject_id,
            file=row.source,
            column=f"{row.endpoint} ({row.rule})",
            found=f"{row.event_description or row.censor_reason} on {spoken(row.end_date)}",
            expected=f"a date on or after the start, {spoken(row.start_date)}",
            remedy="Correct the date of the event, of the reference or of the response.",
        )


def _imputed_deaths(subjects: pd.DataFrame, times: pd.DataFrame) -> Iterator[Problem]:
    dead = times[times["event_description"].eq(DEATH)]["subject_id"].unique()
    rows = subjects[subjects["subject_id"].isin(dead) & subjects["death_date_imputed"].ne("")]
    for row in rows.itertuples():
        yield Problem(
            check="imputed_death_date",
            severity="warning",
            subject_id=row.subject_id,
            column="death_date",
            found=f"{row.death_text}, taken as {spoken(row.death_date)}",
            expected="a full date of death, for it decides an endpoint",
            remedy="The first possible day counts, not before the last day known alive; ask for the day.",
        )


def _others_assessed(records: pd.DataFrame, evaluator: str) -> bool:
    """Whether there are assessments, all by others: deaths alone would then pass for a whole follow-up."""
    return bool(len(records)) and not records["evaluator"].eq(evaluator).any()


def _nobody_assessed(records: pd.DataFrame, rule: Rule) -> Problem:
    return Problem(
        check="evaluator_without_assessments",
        column="clinical.response.evaluator",
        found=f"no assessment by {rule.evaluator}, but by {', '.join(sorted(records['evaluator'].unique()))}",
        expected="assessments by the evaluator of the endpoints",
        remedy="Name the evaluator whose assessments were delivered.",
        otherwise="No time to progression is derived.",
    )


def _left_out(rule: Rule) -> Problem:
    return Problem(
        check="sensitivity_left_out",
        severity="info",
        column=f"clinical.time_to_event.rule_sets.{rule.name}",
        found=f"no assessment by {rule.evaluator}",
        expected="assessments by the evaluator of the rule set",
        remedy="The sensitivity rule is left out.",
    )
