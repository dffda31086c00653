"""The safety part of one subject's derivation: doses, events, heart function and antibodies as lines."""

from collections.abc import Iterator

import pandas as pd

from clearher.clinical.days import spoken

CONSEQUENCES = ("interrupted", "reduced", "discontinued")
NOT_USED = ("NO SAMPLE", "NOT DUE")


def holds(value: object) -> bool:
    """Whether a truth value is known and true."""
    return bool(pd.notna(value) and value)


def dose_lines(rows: pd.DataFrame) -> Iterator[str]:
    """Each dose with its record."""
    for row in rows.sort_values(["start_date", "sequence"]).itertuples():
        given = " ".join(f"{part}" for part in (row.treatment, _number(row.dose), row.dose_unit) if part)
        yield f"{row.start_text or 'no date'}: {given or 'dose'} [{row.source}]"


def event_lines(rows: pd.DataFrame) -> Iterator[str]:
    """Each adverse event, whether it is treatment-emergent and by which part of the rule."""
    for row in rows.sort_values(["start_date", "sequence"]).itertuples():
        emergent = "treatment-emergent" if row.treatment_emergent else "not treatment-emergent"
        parts = [row.preferred_term, "no grade" if pd.isna(row.grade) else f"grade {row.grade}"]
        parts += [word for word in ("serious", "fatal", "related") if holds(getattr(row, word))]
        parts += [f"drug {word}" for word in CONSEQUENCES if holds(getattr(row, word))]
        parts += [f"special interest: {row.aesi}"] if row.aesi else []
        start = spoken(row.start_date) or "no start"
        imputed = ", imputed" if row.start_imputed else ""
        yield f"{start}{imputed}: {', '.join(parts)}; {emergent} ({row.emergence_rule}) [{row.source}]"


def heart_lines(rows: pd.DataFrame) -> Iterator[str]:
    """Baseline and lowest ejection fraction, and whether the fall counts."""
    for row in rows.itertuples():
        if pd.isna(row.fall_points):
            yield f"{row.n_post} later values, no fall without a baseline and a later value"
            continue
        verdict = "counts as dysfunction" if holds(row.dysfunction) else "does not count as dysfunction"
        yield (
            f"baseline {row.baseline_percent:g} %, lowest {row.lowest_percent:g} % on "
            f"{spoken(row.lowest_date)}: fall of {row.fall_points:g} points, {verdict}"
        )


def antibody_lines(samples: pd.DataFrame, subjects: pd.DataFrame) -> Iterator[str]:
    """Each sample with its result and role, then the subject's category in words."""
    for row in samples.sort_values(["test", "nominal_day", "sequence"]).itertuples():
        name = row.nominal_visit or row.visit or "unscheduled"
        if row.status in NOT_USED:
            yield f"{row.test.lower()} {name} (day {row.nominal_day}): {row.status.lower()}"
            continue
        day = "no date" if pd.isna(row.study_day) else f"day {row.study_day}"
        titre = "" if pd.isna(row.titre) else f", titre {row.titre:g}"
        drug = "" if pd.isna(row.drug_concentration) else f", drug {row.drug_concentration:g} {row.drug_unit}"
        role = row.timing.lower() or "not used"
        yield f"{row.test.lower()} {name} ({day}): {row.status.lower()}{titre}{drug}, {role} [{row.source}]"
    yield from subjects["sentence"]


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:g}"
