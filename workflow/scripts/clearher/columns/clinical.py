"""Tables of the clinical stage: response, time to event, curves, endpoints, populations, findings."""

from dataclasses import replace

from clearher.columns import Column, Table
from clearher.columns.clinical_safety import (
    ADVERSE_EVENTS,
    EJECTION_FRACTION,
    IMMUNOGENICITY,
    IMMUNOGENICITY_FINDINGS,
    IMMUNOGENICITY_SUBJECTS,
    LABORATORY,
    SAFETY,
    SAFETY_FINDINGS,
)
from clearher.problems import FINDING_COLUMNS

__all__ = [
    "ADVERSE_EVENTS",
    "EJECTION_FRACTION",
    "IMMUNOGENICITY",
    "IMMUNOGENICITY_FINDINGS",
    "IMMUNOGENICITY_SUBJECTS",
    "LABORATORY",
    "SAFETY",
    "SAFETY_FINDINGS",
]

EVALUATORS = ("INVESTIGATOR", "INDEPENDENT ASSESSOR")
OVERALL = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
GROUPED = ("CR/PR", "SD/PD")
TARGET = ("CR", "PR", "SD", "PD", "NE")
NON_TARGET = ("CR", "NON-CR/NON-PD", "PD", "NE")
NE_REASONS = (
    "no baseline",
    "no post-baseline assessment",
    "all assessments not evaluable",
    "stable disease too early",
    "new therapy first",
    "died first",
    "unusable dates only",
    "not supplied",
)
SOURCES = ("assessments", "lesions", "supplied")
STEPS = (
    "after_cut",
    "other_reader",
    "excluded_value",
    "undated",
    "before_reference",
    "after_death",
    "same_day",
    "new_therapy",
    "after_progression",
    "used",
)
ENDPOINT_NAMES = ("PFS", "OS", "DOR", "CDOR", "TTR")
RECIST = "RECIST 1.1 (Eisenhauer 2009, Eur J Cancer 45:228)"
ADRS = "pharmaverse/admiralonco inst/templates/ad_adrs.R"
FDA = "FDA, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics, appendix 3"

SUBJECT = Column("subject_id", "text", "", "Subject")
EVALUATOR = Column("evaluator", "text", "", "Who assessed", ADRS, EVALUATORS)

RESPONSES = Table(
    "clinical/responses.tsv",
    "a subject as assessed by one evaluator",
    ("subject_id", "evaluator"),
    (
        SUBJECT,
        EVALUATOR,
        Column(
            "bor",
            "text",
            "",
            "Best overall response, unconfirmed; grouped classes only as supplied",
            RECIST,
            (*OVERALL, *GROUPED),
        ),
        Column("bor_date", "date", "", "Date of the first assessment of that class", ADRS),
        Column("bor_day", "integer", "study day", "Study day of bor_date; there is no day 0"),
        Column(
            "confirmed_bor",
            "text",
            "",
            "Best overall response with confirmation of CR and PR; empty when the supplied data cannot say",
            RECIST,
            (*OVERALL, *GROUPED),
        ),
        Column("confirmed_bor_date", "date", "", "Date of the first assessment of that class", ADRS),
        Column("response_date", "date", "", "First CR or PR; missing for non-responders", ADRS),
        Column("response_day", "integer", "study day", "Study day of response_date"),
        Column("confirmed_response_date", "date", "", "First CR or PR that was confirmed later", ADRS),
        Column("responder", "boolean", "", "CR or PR at any time, unconfirmed"),
        Column("confirmed_responder", "boolean", "", "Confirmed CR or PR; missing when not known"),
        Column(
            "disease_control",
            "boolean",
            "",
            "CR or PR at any time, or SD at the minimum duration or later",
            "protocol, DCR",
        ),
        Column(
            "disease_control_confirmed", "boolean", "", "The same with confirmed CR or PR", "protocol, DCR"
        ),
        Column("clinical_benefit", "boolean", "", "Clinical benefit as set by cbr_min_days", "protocol, CBR"),
        Column(
            "clinical_benefit_confirmed", "boolean", "", "The same with confirmed CR or PR", "protocol, CBR"
        ),
        Column(
            "clinical_benefit_24w",
            "boolean",
            "",
            "CR or PR at any time, or SD or better at cbr_long_days or later before the first PD",
            "usual CBR",
        ),
        Column("clinical_benefit_date", "date", "", "First assessment that shows the clinical benefit", ADRS),
        Column(
            "best_change_percent",
            "number",
            "percent",
            "Smallest change of the sum of diameters from baseline, complete sets only; missing: none",
            "pharmaverse/admiralonco inst/templates/ad_adtr.R",
        ),
        Column("best_change_date", "date", "", "Date of best_change_percent"),
        Column(
            "non_target_progression",
            "boolean",
            "",
            "PD by a new lesion or by non-target lesions while the sum of diameters was not PD",
        ),
        Column("ne_reason", "text", "", "Why bor is NE; empty otherwise", "", NE_REASONS),
        Column("confirmed_ne_reason", "text", "", "Why confirmed_bor is NE; empty otherwise", "", NE_REASONS),
        Column("first_pd_date", "date", "", "First PD among the usable assessments", ADRS),
        Column(
            "last_adequate_date",
            "date",
            "",
            "Last assessment other than NE, on or after the reference date, before new therapy",
            FDA,
        ),
        Column("new_therapy_date", "date", "", "Start of the first new anti-cancer therapy; missing: none"),
        Column(
            "measurable", "boolean", "", "A target lesion at baseline; missing when no lesions were recorded"
        ),
        Column("n_assessments", "integer", "assessments", "Assessments used, one a day, up to the first PD"),
        Column("n_adequate", "integer", "assessments", "Of these, the ones that are not NE"),
        Column(
            "time_to_response_days",
            "integer",
            "days",
            "From the reference date to the response, day 1 included",
        ),
        Column("derived_from", "text", "", "What the row rests on", "", SOURCES),
        Column("sentence", "text", "", "The derivation in words"),
    ),
)

VISITS = Table(
    "clinical/visits.tsv",
    "a lesion assessment of one reader: sum of diameters and response by RECIST 1.1",
    ("subject_id", "evaluator", "evaluator_id", "date"),
    (
        SUBJECT,
        EVALUATOR,
        Column("evaluator_id", "text", "", "Reader; empty for the investigator"),
        Column("date", "date", "", "Date of the assessment: its last scan"),
        Column(
            "study_day",
            "integer",
            "study day",
            "Study day of the assessment; missing without a reference date",
        ),
        Column("visit", "text", "", "Visit name as recorded"),
        Column(
            "baseline",
            "boolean",
            "",
            "Whether this assessment is the baseline: last complete set on or before R",
        ),
        Column("n_targets", "integer", "lesions", "Target lesions of the baseline set"),
        Column("n_measured", "integer", "lesions", "Of these, measured at this assessment"),
        Column("complete", "boolean", "", "Exactly the baseline lesions, all measured"),
        Column(
            "sum_mm",
            "number",
            "mm",
            "Sum of diameters (short axis of nodes) of the measured target lesions",
            RECIST,
        ),
        Column("baseline_mm", "number", "mm", "Sum at baseline", RECIST),
        Column(
            "nadir_mm",
            "number",
            "mm",
            "Smallest earlier complete sum of the same reader, baseline included",
            RECIST,
        ),
        Column("change_percent", "number", "percent", "Change from baseline; missing unless complete"),
        Column("nadir_change_percent", "number", "percent", "Change from nadir; missing if the nadir is 0"),
        Column("target_response", "text", "", "Response of the target lesions", RECIST, TARGET),
        Column("nontarget_response", "text", "", "Response of the non-target lesions", RECIST, NON_TARGET),
        Column("new_lesion", "boolean", "", "Whether a new lesion was recorded", RECIST),
        Column("overall", "text", "", "Overall response computed from the lesions", RECIST, OVERALL),
        Column(
            "recorded", "text", "", "Overall response recorded by the same reader; empty: none", "", OVERALL
        ),
        Column("agrees", "boolean", "", "Whether computed and recorded are equal; missing without either"),
    ),
)

SELECTION = Table(
    "clinical/selection.tsv",
    "a recorded overall response and what became of it under the primary rule",
    ("subject_id", "evaluator", "sequence", "source"),
    (
        SUBJECT,
        EVALUATOR,
        Column("evaluator_id", "text", "", "Reader"),
        Column("sequence", "integer", "", "Number of the record within the subject"),
        Column("date", "date", "", "Date of the assessment, imputed where the record says so"),
        Column("date_imputed", "text", "", "Part of the date that was imputed: D day; empty: none"),
        Column("study_day", "integer", "study day", "Study day of the assessment"),
        Column("visit", "text", "", "Visit name"),
        Column("value", "text", "", "Response after the value map"),
        Column("step", "text", "", "Selection step at which the row left, or used", ADRS, STEPS),
        Column("confirmed", "boolean", "", "CR and PR rows in use: whether a later assessment confirms them"),
        Column("confirmed_by", "date", "", "Date of the confirming assessment"),
        Column("source", "text", "", "Record"),
    ),
)

STEP_COUNTS = Table(
    "clinical/steps.tsv",
    "a selection step of one evaluator",
    ("evaluator", "position"),
    (
        EVALUATOR,
        Column("position", "integer", "", "Order in which the steps are applied"),
        Column("step", "text", "", "Selection step", "", STEPS),
        Column("rows_in", "integer", "records", "Records before the step"),
        Column("rows_removed", "integer", "records", "Records that leave at this step"),
        Column("subjects", "integer", "subjects", "Subjects with a record that leaves at this step"),
    ),
)

AGREEMENT = Table(
    "clinical/agreement.tsv",
    "a cell of a cross table of response classes",
    ("comparison", "row", "column"),
    (
        Column(
            "comparison", "text", "", "What is compared: the row classification by the column classification"
        ),
        Column("row", "text", "", "Class by the first of the two"),
        Column("column", "text", "", "Class by the second of the two"),
        Column("n", "integer", "subjects", "Subjects in the cell"),
        Column(
            "kappa",
            "number",
            "",
            "Cohen's kappa of the whole cross table; missing: not estimable",
            "Cohen 1960, Educ Psychol Meas 20:37",
        ),
        Column(
            "kappa_low", "number", "", "Lower limit", "Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323"
        ),
        Column(
            "kappa_high", "number", "", "Upper limit", "Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323"
        ),
    ),
)

TIME_TO_EVENT = Table(
    "clinical/time_to_event.tsv",
    "a subject's time to one event under one rule",
    ("subject_id", "endpoint", "rule"),
    (
        SUBJECT,
        Column("endpoint", "text", "", "Endpoint", "", ENDPOINT_NAMES),
        Column("rule", "text", "", "primary, or the name of the declared sensitivity rule"),
        Column("start_date", "date", "", "Day 1; missing when only day counts were supplied"),
        Column("end_date", "date", "", "Date of event or censoring"),
        Column("days", "integer", "days", "end - start + 1", "pharmaverse/admiral R/derive_param_tte.R"),
        Column("months", "number", "months", "days divided by days_per_month"),
        Column("event", "boolean", "", "True: the event happened; false: censored"),
        Column("censor_reason", "text", "", "Why the time is censored; empty for events", FDA),
        Column("event_description", "text", "", "What happened; empty for censored times", FDA),
        Column("source", "text", "", "Record that holds the end date"),
        Column("sentence", "text", "", "The derivation in words"),
    ),
)

CURVES = Table(
    "clinical/curves.tsv",
    "a distinct time of one Kaplan-Meier curve",
    ("endpoint", "population", "group", "time"),
    (
        Column("endpoint", "text", "", "Endpoint under the primary rule"),
        Column("population", "text", "", "Population"),
        Column("group", "text", "", "all, or column=value"),
        Column("time", "number", "months", "Time since the start"),
        Column("time_days", "integer", "days", "The same in days"),
        Column("at_risk", "integer", "subjects", "At risk just before this time"),
        Column("events", "integer", "events", "Events at this time"),
        Column("censored", "integer", "subjects", "Censored at this time"),
        Column(
            "survival", "number", "fraction", "Kaplan-Meier estimate after this time", "Kaplan and Meier 1958"
        ),
        Column("low", "number", "fraction", "Lower limit of the band"),
        Column("high", "number", "fraction", "Upper limit of the band"),
    ),
)

POPULATIONS = Table(
    "clinical/populations.tsv",
    "a subject's membership of one named population",
    ("population", "subject_id"),
    (
        Column("population", "text", "", "Name of the expression in the configuration"),
        SUBJECT,
        Column(
            "included", "boolean", "", "Whether the expression holds; a value that is not known does not hold"
        ),
        Column("why_not", "text", "", "Terms of the expression that do not hold, with the values found"),
    ),
)

ENDPOINTS = Table(
    "clinical/endpoints.tsv",
    "a statistic of an endpoint in one group of one population",
    ("endpoint", "population", "group", "statistic"),
    (
        Column("endpoint", "text", "", "Endpoint; evaluator or sensitivity rule follows an underscore"),
        Column("population", "text", "", "Population"),
        Column("group", "text", "", "all, or column=value"),
        Column("statistic", "text", "", "What is estimated"),
        Column("n", "integer", "subjects", "Numerator: subjects with the result, or events"),
        Column("N", "integer", "subjects", "Denominator: subjects of the population and group"),
        Column("estimate", "number", "see unit", "Estimate; missing: not estimable"),
        Column("low", "number", "see unit", "Lower confidence limit; missing: not estimable"),
        Column("high", "number", "see unit", "Upper confidence limit; missing: not estimable"),
        Column("unit", "text", "", "fraction, months, percent, p or ratio"),
        Column("headline", "boolean", "", "Whether the configuration names this as the headline"),
        Column("method", "text", "", "Method of estimate and interval"),
        Column("note", "text", "", "What a reader must know beside the number"),
    ),
)

SAFETY_ENDPOINTS = replace(ENDPOINTS, path="clinical/safety_endpoints.tsv")

RESPONSE_FINDINGS = Table(
    "clinical/response_findings.tsv", "a finding of the response derivation", (), FINDING_COLUMNS
)
TIME_FINDINGS = Table(
    "clinical/time_findings.tsv", "a finding of the time-to-event derivation", (), FINDING_COLUMNS
)
FINDINGS = Table("clinical/findings.tsv", "a data-quality finding", (), FINDING_COLUMNS)
