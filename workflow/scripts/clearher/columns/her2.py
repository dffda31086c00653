"""Tables of the HER2 stage."""

from clearher.columns import Column, Table
from clearher.columns.intake import SUBJECT
from clearher.problems import findings_table

GUIDELINE = "ASCO/CAP guideline 2018, affirmed 2023"
LOW_TRIALS = "HER2-low and ultralow as in DESTINY-Breast04 and DESTINY-Breast06"
LEVEL_VALUES = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+", "POSITIVE", "ZERO_UNSPECIFIED", "INDETERMINATE")
CATEGORY_VALUES = ("NULL", "ULTRALOW", "LOW", "POSITIVE", "ZERO_UNSPECIFIED", "INDETERMINATE")
STATE_VALUES = ("3+", "2+", "1+", "0-ultralow", "0-null", "0", "NE")
CERTAINTY_VALUES = ("FINAL", "PROVISIONAL")
SUBJECT_RULES = (
    "latest_metastatic",
    "latest_any",
    "central_over_local",
    "fresh_over_archival",
    "highest",
    "lowest",
    "any_positive_excludes",
)
LEVEL_MEANING = (
    "Ordered NULL < ULTRALOW < LOW_1+ < LOW_2+ < POSITIVE; ZERO_UNSPECIFIED (a plain 0) and INDETERMINATE "
    "stand apart; INDETERMINATE with category LOW: 1+ or 2+ not settled"
)

SPECIMENS = Table(
    "her2/specimens.tsv",
    "a reading of a specimen",
    ("subject_id", "specimen_id", "record"),
    (
        SUBJECT,
        Column("specimen_id", "text", "", "Specimen"),
        Column(
            "record",
            "integer",
            "",
            "Reading of the specimen, numbered by content: central first, then reader",
        ),
        Column("laboratory", "text", "", "central or local; empty: not stated"),
        Column("origin", "text", "", "outside: a result from elsewhere quoted beside the in-house one"),
        Column("reader", "text", "", "Reader; ADJUDICATOR settles disagreements"),
        Column("assay", "text", "", "Antibody clone or test kit; empty: not stated"),
        Column("specimen_date", "date", "", "First day the written date allows; missing: no date"),
        Column("specimen_date_last", "date", "", "Last day the written date allows"),
        Column("specimen_date_text", "text", "", "Date as written"),
        Column(
            "specimen_day",
            "integer",
            "study day",
            "Day against the first dose, no day 0; missing: partial date",
        ),
        Column(
            "moment", "text", "", "Against the first dose", values=("BASELINE", "ON_TREATMENT", "UNKNOWN")
        ),
        Column("specimen_site", "text", "", "Organ or site"),
        Column("specimen_type", "text", "", "primary or metastatic; empty: not stated"),
        Column("preservation", "text", "", "archival or fresh; empty: not stated"),
        Column("edition", "text", "", "Guideline edition of the reading, when known"),
        Column("ihc_reported", "text", "", "IHC score as written"),
        Column("ihc_low", "text", "", "Lowest IHC state the text allows", GUIDELINE),
        Column("ihc_high", "text", "", "Highest IHC state the text allows", GUIDELINE),
        Column("ihc_state", "text", "", "IHC state; empty: an interval", GUIDELINE, STATE_VALUES),
        Column("ihc_score", "text", "", "Guideline score 0, 1+, 2+, 3+; empty: interval or none", GUIDELINE),
        Column("ihc_reason", "text", "", "Why there is no IHC state"),
        Column("described_state", "text", "", "State that follows from the described staining", GUIDELINE),
        Column("remark", "text", "", "What stood beside the values"),
        Column("ish_method", "text", "", "ISH method and probe as written"),
        Column("ish_ratio", "number", "", "HER2/CEP17 ratio; missing: none, or several"),
        Column("ish_her2_copies", "number", "copies per cell", "HER2 copies; missing: none, or several"),
        Column("ish_cep17_copies", "number", "copies per cell", "CEP17 copies"),
        Column("ish_group", "text", "", "Dual-probe group 1 to 5; empty: none, or not settled", GUIDELINE),
        Column("ish_possible_groups", "text", "", "Groups that the counts leave possible"),
        Column("ish_recount", "text", "", "Recount: same, other, adjudicated; empty: not done", GUIDELINE),
        Column("ish_word", "text", "", "ISH status word of the report"),
        Column("ish_result", "text", "", "POSITIVE, NEGATIVE, INDETERMINATE or UNKNOWN", GUIDELINE),
        Column("category", "text", "", "HER2 category", f"{GUIDELINE}; {LOW_TRIALS}", CATEGORY_VALUES),
        Column("level", "text", "", LEVEL_MEANING, values=LEVEL_VALUES),
        Column(
            "certainty", "text", "", "PROVISIONAL: a test or recount could change it", values=CERTAINTY_VALUES
        ),
        Column("rule", "text", "", "Rule applied, in words"),
        Column("h_score", "number", "", "H-score 0 to 300, recomputed where possible", "McCarty et al. 1985"),
        Column("h_score_reported", "number", "", "H-score as reported"),
        Column("h_score_source", "text", "", "recomputed or reported; empty: none"),
        *(Column(f"pct_{grade}", "number", "percent", f"Cells of intensity {grade}") for grade in range(4)),
        Column("flags", "text", "", "What a reader should know, separated by ;"),
        Column("source", "text", "", "Input file and row"),
    ),
)

SUBJECTS = Table(
    "her2/subjects.tsv",
    "a subject",
    ("subject_id",),
    (
        SUBJECT,
        Column(
            "category",
            "text",
            "",
            "Category by the primary rule; empty: no baseline result",
            "",
            CATEGORY_VALUES,
        ),
        Column("level", "text", "", LEVEL_MEANING + "; empty: no baseline result", "", LEVEL_VALUES),
        Column("certainty", "text", "", "FINAL or PROVISIONAL", "", CERTAINTY_VALUES),
        Column("ihc_state", "text", "", "IHC state of the reading used; empty: interval or disagreement"),
        Column("ish_result", "text", "", "ISH result of the reading used"),
        Column("h_score", "number", "", "Mean H-score of the readings used"),
        Column("specimen_id", "text", "", "Specimen used"),
        Column("specimen_date", "date", "", "Its date (first possible day)"),
        Column("specimen_day", "integer", "study day", "Its day against the first dose"),
        Column("days_before_first_dose", "integer", "days", "From specimen to first dose"),
        Column("specimen_site", "text", "", "Its site"),
        Column("specimen_type", "text", "", "primary or metastatic"),
        Column("preservation", "text", "", "archival or fresh"),
        Column("laboratory", "text", "", "Laboratory of the reading used"),
        Column("assay", "text", "", "Assay of the reading used"),
        Column("reader", "text", "", "Reader or readers used"),
        Column("rule", "text", "", "Subject rule and category rule, in words"),
        Column(
            "known_day",
            "integer",
            "study day",
            "Last day the specimen's date allows; never after day 1, missing without dates",
        ),
        Column("n_specimens", "integer", "specimens", "Specimens of the subject, at any time"),
        Column("n_baseline_specimens", "integer", "specimens", "Specimens before the first dose"),
        Column("conflicts", "text", "", "Readings and specimens that say otherwise, separated by ;"),
        Column(
            "eligibility_question",
            "boolean",
            "",
            "True: a result before the first dose against the trial's HER2 status",
        ),
        Column("sentence", "text", "", "The result explained in one sentence"),
        *(
            Column(
                f"level_{rule}",
                "text",
                "",
                f"Level under the rule {rule}; empty: none, or not run",
                "",
                LEVEL_VALUES,
            )
            for rule in SUBJECT_RULES
        ),
    ),
)

AGREEMENT = Table(
    "her2/agreement.tsv",
    "a statistic of agreement",
    ("kind", "first", "second", "scale", "statistic"),
    (
        Column(
            "kind",
            "text",
            "",
            "laboratory, origin, reader, assay: two results of a specimen; readers: all readers of a "
            "laboratory and assay; flow: two specimens of a subject",
        ),
        Column("first", "text", "", "First rater or specimen; readers: laboratory"),
        Column("second", "text", "", "Second rater or specimen; readers: assay"),
        Column(
            "scale",
            "text",
            "",
            "score: 0, 1+, 2+, 3+; level: NULL, ULTRALOW, LOW_1+, LOW_2+, POSITIVE; h_score: 0 to 300",
        ),
        Column(
            "statistic",
            "text",
            "",
            "agreement, kappa_unweighted, kappa_linear, kappa_quadratic, mcnemar_zero; fleiss_kappa, icc",
            "Cohen 1968; Fleiss 1971; Shrout and Fleiss 1979",
        ),
        Column("n", "integer", "pairs", "Pairs on the scale; readers: specimens with two readings or more"),
        Column(
            "n_left_out",
            "integer",
            "pairs",
            "Pairs with an interval, an unspecified zero (level) or no result; readers: other specimens",
        ),
        Column(
            "count",
            "integer",
            "pairs",
            "agreement: equal pairs; mcnemar_zero: pairs that moved to or from zero; readers: readings",
        ),
        Column(
            "estimate",
            "number",
            "",
            "Fraction, kappa or correlation; mcnemar_zero: fraction of the moved that left zero",
        ),
        Column("low", "number", "", "Lower confidence limit"),
        Column("high", "number", "", "Upper confidence limit"),
        Column("p", "number", "", "mcnemar_zero: exact two-sided p"),
        Column("method", "text", "", "How it was computed"),
    ),
)

CONVERSION = Table(
    "her2/conversion.tsv",
    "a subject with both specimens of a flow",
    ("flow", "subject_id"),
    (
        Column(
            "flow",
            "text",
            "",
            "Pair of specimens",
            values=("archival to fresh", "primary to metastatic", "baseline to on-treatment"),
        ),
        SUBJECT,
        Column("from_specimen_id", "text", "", "First specimen"),
        Column("from_date", "date", "", "Its date (first possible day)"),
        Column("from_level", "text", "", "Its level", "", LEVEL_VALUES),
        Column("from_score", "text", "", "Its guideline score; empty: interval or none"),
        Column("to_specimen_id", "text", "", "Second specimen"),
        Column("to_date", "date", "", "Its date (first possible day)"),
        Column("to_level", "text", "", "Its level", "", LEVEL_VALUES),
        Column("to_score", "text", "", "Its guideline score; empty: interval or none"),
        Column(
            "days_between", "integer", "days", "From first to second specimen; missing: a date is unknown"
        ),
        Column("change", "text", "", "Of the level", values=("same", "up", "down", "not comparable")),
        Column("sentence", "text", "", "The change in words"),
    ),
)

FINDINGS = findings_table("her2")
