"""Findings of the response derivation about subjects and lesion assessments."""

from collections.abc import Iterator

import pandas as pd

from clearher.clinical.days import spoken
from clearher.problems import Problem

READER = ["subject_id", "evaluator", "evaluator_id"]


def of_visits(visits: pd.DataFrame, lesions: pd.DataFrame, records: pd.DataFrame) -> Iterator[Problem]:
    """Lesion assessments that are odd in themselves or differ from the recorded response."""
    yield from _disagreements(visits)
    yield from _incomplete(visits)
    yield from _no_baseline(visits, lesions)
    yield from _repeated_measurements(lesions)
    yield from _other_diameters(lesions)
    yield from _without_record(visits, records)


def _visit_problem(row: tuple, check: str, found: str, expected: str, remedy: str) -> Problem:
    reader = f" {row.evaluator_id}" if row.evaluator_id else ""
    return Problem(
        check=check,
        severity="warning",
        subject_id=row.subject_id,
        column=f"{row.evaluator}{reader}",
        found=f"{spoken(row.date)}: {found}",
        expected=expected,
        remedy=remedy,
        file=f"lesions of {spoken(row.date)}",
    )


def _disagreements(visits: pd.DataFrame) -> Iterator[Problem]:
    for row in visits[visits["agrees"].eq(False).fillna(False)].itertuples():
        found = f"recorded {row.recorded}, computed {row.overall} from the lesions"
        check = (
            "new_lesion_without_pd" if row.new_lesion and row.recorded != "PD" else "recorded_against_lesions"
        )
        yield _visit_problem(row, check, found, "the same response", "The recorded response counts.")


def _incomplete(visits: pd.DataFrame) -> Iterator[Problem]:
    rows = visits[visits["target_response"].ne("") & ~visits["complete"]]
    for row in rows.itertuples():
        found = f"{row.n_measured} of {row.n_targets} target lesions measured"
        if row.n_measured >= row.n_targets:
            found = "target lesions other than at baseline"
        yield _visit_problem(
            row,
            "incomplete_lesion_set",
            found,
            "exactly the baseline lesions, all measured",
            "No percent change.",
        )


def _no_baseline(visits: pd.DataFrame, lesions: pd.DataFrame) -> Iterator[Problem]:
    targets = lesions.loc[lesions["lesion_class"].eq("TARGET") & lesions["date"].notna(), READER]
    later = visits[visits["overall"].ne("") & visits["baseline_mm"].isna()]
    without = later.merge(targets.drop_duplicates(), on=READER).drop_duplicates(READER)
    for row in without.itertuples():
        yield _visit_problem(
            row,
            "no_complete_baseline",
            "no assessment on or before the reference date measures every target lesion",
            "a complete baseline set",
            "No percent change and no target response other than NE.",
        )


def _repeated_measurements(lesions: pd.DataFrame) -> Iterator[Problem]:
    key = [*READER, "date", "lesion_id", "measure"]
    rows = lesions[lesions["date"].notna() & lesions["lesion_class"].eq("TARGET")]
    for row in rows[rows.duplicated(key, keep=False)].drop_duplicates(key).itertuples():
        yield _visit_problem(
            row,
            "repeated_measurement",
            f"lesion {row.lesion_id} measured more than once ({row.measure})",
            "one measurement of a lesion",
            "The record with the highest sequence counts.",
        )


def _other_diameters(lesions: pd.DataFrame) -> Iterator[Problem]:
    """Targets of which only the diameter that does not belong in the sum was ever measured."""
    rows = lesions[
        lesions["lesion_class"].eq("TARGET") & lesions["value_mm"].notna() & lesions["date"].notna()
    ]
    nodal = rows["nodal"].fillna(False).astype(bool)
    right = rows["measure"].eq("LPERP") == nodal
    never = ~right.groupby([rows[name] for name in [*READER, "lesion_id"]]).transform("any").astype(bool)
    for row in rows[never].drop_duplicates([*READER, "lesion_id"]).itertuples():
        kind, wanted = ("node", "short axis, LPERP") if row.nodal else ("lesion", "longest diameter, LDIAM")
        yield _visit_problem(
            row,
            "diameter_not_for_the_sum",
            f"target {kind} {row.lesion_id} has {row.measure} only",
            f"its {wanted}",
            "The lesion is in no sum and decides no response; correct the measure or the site.",
        )


def _without_record(visits: pd.DataFrame, records: pd.DataFrame) -> Iterator[Problem]:
    recorded = set(records["evaluator"].unique())
    rows = visits[visits["overall"].ne("") & visits["recorded"].eq("") & visits["evaluator"].isin(recorded)]
    computed = records[records["derived_from"].eq("lesions")]["evaluator"].unique()
    for row in rows[~rows["evaluator"].isin(computed)].itertuples():
        yield _visit_problem(
            row,
            "lesions_without_response",
            f"lesions give {row.overall}, no response is recorded on that day",
            "a recorded overall response",
            "The lesion assessment does not count.",
        )
