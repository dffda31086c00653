"""Tables of the ctDNA stage: tracked variants, their course over the visits, clearance and landscape."""

from clearher.columns import Column, Table

ORIGINS = ("baseline", "tissue", "emergent")
EXCLUSIONS = ("GERMLINE", "CLASS", "EMERGENT", "WBC_ORIGIN", "CONFLICT", "CH_GENE")
CELL_STATUS = (
    "NO_SAMPLE",
    "NOT_SUPPORTED",
    "NOT_COVERED",
    "NOT_ASSESSED",
    "FILTERED",
    "CALLED",
    "GENOTYPED",
    "LOW_DEPTH",
    "NOT_DETECTED",
)
CELL_SOURCES = ("bam", "counts", "vcf", "none")
VISIT_STATES = ("DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT", "NOT_EVALUABLE")
PHASES = ("PRE_BASELINE", "BASELINE", "POST_BASELINE")
EVENTS = ("CLEARED", "CONFIRMED", "REAPPEARED", "MOLECULAR_PROGRESSION", "NEWLY_DETECTED")
RESPONSES = ("yes", "yes_supported", "no")
BASELINE_STATES = ("DETECTED", "BASELINE_NOT_DETECTED", "NOT_EVALUABLE")
CLEARANCES = ("CLEARED", "NOT_CLEARED", "NOT_EVALUABLE", "BASELINE_NOT_DETECTED")
CONFIRMATIONS = ("CONFIRMED", "UNCONFIRMED", "TRANSIENT")
EMERGENT_CLASSES = ("EMERGENT", "PRE_EXISTING_LOW", "UNKNOWN_AT_BASELINE")
DENOMINATORS = ("treated", "baseline_detected", "evaluable")

SITE_COLUMNS = (
    Column("chrom", "text", "", "Chromosome as in the variant calls"),
    Column("pos", "integer", "", "Position of the first base of ref, 1-based"),
    Column("ref", "text", "", "Reference allele, VCF style"),
    Column("alt", "text", "", "Alternate allele, VCF style"),
)

SUBJECT = Column("subject_id", "text", "", "Subject")
SAMPLE = Column("sample_id", "text", "", "Sample")
VISIT = Column("visit", "text", "", "Visit as in the sample sheet")
STUDY_DAY = Column("study_day", "integer", "day", "Study day of the draw, first dose = 1, no day 0")
GENE = Column("gene", "text", "", "Gene of the chosen transcript")
HGVSP = Column("hgvsp", "text", "", "Protein change of the chosen transcript")
SHARE = (
    Column("n", "integer", "subjects", "Numerator"),
    Column("N", "integer", "subjects", "Denominator"),
    Column("estimate", "number", "fraction", "n / N; missing when N is 0"),
    Column(
        "low",
        "number",
        "fraction",
        "Lower confidence limit",
        "Clopper and Pearson, Biometrika 1934; 26: 404-413",
    ),
    Column(
        "high",
        "number",
        "fraction",
        "Upper confidence limit",
        "Clopper and Pearson, Biometrika 1934; 26: 404-413",
    ),
)


def _response(cut: int) -> Column:
    return Column(
        f"response_{cut}",
        "text",
        "",
        f"Molecular response at a {cut} % fall: yes_supported when the upper limit of the ratio is below 1; "
        "empty when it cannot be said",
        values=RESPONSES,
    )


TRACKED = Table(
    "ctdna/tracked.parquet",
    "subject x variant followed over time: tracked (frozen at baseline, tissue) or emergent (listed only)",
    ("subject_id", "chrom", "pos", "ref", "alt"),
    (
        SUBJECT,
        *SITE_COLUMNS,
        GENE,
        HGVSP,
        Column("variant_class", "text", "", "SNV, MNV, INS, DEL, COMPLEX, CNV or OTHER"),
        Column("phase", "text", "", "Haplotype that the caller names in the sample that defines the row"),
        Column("origin", "text", "", "Where the variant was first known from", values=ORIGINS),
        Column("tissue", "boolean", "", "Known from tumour tissue"),
        Column(
            "baseline_sample_id", "text", "", "Sample the tracked set was frozen at; empty when there is none"
        ),
        Column("baseline_day", "integer", "day", "Study day of that sample"),
        Column("baseline_vaf", "number", "fraction", "Allele fraction there; missing when not called there"),
        Column(
            "first_sample_id", "text", "", "First sample the variant was called in; empty for tissue only"
        ),
        Column("wbc_state", "text", "", "White-cell evidence at the sample that defines the row"),
        Column("ch_like", "boolean", "", "Looks like clonal haematopoiesis by white cells or by gene"),
        Column("in_level", "boolean", "", "Enters the ctDNA level and the detection test"),
        Column("exclusion", "text", "", "What keeps it out of the level", values=EXCLUSIONS),
        Column("why", "text", "", "Why the variant does or does not enter the level, in words"),
        Column("set_hash", "text", "", "First 12 hex digits of the sha256 of the subject's frozen set"),
    ),
)

TRACKING = Table(
    "ctdna/tracking.parquet",
    "subject x tracked variant x sample, or planned visit without a usable sample",
    ("subject_id", "chrom", "pos", "ref", "alt", "visit", "sample_id"),
    (
        SUBJECT,
        Column("sample_id", "text", "", "Sample; empty when the planned visit has none"),
        VISIT,
        STUDY_DAY,
        *SITE_COLUMNS,
        GENE,
        HGVSP,
        Column("origin", "text", "", "As in the tracked set", values=ORIGINS),
        Column("source", "text", "", "Where the counts come from", values=CELL_SOURCES),
        Column(
            "alt_count",
            "integer",
            "fragments",
            "Fragments (VCF: as the caller counts) with the variant; missing is not zero",
        ),
        Column(
            "depth",
            "integer",
            "fragments",
            "Fragments that decide between reference and variant; missing is not zero",
        ),
        Column(
            "distinct_alt_fragments",
            "integer",
            "fragments",
            "Fragments among them that no earlier cell of the sample has counted, cells of the level before "
            "all others; missing when not counted from reads",
        ),
        Column("vaf", "number", "fraction", "alt_count / depth"),
        Column(
            "vaf_low",
            "number",
            "fraction",
            "Lower confidence limit of vaf",
            "Clopper and Pearson, Biometrika 1934; 26: 404-413",
        ),
        Column(
            "vaf_high",
            "number",
            "fraction",
            "Upper confidence limit of vaf",
            "Clopper and Pearson, Biometrika 1934; 26: 404-413",
        ),
        Column(
            "status",
            "text",
            "",
            "What is known of this variant in this sample; first rule that applies",
            values=CELL_STATUS,
        ),
        Column(
            "artefacts", "text", "", "FILTERED: artefact filters that fail, ';'-joined; empty: its origin"
        ),
        Column("low_depth", "boolean", "", "Depth below min_depth though the variant was seen"),
        Column("error_rate", "number", "per fragment", "Background error rate of this change in this sample"),
        Column(
            "error_source",
            "text",
            "",
            "Where the error rate comes from: bam (own reads), controls or config; + site: shrunk from the "
            "controls' counts at the variant; (1/depth), (floor): what decided",
        ),
        Column(
            "error_events", "number", "", "Errors behind error_rate; missing where it is set, not estimated"
        ),
        Column(
            "error_depth", "number", "", "Bases behind error_rate; missing where it is set, not estimated"
        ),
        Column(
            "error_overdispersion",
            "number",
            "",
            "Intra-class correlation of the positions' error rates; missing where none was fitted",
        ),
        Column(
            "outlier",
            "text",
            "",
            "How the variant departs from the others of the subject: far above the others, or flat while the "
            "others fall (perhaps blood); empty: it does not",
        ),
        Column("ch_like", "boolean", "", "As in the tracked set"),
        Column("in_level", "boolean", "", "As in the tracked set"),
        Column("why", "text", "", "The reason of the status, in words"),
    ),
)

VISITS = Table(
    "ctdna/visits.tsv",
    "subject x visit, planned visits without a sample included",
    ("subject_id", "visit"),
    (
        SUBJECT,
        Column("visit", "text", "", "Visit; a second draw of the same visit carries its day in brackets"),
        Column("sample_id", "text", "", "Sample; empty when the planned visit has none"),
        STUDY_DAY,
        Column("collection_date", "date", "", "Date of the draw"),
        Column(
            "phase",
            "text",
            "",
            "Place relative to the baseline sample; PRE_BASELINE also: before treatment and not chosen",
            values=PHASES,
        ),
        Column("planned", "boolean", "", "The visit is in the study's schedule"),
        Column("sequence", "integer", "", "Order of the visit within the subject, 1 = first"),
        Column(
            "state",
            "text",
            "",
            "Detected, or not detected and how far that can be trusted",
            values=VISIT_STATES,
        ),
        Column("reason", "text", "", "Why not evaluable or insufficient; empty otherwise"),
        Column("level", "number", "as level_metric", "ctDNA level; missing when not evaluable"),
        Column("level_metric", "text", "", "Metric and unit of the level"),
        Column(
            "lod95",
            "number",
            "as level_metric",
            "Level the sample would have shown with the configured power (default 95 %)",
        ),
        Column("lod_basis", "text", "", "Where the limit of detection comes from"),
        Column("ratio", "number", "", "Level against baseline; missing without a detected baseline"),
        Column(
            "ratio_low", "number", "", "Lower confidence limit of ratio; missing when only levels are known"
        ),
        Column(
            "ratio_high",
            "number",
            "",
            "Upper confidence limit of ratio; at a non-detection not below lod95 / baseline level",
        ),
        Column("ratio_variants", "integer", "", "Variants covered at both visits, on which the ratio rests"),
        Column(
            "zero_corrected", "boolean", "", "Half a fragment was added because one of the two counts is 0"
        ),
        Column("change_percent", "number", "%", "(ratio - 1) x 100"),
        _response(50),
        _response(90),
        _response(100),
        Column(
            "nadir_level",
            "number",
            "as level_metric",
            "Lowest level before this visit, baseline included; lod95 stands in at a non-detection",
        ),
        Column("nadir_ratio", "number", "", "Level against that nadir"),
        Column("nadir_ratio_low", "number", "", "Lower confidence limit of nadir_ratio"),
        Column("nadir_ratio_high", "number", "", "Upper confidence limit of nadir_ratio"),
        Column(
            "molecular_progression",
            "boolean",
            "",
            "Rise against the nadir, or detection after clearance; missing when not evaluable",
        ),
        Column("event", "text", "", "What happened at this visit", values=EVENTS),
        Column("sentence", "text", "", "The visit in one sentence"),
    ),
    open=True,
)

SUBJECTS = Table(
    "ctdna/subjects.tsv",
    "subject",
    ("subject_id",),
    (
        SUBJECT,
        Column(
            "baseline_sample_id",
            "text",
            "",
            "Last evaluable plasma on or before the first dose, inside the window",
        ),
        Column("baseline_day", "integer", "day", "Study day of the baseline sample"),
        Column("baseline_date", "date", "", "Date of the baseline sample"),
        Column(
            "baseline_state", "text", "", "Whether ctDNA was detected at baseline", values=BASELINE_STATES
        ),
        Column(
            "baseline_reason", "text", "", "Why the baseline is not evaluable or too low; empty otherwise"
        ),
        Column("baseline_level", "number", "as level_metric", "Level at baseline"),
        Column("level_metric", "text", "", "Metric and unit of the level"),
        Column(
            "baseline_max_vaf",
            "number",
            "fraction",
            "Highest allele fraction at baseline; missing when only levels are known",
        ),
        Column(
            "baseline_low",
            "boolean",
            "",
            "Highest allele fraction too low to classify response; missing when unknown",
        ),
        Column(
            "n_tracked",
            "integer",
            "variants",
            "Tracked variants that enter the level; missing when only levels are known",
        ),
        Column("tracked_hash", "text", "", "Hash of the frozen tracked set"),
        Column("clearance", "text", "", "Clearance at any visit after baseline", values=CLEARANCES),
        Column("clearance_reason", "text", "", "Why clearance is not evaluable; empty otherwise"),
        Column("clearance_date", "date", "", "Date of the first adequate non-detection"),
        Column("clearance_day", "integer", "day", "Study day of the first adequate non-detection"),
        Column("clearance_confirmed", "text", "", "What the next evaluable visit says", values=CONFIRMATIONS),
        Column(
            "molecular_response_50", "text", "", "Best molecular response at a 50 % fall", values=RESPONSES
        ),
        Column(
            "molecular_response_90", "text", "", "Best molecular response at a 90 % fall", values=RESPONSES
        ),
        Column(
            "molecular_response_100", "text", "", "Best molecular response at a 100 % fall", values=RESPONSES
        ),
        Column("best_ratio", "number", "", "Lowest ratio to baseline"),
        Column(
            "nadir_level", "number", "as level_metric", "Lowest level; lod95 stands in at a non-detection"
        ),
        Column("nadir_day", "integer", "day", "Study day of the nadir"),
        Column("molecular_progression_date", "date", "", "Date of the first molecular progression"),
        Column("molecular_progression_day", "integer", "day", "Study day of the first molecular progression"),
        Column("converted", "boolean", "", "Not detected at baseline and detected later"),
        Column("converted_day", "integer", "day", "Study day of that detection"),
        Column(
            "half_life_days",
            "number",
            "days",
            "Half-life of the level under treatment; missing with fewer draws than needed or no fall",
        ),
        Column("half_life_low", "number", "days", "Lower confidence limit of the half-life"),
        Column(
            "half_life_high",
            "number",
            "days",
            "Upper confidence limit; missing when no fall is inside the interval",
        ),
        Column("half_life_draws", "integer", "", "Draws the half-life rests on"),
        Column(
            "n_emergent", "integer", "variants", "Variants called later and shown to be absent at baseline"
        ),
        Column(
            "n_pre_existing_low", "integer", "variants", "Variants called later with fragments at baseline"
        ),
        Column(
            "n_unknown_at_baseline",
            "integer",
            "variants",
            "Variants called later, baseline not read deep enough to say",
        ),
        Column("emergent", "text", "", "Those variants, with their class"),
        Column(
            "n_visits_evaluable",
            "integer",
            "visits",
            "Visits after baseline that are detected or adequately not detected",
        ),
        Column("denominator_treated", "boolean", "", "In the denominator of all treated"),
        Column("denominator_baseline_detected", "boolean", "", "In the denominator with ctDNA at baseline"),
        Column(
            "denominator_evaluable",
            "boolean",
            "",
            "In the denominator with ctDNA at baseline and an evaluable visit after it",
        ),
        Column("sentence", "text", "", "The subject in one sentence"),
    ),
)

CLEARANCE = Table(
    "ctdna/clearance.tsv",
    "visit (or any visit) x denominator",
    ("visit", "denominator"),
    (
        Column("visit", "text", "", "Planned visit, or ANY for clearance at any visit after baseline"),
        Column("denominator", "text", "", "Who is counted", values=DENOMINATORS),
        *SHARE,
    ),
)

SENSITIVITY = Table(
    "ctdna/sensitivity.tsv",
    "definition x metric x denominator",
    ("definition", "metric", "denominator"),
    (
        Column("definition", "text", "", "Definition of clearance or molecular response, in words"),
        Column("metric", "text", "", "Level metric the definition uses"),
        Column("denominator", "text", "", "Who is counted", values=DENOMINATORS),
        Column("primary", "boolean", "", "The definition and metric fixed in the configuration"),
        *SHARE,
    ),
)

EMERGENT = Table(
    "ctdna/emergent.tsv",
    "subject x variant called after baseline and not tracked",
    ("subject_id", "chrom", "pos", "ref", "alt"),
    (
        SUBJECT,
        *SITE_COLUMNS,
        GENE,
        HGVSP,
        Column(
            "emergent_class", "text", "", "What the re-counted baseline sample says", values=EMERGENT_CLASSES
        ),
        Column(
            "baseline_status", "text", "", "Status of the variant in the baseline sample", values=CELL_STATUS
        ),
        Column("first_visit", "text", "", "First visit it was called at"),
        Column("first_day", "integer", "day", "Study day of that visit"),
        Column("max_vaf", "number", "fraction", "Highest allele fraction after baseline"),
        Column("ch_like", "boolean", "", "Looks like clonal haematopoiesis"),
        Column("erbb2", "boolean", "", "The gene is ERBB2"),
    ),
)

LANDSCAPE = Table(
    "ctdna/landscape.tsv",
    "gene x subject with at least one variant",
    ("gene", "subject_id"),
    (
        GENE,
        SUBJECT,
        Column(
            "baseline",
            "boolean",
            "",
            "A variant of the gene at baseline; missing when there is no baseline sample",
        ),
        Column("emergent", "boolean", "", "A variant of the gene that emerged under treatment"),
        Column(
            "cleared",
            "boolean",
            "",
            "All baseline variants of the gene not detected at the last visit that covered them all; "
            "missing when there is none",
        ),
        Column("ch_like", "boolean", "", "Every variant of the gene looks like clonal haematopoiesis"),
        Column("erbb2", "boolean", "", "The gene is ERBB2"),
        Column("variants", "text", "", "The variants, with their origin"),
    ),
)

GENE_FREQUENCIES = Table(
    "ctdna/gene_frequencies.tsv",
    "gene or pathway x time point",
    ("kind", "gene", "time_point", "variants"),
    (
        Column("kind", "text", "", "gene or pathway", values=("gene", "pathway")),
        Column("gene", "text", "", "Gene or pathway"),
        Column(
            "time_point",
            "text",
            "",
            "baseline, emergent or cleared",
            values=("baseline", "emergent", "cleared"),
        ),
        Column(
            "variants",
            "text",
            "",
            "all, or without those that look like clonal haematopoiesis",
            values=("all", "without_ch_like"),
        ),
        *SHARE,
        Column("erbb2", "boolean", "", "The gene is ERBB2"),
    ),
)
