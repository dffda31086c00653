"""Echocardiography of a subject as SDTM CV rows: left ventricular ejection fraction under treatment."""

from collections.abc import Iterable

from clearher.simulate.biology import Subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.design import STUDY_ID, calendar_date, column_names, stream
from clearher.simulate.safety import AE_COLUMNS

CV_COLUMNS = column_names(
    "STUDYID DOMAIN USUBJID CVSEQ CVTESTCD CVTEST CVORRES CVORRESU CVSTRESC CVSTRESN CVSTRESU CVMETHOD "
    "CVBLFL VISITNUM VISIT CVDTC CVDY"
)
ECHO_CYCLES = (1, 5, 9, 13, 17, 21, 25, 29)
USUAL, BETWEEN_SUBJECTS, BETWEEN_ECHOS = 63.0, 4.0, 2.0
FALL = 17.0
FALLEN_EVENT = "Ejection fraction decreased"


def ejection_fractions(
    seed: int, subject: Subject, timeline: Timeline, events: Iterable[tuple]
) -> list[tuple]:
    """CV rows: before the first dose and every fourth cycle; lower from a coded decrease on.

    Parameters
    ----------
    seed : int
        Seed of the study.
    subject, timeline
        The subject and its course.
    events : iterable of tuple
        The subject's AE rows; one coded as a decreased ejection fraction starts a fall.
    """
    random = stream(seed, subject.number, "heart")
    cycles = [cycle for cycle in ECHO_CYCLES if cycle <= len(timeline.dose_days)]
    own = USUAL + BETWEEN_SUBJECTS * random.standard_normal()
    noise = BETWEEN_ECHOS * random.standard_normal(len(ECHO_CYCLES))
    fallen = _fall_day(events)
    rows = []
    for place, cycle in enumerate(cycles):
        day = timeline.dose_days[cycle - 1]
        fall = FALL if fallen is not None and day >= fallen else 0.0
        rows.append(_echo(subject, place + 1, round(own + float(noise[place]) - fall), cycle, day))
    return rows


def _fall_day(events: Iterable[tuple]) -> int | None:
    term, start = AE_COLUMNS.index("AEDECOD"), AE_COLUMNS.index("AESTDY")
    days = [event[start] for event in events if event[term] == FALLEN_EVENT and event[start] != ""]
    return min(days, default=None)


def _echo(subject: Subject, sequence: int, value: int, cycle: int, day: int) -> tuple:
    return (
        STUDY_ID,
        "CV",
        subject.subject_id,
        sequence,
        "LVEF_C",
        "Left Ventricular Ejection Fraction",
        value,
        "%",
        value,
        value,
        "%",
        "ECHOCARDIOGRAM",
        "Y" if cycle == 1 else "",
        cycle + 1,
        f"C{cycle}D1",
        calendar_date(subject.first_dose, day).isoformat(),
        day,
    )
