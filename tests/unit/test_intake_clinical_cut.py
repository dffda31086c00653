"""The data cut: what leaves, what is blanked, and the properties that must hold on any study."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearher.intake.cut import apply_cut
from clearher.intake.follow_up import first_days, with_reference_dates, with_survival
from clearher.intake.records import ClinicalRecords, records_of
from clinical_study import DM, EX, RS_HEADER, checks, read, study


def day(text):
    return pd.Timestamp(text)


def test_rows_leave_by_the_earliest_day_they_can_mean(tmp_path):
    rs = (
        RS_HEADER
        + """S1,1,OVRLRESP,SD,,,,2,W6,2024-02-12
S1,2,OVRLRESP,PR,,,,3,W12,2024-03
S1,3,OVRLRESP,PD,,,,4,W18,2024-04-01
S1,4,OVRLRESP,NE,,,,5,W24,"""
    )
    rows = read(study(tmp_path, rs=rs), cut="2024-03-15")
    kept = rows.assessments.set_index("sequence")
    assert kept.index.tolist() == [1, 2, 4]  # 2024-03 may be 1 March; the undated row stays
    assert kept.loc[2, "date"] == day("2024-03-15")  # imputed to the 31st, capped at the cut
    assert ("after_cut", "S1", "assessments") in checks(rows, "info")
    assert ("undated_kept", "", "assessments") in checks(rows, "info")
    assert rows.subjects["cut_date"].eq(day("2024-03-15")).all()


def test_a_death_after_the_cut_is_undone_everywhere_and_proves_life(tmp_path):
    ae = """USUBJID,AESEQ,AETERM,AESTDTC,AEENDTC,AETOXGR,AEOUT,AESER
S2,1,sepsis,2024-06-01,2024-06-10,5,FATAL,Y"""
    folder = study(tmp_path, ae=ae)
    at_death = read(folder, cut="2024-06-10")
    assert at_death.subjects["death_date"][1] == day("2024-06-10")
    assert at_death.adverse_events["fatal"].tolist() == [True]
    before = read(folder, cut="2024-06-09")
    subject = before.subjects.iloc[1]
    assert pd.isna(subject["death_date"])
    assert subject["death_text"] == ""
    assert subject["last_alive_date"] == day("2024-06-09")
    event = before.adverse_events.iloc[0]
    assert (event["fatal"], event["outcome"], event["end_text"]) == (False, "", "")
    assert pd.isna(event["grade"])
    assert event["ongoing_at_cut"]
    assert ("after_cut", "S2", "death_date") in checks(before, "info")


def test_a_dose_that_runs_on_ends_at_the_cut(tmp_path):
    ex = EX + "\nS2,2,TQB2102,6,mg/kg,2024-01-24,2024-03-01"
    records = read(study(tmp_path, ex=ex), cut="2024-02-01")
    dose = records.doses.set_index(["subject_id", "sequence"]).loc[("S2", 2)]
    assert (pd.isna(dose["end_date"]), dose["ongoing_at_cut"]) == (True, True)
    assert records.subjects["last_dose_date"].tolist()[:2] == [day("2024-01-22"), day("2024-02-01")]


def test_a_subject_first_dosed_after_the_cut_is_untreated_then(tmp_path):
    records = read(study(tmp_path), cut="2024-01-02")
    assert records.subjects["treated"].tolist() == [True, False, False]
    assert records.subjects["first_dose_date"].isna().tolist() == [False, True, True]


def test_subjects_first_seen_after_the_cut_leave_and_are_named(tmp_path):
    records = read(study(tmp_path), cut="2023-12-21")
    assert records.subjects["subject_id"].tolist() == ["S1"]
    assert ("after_cut", "S2", "subject") in checks(records, "info")


def test_supplied_durations_end_at_the_cut(tmp_path):
    header = "subject_id\tfirst_dose_date\tbest_response\tresponse_date\tprogression_date\tdeath_date"
    rows = "A\t2024-01-01\tPR\t2024-02-12\t2024-05-01\t2024-08-01\nB\t2024-01-01\tPD\t\t2024-02-01\t"
    (tmp_path / "c.tsv").write_text(f"{header}\n{rows}\n")
    cut = read(tmp_path / "c.tsv", format="table", cut="2024-03-01").supplied.set_index("subject_id")
    assert cut.loc["A", ["pfs_days", "pfs_event", "os_days", "os_event"]].tolist() == [61, False, 61, False]
    assert cut.loc["A", ["best_response", "dor_days", "dor_event"]].tolist() == ["PR", 19, False]
    assert cut.loc["B", ["pfs_days", "pfs_event"]].tolist() == [32, True]
    early = read(tmp_path / "c.tsv", format="table", cut="2024-01-20").supplied.set_index("subject_id")
    assert early["best_response"].tolist() == ["", ""]  # neither was known on that day
    assert early["dor_days"].isna().all()


def test_dates_of_a_table_after_the_cut_are_listed(tmp_path):
    header = "subject_id\tfirst_dose_date\tbest_response\tprogression_date\tlast_contact_date"
    rows = "A\t2024-01-01\tSD\t2024-05-01\t2024-08-01\nB\t2024-01-01\tSD\t\t2024-03-01"
    (tmp_path / "c.tsv").write_text(f"{header}\n{rows}\n")
    records = read(tmp_path / "c.tsv", format="table", cut="2024-03-01")
    assert records.supplied["last_contact_date"].tolist() == [day("2024-03-01")] * 2
    found = [(p.subject_id, p.column, p.found, p.remedy) for p in records.problems if p.check == "after_cut"]
    assert found == [
        (
            "A",
            "last_contact_date",
            "last_contact_date 2024-08-01",
            "Counts as a contact on the day of the cut.",
        ),
        ("A", "progression_date", "progression_date 2024-05-01", "Left out of this cut."),
    ]


FIRST = day("2024-01-01")
OFFSETS = st.integers(-5, 60)
LENGTHS = st.sampled_from([10, 10, 10, 7])


def text(offset: int, length: int = 10) -> str:
    return (FIRST + pd.Timedelta(days=offset)).strftime("%Y-%m-%d")[:length]


@st.composite
def studies(draw) -> ClinicalRecords:
    """A dozen subjects with doses, responses, events and perhaps a death, on any days."""
    ids = [f"S{number}" for number in range(draw(st.integers(8, 14)))]
    subjects, doses, assessments, events = [], [], [], []
    for who in ids:
        first = draw(st.integers(0, 30))
        death = draw(st.none() | st.integers(0, 60))
        subjects.append(
            {
                "subject_id": who,
                "screen_failure": False,
                "treated": True,
                "first_dose_date": day(text(first)),
                "death_text": "" if death is None else text(first + death, draw(LENGTHS)),
            }
        )
        for number in range(draw(st.integers(1, 3))):
            start, length = first + draw(st.integers(0, 40)) * (number > 0), draw(st.integers(0, 20))
            doses.append({"subject_id": who, "sequence": number, "start_text": text(start)})
            doses[-1] |= {"start_date": day(text(start)), "end_text": text(start + length)}
            doses[-1] |= {"end_date": day(text(start + length)), "ongoing_at_cut": False}
        for number in range(draw(st.integers(0, 3))):
            when = text(draw(OFFSETS))
            response = draw(st.sampled_from(["PR", "SD", "PD"]))
            assessments.append({"subject_id": who, "sequence": number, "date": day(when), "date_text": when})
            assessments[-1] |= {"response": response, "evaluator": "INVESTIGATOR", "accepted": True}
        for number in range(draw(st.integers(0, 2))):
            start = draw(OFFSETS)
            end = draw(st.none() | st.integers(0, 30))
            events.append({"subject_id": who, "sequence": number, "start_text": text(start, draw(LENGTHS))})
            events[-1] |= {"end_text": "" if end is None else text(start + end, draw(LENGTHS))}
            events[-1] |= {"fatal": draw(st.booleans()), "ongoing_at_cut": False}
    frames = {"subjects": subjects, "doses": doses, "assessments": assessments, "adverse_events": events}
    records = records_of(**{name: pd.DataFrame(rows) for name, rows in frames.items() if rows})
    return complete(records)


def complete(records: ClinicalRecords) -> ClinicalRecords:
    """Contacts, last dose, reference and survival from the drawn rows, as the readers leave them."""
    doses = records.doses
    contacts = [
        pd.DataFrame({"subject_id": frame["subject_id"], "date": dates, "domain": name})
        for name, frame, dates in (
            ("EX", doses, doses["start_date"]),
            ("EX", doses, doses["end_date"]),
            ("RS", records.assessments, records.assessments["date"]),
        )
    ]
    last = doses.groupby("subject_id")["end_date"].max()
    subjects = records.subjects.assign(last_dose_date=records.subjects["subject_id"].map(last))
    together = pd.concat(contacts).drop_duplicates()
    with_contacts = records_of(
        **{name: frame for name, frame in records.frames().items() if name not in ("contacts", "subjects")},
        subjects=subjects,
        contacts=together,
    )
    return with_survival(with_reference_dates(with_contacts, "first_dose")).conformed()


def events(records: ClinicalRecords) -> set:
    """Deaths, progressions and adverse events, each by subject and record."""
    progressions = records.assessments[records.assessments["response"] == "PD"]
    dead = records.subjects[records.subjects["death_date"].notna()]
    return (
        {("death", who) for who in dead["subject_id"]}
        | {("PD", row.subject_id, row.sequence) for row in progressions.itertuples()}
        | {("AE", row.subject_id, row.sequence) for row in records.adverse_events.itertuples()}
    )


def same(one: ClinicalRecords, other: ClinicalRecords, *, but: tuple[str, ...] = ()) -> None:
    for name, frame in one.frames().items():
        drop = [column for column in but if column in frame]
        pd.testing.assert_frame_equal(
            frame.drop(columns=drop), getattr(other, name).drop(columns=drop), check_dtype=False
        )


@settings(max_examples=5, deadline=None)
@given(studies(), OFFSETS, OFFSETS)
def test_a_later_cut_never_removes_an_event(records, one, other):
    early, late = sorted((one, other))
    assert events(apply_cut(records, day(text(early)))) <= events(apply_cut(records, day(text(late))))


@settings(max_examples=5, deadline=None)
@given(studies())
def test_a_cut_at_the_last_date_changes_nothing(records):
    same(apply_cut(records, day("2025-12-31")).conformed(), records, but=("cut_date",))


@settings(max_examples=5, deadline=None)
@given(studies(), OFFSETS)
def test_cutting_twice_is_cutting_once(records, offset):
    once = apply_cut(records, day(text(offset))).conformed()
    same(apply_cut(once, day(text(offset))).conformed(), once)


@settings(max_examples=5, deadline=None)
@given(studies(), OFFSETS)
def test_nothing_is_later_than_the_cut(records, offset):
    cut_date = day(text(offset))
    result = apply_cut(records, cut_date)
    dates = result.subjects.select_dtypes("datetime")
    assert not (dates > cut_date).to_numpy().any()
    assert not (result.doses[["start_date", "end_date"]] > cut_date).to_numpy().any()
    assert not (first_days("adverse_events", result.adverse_events) > cut_date).any()
    assert not (result.contacts["date"] > cut_date).any()


BY_THE_CUT = {
    "ex": EX,
    "rs": RS_HEADER + "S1,1,OVRLRESP,PR,INVESTIGATOR,,,2,W6,2024-02-12",
    "tu": "USUBJID,TUSEQ,TULNKID,TUSTRESC,TUDTC\nS1,1,T1,TARGET,2023-12-27",
    "tr": "USUBJID,TRSEQ,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRDTC\nS1,1,T1,LDIAM,20,20,2023-12-27",
    "ae": "USUBJID,AESEQ,AETERM,AESTDTC,AEENDTC,AETOXGR\nS1,1,Cough,2024-02-01,2024-02-05,2",
    "is": "USUBJID,ISSEQ,ISTESTCD,ISSTRESC,ISDTC\nS1,1,ADA_BAB,NEGATIVE,2024-01-01",
    "lb": "USUBJID,LBSEQ,LBTESTCD,LBSTRESN,LBDTC\nS1,1,ALT,30,2024-01-01",
    "cm": "USUBJID,CMSEQ,CMTRT,CMCAT,CMSTDTC\nS1,1,OLD,ANTI-CANCER THERAPY,2024-02-20",
    "sv": "USUBJID,SVSTDTC\nS1,2024-02-28",
}
AFTER_THE_CUT = {
    "ex": "S1,9,TQB2102,6,mg/kg,2024-05-01,2024-05-01",
    "rs": "S1,9,OVRLRESP,PD,INVESTIGATOR,,,9,W18,2024-05-06",
    "tu": "S1,9,N1,NEW,2024-05-06",
    "tr": "S1,9,T1,LDIAM,60,60,2024-05-06",
    "ae": "S1,9,Sepsis,2024-05,,4",
    "is": "S1,9,ADA_BAB,POSITIVE,2024-05-01",
    "lb": "S1,9,ALT,900,2024-05-01",
    "cm": "S1,9,NEW,ANTI-CANCER THERAPY,2024-05-07",
    "sv": "S1,2024-05-08",
}


@pytest.mark.parametrize("domain", sorted(AFTER_THE_CUT))
def test_a_record_of_any_domain_after_the_cut_changes_nothing(tmp_path, domain):
    """Cut 2024-03-15: the table with and without one record from May."""
    folders = [tmp_path / name for name in ("without", "with")]
    added = {**BY_THE_CUT, domain: BY_THE_CUT[domain] + "\n" + AFTER_THE_CUT[domain]}
    for folder, domains in zip(folders, (BY_THE_CUT, added), strict=True):
        folder.mkdir()
        study(folder, **domains)
    early, late = (read(folder, cut="2024-03-15") for folder in folders)
    same(early, late)
    rows = [sum(len(frame) for frame in read(folder).frames().values()) for folder in folders]
    assert rows[1] > rows[0]  # without a cut the record is there


@pytest.mark.parametrize("cut", ["2024-06-09", "2024-06-10"])
def test_survivors_of_the_cut_are_dead_or_alive_on_it(tmp_path, cut):
    subject = read(study(tmp_path, dm=DM), cut=cut).subjects.iloc[1]
    assert pd.notna(subject["death_date"]) or subject["last_alive_date"] == day(cut)
