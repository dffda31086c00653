"""Response per subject and evaluator: best overall response, confirmation, benefit, best change, reasons."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from clearher.clinical import response_findings, supplied
from clearher.clinical.agreement import agreement_table
from clearher.clinical.confirmation import RESPONSES, best_response, confirm, first_of, strict_table_3
from clearher.clinical.days import duration, study_day
from clearher.clinical.recist import visit_table
from clearher.clinical.response_sentence import response_sentences
from clearher.clinical.selection import (
    before_new_therapy,
    eligible_subjects,
    first_new_therapy,
    select,
    selection_findings,
    selection_rule,
    selection_table,
    step_counts,
    used_rows,
)
from clearher.columns import clinical as columns
from clearher.problems import Problem
from clearher.tables import conform, empty


class ResponseTables(NamedTuple):
    """What the response derivation makes."""

    responses: pd.DataFrame
    visits: pd.DataFrame
    selection: pd.DataFrame
    steps: pd.DataFrame
    agreement: pd.DataFrame
    findings: list[Problem]


def response_tables(
    subjects: pd.DataFrame,
    assessments: pd.DataFrame,
    lesions: pd.DataFrame,
    therapies: pd.DataFrame,
    supplied_values: pd.DataFrame,
    *,
    settings: Mapping,
) -> ResponseTables:
    """All response tables of the clinical stage.

    Parameters
    ----------
    subjects, assessments, lesions, therapies, supplied_values : pandas.DataFrame
        Tables SUBJECTS, ASSESSMENTS, LESIONS, THERAPIES and SUPPLIED of intake.
    settings : Mapping
        Section ``clinical`` of the configuration.

    Returns
    -------
    ResponseTables
        Without recorded responses of an evaluator the responses computed from the lesions stand in; with
        neither, the supplied values of the study.

    Raises
    ------
    InputError
        Unknown response values; several readers and none accepted.
    """
    eligible = eligible_subjects(subjects)
    visits = visit_table(lesions, assessments, eligible, settings=settings)
    records = with_computed_responses(assessments, visits)
    evaluators = [name for name in columns.EVALUATORS if records["evaluator"].eq(name).any()]
    new_therapy = first_new_therapy(therapies, eligible, settings["time_to_event"]["new_therapy"]["sources"])
    parts, selections, steps, findings = [], [], [], []
    for evaluator in evaluators:
        selection = select(records, eligible, new_therapy, selection_rule(settings, evaluator))
        confirmed = confirm_by(selection, settings)
        parts.append(
            _evaluator_responses(
                eligible, selection, confirmed, visits, new_therapy, evaluator, settings=settings
            )
        )
        selections.append(selection_table(selection, confirmed))
        steps.append(step_counts(selection, evaluator))
        findings.extend(selection_findings(selection))
    if not evaluators:
        part, remarks = supplied.responses(subjects, supplied_values, settings=settings)
        parts.append(part)
        findings.extend(remarks)
    responses = _joined(parts, columns.RESPONSES)
    findings.extend(response_findings.of_visits(visits, lesions, records))
    return ResponseTables(
        responses=responses,
        visits=visits,
        selection=_joined(selections, columns.SELECTION),
        steps=_joined(steps, columns.STEP_COUNTS),
        agreement=agreement_table(responses, confidence=settings["statistics"]["confidence"]),
        findings=findings,
    )


def with_computed_responses(assessments: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Recorded responses, and for an evaluator who recorded none those computed from the lesions.

    Returns
    -------
    pandas.DataFrame
        As ASSESSMENTS with ``derived_from`` (assessments or lesions).
    """
    recorded = assessments.assign(derived_from="assessments")
    silent = visits["overall"].ne("") & ~visits["evaluator"].isin(assessments["evaluator"].unique())
    rows = visits[silent]
    if rows.empty:
        return recorded
    computed = rows[["subject_id", "evaluator", "evaluator_id", "date", "visit"]].assign(
        sequence=pd.array(rows.groupby("subject_id").cumcount() + 1, dtype="Int64"),
        date_text=rows["date"].dt.strftime("%Y-%m-%d"),
        date_imputed="",
        visit_number=np.nan,
        accepted=pd.array([pd.NA] * len(rows), dtype="boolean"),
        response=rows["overall"],
        source="lesions of " + rows["date"].dt.strftime("%Y-%m-%d"),
        derived_from="lesions",
    )
    return computed if recorded.empty else pd.concat([recorded, computed], ignore_index=True)


def confirm_by(selection: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Usable rows of a selection with their confirmation by the configured rule."""
    rule = settings["response"]["confirmation"]
    return confirm(
        used_rows(selection), min_days=rule["min_days"], max_ne=rule["max_ne"], accept_sd=rule["accept_sd"]
    )


def sd_from(settings: Mapping) -> int:
    """Days from the reference date from which stable disease counts."""
    rule = settings["response"]["sd"]
    return rule["min_days"] - rule["window_days"]


def confirmed_rows(rows: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Rows for the confirmed parameters: as they are, or by RECIST table 3 to the letter."""
    if settings["response"]["confirmation"]["table3_strict"]:
        return strict_table_3(rows, sd_from=sd_from(settings))
    return rows


def subject_responses(rows: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Response parameters of every subject with a usable row.

    Parameters
    ----------
    rows : pandas.DataFrame
        Usable rows with confirmation, as from :func:`confirm_by`.
    settings : Mapping
        Section ``clinical``.

    Returns
    -------
    pandas.DataFrame
        Index subject_id; best response, first response, PD, benefit, each with date.

    References
    ----------
    pharmaverse/admiralonco inst/templates/ad_adrs.R, R/derive_param_bor.R, R/derive_param_confirmed_bor.R.
    """
    second = confirmed_rows(rows, settings)
    table = pd.DataFrame(index=pd.Index(rows["subject_id"].unique(), name="subject_id"))
    every = rows["value"].isin(RESPONSES)
    start = sd_from(settings)
    _put(table, "bor", best_response(rows, every, sd_from=start))
    _put(table, "confirmed_bor", best_response(second, second["confirmed"], sd_from=start))
    _put(table, "response", first_of(rows, every))
    _put(table, "confirmed_response", first_of(second, second["confirmed"]))
    _put(table, "first_pd", first_of(rows, rows["value"].eq("PD")))
    last = rows[rows["value"].ne("NE")].drop_duplicates("subject_id", keep="last")
    _put(table, "last_adequate", last[["subject_id", "date", "days", "source"]])
    _add_benefit(table, rows, second, settings=settings)
    table["n_assessments"] = rows.groupby("subject_id").size()
    table["n_adequate"] = rows["value"].ne("NE").groupby(rows["subject_id"]).sum()
    table["all_ne"] = rows["value"].eq("NE").groupby(rows["subject_id"]).all()
    table["confirmed_by"] = (
        second[second["confirmed"]].drop_duplicates("subject_id").set_index("subject_id")["confirmed_by"]
    )
    return table


def _put(table: pd.DataFrame, name: str, found: pd.DataFrame) -> None:
    found = found.set_index("subject_id")
    if "category" in found:
        table[name] = found["category"]
    table[f"{name}_date"] = found["date"]
    table[f"{name}_source"] = found["source"]


def _add_benefit(table: pd.DataFrame, rows: pd.DataFrame, second: pd.DataFrame, *, settings: Mapping) -> None:
    rule = settings["response"]
    start = sd_from(settings)
    usual = rule["cbr_min_days"]
    benefit_from = start if usual is None else usual - rule["sd"]["window_days"]
    long_from = rule["cbr_long_days"] - rule["sd"]["window_days"]
    every, certain = rows["value"].isin(RESPONSES), second["confirmed"]
    plan = {
        "disease_control": (rows, every, start),
        "disease_control_confirmed": (second, certain, start),
        "clinical_benefit": (rows, every, benefit_from),
        "clinical_benefit_confirmed": (second, certain, benefit_from),
        "clinical_benefit_24w": (rows, every, long_from),
    }
    stable = ["CR", "PR", "SD"] + (["NON-CR/NON-PD"] if rule["sd"]["count_non_cr_non_pd"] else [])
    for name, (source, credited, from_day) in plan.items():
        held = source["value"].isin(stable) & source["days"].ge(from_day)
        found = first_of(source, credited | held).set_index("subject_id")
        table[name] = table.index.isin(found.index)
        if name == "clinical_benefit":
            table["clinical_benefit_date"] = found["date"]


def _evaluator_responses(
    eligible: pd.DataFrame,
    selection: pd.DataFrame,
    confirmed: pd.DataFrame,
    visits: pd.DataFrame,
    new_therapy: pd.DataFrame,
    evaluator: str,
    *,
    settings: Mapping,
) -> pd.DataFrame:
    table = subject_responses(confirmed, settings=settings).reindex(eligible["subject_id"]).reset_index()
    frame = table.merge(eligible[["subject_id", "reference_date", "death_date"]], on="subject_id")
    therapy = new_therapy.rename(columns={"date": "new_therapy_date"})[["subject_id", "new_therapy_date"]]
    frame = frame.merge(therapy, on="subject_id", how="left").assign(evaluator=evaluator)
    frame = frame.merge(_lesion_facts(visits, selection, evaluator), on="subject_id", how="left")
    frame = frame.merge(
        best_changes(visits, selection, frame, settings=settings),
        on="subject_id",
        how="left",
    )
    _fill_classes(frame)
    _add_reasons(frame, selection)
    frame["bor_day"] = study_day(frame["bor_date"], frame["reference_date"])
    frame["response_day"] = study_day(frame["response_date"], frame["reference_date"])
    frame["time_to_response_days"] = duration(frame["reference_date"], frame["response_date"])
    origin = selection["derived_from"].iloc[0] if len(selection) else "assessments"
    frame["derived_from"] = origin
    frame["sentence"] = response_sentences(frame)
    return conform(frame[columns.RESPONSES.names], columns.RESPONSES)


def _fill_classes(frame: pd.DataFrame) -> None:
    frame["bor"] = frame["bor"].fillna("NE")
    frame["confirmed_bor"] = frame["confirmed_bor"].fillna("NE")
    for name in ("n_assessments", "n_adequate"):
        frame[name] = frame[name].fillna(0).astype("Int64")
    frame["responder"] = frame["response_date"].notna()
    frame["confirmed_responder"] = frame["confirmed_response_date"].notna()
    for name in columns.RESPONSES.names:
        if name.startswith(("disease_control", "clinical_benefit")) and not name.endswith("_date"):
            frame[name] = frame[name].eq(True)
    progressed = frame["non_target_progression"].astype("boolean")
    frame["non_target_progression"] = progressed.where(frame["measurable"].notna())


def _add_reasons(frame: pd.DataFrame, selection: pd.DataFrame) -> None:
    steps = selection.groupby("subject_id")["step"].agg(set)
    met = frame["subject_id"].map(steps)
    met = [steps if isinstance(steps, set) else set() for steps in met]
    has = {step: np.array([step in steps for steps in met], dtype=bool) for step in columns.STEPS}
    undated_only = has["undated"] & np.array([s <= {"undated", "other_reader"} for s in met], dtype=bool)
    none = frame["n_assessments"].eq(0).to_numpy(dtype=bool)
    no_baseline = frame["measurable"].notna() & ~frame["has_baseline"].eq(True)
    rules = [
        none & undated_only,
        none & has["new_therapy"],
        none & frame["new_therapy_date"].notna(),
        none & frame["death_date"].notna(),
        none,
        no_baseline,
        frame["all_ne"].eq(True),
    ]
    words = [
        "unusable dates only",
        "new therapy first",
        "new therapy first",
        "died first",
        "no post-baseline assessment",
        "no baseline",
        "all assessments not evaluable",
    ]
    reason = np.select([np.asarray(rule, dtype=bool) for rule in rules], words, "stable disease too early")
    frame["ne_reason"] = np.where(frame["bor"].eq("NE"), reason, "")
    frame["confirmed_ne_reason"] = np.where(frame["confirmed_bor"].eq("NE"), reason, "")


def _lesion_facts(visits: pd.DataFrame, selection: pd.DataFrame, evaluator: str) -> pd.DataFrame:
    rows = visits[visits["evaluator"].eq(evaluator)]
    by_subject = rows.groupby("subject_id")
    facts = pd.DataFrame({"measurable": by_subject["n_targets"].max().gt(0)})
    at_start = rows["study_day"].le(1) & (rows["n_measured"].gt(0) | rows["baseline"])
    others = rows["nontarget_response"].ne("")
    facts["has_baseline"] = (at_start | others).groupby(rows["subject_id"]).any()
    pd_rows = _accepted_points(rows, selection)
    elsewhere = pd_rows["overall"].eq("PD") & pd_rows["target_response"].ne("PD")
    facts["non_target_progression"] = elsewhere.groupby(pd_rows["subject_id"]).any()
    facts["non_target_progression"] = facts["non_target_progression"].eq(True)
    facts["measurable"] = facts["measurable"].astype("boolean")
    return facts.reset_index()


def _accepted_points(visits: pd.DataFrame, selection: pd.DataFrame) -> pd.DataFrame:
    """Lesion assessments of the reader whose overall response counts that day; all where one reads."""
    several = visits.groupby("subject_id")["evaluator_id"].transform("nunique").gt(1)
    accepted = selection.loc[
        ~selection["step"].isin(["other_reader", "undated"]), ["subject_id", "evaluator_id", "date"]
    ].drop_duplicates()
    key = ["subject_id", "evaluator_id", "date"]
    marked = visits.merge(accepted.assign(marked=True), on=key, how="left")["marked"].eq(True).to_numpy()
    return visits[~several | marked]


def best_changes(
    visits: pd.DataFrame, selection: pd.DataFrame, frame: pd.DataFrame, *, settings: Mapping
) -> pd.DataFrame:
    """Smallest change of the sum of diameters per subject: best_change_percent, best_change_date.

    Parameters
    ----------
    visits : pandas.DataFrame
        Table VISITS.
    selection : pandas.DataFrame
        Selected responses of the evaluator, to know the accepted reader.
    frame : pandas.DataFrame
        subject_id, evaluator, reference_date, first_pd_date, new_therapy_date, death_date.
    settings : Mapping
        Section ``clinical``: ``response.best_change_scope`` says which assessments count, of the complete
        sets after the reference date, not after death, and before a new therapy as
        ``time_to_event.new_therapy`` has it for responses too.
    """
    scope, therapy = settings["response"]["best_change_scope"], settings["time_to_event"]["new_therapy"]
    limits = frame[["subject_id", "evaluator", "first_pd_date", "new_therapy_date", "death_date"]]
    rows = _accepted_points(visits[visits["evaluator"].isin(frame["evaluator"])], selection)
    rows = rows[rows["target_response"].ne("") & rows["change_percent"].notna()]
    rows = rows.merge(limits, on=["subject_id", "evaluator"])
    kept = before_new_therapy(
        rows, rows["date"], applies=therapy["apply"], same_day_counts=therapy["same_day_counts"]
    )
    kept &= rows["death_date"].isna() | rows["date"].le(rows["death_date"])
    if scope == "through_first_pd":
        kept &= rows["first_pd_date"].isna() | rows["date"].le(rows["first_pd_date"])
    elif scope == "before_pd":
        kept &= rows["first_pd_date"].isna() | rows["date"].lt(rows["first_pd_date"])
    best = rows[kept].sort_values(["subject_id", "change_percent", "date"]).drop_duplicates("subject_id")
    names = {"change_percent": "best_change_percent", "date": "best_change_date"}
    return best.rename(columns=names)[["subject_id", *names.values()]]


def _joined(parts: Iterable[pd.DataFrame], table: columns.Table) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return conform(pd.concat(filled, ignore_index=True), table) if filled else empty(table)
