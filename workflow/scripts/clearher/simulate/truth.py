"""The truth behind the data: what each sample, variant and subject really is."""

from clearher.simulate.biology import Carried, Subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.design import STUDY_ID, column_names, subject_id
from clearher.simulate.sequencing import Library, Sequenced, expected_level
from clearher.simulate.trouble import troubles_of

SAMPLE_COLUMNS = column_names(
    "subject_id sample_id visit specimen study_day after_cut qc_status dna_of tumour_fraction expected_level "
    "mean_depth"
)
VARIANT_COLUMNS = column_names(
    "subject_id chrom pos ref alt gene hgvsp origin clonal_fraction first_visit first_day forced"
)
SUBJECT_COLUMNS = column_names(
    "subject_id study_id response_class bor confirmed_bor pfs_day pfs_event progression_day death_day "
    "new_therapy_day baseline_fraction clearance clearance_visit clearance_day her2_level dialect assay "
    "white_cells read_files"
)
TROUBLE_COLUMNS = column_names("kind subject_id sample_id visit detail")
SMALL_ASSAY = "SIM-DUPLEX-12"
FORCED_ASSAY = "SIM-PANEL-21"
CALLS_ONLY_ASSAY = "SIM-CALLS-21"
# What the laboratory states for its forced-genotyping assay: the VAF it detects in 95 of 100 samples.
STATED_LIMITS = {FORCED_ASSAY: 0.002}


def assay(subject: Subject) -> str:
    """Name of the assay that reads the subject's samples."""
    if subject.small_assay:
        return SMALL_ASSAY
    return CALLS_ONLY_ASSAY if subject.has("calls_only") else FORCED_ASSAY


def sample_rows(subject: Subject, timeline: Timeline, sequenced: Sequenced) -> list[tuple]:
    """One row a tube; fractions are empty where the tube failed, the level also where it was exchanged."""
    fractions = {library.tube.sample_id: library.fraction for library in sequenced.libraries}
    rows = []
    for tube in sequenced.tubes:
        fraction = fractions.get(tube.sample_id)
        own = tube.donor == subject.number
        level = expected_level(subject, fraction) if fraction is not None and own else None
        rows.append(
            (subject.subject_id, tube.sample_id, tube.visit, tube.specimen, tube.day)
            + (_yes(tube.day > timeline.cut_day), "fail" if tube.failed else "pass", subject_id(tube.donor))
            + (_number(fraction), _number(level), round(tube.depth))
        )
    return rows


def variant_rows(subject: Subject, sequenced: Sequenced) -> list[tuple]:
    """One row a variant the subject carries, and one for the recurrent artefact where a sample shows it."""
    visits = [(tube.day, tube.visit) for tube in sequenced.tubes if tube.specimen == "plasma"]
    forced = sequenced.forced if subject.dialect == "Mutect2" else frozenset()
    rows = [_variant(subject, variant, visits, variant.site.index in forced) for variant in subject.carried]
    artefact = _first_artefact(sequenced.libraries)
    if artefact is not None:
        site, visit, day = artefact
        place = (site.chrom, site.pos, site.ref, site.alt, site.gene, site.hgvsp)
        rows.append((subject.subject_id, *place, "artefact", "", visit, day, "no"))
    return rows


def subject_row(subject: Subject, timeline: Timeline, sequenced: Sequenced, *, read_files: bool) -> tuple:
    """True course and the end points of the recorded data at the cut."""
    best, confirmed = timeline.best_responses()
    day, event = timeline.progression_free()
    clearance = clearance_of(subject, timeline, sequenced)
    return (
        (subject.subject_id, STUDY_ID, subject.course.response_class, best, confirmed, day, _yes(event))
        + (subject.course.progression_day, _or_empty(timeline.death), _or_empty(timeline.new_therapy))
        + (_number(subject.course.baseline_fraction), *clearance, subject.her2_level, subject.dialect)
        + (assay(subject), _yes(subject.has_white_cells), _yes(read_files))
    )


def clearance_of(subject: Subject, timeline: Timeline, sequenced: Sequenced) -> tuple[str, str, int | str]:
    """Clearance, its visit and day: the first good tube of the subject's own DNA, after the first day and
    not after the cut, without any tumour DNA.
    """
    if subject.course.baseline_fraction == 0:
        return "BASELINE_NOT_DETECTED", "", ""
    for library in sequenced.libraries:
        tube = library.tube
        usable = tube.specimen == "plasma" and 1 < tube.day <= timeline.cut_day
        if usable and tube.donor == subject.number and library.fraction == 0:
            return "CLEARED", tube.visit, tube.day
    return "NOT_CLEARED", "", ""


def trouble_rows(subject: Subject, sequenced: Sequenced) -> list[tuple]:
    """Planted trouble, and the tubes that failed or are missing by chance."""
    drawn = {(tube.visit, tube.specimen): tube.sample_id for tube in sequenced.tubes}
    rows = []
    for trouble in troubles_of(subject.number):
        specimen = "wbc" if trouble.visit == "WBC" else "plasma"
        visit = "SCREENING" if trouble.visit == "WBC" else trouble.visit
        sample = drawn.get((visit, specimen), "")
        rows.append((trouble.kind, subject.subject_id, sample, visit, trouble.detail))
    for kind, visit, detail in sequenced.accidents:
        rows.append((kind, subject.subject_id, drawn.get((visit, "plasma"), ""), visit, detail))
    return rows


def _variant(subject: Subject, variant: Carried, visits: list[tuple[int, str]], forced: bool) -> tuple:
    site = variant.site
    first = variant.first_day if variant.first_day is not None else visits[0][0]
    seen = next((visit for day, visit in visits if day >= first), "")
    return (
        (subject.subject_id, site.chrom, site.pos, site.ref, site.alt, site.gene, site.hgvsp)
        + (variant.origin, _number(variant.scale), seen, first, _yes(forced))
    )  # fmt: skip


def _first_artefact(libraries: tuple[Library, ...]):
    for library in libraries:
        for site, vaf in zip(library.sites, library.vaf.tolist(), strict=True):
            if site.kind == "artefact" and vaf > 0:
                return site, library.tube.visit, library.tube.day
    return None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _or_empty(value: int | None) -> int | str:
    return "" if value is None else value


def _yes(value: bool) -> str:
    return "yes" if value else "no"
