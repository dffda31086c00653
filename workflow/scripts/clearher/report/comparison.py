"""What two data cuts are compared by: light enough to be imported while the workflow is parsed."""

from dataclasses import dataclass

from clearher.columns import Table, association, clinical, ctdna, her2, intake

# Wording and order: they say nothing that the other columns do not.
ASIDE = ("sentence", "source", "rule", "sequence", "tracked_hash")


@dataclass(frozen=True)
class Compared:
    """A table whose values are compared between cuts.

    Attributes
    ----------
    table : Table
        Declaration.
    headline : tuple of str
        Columns that stand for a whole row which only one cut has.
    key : tuple of str
        Columns that tie the rows of two cuts together; the declared key where empty.
    fields : tuple of str
        Columns compared; all but key, wording and order where empty.
    follows : str
        Stage whose records and settings the values follow from; that of the folder where empty.
    """

    table: Table
    headline: tuple[str, ...]
    key: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    follows: str = ""

    @property
    def stage(self) -> str:
        """Stage of the table."""
        return self.follows or self.table.path.split("/")[0]

    @property
    def keys(self) -> list[str]:
        """Columns that tie the rows together."""
        return list(self.key or self.table.key)

    @property
    def values(self) -> list[str]:
        """Compared columns."""
        aside = {*self.keys, *ASIDE}
        return list(self.fields) or [name for name in self.table.names if name not in aside]


ESTIMATES = ("estimate", "low", "high")

COMPARED = (
    Compared(clinical.RESPONSES, ("bor", "confirmed_bor")),
    Compared(
        clinical.TIME_TO_EVENT,
        ("days", "event"),
        fields=("start_date", "end_date", "days", "event", "censor_reason", "event_description"),
    ),
    Compared(clinical.ENDPOINTS, ("estimate",), fields=("n", "N", *ESTIMATES, "method", "note")),
    Compared(
        clinical.SAFETY_ENDPOINTS,
        ("estimate",),
        fields=("n", "N", *ESTIMATES, "method", "note"),
        follows="safety",
    ),
    Compared(
        clinical.IMMUNOGENICITY_SUBJECTS,
        ("ada_status",),
        fields=("ada_status", "persistence", "neutralising"),
        follows="safety",
    ),
    Compared(ctdna.VISITS, ("state", "level")),
    Compared(ctdna.SUBJECTS, ("baseline_state", "clearance")),
    Compared(ctdna.CLEARANCE, ("estimate",), fields=("n", "N", *ESTIMATES)),
    Compared(her2.SUBJECTS, ("level",)),
    Compared(
        association.RESULTS,
        ("estimate", "p"),
        key=("analysis_id", "position", "term"),
        fields=("n", "events", *ESTIMATES, "p", "p_adjusted", "method", "caveat"),
    ),
)

# Tables in the order in which a reader asks for them: headline numbers, subjects, visits.
READING_ORDER = tuple(
    table.path
    for table in (
        clinical.ENDPOINTS,
        clinical.SAFETY_ENDPOINTS,
        ctdna.CLEARANCE,
        association.RESULTS,
        clinical.RESPONSES,
        clinical.TIME_TO_EVENT,
        ctdna.SUBJECTS,
        her2.SUBJECTS,
        clinical.IMMUNOGENICITY_SUBJECTS,
        ctdna.VISITS,
    )
)

DATE_AS_RECORDED = (("date", "date_text"), ("date_imputed", "date_text"))


@dataclass(frozen=True)
class Source:
    """A kind of record that values are computed from.

    Attributes
    ----------
    table : Table
        Declaration in intake.
    word : str
        One such record in words.
    date : str
        Column that holds the day the record is about; empty where there is none.
    stages : tuple of str
        Stages whose values it bears on, besides the association.
    ignored : tuple of str
        Columns that say where the record lies, or that follow from other records.
    running : tuple of str
        Columns that follow a subject's course: another value is new data, not an edit.
    derived : tuple of (str, str)
        Columns that follow from another column of the record wherever that is filled.
    """

    table: Table
    word: str
    date: str
    stages: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    derived: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Name of the records, as of their file."""
        return self.table.path.rsplit("/", 1)[-1].split(".")[0]


SOURCES = (
    Source(
        intake.SUBJECTS,
        "subject",
        "",
        ("clinical", "ctdna", "her2", "safety"),
        ignored=("cut_date", "last_alive_date", "last_dose_date", "reference_date", "treated"),
        derived=(("death_date", "death_text"), ("death_date_imputed", "death_text")),
    ),
    Source(
        intake.DOSES,
        "dose",
        "start_date",
        ("clinical", "safety"),
        ignored=("ongoing_at_cut",),
        derived=(("start_date", "start_text"), ("end_date", "end_text")),
    ),
    Source(intake.ASSESSMENTS, "assessment", "date", ("clinical",), derived=DATE_AS_RECORDED),
    Source(intake.LESIONS, "lesion measurement", "date", ("clinical",), derived=DATE_AS_RECORDED),
    Source(
        intake.ADVERSE_EVENTS,
        "adverse event",
        "start_text",
        ("clinical", "safety"),
        ignored=("ongoing_at_cut", "fatal"),
        running=("outcome",),
    ),
    Source(intake.ADA, "antibody result", "date", ("safety",), derived=DATE_AS_RECORDED),
    Source(
        intake.THERAPIES,
        "therapy",
        "start_date",
        ("clinical",),
        derived=(("start_date", "start_text"), ("date_imputed", "start_text")),
    ),
    Source(intake.LABS, "laboratory value", "date", ("safety",), derived=DATE_AS_RECORDED),
    Source(
        intake.SUPPLIED,
        "supplied endpoints",
        "",
        ("clinical",),
        running=(
            "best_response",
            "last_contact_date",
            *(f"{endpoint}_{part}" for endpoint in ("pfs", "os", "dor") for part in ("days", "event")),
        ),
    ),
    Source(
        intake.SAMPLES,
        "sample",
        "collection_date",
        ("ctdna",),
        ignored=("vcf", "bam", "sample_key", "planned"),
        derived=(("study_day", "collection_date"),),
    ),
    Source(intake.RESULTS, "laboratory result of sample", "", ("ctdna",)),
    Source(intake.COUNTS, "counts of", "", ("ctdna",)),
    Source(intake.TISSUE, "tissue variant", "", ("ctdna",)),
    Source(intake.COPIES, "copy number", "", ("ctdna",), ignored=("source",)),
    Source(
        intake.HER2,
        "HER2 reading",
        "specimen_date",
        ("her2",),
        derived=tuple((name, "specimen_date_text") for name in ("specimen_date", "specimen_date_last")),
    ),
    Source(intake.CONTACTS, "proof of life", "date", ("clinical",)),
)
LAST_RESORT = "contacts"
ASSESSED = ("assessments", "lesions", "supplied")
# The study's seed is no cause of its own: the stages that draw at random have it in their sections.
SETTINGS = {
    "clinical": ("clinical.", "intake.", "study."),
    "safety": ("clinical.", "intake.", "study."),
    "ctdna": ("ctdna.", "variants.", "visits.", "intake.", "clinical.reference_date"),
    "her2": ("her2.", "intake.", "clinical.reference_date"),
    "association": (
        "association.",
        "clinical.",
        "ctdna.",
        "variants.",
        "visits.",
        "her2.",
        "intake.",
        "study.",
    ),
}

TABLES_COMPARED = tuple(entry.table for entry in (*COMPARED, *SOURCES))
