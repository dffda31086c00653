"""Tables of safety and immunogenicity: adverse events, laboratory shifts, antibodies, counts."""

from clearher.columns import Column, Table
from clearher.problems import FINDING_COLUMNS

ADAE = "admiral inst/templates/ad_adae.R"
EMERGENCE = "admiral R/derive_var_trtemfl.R"
CTCAE = "CTCAE 5.0"
SHANKAR = "Shankar 2014, AAPS J 16:658"
ADAB = "admiral inst/templates/ad_adab.R"
SECTIONS = (
    "overview",
    "soc_pt",
    "worst_grade",
    "aesi",
    "aesi_onset",
    "aesi_duration",
    "aesi_outcome",
    "aesi_infusion",
    "exposure_adjusted",
    "laboratory_shift",
    "laboratory_emergent",
    "ejection_fraction",
    "ada_visit",
    "ada_titre",
    "ada_subject",
)
ADA_STATUS = (
    "NEGATIVE",
    "INDUCED",
    "BOOSTED",
    "UNAFFECTED",
    "UNDETERMINED",
    "INCONCLUSIVE",
    "NOT EVALUABLE",
)
PERSISTENCE = ("TRANSIENT", "PERSISTENT", "NOT DETERMINABLE")
SUBJECT = Column("subject_id", "text", "", "Subject")
SEQUENCE = Column("sequence", "integer", "", "Number of the record within the subject")

ACTION_OPEN = "missing: no action recorded, or a word of no list"

ADVERSE_EVENTS = Table(
    "clinical/adverse_events.tsv",
    "an adverse event record of a treated subject",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        SEQUENCE,
        Column("term", "text", "", "Reported term"),
        Column("preferred_term", "text", "", "Preferred term, or no coding available"),
        Column("soc", "text", "", "System organ class, or no coding available"),
        Column("start_date", "date", "", "Start; a partial one is its first day or the first dose", ADAE),
        Column("start_imputed", "text", "", "D day, M month and day set by rule; empty: as recorded", ADAE),
        Column("end_date", "date", "", "End; a partial one is the last possible day", ADAE),
        Column("end_imputed", "text", "", "D day, M month and day set by rule; empty: as recorded", ADAE),
        Column("start_day", "integer", "study day", "Study day of the start; there is no day 0"),
        Column("end_day", "integer", "study day", "Study day of the end; there is no day 0"),
        Column("duration_days", "integer", "days", "End - start + 1; missing while ongoing"),
        Column(
            "days_after_dose",
            "integer",
            "days",
            "From the last dose on or before the start, by calendar days",
        ),
        Column("hours_after_dose", "number", "hours", "From the last dose; missing: times were not recorded"),
        Column(
            "near_dose",
            "boolean",
            "",
            "Started within infusion_hours of a dose; missing: days and times leave it open",
        ),
        Column("treatment_emergent", "boolean", "", "Started or worsened under treatment", EMERGENCE),
        Column("emergence_rule", "text", "", "Which part of the rule decided", EMERGENCE),
        Column("grade", "integer", "", "Toxicity grade 1-5; missing: not recorded", CTCAE),
        Column("initial_grade", "integer", "", "Grade before treatment"),
        Column("severity", "text", "", "Severity as recorded"),
        Column("serious", "boolean", "", "Serious; missing: not recorded"),
        Column("fatal", "boolean", "", "Outcome death by the cut"),
        Column(
            "related",
            "boolean",
            "",
            "Related to the study drug; not recorded as the setting says, a word of no list: yes",
        ),
        Column("causality", "text", "", "Causality as recorded; empty: none"),
        Column("causality_recorded", "boolean", "", "The word says whether there is a relation"),
        Column("interrupted", "boolean", "", f"Led to interruption or delay; {ACTION_OPEN}"),
        Column("reduced", "boolean", "", f"Led to a dose reduction; {ACTION_OPEN}"),
        Column("discontinued", "boolean", "", f"Led to permanent discontinuation; {ACTION_OPEN}"),
        Column("outcome", "text", "", "Outcome as recorded"),
        Column("ongoing", "boolean", "", "No end by the cut"),
        Column("aesi", "text", "", "Categories of special interest, joined by ;", "resources/aesi.tsv"),
        Column("first_worst", "boolean", "", "First emergent event at the subject's highest grade", ADAE),
        Column("worst_of_term", "boolean", "", "First emergent event at the highest grade of its term"),
        Column("group_id", "text", "", "Rows of one episode share it"),
        Column("source", "text", "", "Record it came from"),
    ),
)

SAFETY = Table(
    "clinical/safety.tsv",
    "a line of a safety table in one group",
    ("group", "section", "line"),
    (
        Column("group", "text", "", "all, or column=value"),
        Column("section", "text", "", "Table the line belongs to", values=SECTIONS),
        Column("line", "integer", "", "Place of the line: by frequency, then name"),
        Column("category", "text", "", "System organ class, category, parameter or visit"),
        Column("term", "text", "", "Preferred term or direction; empty: the category as a whole"),
        Column("level", "text", "", "Which events or subjects of the line: any, a grade, a status"),
        Column("n", "integer", "subjects", "Subjects; each counts once a line, at the highest grade"),
        Column("N", "integer", "subjects", "Denominator, as the method says"),
        Column(
            "events", "integer", "events", "Event records, on a grade's line by their own grade, if counted"
        ),
        Column("estimate", "number", "see unit", "Share n / N, rate, or median; missing: not estimable"),
        Column("low", "number", "see unit", "Lower confidence limit, or minimum beside a median"),
        Column("high", "number", "see unit", "Upper confidence limit, or maximum beside a median"),
        Column("unit", "text", "", "fraction, per 100 subject-years, days, or the titre scale"),
        Column("subject_years", "number", "years", "Exposure behind a rate"),
        Column("method", "text", "", "Denominator and interval in words"),
    ),
)

LABORATORY = Table(
    "clinical/laboratory.tsv",
    "a laboratory parameter of a subject in one direction",
    ("subject_id", "parameter", "unit", "direction"),
    (
        SUBJECT,
        Column("parameter", "text", "", "Test code"),
        Column("unit", "text", "", "Unit; other units are other rows, nothing is converted"),
        Column("direction", "text", "", "Which side of the range", values=("low", "high")),
        Column("baseline_value", "number", "unit", "Last value on or before the first dose"),
        Column("baseline_date", "date", "", "Its date"),
        Column("baseline_state", "text", "", "normal, abnormal or grade 0-4; empty: no baseline", CTCAE),
        Column("worst_value", "number", "unit", "Most abnormal value after the first dose, in the window"),
        Column("worst_date", "date", "", "Its date"),
        Column("worst_state", "text", "", "normal, abnormal or grade 0-4; empty: no later value", CTCAE),
        Column("n_post", "integer", "values", "Values after the first dose, in the window"),
        Column("emergent", "boolean", "", "Worse than the baseline and abnormal; missing without both"),
    ),
)

EJECTION_FRACTION = Table(
    "clinical/ejection_fraction.tsv",
    "a treated subject with an ejection fraction",
    ("subject_id",),
    (
        SUBJECT,
        Column("baseline_percent", "number", "percent", "Last value on or before the first dose"),
        Column("baseline_date", "date", "", "Its date"),
        Column("lowest_percent", "number", "percent", "Lowest value after the first dose, in the window"),
        Column("lowest_date", "date", "", "Its date, the first one"),
        Column("lowest_day", "integer", "study day", "Its study day; there is no day 0"),
        Column("fall_points", "number", "percentage points", "Baseline minus lowest; negative: it rose"),
        Column("n_post", "integer", "values", "Values after the first dose, in the window"),
        Column(
            "dysfunction",
            "boolean",
            "",
            "Fall of at least fall_points to below below_percent; missing without a baseline or later value",
            "clinical.laboratory.ejection_fraction",
        ),
    ),
)

IMMUNOGENICITY = Table(
    "clinical/immunogenicity.tsv",
    "an antibody sample of a subject, or a nominal sample that is not there",
    ("subject_id", "test", "nominal_day", "nominal_visit", "sequence"),
    (
        SUBJECT,
        Column("test", "text", "", "Kind of antibody", values=("BINDING", "NEUTRALISING")),
        Column("sequence", "integer", "", "Number of the record; 0 where there is no sample"),
        Column("nominal_visit", "text", "", "Nominal sample; empty: unscheduled", "clinical.ada.visits"),
        Column("nominal_day", "integer", "study day", "Its planned day; the actual one where unscheduled"),
        Column("visit", "text", "", "Visit as recorded"),
        Column("date", "date", "", "Day of the sample"),
        Column("study_day", "integer", "study day", "Day from the first dose; there is no day 0"),
        Column("days_off", "integer", "days", "Actual minus nominal day"),
        Column("in_window", "boolean", "", "Within the window of the nominal day"),
        Column("timing", "text", "", "Role of the sample", ADAB, values=("BASELINE", "BEFORE", "POST")),
        Column(
            "status",
            "text",
            "",
            "Result; INCONCLUSIVE: negative with drug above the assay's tolerance; NO RESULT: not readable",
            ADAB,
            values=(
                "POSITIVE",
                "NEGATIVE",
                "INCONCLUSIVE",
                "NO RESULT",
                "NOT DONE",
                "NO SAMPLE",
                "NOT DUE",
            ),
        ),
        Column(
            "step",
            "text",
            "",
            "Step of a tiered assay whose result decides; empty: a single result",
            values=("SCREEN", "CONFIRM", "QUANTIFY"),
        ),
        Column("titre", "number", "declared scale", "Titre; missing where negative or not measurable"),
        Column("titre_imputed", "boolean", "", "Titre is the reporting limit"),
        Column("result", "text", "", "Result as recorded"),
        Column("drug_concentration", "number", "drug_unit", "Drug in the blood when the sample was taken"),
        Column("drug_unit", "text", "", "Unit of the concentration"),
        Column("counts_for_visit", "boolean", "", "The sample nearest the nominal day, one a visit"),
        Column("source", "text", "", "Record it came from"),
    ),
)

IMMUNOGENICITY_SUBJECTS = Table(
    "clinical/immunogenicity_subjects.tsv",
    "a treated subject",
    ("subject_id",),
    (
        SUBJECT,
        Column("ada_status", "text", "", "Category", SHANKAR, values=ADA_STATUS),
        Column("ada_positive", "boolean", "", "Induced or boosted; missing: not known", SHANKAR),
        Column("evaluable", "boolean", "", "At least one result after the first dose", ADAB),
        Column("baseline_status", "text", "", "Empty: none", ADAB, values=("POSITIVE", "NEGATIVE")),
        Column("baseline_date", "date", "", "Day of the baseline sample"),
        Column("baseline_titre", "number", "declared scale", "Titre at baseline"),
        Column("n_samples", "integer", "samples", "Binding samples taken"),
        Column("n_post", "integer", "samples", "Results after the first dose"),
        Column("n_post_positive", "integer", "samples", "Positive ones among them"),
        Column(
            "n_post_inconclusive",
            "integer",
            "samples",
            "Negative ones after the first dose that drug may have hidden; they are no results",
        ),
        Column("ever_positive", "boolean", "", "Any positive result, baseline included; missing: no result"),
        Column("highest_titre", "number", "declared scale", "Highest titre after the first dose"),
        Column("largest_change", "number", "difference or ratio", "Largest rise over a positive baseline"),
        Column("first_positive_day", "integer", "study day", "First positive sample after the first dose"),
        Column("last_positive_day", "integer", "study day", "Last positive sample after the first dose"),
        Column("onset_weeks", "number", "weeks", "First dose to first positive sample", ADAB),
        Column("span_days", "integer", "days", "First to last positive sample, difference", ADAB),
        Column("duration_days", "integer", "days", "First to last positive sample, both counted", ADAB),
        Column("last_sample_positive", "boolean", "", "The last result is positive"),
        Column("persistence", "text", "", "Of induced antibodies only", SHANKAR, values=PERSISTENCE),
        Column(
            "neutralising",
            "text",
            "",
            "Of ADA-positive subjects; empty: not known or not applicable",
            ADAB,
            values=("POSITIVE", "NEGATIVE"),
        ),
        Column("sentence", "text", "", "What was found and why, in words"),
    ),
)

SAFETY_FINDINGS = Table(
    "clinical/safety_findings.tsv", "a finding of the safety derivation", (), FINDING_COLUMNS
)
IMMUNOGENICITY_FINDINGS = Table(
    "clinical/immunogenicity_findings.tsv", "a finding of the immunogenicity derivation", (), FINDING_COLUMNS
)
