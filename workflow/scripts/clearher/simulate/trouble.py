"""What goes wrong in the simulated study, on whom, and what a good workflow makes of it."""

from dataclasses import dataclass

from clearher.simulate.design import slot


@dataclass(frozen=True)
class Trouble:
    """A kind of trouble planted on the subjects of one slot.

    Attributes
    ----------
    kind : str
        Name, as in ``truth/trouble.tsv``.
    slot : int
        Place in each block of 42 subjects.
    visit : str
        Visit concerned; empty where none is.
    detail : str
        What was done to the data.
    """

    kind: str
    slot: int
    visit: str
    detail: str


PLAN = (
    Trouble("failed_tube", 2, "C2D1", "Tube drawn, failed quality control (hemolysis); no variant file"),
    Trouble("missing_tube", 3, "C3D1", "Visit took place, no tube drawn: no row in the sample sheet"),
    Trouble("unscheduled_draw", 4, "UNSCHEDULED", "An extra draw between two planned visits"),
    Trouble("calls_only", 5, "", "Variant files list calls only, no read files: absence cannot be assessed"),
    Trouble("swapped_sample", 6, "C3D1", "Tube exchanged with that of the next subject"),
    Trouble("swapped_sample", 7, "C3D1", "Tube exchanged with that of the previous subject"),
    Trouble("late_new_variant", 9, "C5D1", "ESR1 mutation absent at baseline, present from this visit on"),
    Trouble("baseline_not_detected", 10, "C1D1", "Tumour sheds no DNA at any visit"),
    Trouble("wbc_without_cover", 11, "WBC", "White cells have depth 0 at a tumour variant that is tracked"),
    Trouble("partial_ae_date", 12, "", "Start of an adverse event recorded as year and month"),
    Trouble("partial_rs_date", 13, "WEEK 12", "Date of a response recorded as year and month"),
    Trouble("death_after_cut", 14, "", "Death recorded in the export, dated after the data cut"),
    Trouble("erbb2_emerging", 16, "C9D1", "ERBB2 mutation emerges under treatment"),
    Trouble("new_therapy_before_pd", 17, "", "Another anti-cancer therapy starts before progression"),
    Trouble("unconfirmed_response", 18, "", "Partial response on one scan, lost on the next"),
    Trouble("calls_only", 19, "", "Variant files list calls only, no read files: absence cannot be assessed"),
    Trouble("missed_assessment", 20, "WEEK 12", "Scan not done"),
    Trouble("no_white_cells", 21, "WBC", "No white-cell sample; a clonal haematopoiesis variant persists"),
    Trouble("her2_conflict", 23, "", "Local laboratory reads 3+ where the central one reads 1+"),
    Trouble("baseline_tube_failed", 24, "C1D1", "First-day tube failed: the screening tube is the baseline"),
    Trouble("her2_without_ish", 26, "", "IHC 2+ without in situ hybridisation"),
    Trouble("low_input", 27, "C3D1", "2 ng of DNA and depth 120: too poor to call clearance"),
    Trouble("two_missed_assessments", 28, "", "Two scans not done before the scan that shows progression"),
    Trouble("newly_detected", 30, "C5D1", "No tumour DNA at baseline, present from this visit on"),
    Trouble("non_measurable", 31, "", "Non-target lesions only"),
    Trouble("partial_death_date", 32, "", "Date of death recorded as year and month"),
    Trouble("calls_only", 33, "", "Variant files list calls only, no read files: absence cannot be assessed"),
)

BY_SLOT = {place: tuple(t for t in PLAN if t.slot == place) for place in sorted({t.slot for t in PLAN})}


def troubles_of(number: int) -> tuple[Trouble, ...]:
    """Trouble planted on the subject with this number."""
    return BY_SLOT.get(slot(number), ())


def has(number: int, kind: str) -> bool:
    """Whether this kind of trouble is planted on the subject with this number."""
    return any(trouble.kind == kind for trouble in troubles_of(number))


def swap_partner(number: int) -> int | None:
    """Number of the subject whose tube was exchanged with this one's; None without a swap."""
    if not has(number, "swapped_sample"):
        return None
    places = sorted(t.slot for t in PLAN if t.kind == "swapped_sample")
    other = places[1] if slot(number) == places[0] else places[0]
    return number + other - slot(number)
