"""What the report reads and what it draws: light enough to be imported while the workflow is parsed."""

from collections.abc import Iterable
from dataclasses import dataclass

from clearher.columns import Table, association, clinical, ctdna, her2, intake, report, variants

FINDINGS = (
    ("intake", intake.FINDINGS),
    ("variants", variants.FINDINGS),
    ("variants", variants.IDENTITY_FINDINGS),
    ("ctdna", ctdna.FINDINGS),
    ("her2", her2.FINDINGS),
    ("clinical", clinical.FINDINGS),
    ("safety", clinical.SAFETY_FINDINGS),
    ("immunogenicity", clinical.IMMUNOGENICITY_FINDINGS),
    ("changes", report.CHANGES_FINDINGS),
)

TABLES_READ: tuple[Table, ...] = (
    intake.SUBJECTS,
    intake.SAMPLES,
    intake.DOSES,
    intake.LESIONS,
    variants.ATTRITION,
    variants.IDENTITY,
    ctdna.TRACKED,
    ctdna.TRACKING,
    ctdna.SAMPLES,
    ctdna.VISITS,
    ctdna.SUBJECTS,
    ctdna.EMERGENT,
    ctdna.CLEARANCE,
    ctdna.SENSITIVITY,
    ctdna.LANDSCAPE,
    ctdna.GENE_FREQUENCIES,
    her2.SPECIMENS,
    her2.SUBJECTS,
    her2.AGREEMENT,
    her2.CONVERSION,
    clinical.RESPONSES,
    clinical.VISITS,
    clinical.SELECTION,
    clinical.TIME_TO_EVENT,
    clinical.ENDPOINTS,
    clinical.CURVES,
    clinical.POPULATIONS,
    clinical.AGREEMENT,
    clinical.ADVERSE_EVENTS,
    clinical.SAFETY,
    clinical.LABORATORY,
    clinical.SAFETY_ENDPOINTS,
    clinical.EJECTION_FRACTION,
    clinical.IMMUNOGENICITY,
    clinical.IMMUNOGENICITY_SUBJECTS,
    association.SUBJECTS,
    association.LINEAGE,
    association.RESULTS,
    association.LEVELS,
    association.CURVES,
    association.LANDMARK_CURVES,
    association.LANDMARK_SETS,
    association.PREDICTION_CURVES,
    association.REMARK,
    association.LEAD_TIME,
    association.LEAD_TIME_SUMMARY,
    association.SAFETY_BY_MARKER,
    association.HER2_PLASMA,
    report.CHANGES,
    *(table for _, table in FINDINGS),
)


@dataclass(frozen=True)
class FigureEntry:
    """A figure of the report: file name, title, how to read it, and the tables it is drawn from."""

    name: str
    title: str
    reading: str
    tables: tuple[Table, ...]


FIGURES = (
    FigureEntry(
        "cohort_flow",
        "Cohort flow",
        "Subjects from entry to those that each question can use, with the reasons for leaving.",
        (intake.SUBJECTS, clinical.RESPONSES, ctdna.SUBJECTS, her2.SUBJECTS),
    ),
    FigureEntry(
        "her2_response",
        "Response by HER2 level",
        "Response rate of each level with its exact interval; responders and subjects stand under it. "
        "Dashed: the closest rates that never fall from level to level (isotonic fit), drawn without a test.",
        (association.RESULTS, association.LEVELS),
    ),
    FigureEntry(
        "clearance_by_visit",
        "ctDNA by visit",
        "A bar holds every treated subject whose visit lay before the data cut, by ctDNA state: the first of "
        "the denominators under it. Who is not evaluable, or left before the visit, never counts as cleared.",
        (ctdna.VISITS, ctdna.CLEARANCE, ctdna.SUBJECTS),
    ),
    FigureEntry(
        "oncoprint",
        "Gene alterations in plasma",
        "Genes by subjects with HER2 level, confirmed response and clearance on top. ERBB2 first, then by "
        "frequency; grey is like clonal haematopoiesis.",
        (ctdna.LANDSCAPE, ctdna.SUBJECTS, her2.SUBJECTS, clinical.RESPONSES),
    ),
    FigureEntry(
        "all_trajectories",
        "ctDNA level of all subjects",
        "One line a subject, coloured by clearance. Not detected stands at the sample's limit of detection, "
        "as an open triangle; draws that cannot be judged are left out of the line.",
        (ctdna.VISITS, ctdna.SUBJECTS),
    ),
    FigureEntry(
        "trajectories",
        "ctDNA level by subject",
        "Not detected is drawn at the sample's own limit of detection, never at zero; a draw that cannot be "
        "judged is a gap in the line and a cross on the floor.",
        (ctdna.VISITS,),
    ),
    FigureEntry(
        "ctdna_tumour",
        "ctDNA and tumour size",
        "Lowest ctDNA ratio to baseline against best change of the target lesions.",
        (association.RESULTS, association.SUBJECTS),
    ),
    FigureEntry(
        "her2_flow",
        "HER2 level from specimen to specimen",
        "Bands join the level of the earlier specimen to that of the later one; their height is in subjects.",
        (her2.CONVERSION,),
    ),
    FigureEntry(
        "waterfall",
        "Best change of target lesions",
        "One bar a subject, coloured by confirmed best response; the strip underneath is the HER2 level. "
        "Dashed: +20 % and -30 %. A star: progression outside the target lesions.",
        (clinical.RESPONSES, her2.SUBJECTS),
    ),
    FigureEntry(
        "spider",
        "Change of target lesions over time",
        "One line a subject from 0 at baseline, coloured by confirmed best response; cross: new lesion.",
        (clinical.VISITS, clinical.RESPONSES, intake.SUBJECTS),
    ),
    FigureEntry(
        "swimmer",
        "Time in the study",
        "One lane a subject from first dose to death or last contact, with the ctDNA state of every draw.",
        (intake.SUBJECTS, clinical.RESPONSES, ctdna.VISITS),
    ),
    FigureEntry(
        "progression_free_survival",
        "Progression-free survival",
        "Kaplan-Meier under the primary rule with its confidence band; numbers at risk just before each "
        "time.",
        (clinical.CURVES,),
    ),
    FigureEntry(
        "overall_survival",
        "Overall survival",
        "Kaplan-Meier with its confidence band; numbers at risk just before each time.",
        (clinical.CURVES,),
    ),
    FigureEntry(
        "her2_survival",
        "Progression-free survival by HER2 level",
        "Kaplan-Meier from the start of treatment; the level is known before it.",
        (association.CURVES, association.RESULTS),
    ),
    FigureEntry(
        "landmark_survival",
        "Progression-free survival after the ctDNA landmark",
        "The clock restarts at the landmark. Subjects with the event before it or without an evaluable "
        "sample in its window are left out and counted in the analysis.",
        (association.LANDMARK_CURVES, association.RESULTS),
    ),
    FigureEntry(
        "forest",
        "All declared analyses",
        "Every declared analysis in the order of declaration; those without a ratio keep their line. The "
        "primary analysis is vermilion. p-values are not adjusted here.",
        (association.RESULTS,),
    ),
    FigureEntry(
        "prediction_roc",
        "Prediction: ROC curves",
        "True against false positive rate in held-out folds only, with the middle 95 % of the repeats of the "
        "split. The diagonal is chance; a model is worth no more than the best single predictor beside it.",
        (association.PREDICTION_CURVES, association.RESULTS),
    ),
    FigureEntry(
        "prediction_calibration",
        "Prediction: calibration",
        "Observed share of responders against the mean predicted chance in held-out folds, with exact "
        "intervals; the legend names the size of the groups. On the diagonal a prediction is right.",
        (association.PREDICTION_CURVES,),
    ),
    FigureEntry(
        "adverse_events",
        "Adverse events by worst grade",
        "Treated subjects with each preferred term: all treatment-emergent events left, related ones right.",
        (intake.SUBJECTS, clinical.ADVERSE_EVENTS),
    ),
)


def figures_until(stage: str) -> tuple[FigureEntry, ...]:
    """Figures that are drawn as soon as all of ``ctdna`` or of ``association`` is done.

    A job costs a second before it draws anything: what waits for earlier stages alone is drawn with ctDNA's.
    """
    rank = DRAWN_AFTER[stage]
    return tuple(figure for figure in FIGURES if max(map(_rank, figure.tables)) == rank)


def _rank(table: Table) -> int:
    return DRAWN_AFTER.get(table.path.partition("/")[0], 0)


def tables_of(figures: Iterable[FigureEntry]) -> tuple[Table, ...]:
    """Tables that figures are drawn from, each once, in the order in which the report reads them."""
    needed = {table for figure in figures for table in figure.tables}
    return tuple(table for table in TABLES_READ if table in needed)


DRAWN_AFTER = {"ctdna": 0, "association": 1}
TABLES_OF_SUMMARY = (
    intake.SUBJECTS,
    intake.SAMPLES,
    ctdna.SAMPLES,
    ctdna.SUBJECTS,
    ctdna.CLEARANCE,
    clinical.ENDPOINTS,
    association.RESULTS,
    association.LEVELS,
    *(table for _, table in FINDINGS),
)
TABLES_OF_ADAM = (
    intake.SUBJECTS,
    her2.SUBJECTS,
    her2.SPECIMENS,
    clinical.RESPONSES,
    clinical.TIME_TO_EVENT,
    clinical.ADVERSE_EVENTS,
    clinical.IMMUNOGENICITY,
    ctdna.SUBJECTS,
    ctdna.VISITS,
)
TABLES_IN_WORKBOOK = tuple(table for table in TABLES_READ if table.path.endswith(".tsv"))

PUBLICATIONS = (
    "response",
    "time_to_event",
    "ctdna_clearance",
    "her2_response",
    "lead_time",
    "her2_plasma",
    "safety_incidence",
    "ae_overview",
    "ae_soc_pt",
    "ae_worst_grade",
    "ae_special_interest",
    "laboratory",
    "ada_visit",
    "safety_by_marker",
)

ADAM = ("adsl", "adrs", "adtte", "adae", "adis", "adct", "adher2")
