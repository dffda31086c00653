"""What the report reads and what it draws: light enough to be imported while the workflow is parsed."""

from dataclasses import dataclass

from clearher.columns import Table, association, clinical, ctdna, her2, intake, variants

FINDINGS = (
    ("intake", intake.FINDINGS),
    ("variants", variants.FINDINGS),
    ("variants", variants.IDENTITY_FINDINGS),
    ("her2", her2.FINDINGS),
    ("clinical", clinical.FINDINGS),
    ("safety", clinical.SAFETY_FINDINGS),
    ("immunogenicity", clinical.IMMUNOGENICITY_FINDINGS),
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
    clinical.IMMUNOGENICITY,
    clinical.IMMUNOGENICITY_SUBJECTS,
    association.SUBJECTS,
    association.LINEAGE,
    association.RESULTS,
    association.LEVELS,
    association.CURVES,
    association.LANDMARK_CURVES,
    association.LANDMARK_SETS,
    association.REMARK,
    *(table for _, table in FINDINGS),
)


@dataclass(frozen=True)
class FigureEntry:
    """A figure of the report: file name, title, and how to read it."""

    name: str
    title: str
    reading: str


FIGURES = (
    FigureEntry(
        "waterfall",
        "Best change of target lesions",
        "One bar a subject, coloured by confirmed best response; the strip underneath is the HER2 level. "
        "Dashed: +20 % and -30 %. A star: progression outside the target lesions.",
    ),
    FigureEntry(
        "swimmer",
        "Time in the study",
        "One lane a subject from first dose to death or last contact, with the ctDNA state of every draw.",
    ),
    FigureEntry(
        "trajectories",
        "ctDNA level by subject",
        "Not detected is drawn at the sample's own limit of detection, never at zero; a draw that cannot be "
        "judged is a gap in the line.",
    ),
    FigureEntry(
        "progression_free_survival",
        "Progression-free survival",
        "Kaplan-Meier under the primary rule with log-log band; numbers at risk are counted just before "
        "each time.",
    ),
    FigureEntry(
        "overall_survival",
        "Overall survival",
        "Kaplan-Meier with log-log band; numbers at risk are counted just before each time.",
    ),
)
