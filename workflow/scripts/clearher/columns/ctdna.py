"""Tables of the ctDNA stage."""

from clearher.columns import Column, Table
from clearher.columns.ctdna_course import (
    CLEARANCE,
    EMERGENT,
    GENE_FREQUENCIES,
    LANDSCAPE,
    SENSITIVITY,
    SITE_COLUMNS,
    SUBJECTS,
    TRACKED,
    TRACKING,
    VISITS,
)
from clearher.problems import findings_table

__all__ = [
    "BACKGROUND",
    "CLEARANCE",
    "COUNTS",
    "COUNT_NOTES",
    "EMERGENT",
    "FINDINGS",
    "GENE_FREQUENCIES",
    "LANDSCAPE",
    "LOD_BASES",
    "SAMPLES",
    "SENSITIVITY",
    "SITE_COLUMNS",
    "SUBJECTS",
    "SUBSTITUTIONS",
    "TRACKED",
    "TRACKING",
    "VISITS",
]

SUBSTITUTIONS = ("C>A", "C>G", "C>T", "T>A", "T>C", "T>G", "indel_AT", "indel_CG")
COUNT_NOTES = ("COUNTED", "NOT_COVERED", "NOT_SUPPORTED")
LOD_BASES = ("COUNTS", "ASSUMED", "VENDOR", "NONE")

COUNTS = Table(
    "ctdna/counts/{sample_key}.parquet",
    "a tracked variant in one read file",
    ("sample_id", "chrom", "pos", "ref", "alt"),
    (
        Column("sample_id", "text", "", "Sample the read file belongs to"),
        *SITE_COLUMNS,
        Column(
            "depth",
            "integer",
            "fragments",
            "Fragments that show ref or alt, the denominator of the VAF; missing where the class cannot "
            "be counted",
            "msk-access/py-gbcms docs/reference/counting-metrics.md (RDF + ADF)",
        ),
        Column("alt_count", "integer", "fragments", "Fragments that show alt; missing where not countable"),
        Column("ref_count", "integer", "fragments", "Fragments that show ref; missing where not countable"),
        Column(
            "fragments_total",
            "integer",
            "fragments",
            "All fragments at the site, also those with a third allele or with reads that disagree; "
            "minus depth it "
            "is the noise of the site",
            "msk-access/py-gbcms docs/reference/counting-metrics.md (DPF)",
        ),
        Column(
            "alt_forward",
            "integer",
            "fragments",
            "Alt fragments whose supporting read is on the forward strand",
        ),
        Column(
            "alt_reverse",
            "integer",
            "fragments",
            "Alt fragments whose supporting read is on the reverse strand",
        ),
        Column(
            "distinct_alt_fragments",
            "integer",
            "fragments",
            "Alt fragments of this site that no earlier site of the sample has counted; their sum over "
            "the sites of "
            "a sample is the number of different alt fragments",
        ),
        Column(
            "shared_alt_fragments",
            "text",
            "",
            "Alt fragments that show this site first and other sites too: sites and number joined by commas, "
            "one group a set of sites, joined by blanks",
        ),
        Column(
            "status_note",
            "text",
            "",
            "COUNTED; NOT_COVERED: no fragment shows ref or alt; NOT_SUPPORTED: a class that cannot be "
            "counted",
            values=COUNT_NOTES,
        ),
        Column("why", "text", "", "Why a site could not be counted, or what limits its count"),
    ),
)

BACKGROUND = Table(
    "ctdna/counts/{sample_key}.background.tsv",
    "a substitution class in one read file",
    ("sample_id", "substitution"),
    (
        Column("sample_id", "text", "", "Sample the read file belongs to; pooled controls are one row set"),
        Column("substitution", "text", "", "Strand-collapsed class", values=SUBSTITUTIONS),
        Column("alt", "integer", "fragments", "Errors of this class over all positions used"),
        Column(
            "depth", "integer", "fragments", "Bases of the class's reference base over all positions used"
        ),
        Column("rate", "number", "fraction", "alt / depth; missing where depth is 0"),
        Column("sites", "integer", "", "Positions used that have this reference base"),
        Column(
            "alpha",
            "number",
            "",
            "First parameter of the beta distribution of the positions' rates; missing where the data "
            "show no "
            "spread beyond chance or are too few",
            "imgag/umiVar R_scripts/beta_binomial_parameters.R",
        ),
        Column("beta", "number", "", "Second parameter of that beta distribution"),
    ),
)

SAMPLES = Table(
    "ctdna/samples.tsv",
    "a plasma sample",
    ("sample_id",),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("sample_id", "text", "", "Sample"),
        Column("visit", "text", "", "Visit"),
        Column("study_day", "integer", "day", "Study day of collection; there is no day 0"),
        Column("collection_date", "date", "", "Day of collection"),
        Column(
            "n_tracked",
            "integer",
            "variants",
            "Tracked variants of the subject that may enter the level; missing for a laboratory's result and "
            "where nothing is tracked and a stated limit stands in",
        ),
        Column(
            "n_covered",
            "integer",
            "variants",
            "Those with counts in this sample (depth above 0); missing where a stated limit or a "
            "laboratory's result stands in for counts",
        ),
        Column("alt_total", "integer", "fragments", "Sum of alt fragments over the covered variants"),
        Column("depth_total", "integer", "fragments", "Sum of depth over the covered variants"),
        Column(
            "distinct_alt_fragments",
            "integer",
            "fragments",
            "Different alt fragments; a fragment that covers two tracked sites counts once. Calls-only "
            "samples: alt_total",
        ),
        Column(
            "expected_background",
            "number",
            "fragments",
            "Alt fragments expected from errors alone: sum of depth x error rate",
        ),
        Column(
            "background_sd",
            "number",
            "fragments",
            "Standard error of expected_background, from the finite data behind the error rates; 0 where "
            "they are set by the config",
        ),
        Column("p", "number", "", "One-sided p of the test that decides; missing where no test can be made"),
        Column("p_poisson", "number", "", "p of the Poisson test with the error rates taken as known"),
        Column(
            "p_exact",
            "number",
            "",
            "p of the exact sum of binomials, error rates taken as known; missing where the Poisson p is "
            "below 1e-12",
        ),
        Column("detected", "boolean", "", "Whether ctDNA is detected; missing where the sample cannot say"),
        Column("method", "text", "", "What decided: the test, a vendor's call, or called variants"),
        Column(
            "critical_count",
            "integer",
            "fragments",
            "Smallest number of distinct alt fragments that is detected",
        ),
        Column(
            "level",
            "number",
            "fraction",
            "Level by the configured metric, or the vendor's in its own unit; missing where only calls are "
            "known and not every tracked variant is called",
        ),
        Column("level_low", "number", "fraction", "Lower limit of level"),
        Column("level_high", "number", "fraction", "Upper limit of level"),
        Column("level_metric", "text", "", "pooled, mean, median, max, or vendor with its unit"),
        Column("pooled_vaf", "number", "fraction", "alt_total / depth_total"),
        Column("pooled_vaf_low", "number", "fraction", "Lower limit, Clopper-Pearson on effective counts"),
        Column("pooled_vaf_high", "number", "fraction", "Upper limit, Clopper-Pearson on effective counts"),
        Column(
            "mean_vaf", "number", "fraction", "Mean of alt / depth over the covered variants, zeros included"
        ),
        Column(
            "mean_vaf_low",
            "number",
            "fraction",
            "Lower limit, gamma interval of a weighted sum",
            "Fay and Feuer, Stat Med 1997",
        ),
        Column(
            "mean_vaf_high",
            "number",
            "fraction",
            "Upper limit, gamma interval of a weighted sum",
            "Fay and Feuer, Stat Med 1997",
        ),
        Column("median_vaf", "number", "fraction", "Median of alt / depth over the covered variants"),
        Column(
            "median_vaf_low",
            "number",
            "fraction",
            "Lower limit, from simultaneous limits of the variants (conservative)",
        ),
        Column(
            "median_vaf_high",
            "number",
            "fraction",
            "Upper limit, from simultaneous limits of the variants (conservative)",
        ),
        Column("max_vaf", "number", "fraction", "Largest alt / depth"),
        Column(
            "max_vaf_low",
            "number",
            "fraction",
            "Lower limit, from simultaneous limits of the variants (conservative)",
        ),
        Column(
            "max_vaf_high",
            "number",
            "fraction",
            "Upper limit, largest upper limit of the variants (conservative)",
        ),
        Column("sum_vaf", "number", "fraction", "Sum of alt / depth over the covered variants"),
        Column(
            "ge_per_ml",
            "number",
            "copies/mL",
            "Mutant haploid genome copies per mL plasma: level x ng / mL x copies per ng",
        ),
        Column("ge_per_ml_low", "number", "copies/mL", "Lower limit of ge_per_ml"),
        Column("ge_per_ml_high", "number", "copies/mL", "Upper limit of ge_per_ml"),
        Column(
            "lod95", "number", "fraction", "Level that is detected with the configured power (default 95 %)"
        ),
        Column(
            "lod_basis",
            "text",
            "",
            "COUNTS: computed from this sample's counts; ASSUMED: stated for the assay in the config; "
            "VENDOR: reported "
            "with the result; NONE: not known",
            values=LOD_BASES,
        ),
        Column(
            "evaluable",
            "boolean",
            "",
            "Whether a non-detection of this sample can be stated with a limit of detection",
        ),
        Column("why_not", "text", "", "Why the sample is not evaluable; empty where it is"),
        Column("source", "text", "", "bam, vcf, counts, vendor or none: where the numbers come from"),
    ),
)

FINDINGS = findings_table("ctdna")
