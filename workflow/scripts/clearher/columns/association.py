"""Tables of the association stage."""

from clearher.columns import Column, Table
from clearher.columns.association_course import LEAD_TIME, LEAD_TIME_SUMMARY, SAFETY_BY_MARKER

__all__ = ["LEAD_TIME", "LEAD_TIME_SUMMARY", "SAFETY_BY_MARKER"]

KNOWN = ("baseline", "outcome", "post_baseline")
LANDMARK = "Anderson, Cain and Gelber 1983, J Clin Oncol 1:710"
REMARK_PROFILE = "Altman et al. 2012, BMC Medicine 10:51; Sauerbrei et al. 2022, BMC Medicine 20:184"

SUBJECT = Column("subject_id", "text", "", "Subject")
ANALYSIS = Column("analysis_id", "text", "", "Analysis as declared in the configuration")
CURVE_COLUMNS = (
    Column("time", "number", "months", "Time since the clock started"),
    Column("time_days", "integer", "days", "The same in days"),
    Column("at_risk", "integer", "subjects", "At risk just before this time"),
    Column("events", "integer", "events", "Events at this time"),
    Column("censored", "integer", "subjects", "Censored at this time"),
    Column(
        "survival", "number", "fraction", "Kaplan-Meier estimate after this time", "Kaplan and Meier 1958"
    ),
    Column("low", "number", "fraction", "Lower limit, log-log band; missing while survival is 1 or 0"),
    Column("high", "number", "fraction", "Upper limit, log-log band; missing while survival is 1 or 0"),
)

SUBJECTS = Table(
    "association/subjects.parquet",
    "a subject",
    ("subject_id",),
    (
        SUBJECT,
        Column("arm", "text", "", "Arm"),
        Column("treated", "boolean", "", "True: at least one dose"),
        Column("age", "number", "years", "Age at entry"),
        Column("sex", "text", "", "Sex as recorded"),
        Column(
            "clock_shift_days",
            "integer",
            "days",
            "First dose minus reference date: endpoints count from the latter, study days from the former; "
            "missing: one of them is not known",
        ),
        Column("her2_level", "text", "", "HER2 level by the primary subject rule; empty: none"),
        Column("her2_category", "text", "", "HER2 category by the primary subject rule"),
        Column("her2_certainty", "text", "", "FINAL or PROVISIONAL"),
        Column("h_score", "number", "", "Mean H-score of the readings used"),
        Column("her2_known_day", "integer", "study day", "Day the HER2 result stands for"),
        Column("ctdna_baseline_state", "text", "", "Whether ctDNA was detected at baseline"),
        Column(
            "ctdna_baseline_level",
            "number",
            "as level_metric",
            "ctDNA level at baseline; 0: looked for and not detected, missing: not evaluable",
        ),
        Column("ctdna_baseline_max_vaf", "number", "fraction", "Highest allele fraction at baseline"),
        Column("ctdna_baseline_day", "integer", "study day", "Day of the baseline sample"),
        Column(
            "ctdna_clearance", "text", "", "Clearance at any visit after baseline: never a baseline factor"
        ),
        Column("ctdna_clearance_day", "integer", "study day", "Day of the first adequate non-detection"),
        Column("ctdna_best_ratio", "number", "", "Lowest ratio to baseline over all visits"),
        Column(
            "ctdna_last_day",
            "integer",
            "study day",
            "Day of the last evaluable sample: what the two before rest on",
        ),
        Column("ctdna_progression_day", "integer", "study day", "Day of the first molecular progression"),
        Column("bor", "text", "", "Best overall response, unconfirmed"),
        Column("confirmed_bor", "text", "", "Best overall response, confirmed"),
        Column("responder", "boolean", "", "CR or PR at any time; missing: not known"),
        Column("confirmed_responder", "boolean", "", "Confirmed CR or PR; missing: not known"),
        Column("disease_control", "boolean", "", "CR, PR or SD of the minimum duration"),
        Column("best_change_percent", "number", "percent", "Best change of the sum of diameters"),
        Column(
            "response_last_day",
            "integer",
            "study day",
            "Day of the last usable assessment, from the first dose: what response rests on",
        ),
        Column(
            "pfs_days", "integer", "days", "Progression-free survival from the reference date, primary rule"
        ),
        Column("pfs_event", "boolean", "", "True: progression or death"),
        Column("os_days", "integer", "days", "Overall survival from the reference date, primary rule"),
        Column("os_event", "boolean", "", "True: death"),
    ),
    open=True,
)

LINEAGE = Table(
    "association/lineage.tsv",
    "a variable of the analysis set",
    ("variable",),
    (
        Column("variable", "text", "", "Column of association/subjects.parquet"),
        Column("source_table", "text", "", "Table it came from"),
        Column("source_column", "text", "", "Column of that table"),
        Column("known", "text", "", "When it is known", "", KNOWN),
        Column("known_day_column", "text", "", "Column with the day each value rests on; empty: see rule"),
        Column("rule", "text", "", "How the day is known, in words"),
        Column("n_known", "integer", "subjects", "Subjects with a value"),
        Column("n_undated", "integer", "subjects", "Of these, without a day"),
        Column("latest_day", "integer", "study day", "Latest day any value rests on; missing: undated"),
    ),
)

RESULTS = Table(
    "association/results.tsv",
    "a result of a declared analysis",
    ("number", "position"),
    (
        ANALYSIS,
        Column("number", "integer", "", "Order of declaration of the analysis"),
        Column("question", "text", "", "Question as declared"),
        Column("type", "text", "", "Type of analysis"),
        Column("population", "text", "", "Population, with the number of its subjects"),
        Column("outcome", "text", "", "Outcome"),
        Column("predictor", "text", "", "Predictor"),
        Column("adjustment", "text", "", "Variables adjusted or stratified for, separated by ;"),
        Column("groups", "text", "", "Groups compared, with responders or events / subjects"),
        Column("n", "integer", "subjects", "Subjects used"),
        Column("events", "integer", "subjects", "Responders or events among them"),
        Column("term", "text", "", "Which number of the analysis this row is"),
        Column("position", "integer", "", "Order of the row within the analysis"),
        Column(
            "estimate",
            "number",
            "see estimate_name",
            "Estimate; missing: a test without one, or not estimable",
        ),
        Column("estimate_name", "text", "", "What is estimated"),
        Column("low", "number", "see estimate_name", "Lower limit"),
        Column("high", "number", "see estimate_name", "Upper limit"),
        Column("p", "number", "", "Raw p; missing: none was computed"),
        Column(
            "p_adjusted", "number", "", "p adjusted within the family; missing: the row is not in the family"
        ),
        Column("family", "text", "", "Family, with the method of adjustment"),
        Column("primary", "boolean", "", "True: declared as primary"),
        Column("headline", "boolean", "", "True: the row that answers the question and stands in the family"),
        Column("method", "text", "", "Method, in words"),
        Column("why_method", "text", "", "Why this method"),
        Column("caveat", "text", "", "What a reader must know beside the number"),
        Column(
            "added",
            "text",
            "",
            "Empty: as declared at the first cut; else after which cut it was added or changed, and in what",
        ),
    ),
)

LEVELS = Table(
    "association/levels.tsv",
    "a level of a predictor in one analysis of response",
    ("analysis_id", "position"),
    (
        ANALYSIS,
        Column("position", "integer", "", "Place of the level, lowest first"),
        Column("level", "text", "", "Level"),
        Column("score", "number", "", "Score of the level in the trend test"),
        Column("n", "integer", "subjects", "Responders"),
        Column("N", "integer", "subjects", "Subjects of the level"),
        Column("estimate", "number", "fraction", "n / N; missing: nobody"),
        Column("low", "number", "fraction", "Lower exact limit", "Clopper and Pearson 1934"),
        Column("high", "number", "fraction", "Upper exact limit", "Clopper and Pearson 1934"),
        Column(
            "isotonic",
            "number",
            "fraction",
            "Rate if it never falls from level to level; not tested; nothing where levels have no order",
            "Ayer et al. 1955, Ann Math Stat 26:641",
        ),
    ),
)

CURVES = Table(
    "association/curves.tsv",
    "a distinct time of one Kaplan-Meier curve by a baseline variable",
    ("analysis_id", "group", "time_days"),
    (ANALYSIS, Column("group", "text", "", "Level of the predictor"), *CURVE_COLUMNS),
)

LANDMARK_CURVES = Table(
    "association/landmark_curves.tsv",
    "a distinct time of one Kaplan-Meier curve that starts at a landmark",
    ("analysis_id", "group", "time_days"),
    (
        ANALYSIS,
        Column("group", "text", "", "ctDNA status at the landmark"),
        Column("landmark", "text", "", "Landmark: study day or visit", LANDMARK),
        *CURVE_COLUMNS,
    ),
)

LANDMARK_SETS = Table(
    "association/landmark_sets.tsv",
    "a subject of one landmark analysis",
    ("analysis_id", "landmark", "subject_id"),
    (
        ANALYSIS,
        Column("landmark", "text", "", "Landmark: study day or visit", LANDMARK),
        SUBJECT,
        Column("landmark_day", "integer", "study day", "Day the clock restarts for the subject"),
        Column("sample_day", "integer", "study day", "Day of the sample that gives the status"),
        Column("status", "text", "", "ctDNA status at the landmark; empty: not known"),
        Column("included", "boolean", "", "True: in the analysis"),
        Column("why_not", "text", "", "Why the subject left"),
        Column("days", "integer", "days", "Time from the landmark to event or censoring"),
        Column("event", "boolean", "", "True: event after the landmark"),
    ),
)

PREDICTION_CURVES = Table(
    "association/prediction_curves.tsv",
    "a point of a curve that says what a prediction model is worth",
    ("analysis_id", "model", "curve", "position"),
    (
        ANALYSIS,
        Column("model", "text", "", "Model, or the best single predictor chosen in every fold"),
        Column(
            "curve",
            "text",
            "",
            "roc: y true positive rate at x false positive rate; calibration: y observed share at x mean "
            "predicted chance. Both from held-out folds only",
            "Fawcett 2006, Pattern Recognit Lett 27:861",
            ("roc", "calibration"),
        ),
        Column("position", "integer", "", "Order of the point on its curve"),
        Column("x", "number", "fraction", "False positive rate, or mean predicted chance"),
        Column("y", "number", "fraction", "True positive rate, or observed share"),
        Column(
            "low",
            "number",
            "fraction",
            "roc: 2.5th percentile over repeats of the split; calibration: lower exact limit",
        ),
        Column(
            "high",
            "number",
            "fraction",
            "roc: 97.5th percentile over repeats of the split; calibration: upper exact limit",
        ),
        Column("n", "integer", "subjects", "Subjects behind the point (roc: of the whole curve)"),
    ),
)

HER2_PLASMA = Table(
    "association/her2_plasma.tsv",
    "an enrolled subject",
    ("subject_id",),
    (
        SUBJECT,
        Column("tissue_category", "text", "", "HER2 category in tissue by the primary subject rule"),
        Column("tissue_level", "text", "", "HER2 level in tissue"),
        Column("sample_id", "text", "", "Baseline plasma sample; empty: none"),
        Column(
            "amplification",
            "text",
            "",
            "ERBB2 in baseline plasma. NOT_INFORMATIVE: none called at an allele fraction too low to tell; "
            "NOT_ASSESSED: no sample, or an assay that called no copy number in any sample",
            "Siravegna et al. 2019, Clin Cancer Res 25:3046",
            ("AMPLIFIED", "NOT_AMPLIFIED", "NOT_INFORMATIVE", "NOT_ASSESSED"),
        ),
        Column("copy_number", "number", "copies", "ERBB2 copies as called at baseline; missing: not stated"),
        Column("amplified_later", "boolean", "", "True: amplification called in plasma after the first dose"),
        Column("max_vaf", "number", "fraction", "Highest allele fraction at baseline: stands for tumour DNA"),
        Column(
            "verdict",
            "text",
            "",
            "Amplification in plasma beside HER2 in tissue",
            "",
            ("CONCORDANT", "PLASMA_ONLY", "TISSUE_ONLY", "NOT_COMPARABLE"),
        ),
        Column(
            "mutation",
            "text",
            "",
            "ERBB2 mutation in the baseline plasma; ACTIVATING: in the list of the configuration",
            "",
            ("ACTIVATING", "OTHER", "NONE_CALLED", "NOT_ASSESSED"),
        ),
        Column("mutations", "text", "", "The mutations"),
        Column("soluble_her2", "number", "see soluble_unit", "Last soluble HER2 up to the first dose"),
        Column("soluble_unit", "text", "", "Its unit"),
        Column("soluble_date", "date", "", "Its date"),
        Column(
            "soluble_raised",
            "boolean",
            "",
            "Above the laboratory's own upper limit; missing: no value, or no limit",
        ),
        Column(
            "flags",
            "text",
            "",
            "plasma_only_amplification, amplification_under_treatment, erbb2_activating_mutation, "
            "soluble_her2_raised (tissue not positive); separated by ;",
        ),
        Column("sentence", "text", "", "The same in words"),
    ),
)

REMARK = Table(
    "association/remark.tsv",
    "a line of the REMARK profile",
    ("section", "position"),
    (
        Column("section", "text", "", "A patients and marker, or B analyses", REMARK_PROFILE, ("A", "B")),
        Column("position", "integer", "", "Order within the section"),
        Column("item", "text", "", "Item, or analysis"),
        Column("value", "text", "", "What was done, with numbers"),
        Column("n", "integer", "subjects", "Subjects; missing where the line has none"),
        Column("events", "integer", "subjects", "Responders or events; missing where the line has none"),
        Column("result", "text", "", "Estimate and interval first, then p"),
        Column("remarks", "text", "", "Declared or added later, primary or exploratory, caveats"),
    ),
)
