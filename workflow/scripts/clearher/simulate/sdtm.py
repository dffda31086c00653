"""SDTM rows of a subject's clinical course: DM EX RS TU TR DS CM SS."""

from clearher.simulate.biology import Subject
from clearher.simulate.clinic import Lesion, Scan, Timeline
from clearher.simulate.design import (
    BLOCK,
    FIRST_ENROLMENT,
    STUDY_ID,
    calendar_date,
    column_names,
    cycle_day,
)

COLUMNS = {
    "dm": column_names(
        "STUDYID DOMAIN USUBJID SUBJID RFSTDTC RFENDTC RFXSTDTC RFXENDTC RFICDTC RFPENDTC DTHDTC DTHFL "
        "SITEID BRTHDTC AGE AGEU SEX RACE ETHNIC ARMCD ARM ACTARMCD ACTARM COUNTRY DMDTC DMDY"
    ),
    "ex": column_names(
        "STUDYID DOMAIN USUBJID EXSEQ EXTRT EXDOSE EXDOSU EXDOSFRM EXDOSFRQ EXROUTE VISITNUM VISIT VISITDY "
        "EXSTDTC EXENDTC EXSTDY EXENDY"
    ),
    "rs": column_names(
        "STUDYID DOMAIN USUBJID RSSEQ RSTESTCD RSTEST RSCAT RSORRES RSSTRESC RSSTAT RSREASND RSEVAL VISITNUM "
        "VISIT RSDTC RSDY"
    ),
    "tu": column_names(
        "STUDYID DOMAIN USUBJID TUSEQ TULNKID TUTESTCD TUTEST TUORRES TUSTRESC TULOC TUMETHOD TUEVAL "
        "VISITNUM VISIT TUDTC TUDY"
    ),
    "tr": column_names(
        "STUDYID DOMAIN USUBJID TRSEQ TRGRPID TRLNKID TRTESTCD TRTEST TRORRES TRORRESU TRSTRESC TRSTRESN "
        "TRSTRESU TREVAL VISITNUM VISIT TRDTC TRDY"
    ),
    "ds": column_names("STUDYID DOMAIN USUBJID DSSEQ DSTERM DSDECOD DSCAT DSSCAT EPOCH DSSTDTC DSSTDY"),
    "cm": column_names("STUDYID DOMAIN USUBJID CMSEQ CMTRT CMDECOD CMCAT CMSCAT CMINDC CMSTDTC CMENDTC"),
    "ss": column_names("STUDYID DOMAIN USUBJID SSSEQ SSTESTCD SSTEST SSORRES SSSTRESC VISIT SSDTC SSDY"),
}
INVESTIGATOR = "INVESTIGATOR"
DOSE = 7.5
FOLLOW_UP_DAYS = 84
PRIOR_DAYS = 400
RESPONSE_TESTS = {
    "TRGRESP": "Target Response",
    "NTRGRESP": "Non-target Response",
    "OVRLRESP": "Overall Response",
}
PARTIAL_WEEK = 12


def clinical_rows(subject: Subject, timeline: Timeline) -> dict[str, list[tuple]]:
    """Rows of each domain of this module, in the order of :data:`COLUMNS`."""
    return {
        "dm": [_demographics(subject, timeline)],
        "ex": _exposure(subject, timeline),
        "rs": _responses(subject, timeline),
        "tu": _identifications(subject, timeline),
        "tr": _measurements(subject, timeline),
        "ds": _disposition(subject, timeline),
        "cm": _therapies(subject, timeline),
        "ss": _survival(subject, timeline),
    }


def screen_failure_rows(block: int) -> dict[str, list[tuple]]:
    """DM and DS rows of the two subjects of a block of 42 who were screened but never treated."""
    rows: dict[str, list[tuple]] = {"dm": [], "ds": []}
    for order in (1, 2):
        name = f"SIM-F{2 * block + order:03d}"
        day = calendar_date(FIRST_ENROLMENT, 40 + 97 * order).isoformat()
        arm = ("SCRNFAIL", "Screen Failure", "SCRNFAIL", "Screen Failure")
        rows["dm"].append(
            (STUDY_ID, "DM", name, name, "", "", "", "", day, "", "", "", "001", "", 50 + order, "YEARS", "F")
            + ("ASIAN", "NOT HISPANIC OR LATINO", *arm, "CHN", day, "")
        )
        words = ("SCREEN FAILURE", "SCREEN FAILURE", "DISPOSITION EVENT", "STUDY PARTICIPATION", "SCREENING")
        rows["ds"].append((STUDY_ID, "DS", name, 1, *words, day, ""))
    return rows


def _date(subject: Subject, day: int) -> str:
    return calendar_date(subject.first_dose, day).isoformat()


def _death_text(subject: Subject, timeline: Timeline) -> str:
    if timeline.death is None:
        return ""
    text = _date(subject, timeline.death)
    return text[:7] if subject.has("partial_death_date") else text


def _demographics(subject: Subject, timeline: Timeline) -> tuple:
    first, last = _date(subject, 1), _date(subject, timeline.dose_days[-1])
    death = _death_text(subject, timeline)
    consent = _date(subject, timeline.screening_day)
    birth = str(subject.first_dose.year - subject.age)
    arm = ("TQB2102", "TQB2102 7.5 mg/kg")
    end = _date(subject, timeline.end_of_treatment) if timeline.end_of_treatment else ""
    return (
        STUDY_ID,
        "DM",
        subject.subject_id,
        subject.subject_id,
        first,
        end,
        first,
        last,
        consent,
        _date(subject, _last_seen(timeline)),
        death,
        "Y" if death else "",
        f"{subject.number % BLOCK % 6 + 1:03d}",
        birth,
        subject.age,
        "YEARS",
        subject.sex,
        "ASIAN",
        "NOT HISPANIC OR LATINO",
        *arm,
        *arm,
        "CHN",
        consent,
        timeline.screening_day,
    )


def _exposure(subject: Subject, timeline: Timeline) -> list[tuple]:
    rows = []
    for cycle, day in enumerate(timeline.dose_days, 1):
        date = _date(subject, day)
        given = ("TQB2102", DOSE, "mg/kg", "INJECTION", "EVERY 3 WEEKS", "INTRAVENOUS")
        visit = (cycle + 1, f"C{cycle}D1", cycle_day(cycle))
        rows.append((STUDY_ID, "EX", subject.subject_id, cycle, *given, *visit, date, date, day, day))
    return rows


def _responses(subject: Subject, timeline: Timeline) -> list[tuple]:
    rows: list[tuple] = []
    events = [(scan.week, scan) for scan in timeline.scans]
    events += [(week, None) for week in timeline.missed_weeks]
    for week, scan in sorted(events, key=lambda event: event[0]):
        if scan is None:
            rows.append(_response(subject, len(rows) + 1, "OVRLRESP", "", week, None))
            continue
        values = {"TRGRESP": scan.target, "NTRGRESP": scan.non_target, "OVRLRESP": scan.overall}
        for test, value in values.items():
            if value:
                rows.append(_response(subject, len(rows) + 1, test, value, week, scan.day))
    return rows


def _response(subject: Subject, sequence: int, test: str, value: str, week: int, day: int | None) -> tuple:
    date = _date(subject, day) if day is not None else ""
    if subject.has("partial_rs_date") and week == PARTIAL_WEEK and test == "OVRLRESP":
        date = date[:7]
    status = ("", "") if day is not None else ("NOT DONE", "VISIT MISSED")
    return (
        STUDY_ID,
        "RS",
        subject.subject_id,
        sequence,
        test,
        RESPONSE_TESTS[test],
        "RECIST 1.1",
        value,
        value,
        *status,
        INVESTIGATOR,
        100 + week,
        f"WEEK {week}",
        date,
        day if len(date) == 10 else "",
    )


def _identifications(subject: Subject, timeline: Timeline) -> list[tuple]:
    rows = []
    for lesion in timeline.lesions:
        kind = "TARGET" if lesion.target else "NON-TARGET"
        place = (1, "SCREENING", timeline.screening_day)
        rows.append(_identification(subject, len(rows) + 1, lesion.name, kind, lesion.location, place))
    for scan in timeline.scans:
        if scan.new_lesion:
            place = (100 + scan.week, f"WEEK {scan.week}", scan.day)
            rows.append(_identification(subject, len(rows) + 1, "NEW01", "NEW", "LIVER", place))
    return rows


def _identification(
    subject: Subject, sequence: int, name: str, kind: str, location: str, place: tuple[int, str, int]
) -> tuple:
    number, visit, day = place
    what = (name, "TUMIDENT", "Tumor Identification", kind, kind, location, "CT SCAN", INVESTIGATOR)
    return (STUDY_ID, "TU", subject.subject_id, sequence, *what, number, visit, _date(subject, day), day)


def _measurements(subject: Subject, timeline: Timeline) -> list[tuple]:
    rows: list[tuple] = []
    targets = [lesion for lesion in timeline.lesions if lesion.target]
    others = [lesion for lesion in timeline.lesions if not lesion.target]
    baseline = Scan(
        day=timeline.screening_day,
        week=-99,
        sizes=tuple(lesion.size for lesion in targets),
        present=(True,) * len(others),
        new_lesion=False,
        target="",
        non_target="",
        overall="",
    )
    for scan in (baseline, *timeline.scans):
        for lesion, size in zip(targets, scan.sizes, strict=True):
            rows += _diameters(subject, len(rows), lesion, size, scan)
        for lesion, present in zip(others, scan.present, strict=True):
            state = "PRESENT" if present else "ABSENT"
            rows.append(_state(subject, len(rows) + 1, "NON-TARGET", lesion.name, state, scan))
        if scan.new_lesion:
            rows.append(_state(subject, len(rows) + 1, "NEW", "NEW01", "UNEQUIVOCAL", scan))
    return rows


def _diameters(subject: Subject, done: int, lesion: Lesion, size: int, scan: Scan) -> list[tuple]:
    """Longest diameter, and the short axis too of a lymph node."""
    if not lesion.nodal:
        return [_diameter(subject, done + 1, lesion, ("LDIAM", "Longest Diameter"), size, scan)]
    return [
        _diameter(subject, done + 1, lesion, ("LDIAM", "Longest Diameter"), size + size // 3, scan),
        _diameter(subject, done + 2, lesion, ("LPERP", "Longest Perpendicular"), size, scan),
    ]


def _diameter(
    subject: Subject, sequence: int, lesion: Lesion, test: tuple[str, str], size: int, scan: Scan
) -> tuple:
    value = ("TARGET", lesion.name, *test, size, "mm", size, size, "mm", INVESTIGATOR)
    return (STUDY_ID, "TR", subject.subject_id, sequence, *value, *_scan_visit(subject, scan))


def _state(subject: Subject, sequence: int, group: str, name: str, state: str, scan: Scan) -> tuple:
    value = (group, name, "TUMSTATE", "Tumor State", state, "", state, "", "", INVESTIGATOR)
    return (STUDY_ID, "TR", subject.subject_id, sequence, *value, *_scan_visit(subject, scan))


def _scan_visit(subject: Subject, scan: Scan) -> tuple:
    """Visit number, visit, date and day; a partial date of the response is that of the scan too."""
    visit = (1, "SCREENING") if scan.week < 0 else (100 + scan.week, f"WEEK {scan.week}")
    date = _date(subject, scan.day)
    if subject.has("partial_rs_date") and scan.week == PARTIAL_WEEK:
        return (*visit, date[:7], "")
    return (*visit, date, scan.day)


def _disposition(subject: Subject, timeline: Timeline) -> list[tuple]:
    events = [
        ("INFORMED CONSENT OBTAINED", "PROTOCOL MILESTONE", "", "SCREENING", timeline.screening_day),
        ("ENROLLED", "PROTOCOL MILESTONE", "", "SCREENING", -1),
    ]
    if timeline.end_of_treatment is not None:
        end = timeline.end_of_treatment
        events.append((timeline.end_reason, "DISPOSITION EVENT", "END OF TREATMENT", "TREATMENT", end))
    if timeline.death is not None:
        events.append(("DEATH", "DISPOSITION EVENT", "END OF STUDY", "FOLLOW-UP", timeline.death))
    rows = []
    for sequence, (decoded, category, detail, epoch, day) in enumerate(events, 1):
        date = _death_text(subject, timeline) if decoded == "DEATH" else _date(subject, day)
        words = (decoded, decoded, category, detail, epoch)
        rows.append(
            (STUDY_ID, "DS", subject.subject_id, sequence, *words, date, day if len(date) == 10 else "")
        )
    return rows


def _therapies(subject: Subject, timeline: Timeline) -> list[tuple]:
    disease = "BREAST CANCER"
    rows = [
        (STUDY_ID, "CM", subject.subject_id, 1, "PACLITAXEL", "PACLITAXEL", "PRIOR ANTI-CANCER THERAPY")
        + ("CHEMOTHERAPY", disease, _date(subject, -PRIOR_DAYS), _date(subject, -PRIOR_DAYS // 2))
    ]
    if timeline.new_therapy is not None:
        start = _date(subject, timeline.new_therapy)
        drug = "ERIBULIN" if subject.number % 2 else "CAPECITABINE"
        rows.append(
            (STUDY_ID, "CM", subject.subject_id, 2, drug, drug, "SUBSEQUENT ANTI-CANCER THERAPY")
            + ("CHEMOTHERAPY", disease, start, "")
        )
    return rows


def _last_seen(timeline: Timeline) -> int:
    """Last day of any contact before the export; of a dead subject the day of death."""
    if timeline.death is not None:
        return timeline.death
    contacts = [timeline.dose_days[-1], *(scan.day for scan in timeline.scans[-1:])]
    contacts += [timeline.end_of_treatment or 0, timeline.new_therapy or 0]
    contacts += _follow_up_days(timeline)[-1:]
    return max(contacts)


def _follow_up_days(timeline: Timeline) -> list[int]:
    if timeline.end_of_treatment is None:
        return []
    last = min(timeline.export_day, (timeline.death or 10**6) - 1)
    return list(range(timeline.end_of_treatment + FOLLOW_UP_DAYS, last + 1, FOLLOW_UP_DAYS))


def _survival(subject: Subject, timeline: Timeline) -> list[tuple]:
    contacts = [(day, _date(subject, day), "ALIVE") for day in _follow_up_days(timeline)]
    if timeline.death is not None and timeline.end_reason != "DEATH":
        contacts.append((timeline.death, _death_text(subject, timeline), "DEAD"))
    return [
        (STUDY_ID, "SS", subject.subject_id, sequence, "SURVSTAT", "Survival Status", status, status)
        + (f"FOLLOW-UP {sequence}", date, day if len(date) == 10 else "")
        for sequence, (day, date, status) in enumerate(contacts, 1)
    ]
