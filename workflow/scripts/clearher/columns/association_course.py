"""Tables that set the course of ctDNA against scans, and safety against markers."""

from clearher.columns import Column, Table

ORDERS = (
    "MOLECULAR_FIRST",
    "SAME_DAY",
    "RADIOGRAPHIC_FIRST",
    "MOLECULAR_ONLY",
    "RADIOGRAPHIC_ONLY",
    "NEITHER",
)
MARKER_TIMES = ("baseline", "post_baseline")

LEAD_TIME = Table(
    "association/lead_time.tsv",
    "a treated subject",
    ("subject_id",),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("included", "boolean", "", "True: a sample after baseline and a usable scan were there"),
        Column("why_not", "text", "", "Why the subject is not compared; empty: compared"),
        Column("ctdna_baseline_day", "integer", "study day", "Day of the baseline sample"),
        Column("last_sample_day", "integer", "study day", "Day of the last evaluable sample"),
        Column("last_assessment_day", "integer", "study day", "Day of the last usable scan"),
        Column("molecular_progression_day", "integer", "study day", "First molecular progression"),
        Column("radiographic_progression_day", "integer", "study day", "First PD on scans"),
        Column("order", "text", "", "Which came first; empty: not compared", "", ORDERS),
        Column("lead_days", "integer", "days", "Radiographic minus molecular day; positive: ctDNA was first"),
        Column(
            "followed_days",
            "integer",
            "days",
            "From molecular progression to the last scan, where scans showed none",
        ),
        Column("sentence", "text", "", "The comparison in words"),
    ),
)

LEAD_TIME_SUMMARY = Table(
    "association/lead_time_summary.tsv",
    "a statistic of the lead of molecular over radiographic progression",
    ("position",),
    (
        Column("position", "integer", "", "Order of the lines"),
        Column("statistic", "text", "", "What is estimated"),
        Column("n", "integer", "subjects", "Subjects counted, or with both progressions"),
        Column("N", "integer", "subjects", "Denominator, as the method says"),
        Column("estimate", "number", "see unit", "Share or median; missing: not estimable"),
        Column("low", "number", "see unit", "Lower confidence limit; missing: not estimable"),
        Column("high", "number", "see unit", "Upper confidence limit; missing: not estimable"),
        Column("unit", "text", "", "fraction or days"),
        Column("method", "text", "", "Denominator, estimate and interval in words"),
        Column("note", "text", "", "What a reader must know beside the number"),
    ),
)

SAFETY_BY_MARKER = Table(
    "association/safety_by_marker.tsv",
    "a safety measure of the subjects at one level of a marker",
    ("position", "level_position", "measure_position"),
    (
        Column("position", "integer", "", "Order of the markers"),
        Column("marker", "text", "", "Variable of association/subjects.parquet, or ada_positive"),
        Column("known", "text", "", "When the marker is known", "", MARKER_TIMES),
        Column("level_position", "integer", "", "Order of the levels"),
        Column("level", "text", "", "Level of the marker; not known: treated subjects without one"),
        Column("measure_position", "integer", "", "Order of the measures"),
        Column("measure", "text", "", "Treatment-emergent events, antibodies, response or exposure"),
        Column("n", "integer", "subjects", "Subjects with it; with a known value where it is a median"),
        Column("N", "integer", "subjects", "Treated subjects of the level of whom it is known"),
        Column("estimate", "number", "see unit", "n / N, or a median; missing: nobody"),
        Column("low", "number", "see unit", "Lower exact limit, or minimum", "Clopper and Pearson 1934"),
        Column("high", "number", "see unit", "Upper exact limit, or maximum", "Clopper and Pearson 1934"),
        Column("unit", "text", "", "fraction or days"),
        Column("caveat", "text", "", "What a reader must know beside the number"),
    ),
)
