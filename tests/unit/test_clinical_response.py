"""Best overall response, confirmation, benefit and reasons, as literal courses (days after the reference)."""

import copy

import pandas as pd
import pytest

from clearher.clinical.response import response_tables
from clearher.columns import intake
from clearher.problems import InputError
from clinical_builders import course, courses, date, lesions, none_of, subjects


def derive(assessments, people=None, *, settings, therapies=None, lesion_rows=None):
    people = subjects("S1") if people is None else people
    return response_tables(
        people,
        assessments,
        none_of(intake.LESIONS) if lesion_rows is None else lesion_rows,
        none_of(intake.THERAPIES) if therapies is None else therapies,
        none_of(intake.SUPPLIED),
        settings=settings,
    )


def clinical(settings, **response):
    config = copy.deepcopy(settings("clinical"))
    for name, value in response.items():
        if isinstance(value, dict):
            config["response"][name].update(value)
        else:
            config["response"][name] = value
    return config


def one(text, *, settings, **keywords):
    other = courses({"S1": text, "other": "SD42"}) if text else courses({"other": "SD42"})
    people = keywords.pop("people", subjects("S1", "other"))
    table = derive(other, people, settings=settings, **keywords).responses
    return table.set_index("subject_id").loc["S1"]


def spoken(row, name):
    when = row[f"{name}_date"]
    return row[name] if pd.isna(when) else f"{row[name]}{(when - date(0)).days}"


COURSES = [
    # course, best overall response, confirmed best overall response, why
    ("PR42 PR70", "PR42", "PR42", "28 days exactly are enough"),
    ("PR42 PR69", "PR42", "SD42", "27 days are not; the PR counts as SD"),
    ("PR41 PR68", "PR41", "SD68", "the first PR is too early to be SD"),
    ("PR20 PD41", "PR20", "PD41", "neither confirmed nor late enough for SD"),
    ("PR20", "PR20", "NE20", "nothing else is left"),
    ("SD41", "NE41", "NE41", "SD one day too early"),
    ("SD42", "SD42", "SD42", "SD on the first day that counts"),
    ("NE42", "NE42", "NE42", "not evaluable whenever it is"),
    ("", "NE", "NE", "no rows"),
    ("PR42 NE56 PR84", "PR42", "PR42", "one NE in between is allowed"),
    ("CR42 NE70 NE98 CR126", "CR42", "SD42", "two NE are not"),
    ("PR42 SD56 PR84", "PR42", "SD42", "SD in between breaks the confirmation"),
    ("CR42 SD56 CR84", "CR42", "SD42", "SD in between breaks it for CR too"),
    ("PR42 CR70 PR98", "CR70", "PR42", "the CR confirms the PR"),
    ("PR42 CR56 PR84", "CR56", "SD42", "PR after CR does not confirm"),
    ("CR42 PR84 PR126", "CR42", "PR84", "the CR is lost, the PR confirmed"),
    ("PD41 PR84 PR126", "PD41", "PD41", "nothing after PD counts"),
    ("CR28 SD56", "CR28", "SD56", "upstream's reading of an early CR"),
    ("PR42 NON-CR/NON-PD56 PR84", "PR42", "SD42", "NON-CR/NON-PD in between breaks it"),
    ("NON-CR/NON-PD41 NON-CR/NON-PD42", "NON-CR/NON-PD42", "NON-CR/NON-PD42", "as SD, from day 42"),
    ("SD42 PD42", "PD42", "PD42", "the worst of the day"),
    ("PR42 NE42 PR70", "PR42", "PR42", "PR beats NE of the same day"),
    ("CR42 NE42", "CR42", "SD42", "so does CR"),
    ("PR42 CR42", "PR42", "SD42", "the worst of the day, whichever is recorded last"),
    ("SD42 PR42", "SD42", "SD42", "the worst of the day"),
    ("NON-CR/NON-PD42 SD42", "NON-CR/NON-PD42", "NON-CR/NON-PD42", "which is not less than SD"),
    ("PD42 NON-CR/NON-PD42", "PD42", "PD42", "the worst of the day"),
]


def together(texts, *, settings, **people):
    """Derive many courses at once; a frame indexed by the course's text."""
    names = {text: f"S{number:02d}" for number, text in enumerate(texts)}
    rows = courses({name: text for text, name in names.items() if text})
    table = derive(rows, subjects(*names.values(), **people), settings=settings).responses
    return table.set_index("subject_id").loc[list(names.values())].set_axis(list(names))


@pytest.fixture(scope="module")
def derived(settings):
    return together([text for text, *_ in COURSES], settings=settings("clinical"))


@pytest.mark.parametrize(("text", "bor", "confirmed", "why"), COURSES)
def test_course_of_responses(derived, text, bor, confirmed, why):
    row = derived.loc[text]
    assert (spoken(row, "bor"), spoken(row, "confirmed_bor")) == (bor, confirmed), why


OPTIONS = [
    ("CR42 NE70 NE98 CR126", {"confirmation": {"max_ne": 2}}, "CR42", "two NE allowed"),
    ("PR42 SD56 PR84", {"confirmation": {"accept_sd": True}}, "PR42", "one SD allowed for a PR"),
    ("CR42 SD56 CR84", {"confirmation": {"accept_sd": True}}, "SD42", "never for a CR"),
    ("PR42 SD56 SD70 PR84", {"confirmation": {"accept_sd": True}}, "SD42", "one SD, not two"),
    ("CR28 SD56", {"confirmation": {"table3_strict": True}}, "PD56", "disease back after an early CR is PD"),
    ("CR28 CR56 SD84", {"confirmation": {"table3_strict": True}}, "CR28", "a confirmed CR stays"),
    ("CR42 SD84", {"confirmation": {"table3_strict": True}}, "SD42", "a CR in the SD window counts as SD"),
    ("SD28 PR56 PR84", {"confirmation": {"table3_strict": True}}, "PR56", "an early SD is no early CR"),
    ("CR28 PR42 PR84", {"confirmation": {"table3_strict": True}}, "PD42", "nothing after that PD counts"),
    ("SD35", {"sd": {"window_days": 7}}, "SD35", "a week of tolerance"),
    ("SD34", {"sd": {"window_days": 7}}, "NE34", "one day before it"),
    ("SD42 PD42", {"rows": {"same_day": "latest"}}, "PD42", "the later record of the day"),
    ("PD42 SD42", {"rows": {"same_day": "latest"}}, "SD42", "the later record of the day"),
]


@pytest.mark.parametrize(("text", "change", "confirmed", "why"), OPTIONS)
def test_options_of_the_rule(settings, text, change, confirmed, why):
    row = one(text, settings=clinical(settings, **change))
    assert spoken(row, "confirmed_bor") == confirmed, why


def test_dates_of_response_and_of_confirmed_response_differ(settings):
    row = one("CR42 PR84 PR126", settings=settings("clinical"))
    assert row["response_date"] == date(42)
    assert row["confirmed_response_date"] == date(84)
    assert row["time_to_response_days"] == 43


BENEFIT = [
    # course, disease control, clinical benefit (protocol), at 24 weeks, why
    ("PR21", True, True, True, "an early PR is benefit at once"),
    ("SD41", False, False, False, "SD too early"),
    ("SD42", True, True, False, "SD of six weeks"),
    ("SD42 SD167", True, True, False, "one day short of 24 weeks"),
    ("SD42 SD168", True, True, True, "24 weeks"),
    ("SD42 PD84 SD168", True, True, False, "after PD nothing counts"),
    ("NON-CR/NON-PD42", True, True, False, "counts as SD by default"),
    ("PD42", False, False, False, "progression"),
]


@pytest.fixture(scope="module")
def benefit_table(settings):
    return together([text for text, *_ in BENEFIT], settings=settings("clinical"))


@pytest.mark.parametrize(("text", "control", "benefit", "long", "why"), BENEFIT)
def test_disease_control_and_clinical_benefit(benefit_table, text, control, benefit, long, why):
    row = benefit_table.loc[text]
    found = (row["disease_control"], row["clinical_benefit"], row["clinical_benefit_24w"])
    assert found == (control, benefit, long), why


def test_clinical_benefit_at_its_own_minimum(settings):
    config = clinical(settings, cbr_min_days=168)
    assert not one("SD42", settings=config)["clinical_benefit"]
    assert one("SD42", settings=config)["disease_control"]


WINDOW = [
    # course, control from 42 - 7, benefit from 84 - 7, at 24 weeks from 168 - 7, why
    ("SD34", False, False, False, "one day before the window of six weeks"),
    ("SD35", True, False, False, "its first day"),
    ("SD42 SD76", True, False, False, "one day before the window of twelve weeks"),
    ("SD42 SD77", True, True, False, "its first day"),
    ("SD42 SD160", True, True, False, "one day before the window of 24 weeks"),
    ("SD42 SD161", True, True, True, "its first day"),
]


@pytest.mark.parametrize(("text", "control", "benefit", "long", "why"), WINDOW)
def test_the_window_of_visits_shortens_every_minimum_of_stable_disease(
    settings, text, control, benefit, long, why
):
    row = one(text, settings=clinical(settings, cbr_min_days=84, sd={"window_days": 7}))
    found = (row["disease_control"], row["clinical_benefit"], row["clinical_benefit_24w"])
    assert found == (control, benefit, long), why


def test_non_cr_non_pd_can_be_left_out_of_disease_control(settings):
    config = clinical(settings, sd={"count_non_cr_non_pd": False})
    assert not one("NON-CR/NON-PD42", settings=config)["disease_control"]


REASONS = [
    ("", {}, "no post-baseline assessment"),
    ("", {"death_date": {"S1": date(20)}}, "died first"),
    ("NE42 NE84", {}, "all assessments not evaluable"),
    ("SD20", {}, "stable disease too early"),
    ("NE14 SD28", {}, "stable disease too early"),
    ("SD-5", {}, "no post-baseline assessment"),
]


@pytest.mark.parametrize(("text", "columns", "reason"), REASONS)
def test_reason_of_not_evaluable(settings, text, columns, reason):
    row = one(text, settings=settings("clinical"), people=subjects("S1", "other", **columns))
    assert (row["bor"], row["ne_reason"]) == ("NE", reason)


def test_reason_new_therapy_first(settings):
    therapies = therapy(30)
    row = one("PR42 PR70", settings=settings("clinical"), therapies=therapies)
    assert (row["bor"], row["ne_reason"]) == ("NE", "new therapy first")


def test_reason_unusable_dates_only(settings):
    rows = pd.concat([course("SD42").assign(date=pd.NaT), course("SD42", subject="other")])
    table = derive(rows, subjects("S1", "other"), settings=settings("clinical"))
    row = table.responses.set_index("subject_id").loc["S1"]
    assert row["ne_reason"] == "unusable dates only"
    assert {p.check for p in table.findings} == {"response_undated"}


def therapy(day, imputed=""):
    row = {"subject_id": "S1", "domain": "CM", "sequence": 1, "term": "X", "start_date": date(day)}
    row["date_imputed"] = imputed
    return pd.concat([none_of(intake.THERAPIES), pd.DataFrame([row])]).fillna({"source": ""})


@pytest.mark.parametrize(("day", "bor"), [(71, "PR42"), (70, "PR42"), (42, "SD41"), (43, "PR42")])
def test_new_therapy_ends_the_observation(settings, day, bor):
    config = clinical(settings, sd={"min_days": 41})
    assert spoken(one("SD41 PR42 PR70", settings=config, therapies=therapy(day)), "bor") == bor


@pytest.mark.parametrize(
    ("scan", "imputed", "told", "why"),
    [
        ("PD20", "D", True, "the therapy of that month may have begun after the progression"),
        ("PD20", "", False, "it began on the first of the month"),
        ("PD40", "D", False, "it began before the progression, whatever the day"),
        ("SD20", "D", False, "neither a response nor a progression is lost"),
    ],
)
def test_a_progression_in_the_month_in_which_a_new_therapy_began(settings, scan, imputed, told, why):
    """The reference day is in the middle of a month; the therapy is set to the first of the next."""
    first = (date(0) + pd.offsets.MonthBegin(1) - date(0)).days
    number = int(scan[2:]) + first
    rows = course(f"{scan[:2]}{number}")
    table = derive(rows, settings=settings("clinical"), therapies=therapy(first, imputed))
    assert [p.check for p in table.findings] == ["partial_therapy_date"] * told, why


def test_without_new_therapy_every_row_stays(settings):
    assert spoken(one("PR42 PR70", settings=settings("clinical")), "confirmed_bor") == "PR42"


def test_assessment_on_the_day_of_the_therapy_can_count(settings):
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["new_therapy"]["same_day_counts"] = True
    row = one("PR42 PR70", settings=config, therapies=therapy(70))
    assert row["confirmed_responder"]


def test_progression_before_the_reference_date_cuts_nothing_off(settings):
    table = derive(course("PD-3 PR42 PR70"), settings=settings("clinical"))
    assert spoken(table.responses.iloc[0], "confirmed_bor") == "PR42"
    assert {p.check for p in table.findings} == {"response_before_reference"}


def test_two_progressions_on_one_day_leave_the_day_in(settings):
    assert spoken(one("PD42 PD42", settings=settings("clinical")), "bor") == "PD42"


def test_rows_after_cut_and_death_leave(settings):
    people = subjects("S1", cut_date=date(100), death_date=date(80))
    table = derive(course("SD42 PR84 PR126"), people, settings=settings("clinical"))
    assert spoken(table.responses.iloc[0], "bor") == "SD42"
    assert table.selection["step"].tolist() == ["used", "after_death", "after_cut"]


def test_pr_after_cr_and_response_on_day_one_are_findings(settings):
    table = derive(course("PR0 CR42 PR84"), settings=settings("clinical"))
    assert {p.check for p in table.findings} == {"response_on_reference_date", "pr_after_cr"}


def test_unknown_words_stop_until_mapped(settings):
    rows = course("SD42").assign(response="CHECK")
    with pytest.raises(InputError, match="CHECK"):
        derive(rows, settings=settings("clinical"))
    mapped = clinical(settings, rows={"value_map": {"CHECK": "exclude"}})
    table = derive(rows, settings=mapped)
    assert table.responses["ne_reason"].tolist() == ["no post-baseline assessment"]
    assert table.selection["step"].tolist() == ["excluded_value"]


def test_several_readers_need_an_accepted_one(settings):
    readers = pd.concat(
        [
            course("SD42", evaluator="INDEPENDENT ASSESSOR", evaluator_id="R1", accepted=False),
            course("PR42", evaluator="INDEPENDENT ASSESSOR", evaluator_id="R2", accepted=True),
        ]
    ).assign(sequence=[1, 2])
    row = derive(readers, settings=settings("clinical")).responses.iloc[0]
    assert spoken(row, "bor") == "PR42"
    with pytest.raises(InputError, match="none accepted"):
        derive(readers.assign(accepted=False), settings=settings("clinical"))


def test_a_visit_without_accepted_reading_is_a_finding(settings):
    """Adjudication of day 126 is pending: its PD does not count, and nobody may overlook that."""
    central = {"evaluator": "INDEPENDENT ASSESSOR"}
    readers = pd.concat(
        [
            course("PR42 PR84", evaluator_id="R1", accepted=True, **central),
            course("PR42 SD84 PD126", evaluator_id="R2", accepted=False, **central),
        ]
    ).assign(sequence=range(1, 6))
    table = derive(readers, settings=settings("clinical"))
    assert [(p.check, p.found) for p in table.findings] == [
        ("visit_without_accepted_reading", "the visit of 2024-05-06: R2 PD, none accepted")
    ]
    assert pd.isna(table.responses["first_pd_date"][0])


def test_assessments_of_subjects_outside_the_set_alone_leave_everybody_not_evaluable(settings):
    table = derive(course("SD42", subject="S9"), settings=settings("clinical"))
    assert table.responses[["subject_id", "ne_reason"]].to_numpy().tolist() == [
        ["S1", "no post-baseline assessment"]
    ]
    assert table.findings == []


def test_screen_failures_and_undosed_subjects_are_out_of_the_set(settings):
    people = subjects("S1", "S2", "S3", screen_failure={"S1": False, "S2": True, "S3": False})
    people.loc[people["subject_id"] == "S3", "reference_date"] = pd.NaT
    table = derive(course("SD42"), people, settings=settings("clinical"))
    assert table.responses["subject_id"].tolist() == ["S1"]
    assert table.findings == []


def test_steps_add_up(settings):
    table = derive(course("PD-3 SD42 PD84 SD126"), settings=settings("clinical"))
    removed = table.steps.set_index("step")["rows_removed"]
    assert removed[removed > 0].to_dict() == {"before_reference": 1, "after_progression": 1}
    assert table.steps.set_index("step")["rows_in"]["used"] == 2


SUMS = [
    (0, "T1", "TARGET", 100.0),
    (42, "T1", "TARGET", 80.0),
    (84, "T1", "TARGET", 120.0),
    (126, "T1", "TARGET", 60.0),
]


@pytest.mark.parametrize(
    ("scope", "change"), [("through_first_pd", -20.0), ("before_pd", -20.0), ("all", -40.0)]
)
def test_best_change_by_scope(settings, scope, change):
    config = clinical(settings, best_change_scope=scope)
    table = derive(course("SD42 PD84 SD126"), settings=config, lesion_rows=lesions(SUMS))
    assert table.responses["best_change_percent"].tolist() == [change]


def test_best_change_can_be_growth(settings):
    rows = lesions([(0, "T1", "TARGET", 100.0), (42, "T1", "TARGET", 130.0)])
    row = derive(course("PD42"), settings=settings("clinical"), lesion_rows=rows).responses.iloc[0]
    assert row["best_change_percent"] == 30.0
    assert row["best_change_date"] == date(42)


def test_lesions_alone_give_the_responses(settings):
    table = derive(none_of(intake.ASSESSMENTS), settings=settings("clinical"), lesion_rows=lesions(SUMS))
    row = table.responses.iloc[0]
    assert (spoken(row, "bor"), row["derived_from"]) == ("SD42", "lesions")


def test_no_baseline_is_named(settings):
    rows = lesions([(42, "T1", "TARGET", 50.0)])
    row = derive(course("NE42"), settings=settings("clinical"), lesion_rows=rows).responses.iloc[0]
    assert row["ne_reason"] == "no baseline"
    assert not row["measurable"]


def supplied_responses(settings, *words):
    numbers = range(1, len(words) + 1)
    values = pd.DataFrame(
        {
            "subject_id": [f"S{number}" for number in numbers],
            "best_response": list(words),
            "response_date": [date(42) if word == "PR" else pd.NaT for word in words],
            "source": [f"clinical.tsv row {number + 1}" for number in numbers],
        }
    )
    values = pd.concat([none_of(intake.SUPPLIED), values]).fillna({"best_response": ""})
    return response_tables(
        subjects(*values["subject_id"]),
        none_of(intake.ASSESSMENTS),
        none_of(intake.LESIONS),
        none_of(intake.THERAPIES),
        values,
        settings=settings("clinical"),
    ).responses.set_index("subject_id")


ADEQUATE = [
    # course, assessments used, adequate ones, why
    ("NE42 NE84", 2, 0, "NE alone makes nobody evaluable for response"),
    ("NE42 SD84", 2, 1, "one that is not NE does"),
    ("SD42 PD84 NE126", 2, 2, "nothing after PD counts"),
    ("", 0, 0, "none"),
]


@pytest.mark.parametrize(("text", "used", "adequate", "why"), ADEQUATE)
def test_adequate_assessments(settings, text, used, adequate, why):
    row = one(text, settings=settings("clinical"))
    assert (row["n_assessments"], row["n_adequate"]) == (used, adequate), why


def test_supplied_responses_say_so(settings):
    table = supplied_responses(settings, "PR", "")
    assert table["bor"].to_dict() == {"S1": "PR", "S2": "NE"}
    assert table["ne_reason"].to_dict() == {"S1": "", "S2": "not supplied"}
    assert table["confirmed_bor"].to_dict() == {"S1": "", "S2": ""}
    assert table["confirmed_responder"].isna().all()
    assert "as supplied" in table.loc["S1", "sentence"]


def test_a_supplied_ne_is_no_adequate_assessment(settings):
    table = supplied_responses(settings, "PR", "SD", "PD", "NE", "")
    assert table["n_assessments"].tolist() == [1, 1, 1, 1, 0]
    assert table["n_adequate"].tolist() == [1, 1, 1, 0, 0]
    assert table.loc["S4", ["bor", "ne_reason"]].tolist() == ["NE", "all assessments not evaluable"]


@pytest.mark.parametrize(
    ("word", "responder", "control", "why"),
    [
        ("CR", True, True, ""),
        ("PR", True, True, ""),
        ("CR/PR", True, True, "either"),
        ("SD", False, True, "as supplied, whatever its duration"),
        ("NON-CR/NON-PD", False, True, "counts as SD by default"),
        ("SD/PD", False, None, "which of the two is not known"),
        ("PD", False, False, ""),
        ("NE", False, False, ""),
    ],
)
def test_what_a_supplied_response_determines(settings, word, responder, control, why):
    row = supplied_responses(settings, word).loc["S1"]
    told = [None if pd.isna(row[name]) else row[name] for name in ("disease_control", "clinical_benefit")]
    assert row["responder"] == responder
    assert told == [control, control], f"{why}; clinical benefit as the protocol words it is the same"


def test_a_supplied_response_cannot_tell_a_benefit_of_weeks(settings):
    """With 24 weeks of SD asked for, a best response without its duration leaves the benefit open."""
    config = copy.deepcopy(settings("clinical"))
    config["response"]["cbr_min_days"] = 168
    row = supplied_responses(lambda _: config, "SD").loc["S1"]
    assert row["disease_control"]
    assert pd.isna(row["clinical_benefit"])


def test_disease_without_targets_counts_as_the_setting_says(settings):
    config = copy.deepcopy(settings("clinical"))
    config["response"]["sd"]["count_non_cr_non_pd"] = False
    assert not supplied_responses(lambda _: config, "NON-CR/NON-PD").loc["S1", "disease_control"]


BASELINE = (1, "T1", "TARGET", 100.0)
ELSEWHERE = [
    # lesions after baseline, response of the visit, progression outside the target lesions, why
    ([(42, "T1", "TARGET", 130.0)], "PD42", False, "the target lesions themselves grew"),
    ([(42, "T1", "TARGET", 80.0), (42, "N1", "NEW", "UNEQUIVOCAL")], "PD42", True, "a new lesion"),
    (
        [(42, "T1", "TARGET", 80.0), (84, "T1", "TARGET", 80.0), (84, "N1", "NEW", "UNEQUIVOCAL")],
        "SD42 PD84",
        True,
        "a new lesion at the second visit",
    ),
    ([(42, "T1", "TARGET", 80.0)], "SD42", False, "no progression at all"),
]


@pytest.mark.parametrize(("rows", "text", "elsewhere", "why"), ELSEWHERE)
def test_progression_outside_the_target_lesions(settings, rows, text, elsewhere, why):
    """The star of the waterfall: a bar below zero whose subject nevertheless has PD."""
    table = derive(course(text), settings=settings("clinical"), lesion_rows=lesions([BASELINE, *rows]))
    assert table.responses["non_target_progression"].tolist() == [elsewhere], why


def test_progression_elsewhere_is_unknown_without_lesions(settings):
    assert (
        derive(course("PD42"), settings=settings("clinical")).responses["non_target_progression"].isna().all()
    )


AT_START = [
    # day of the first measurement, reason of not evaluable, why
    (1, "all assessments not evaluable", "measured on day 1: the baseline is there"),
    (2, "no baseline", "measured after the first dose only"),
]


@pytest.mark.parametrize(("day", "reason", "why"), AT_START)
def test_a_baseline_is_measured_by_day_1(settings, day, reason, why):
    """Offsets of the builder count from day 1, which is the day of reference."""
    rows = lesions([(day - 1, "T1", "TARGET", 50.0)])
    row = derive(course("NE42"), settings=settings("clinical"), lesion_rows=rows).responses.iloc[0]
    assert row["ne_reason"] == reason, why


ON_THE_DAY = [
    # new therapy or death on a day, rule of new therapies, change that counts (scan on day 42), why
    ({"therapy": 42}, {}, None, "a scan on the day of the new therapy is under it"),
    ({"therapy": 43}, {}, -20.0, "a scan of the day before is not"),
    ({"therapy": 42}, {"same_day_counts": True}, -20.0, "as the response of that day counts"),
    ({"therapy": 41}, {"same_day_counts": True}, None, "a scan of the day after does not"),
    ({"therapy": 41}, {"apply": False}, -20.0, "new therapies end nothing, here as for responses"),
    ({"death": 42}, {}, -20.0, "a scan on the day of death was made in life"),
    ({"death": 41}, {}, None, "a scan after death is a wrong date"),
]


@pytest.mark.parametrize(("event", "rule", "change", "why"), ON_THE_DAY)
def test_best_change_on_the_day_of_therapy_or_death(settings, event, rule, change, why):
    config = copy.deepcopy(settings("clinical"))
    config["time_to_event"]["new_therapy"].update(rule)
    row = derive(
        course("SD42"),
        subjects("S1", death_date=date(event["death"]) if "death" in event else None),
        settings=config,
        therapies=therapy(event["therapy"]) if "therapy" in event else None,
        lesion_rows=lesions([(0, "T1", "TARGET", 100.0), (42, "T1", "TARGET", 80.0)]),
    ).responses.iloc[0]
    found = row["best_change_percent"]
    assert (None if pd.isna(found) else found) == change, why
