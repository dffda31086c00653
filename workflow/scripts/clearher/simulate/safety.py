"""Adverse events, anti-drug antibodies and laboratory values of a subject, as SDTM rows."""

import numpy as np

from clearher.simulate.biology import Subject
from clearher.simulate.clinic import Timeline
from clearher.simulate.design import ADA_CYCLES, STUDY_ID, calendar_date, column_names, cycle_day, stream

AE_COLUMNS = column_names(
    "STUDYID DOMAIN USUBJID AESEQ AETERM AEDECOD AEBODSYS AESOC AESEV AETOXGR AESER AEACN AEREL AEOUT "
    "AESDTH AESTDTC AEENDTC AESTDY AEENDY"
)
IS_COLUMNS = column_names(
    "STUDYID DOMAIN USUBJID ISSEQ ISTESTCD ISTEST ISBDAGNT ISCAT ISORRES ISORRESU ISSTRESC ISSTRESN ISSTRESU "
    "ISSTAT ISREASND ISNAM ISSPEC ISBLFL ISLLOQ VISITNUM VISIT VISITDY EPOCH ISDTC ISDY ISTPT ISTPTNUM"
)
LB_COLUMNS = column_names(
    "STUDYID DOMAIN USUBJID LBSEQ LBTESTCD LBTEST LBCAT LBORRES LBORRESU LBSTRESC LBSTRESN LBSTRESU LBSTNRLO "
    "LBSTNRHI LBNRIND LBTOXGR LBBLFL VISITNUM VISIT LBDTC LBDY"
)

GASTRO, BLOOD, TESTS = "Gastrointestinal disorders", "Blood and lymphatic system disorders", "Investigations"
GENERAL = "General disorders and administration site conditions"
LUNG = "Respiratory thoracic and mediastinal disorders"
INJURY = "Injury poisoning and procedural complications"
EVENTS = (
    ("Nausea", GASTRO, 0.65, (0.6, 0.33, 0.07, 0.0)),
    ("Vomiting", GASTRO, 0.4, (0.6, 0.33, 0.07, 0.0)),
    ("Diarrhoea", GASTRO, 0.3, (0.6, 0.3, 0.1, 0.0)),
    ("Fatigue", GENERAL, 0.45, (0.5, 0.43, 0.07, 0.0)),
    ("Pyrexia", GENERAL, 0.15, (0.7, 0.3, 0.0, 0.0)),
    ("Neutrophil count decreased", TESTS, 0.5, (0.15, 0.4, 0.35, 0.1)),
    ("Anaemia", BLOOD, 0.4, (0.4, 0.45, 0.15, 0.0)),
    ("Platelet count decreased", TESTS, 0.3, (0.5, 0.35, 0.12, 0.03)),
    ("Alanine aminotransferase increased", TESTS, 0.3, (0.7, 0.25, 0.05, 0.0)),
    ("Alopecia", "Skin and subcutaneous tissue disorders", 0.35, (0.75, 0.25, 0.0, 0.0)),
    ("Interstitial lung disease", LUNG, 0.05, (0.4, 0.45, 0.15, 0.0)),
    ("Pneumonitis", LUNG, 0.04, (0.5, 0.4, 0.1, 0.0)),
    ("Ejection fraction decreased", TESTS, 0.04, (0.3, 0.7, 0.0, 0.0)),
    ("Infusion related reaction", INJURY, 0.12, (0.4, 0.55, 0.05, 0.0)),
)
SEVERITY = ("", "MILD", "MODERATE", "SEVERE", "LIFE THREATENING")
LABS = (
    ("NEUT", "Neutrophils", "HEMATOLOGY", "10^9/L", 2.0, 7.0, 4.0, 0.35, -0.12),
    ("HGB", "Hemoglobin", "HEMATOLOGY", "g/L", 115, 150, 124, 0.08, -0.04),
    ("PLAT", "Platelets", "HEMATOLOGY", "10^9/L", 125, 350, 230, 0.22, -0.08),
    ("ALT", "Alanine Aminotransferase", "CHEMISTRY", "U/L", 7, 40, 22, 0.4, 0.1),
)
GRADE_LIMITS = {
    "NEUT": (2.0, 1.5, 1.0, 0.5),
    "HGB": (115, 100, 80, 0),
    "PLAT": (125, 75, 50, 25),
    "ALT": (40, 120, 200, 800),
}
ADA_LIMIT = 1.40
LAB_CYCLES = (1, 2, 3, 5, 9, 13, 17, 21, 25, 29)
AFTER_LAST_DOSE = 30


def adverse_events(seed: int, subject: Subject, timeline: Timeline) -> list[tuple]:
    """AE rows in order of start."""
    random = stream(seed, subject.number, "safety")
    last = min(timeline.dose_days[-1] + 28, timeline.export_day, timeline.death or 10**6)
    found = []
    for term, organ, chance, grades in EVENTS:
        happens, day, grade = random.random(), random.random(), random.choice(4, p=grades)
        length, related, serious = random.exponential(20), random.random(), random.random()
        planted = subject.has("partial_ae_date") and term == EVENTS[0][0]
        if happens < chance or planted:
            start = 1 + int(day * (last - 1))
            found.append((start, term, organ, int(grade) + 1, 2 + int(length), related < 0.85, serious < 0.4))
    found.sort()
    partial = len(found) // 2 if subject.has("partial_ae_date") else -1
    return [
        _event(subject, timeline, order + 1, event, last, partial_date=order == partial)
        for order, event in enumerate(found)
    ]


def _event(
    subject: Subject, timeline: Timeline, sequence: int, event: tuple, last: int, *, partial_date: bool
) -> tuple:
    start, term, organ, grade, length, related, serious = event
    end = start + length
    ended = end <= min(last, timeline.export_day)
    stopped = (
        timeline.end_reason == "ADVERSE EVENT" and grade >= 2 and start < (timeline.end_of_treatment or 0)
    )
    action = "DRUG WITHDRAWN" if stopped else "DRUG INTERRUPTED" if grade >= 3 else "DOSE NOT CHANGED"
    date = calendar_date(subject.first_dose, start).isoformat()
    return (
        STUDY_ID,
        "AE",
        subject.subject_id,
        sequence,
        term.lower(),
        term,
        organ,
        organ,
        SEVERITY[grade],
        grade,
        "Y" if serious and grade >= 3 else "N",
        action,
        "RELATED" if related else "NOT RELATED",
        "RECOVERED/RESOLVED" if ended else "NOT RECOVERED/NOT RESOLVED",
        "N",
        date[:7] if partial_date else date,
        calendar_date(subject.first_dose, end).isoformat() if ended else "",
        "" if partial_date else start,
        end if ended else "",
    )


def antibodies(seed: int, subject: Subject, timeline: Timeline) -> list[tuple]:
    """IS rows: binding antibodies at each planned sample, neutralising ones where binding was positive."""
    random = stream(seed, subject.number, "safety").spawn(1)[0]
    baseline_positive = random.random() < 0.06
    onset = int(random.choice((22, 64, 127))) if random.random() < 0.2 else None
    transient, titre = random.random() < 0.4, random.uniform(1.45, 2.2)
    neutralising = random.random() < 0.4
    rows: list[tuple] = []
    for visit, number, planned, day in _antibody_samples(timeline):
        induced = onset is not None and day >= onset and not (transient and day > onset + 50)
        positive = baseline_positive or induced
        grown = titre + 0.3 * random.standard_normal() + (0.5 if induced else 0.0)
        if not positive:
            value = "NEGATIVE"
        elif random.random() < 0.1:
            value = f"<{ADA_LIMIT:.2f}"
        else:
            value = f"{max(grown, ADA_LIMIT + 0.01):.2f}"
        place = (visit, number, planned, day)
        rows.append(_antibody(subject, len(rows) + 1, "ADA_BAB", value, place))
        if positive:
            result = "POSITIVE" if neutralising and induced else "NEGATIVE"
            rows.append(_antibody(subject, len(rows) + 1, "ADA_NAB", result, place))
    return rows


def _antibody_samples(timeline: Timeline) -> list[tuple[str, int, int, int]]:
    """(visit, visit number, planned day, day) of each sample."""
    doses = timeline.dose_days
    samples = [
        (f"C{cycle}D1", cycle + 1, cycle_day(cycle), doses[cycle - 1])
        for cycle in ADA_CYCLES
        if cycle <= len(doses)
    ]
    after = doses[-1] + AFTER_LAST_DOSE
    alive = timeline.death is None or after < timeline.death
    if timeline.end_of_treatment is not None and after <= timeline.export_day and alive:
        samples.append(("30 DAYS POST LAST DOSE", 99, after, after))
    return samples


def _antibody(
    subject: Subject, sequence: int, test: str, value: str, place: tuple[str, int, int, int]
) -> tuple:
    visit, number, planned, day = place
    before = visit.startswith("C")
    binding = test == "ADA_BAB"
    name = "Binding Antidrug Antibody" if binding else "Neutralizing Binding Antidrug Antibody"
    unit = "log10 titer" if binding else ""
    return (
        STUDY_ID,
        "IS",
        subject.subject_id,
        sequence,
        test,
        name,
        "TQB2102",
        "IMMUNOGENICITY",
        value,
        unit,
        value,
        value if value[0].isdigit() else "",
        unit,
        "",
        "",
        "CENTRAL LABORATORY",
        "SERUM",
        "Y" if visit == "C1D1" else "",
        f"{ADA_LIMIT:.2f}" if binding else "",
        number,
        visit,
        planned,
        "TREATMENT" if before else "FOLLOW-UP",
        f"{calendar_date(subject.first_dose, day).isoformat()}T{'08:30' if before else '10:00'}",
        day,
        "Pre-dose" if before else "",
        "-0.5" if before else "",
    )


def laboratory(seed: int, subject: Subject, timeline: Timeline) -> list[tuple]:
    """LB rows: neutrophils, haemoglobin, platelets and ALT before the infusion of some cycles."""
    random = stream(seed, subject.number, "safety").spawn(2)[1]
    cycles = [cycle for cycle in LAB_CYCLES if cycle <= len(timeline.dose_days)]
    own = random.standard_normal(len(LABS)).tolist()
    noise = random.standard_normal((len(cycles), len(LABS))).tolist()
    rows: list[tuple] = []
    for place, cycle in enumerate(cycles):
        day = timeline.dose_days[cycle - 1]
        date = calendar_date(subject.first_dose, day).isoformat()
        for test, mine, shift in zip(LABS, own, noise[place], strict=True):
            centre, spread, trend = test[6:]
            drift = trend if cycle > 1 else 0.0
            value = round(centre * float(np.exp(spread * (0.5 * mine + 0.5 * shift) + drift)), 1)
            rows.append(_lab(subject, len(rows) + 1, test, value, (cycle, day, date)))
    return rows


def _lab(subject: Subject, sequence: int, test: tuple, value: float, place: tuple[int, int, str]) -> tuple:
    code, name, category, unit, low, high = test[:6]
    cycle, day, date = place
    beyond = [value > limit if code == "ALT" else value < limit for limit in GRADE_LIMITS[code]]
    return (
        STUDY_ID,
        "LB",
        subject.subject_id,
        sequence,
        code,
        name,
        category,
        value,
        unit,
        value,
        value,
        unit,
        low,
        high,
        "LOW" if value < low else "HIGH" if value > high else "NORMAL",
        sum(beyond),
        "Y" if cycle == 1 else "",
        cycle + 1,
        f"C{cycle}D1",
        date,
        day,
    )
