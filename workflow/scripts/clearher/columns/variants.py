"""Tables of the variants stage."""

from clearher.columns import Column, Table
from clearher.problems import FINDING_COLUMNS, findings_table

VARIANT_CLASSES = ("SNV", "MNV", "INS", "DEL", "COMPLEX", "CNV", "OTHER")
WBC_STATES = ("GERMLINE", "WBC_NOT_COVERED", "WBC_ORIGIN", "TUMOUR_LIKE", "CONFLICT")
STATUSES = ("CALLED", "FILTERED", "BELOW_CALL", "REFERENCE", "NOT_SUPPORTED")

_ALLELE_KEY = (
    Column("chrom", "text", "", "Contig as named in the file, or harmonised by variants.chromosome_names"),
    Column("pos", "integer", "bp", "1-based position of the first base of ref, after trimming"),
    Column("ref", "text", "", "Reference allele, trimmed (and left-normalised where a reference is given)"),
    Column("alt", "text", "", "One alternate allele, or the symbolic allele as written"),
)

VARIANTS = Table(
    "variants/variants.parquet",
    "an alternate allele that a sample's file names, whatever was decided about it",
    ("subject_id", "sample_id", "chrom", "pos", "ref", "alt"),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_id", "text", "", "Sample"),
        Column("visit", "text", "", "Visit of the sample"),
        Column("study_day", "integer", "day", "Study day of the sample (no day 0)"),
        Column("specimen", "text", "", "plasma, wbc, tissue or control"),
        *_ALLELE_KEY,
        Column("variant_class", "text", "", "Kind of allele", values=VARIANT_CLASSES),
        Column("caller", "text", "", "Caller, detected from the header"),
        Column(
            "count_field",
            "text",
            "",
            "Field that alt_count was read from; AF*DP where it was computed; AF: a fraction and no count",
        ),
        Column(
            "depth",
            "integer",
            "reads",
            "Reads or fragments that cover the site; missing: the file cannot say",
        ),
        Column("alt_count", "integer", "reads", "Reads or fragments with alt; missing: the file cannot say"),
        Column("ref_count", "integer", "reads", "Reads or fragments with ref; missing: the file cannot say"),
        Column(
            "vaf", "number", "fraction", "alt_count / depth; the caller's fraction only where no counts exist"
        ),
        Column(
            "caller_vaf", "number", "fraction", "Fraction as the caller states it (may be a model estimate)"
        ),
        Column("alt_forward", "integer", "reads", "alt on the forward strand; missing: not stated"),
        Column("alt_reverse", "integer", "reads", "alt on the reverse strand; missing: not stated"),
        Column("ref_forward", "integer", "reads", "ref on the forward strand; missing: not stated"),
        Column("ref_reverse", "integer", "reads", "ref on the reverse strand; missing: not stated"),
        Column(
            "strand_p",
            "number",
            "",
            "Two-sided Fisher exact p of strand by allele; missing below min_alt_for_strand alt reads or an "
            "odds ratio of min_strand_odds",
        ),
        Column("strand_odds", "number", "", "Odds ratio of strand by allele, taken above 1"),
        Column(
            "base_quality", "number", "Phred", "Median or mean base quality of alt, as the caller states it"
        ),
        Column("filter", "text", "", "FILTER of the record as written; '.' where filters were not applied"),
        Column("gene", "text", "", "Gene symbol of the chosen transcript"),
        Column(
            "transcript", "text", "", "Transcript chosen: MANE, canonical, then any; highest impact first"
        ),
        Column("consequence", "text", "", "Consequence terms of the chosen transcript, '&'-joined"),
        Column("hgvsc", "text", "", "Coding change, HGVS"),
        Column("hgvsp", "text", "", "Protein change, HGVS"),
        Column(
            "population_af", "number", "fraction", "Highest population allele frequency; missing is not 0"
        ),
        Column("copy_number", "number", "copies", "Copy number of a CNV record; missing: not stated"),
        Column(
            "phase",
            "text",
            "",
            "Haplotype as the caller names it: PID and PGT, else PS and phased GT; empty where it names none",
        ),
        Column("hotspot", "boolean", "", "At a listed hotspot"),
        Column("ch_gene", "boolean", "", "In a gene often mutated in clonal haematopoiesis"),
        Column("in_panel", "boolean", "", "Inside the panel regions; missing: no panel given"),
        Column("blacklisted", "boolean", "", "On the blacklist; missing: no blacklist given"),
        Column(
            "pon_samples",
            "integer",
            "samples",
            "Panel-of-normals samples with it; missing: no panel of normals",
        ),
        Column("pon_median_vaf", "number", "fraction", "Median VAF among the panel of normals"),
        Column("wbc_depth", "integer", "reads", "Depth in the subject's white cells; missing: not known"),
        Column("wbc_alt", "integer", "reads", "alt in the subject's white cells; missing: not known"),
        Column("wbc_state", "text", "", "What the white cells say", "van 't Erve et al. 2023", WBC_STATES),
        Column(
            "wbc_log_bf", "number", "", "Log Bayes factor, tumour against blood", "van 't Erve et al. 2023"
        ),
        Column(
            "in_tissue",
            "boolean",
            "",
            "In a tissue sample of the subject, where no filter of kind call or artefact fails; missing: no "
            "tissue sample",
        ),
        Column(
            "germline_visits",
            "integer",
            "samples",
            "Plasma samples that cover it, when all are germline-like",
        ),
        Column("status", "text", "", "What was decided", values=STATUSES),
        Column("reasons", "text", "", "Names of the filters that failed, ';'-joined"),
        Column(
            "flags", "text", "", "Remarks that remove nothing, ';'-joined; x:not_assessed where inputs lack"
        ),
        Column("source", "text", "", "File and line"),
    ),
)

ATTRITION = Table(
    "variants/attrition.tsv",
    "a filter step of a sample",
    ("sample_id", "step", "filter"),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_id", "text", "", "Sample"),
        Column("step", "integer", "", "Order of the step, from 1"),
        Column("filter", "text", "", "Name of the filter"),
        Column("n_in", "integer", "alleles", "Alleles before the step"),
        Column("n_removed", "integer", "alleles", "Alleles that this step took away first"),
        Column("n_not_assessed", "integer", "alleles", "Alleles whose inputs the step lacked; they go on"),
        Column("n_out", "integer", "alleles", "Alleles after the step"),
    ),
)

COVERAGE = Table(
    "variants/coverage.parquet",
    "a stretch of a sample's file that states its depth without an alternate allele",
    ("sample_id", "chrom", "start", "end"),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_id", "text", "", "Sample"),
        Column("chrom", "text", "", "Contig"),
        Column("start", "integer", "bp", "First position, 1-based"),
        Column("end", "integer", "bp", "Last position, 1-based"),
        Column("depth", "integer", "reads", "Depth; 0 is not covered, missing is not stated"),
    ),
)

IDENTITY = Table(
    "variants/identity.tsv",
    "a pair of samples of one subject",
    ("subject_id", "sample_a", "sample_b"),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_a", "text", "", "First sample, by name"),
        Column("sample_b", "text", "", "Second sample, by name"),
        Column("sites", "integer", "sites", "Germline-like sites with a genotype in both"),
        Column("concordant", "integer", "sites", "Sites with the same genotype"),
        Column("discordant", "integer", "sites", "Sites where one carries the allele and the other does not"),
        Column("discordance", "number", "fraction", "discordant / sites; missing without sites"),
        Column("basis", "text", "", "sites: both depths known; calls: shared share of germline-like calls"),
        Column(
            "verdict", "text", "", "Same person or not", "biometrics", ("MATCH", "MISMATCH", "NOT_EVALUABLE")
        ),
        Column(
            "likely_partner",
            "text",
            "",
            "Where they differ: x as y, the odd sample and the one of another subject it belongs with",
        ),
        Column("sentence", "text", "", "The verdict in words"),
    ),
)

CONTAMINATION = Table(
    "variants/contamination.tsv",
    "a sample",
    ("sample_id",),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_id", "text", "", "Sample"),
        Column("homozygous_sites", "integer", "sites", "Sites read as homozygous for the alternate allele"),
        Column("minor", "number", "fraction", "Mean minor-allele fraction at homozygous sites", "biometrics"),
        Column("heterozygous_sites", "integer", "sites", "Sites read as heterozygous"),
        Column("major", "number", "fraction", "Heterozygous share of germline-like sites", "biometrics"),
    ),
)

FINDINGS = findings_table("variants")

IDENTITY_FINDINGS = Table(
    "variants/identity_findings.tsv",
    "a sample or an exchange that does not match its subject, or a pair of samples that differs",
    (),
    FINDING_COLUMNS,
)
