"""Tables of intake: subjects, records by kind, and findings, all as of the data cut."""

from clearher.columns import Column, Table
from clearher.columns.her2_records import HER2 as HER2
from clearher.problems import findings_table

SDTM = "SDTM IG 3.3"
EVALUATORS = ("INVESTIGATOR", "INDEPENDENT ASSESSOR")
RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
SUPPLIED_RESPONSES = (*RESPONSES, "CR/PR", "SD/PD")
SOURCE = Column("source", "text", "", "File kind and row the record came from (header is row 1)")
SUBJECT = Column("subject_id", "text", "", "Subject", SDTM)
DATE_IMPUTED = Column(
    "date_imputed", "text", "", "D: the day was missing and set by the rule named; empty: as recorded"
)

SUBJECTS = Table(
    "intake/subjects.tsv",
    "a subject",
    ("subject_id",),
    (
        SUBJECT,
        Column("arm", "text", "", "Actual arm, else planned arm", "DM.ACTARM, DM.ARM"),
        Column("screen_failure", "boolean", "", "True: screened, never enrolled", "DM.ARMCD, DM.ARMNRS"),
        Column("treated", "boolean", "", "True: at least one dose"),
        Column("enrolment_date", "date", "", "Enrolment", "DS milestone"),
        Column("randomisation_date", "date", "", "Randomisation", "DS milestone, ADSL.RANDDT"),
        Column("first_dose_date", "date", "", "First dose", "EX, DM.RFXSTDTC, ADSL.TRTSDT"),
        Column("last_dose_date", "date", "", "Last day of dosing, not after the cut", "EX, DM.RFXENDTC"),
        Column("reference_date", "date", "", "Study day 1, by the setting clinical.reference_date"),
        Column("death_date", "date", "", "Death, missing where alive at the cut", "DM.DTHDTC"),
        Column("death_date_imputed", "text", "", "D: day set by rule, M: month and day, empty: as recorded"),
        Column("death_text", "text", "", "Date of death as recorded"),
        Column("last_alive_date", "date", "", "Latest day that proves life, not after the cut"),
        Column("end_of_treatment_date", "date", "", "End of study treatment", "DS"),
        Column("end_of_study_date", "date", "", "End of study participation", "DS"),
        Column("cut_date", "date", "", "Data cut; missing where none is applied"),
        Column("age", "number", "years", "Age at entry", "DM.AGE"),
        Column("sex", "text", "", "Sex as recorded", "DM.SEX"),
    ),
    open=True,
)

DOSES = Table(
    "intake/records/doses.parquet",
    "a dose record",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        Column("sequence", "integer", "", "Number of the record within the subject", "EXSEQ"),
        Column("start_date", "date", "", "Start; missing where the date is partial", "EXSTDTC"),
        Column("start_text", "text", "", "Start as recorded", "EXSTDTC"),
        Column("end_date", "date", "", "End; missing where blank or partial", "EXENDTC"),
        Column("end_text", "text", "", "End as recorded", "EXENDTC"),
        Column("ongoing_at_cut", "boolean", "", "True: the recorded end lies after the data cut"),
        Column("treatment", "text", "", "Treatment given", "EXTRT"),
        Column("dose", "number", "dose_unit", "Dose given", "EXDOSE"),
        Column("dose_unit", "text", "", "Unit of the dose", "EXDOSU"),
        Column("visit", "text", "", "Visit", "VISIT"),
        SOURCE,
    ),
)

ASSESSMENTS = Table(
    "intake/records/assessments.parquet",
    "an overall response of one evaluator",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        Column("sequence", "integer", "", "Number of the record within the subject", "RSSEQ"),
        Column("date", "date", "", "Day of assessment; a missing day is the last of the month", "RSDTC"),
        Column("date_text", "text", "", "Date as recorded", "RSDTC"),
        DATE_IMPUTED,
        Column("visit", "text", "", "Visit", "VISIT"),
        Column("visit_number", "number", "", "Number of the visit", "VISITNUM"),
        Column("evaluator", "text", "", "Who assessed", "RSEVAL", values=EVALUATORS),
        Column("evaluator_id", "text", "", "Reader within the evaluator", "RSEVALID"),
        Column("accepted", "boolean", "", "True: the reading that counts for its evaluator", "RSACPTFL"),
        Column("response", "text", "", "Overall response", "RSSTRESC; RECIST 1.1", values=RESPONSES),
        SOURCE,
    ),
)

LESIONS = Table(
    "intake/records/lesions.parquet",
    "a measurement or state of one lesion",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        Column("sequence", "integer", "", "Number of the record within the subject", "TRSEQ"),
        Column("evaluator", "text", "", "Who assessed", "TREVAL", values=EVALUATORS),
        Column("evaluator_id", "text", "", "Reader within the evaluator", "TREVALID"),
        Column("accepted", "boolean", "", "True: the reading that counts for its evaluator", "TRACPTFL"),
        Column("date", "date", "", "Day of the scan; a missing day is the last of the month", "TRDTC"),
        Column("date_text", "text", "", "Date as recorded", "TRDTC"),
        DATE_IMPUTED,
        Column("visit", "text", "", "Visit", "VISIT"),
        Column("visit_number", "number", "", "Number of the visit", "VISITNUM"),
        Column("lesion_id", "text", "", "Lesion within the evaluator", "TRLNKID"),
        Column(
            "lesion_class",
            "text",
            "",
            "Target, non-target or new",
            "TUSTRESC",
            values=("TARGET", "NON-TARGET", "NEW"),
        ),
        Column("location", "text", "", "Site of the lesion", "TULOC"),
        Column("nodal", "boolean", "", "True: lymph node", "TULOC"),
        Column(
            "measure",
            "text",
            "",
            "LDIAM longest diameter, LPERP short axis, TUMSTATE state in words",
            "TRTESTCD",
            values=("LDIAM", "LPERP", "TUMSTATE"),
        ),
        Column("value_mm", "number", "mm", "Diameter; missing where not measured", "TRSTRESN"),
        Column("state", "text", "", "State of a non-target or new lesion, or why not measured", "TRSTRESC"),
        SOURCE,
    ),
)

ADVERSE_EVENTS = Table(
    "intake/records/adverse_events.parquet",
    "an adverse event record",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        Column("sequence", "integer", "", "Number of the record within the subject", "AESEQ"),
        Column("term", "text", "", "Reported term", "AETERM"),
        Column("preferred_term", "text", "", "Coded preferred term; empty where uncoded", "AEDECOD"),
        Column("soc", "text", "", "System organ class; empty where uncoded", "AESOC, AEBODSYS"),
        Column("start_text", "text", "", "Start as recorded", "AESTDTC"),
        Column("end_text", "text", "", "End as recorded; empty where ongoing", "AEENDTC"),
        Column("ongoing_at_cut", "boolean", "", "True: the recorded end lies after the data cut"),
        Column("grade", "integer", "", "Toxicity grade 1-5", "AETOXGR; CTCAE"),
        Column("initial_grade", "integer", "", "Grade at onset before treatment", "AEITOXGR"),
        Column("severity", "text", "", "Severity in words, for studies without grades", "AESEV"),
        Column(
            "serious",
            "boolean",
            "",
            "True: serious, by its flag, by a criterion or by a fatal outcome; missing: not recorded",
            "AESER; AESDTH, AESLIFE, AESHOSP, AESDISAB, AESCONG, AESMIE, AESCAN",
        ),
        Column("fatal", "boolean", "", "True: the outcome was death by the cut", "AEOUT, AESDTH"),
        Column("related", "text", "", "Causality as recorded", "AEREL"),
        Column("action", "text", "", "Action taken with the study drug", "AEACN"),
        Column("outcome", "text", "", "Outcome", "AEOUT"),
        Column("group_id", "text", "", "Rows of one episode share it", "AEGRPID"),
        SOURCE,
    ),
)

ADA = Table(
    "intake/records/ada.parquet",
    "a result of an anti-drug antibody test",
    ("subject_id", "sequence"),
    (
        SUBJECT,
        Column("sequence", "integer", "", "Number of the record within the subject", "ISSEQ"),
        Column("date", "date", "", "Day of the sample; missing where partial", "ISDTC"),
        Column("date_text", "text", "", "Date and time as recorded", "ISDTC"),
        Column("visit", "text", "", "Visit", "VISIT"),
        Column("planned_day", "integer", "study day", "Planned day of the visit", "VISITDY"),
        Column("test", "text", "", "Kind of antibody", "ISTESTCD", values=("BINDING", "NEUTRALISING")),
        Column(
            "step",
            "text",
            "",
            "Step of a tiered assay; empty: the result stands alone",
            "ISTSTOPO",
            values=("SCREEN", "CONFIRM", "QUANTIFY"),
        ),
        Column("result", "text", "", "Result as recorded", "ISSTRESC"),
        Column("titre", "number", "declared scale", "Titre where a number was given", "ISSTRESN"),
        Column("titre_text", "text", "", "Titre as recorded, such as <1.40", "ISSTRESC"),
        Column("not_done", "boolean", "", "True: sample not taken or not tested", "ISSTAT"),
        Column(
            "before_dose",
            "boolean",
            "",
            "True: planned before that day's dose, else by the clock where both times are recorded",
            "ISTPT, ISTPTNUM; ISDTC, EXSTDTC",
        ),
        Column(
            "drug_concentration",
            "number",
            "drug_unit",
            "Drug in the blood at the same day and side of the dose; missing: not measured",
            "PCSTRESN",
        ),
        Column("drug_unit", "text", "", "Unit of the concentration", "PCSTRESU"),
        SOURCE,
    ),
)

THERAPIES = Table(
    "intake/records/therapies.parquet",
    "a new anti-cancer therapy after the reference date",
    ("subject_id", "domain", "sequence"),
    (
        SUBJECT,
        Column("domain", "text", "", "CM or PR"),
        Column("sequence", "integer", "", "Number of the record within the subject", "CMSEQ, PRSEQ"),
        Column("term", "text", "", "Therapy", "CMTRT, CMDECOD"),
        Column("category", "text", "", "Category and subcategory as recorded", "CMCAT, CMSCAT"),
        Column("start_date", "date", "", "Start; a missing day is the first possible one"),
        Column("start_text", "text", "", "Start as recorded", "CMSTDTC"),
        DATE_IMPUTED,
        SOURCE,
    ),
)

CONTACTS = Table(
    "intake/records/contacts.parquet",
    "a day on which the subject was known to be alive",
    ("subject_id", "date", "domain", "variable", "sequence"),
    (
        SUBJECT,
        Column("domain", "text", "", "Domain of the record that proves life"),
        Column("variable", "text", "", "Variable that holds the date"),
        Column("sequence", "integer", "", "Number of that record within the subject"),
        Column("date", "date", "", "First day the recorded date can mean"),
    ),
)

LABS = Table(
    "intake/records/labs.parquet",
    "a laboratory value or a measurement of heart function",
    ("subject_id", "domain", "sequence"),
    (
        SUBJECT,
        Column("domain", "text", "", "LB, or CV for heart function"),
        Column("sequence", "integer", "", "Number of the record within the subject", "LBSEQ, CVSEQ"),
        Column(
            "parameter",
            "text",
            "",
            "Test code, with the specimen where it is not blood, serum or plasma",
            "LBTESTCD, LBSPEC, CVTESTCD",
        ),
        Column("date", "date", "", "Day of the sample; missing where partial", "LBDTC"),
        Column("date_text", "text", "", "Date as recorded", "LBDTC"),
        Column("visit", "text", "", "Visit", "VISIT"),
        Column("value", "number", "unit", "Numeric result; missing for text such as <5", "LBSTRESN"),
        Column("unit", "text", "", "Unit of the result", "LBSTRESU"),
        Column("low", "number", "unit", "Lower limit of normal", "LBSTNRLO"),
        Column("high", "number", "unit", "Upper limit of normal", "LBSTNRHI"),
        Column("indicator", "text", "", "Reference range indicator as recorded", "LBNRIND"),
        Column("grade", "integer", "", "Toxicity grade as recorded, sign left out", "LBTOXGR; CTCAE"),
        SOURCE,
    ),
)

SUPPLIED = Table(
    "intake/records/supplied.parquet",
    "a subject whose endpoints the input itself gives",
    ("subject_id",),
    (
        SUBJECT,
        Column(
            "best_response",
            "text",
            "",
            "Best overall response as supplied; groups where no more is known",
            values=SUPPLIED_RESPONSES,
        ),
        Column("response_date", "date", "", "First response as supplied"),
        Column("progression_date", "date", "", "First progression as supplied"),
        Column("death_date", "date", "", "Death as supplied"),
        Column("last_contact_date", "date", "", "Last contact as supplied"),
        Column("pfs_days", "number", "days", "Progression-free survival, first day is day 1"),
        Column("pfs_event", "boolean", "", "True: progression or death; false: censored"),
        Column("os_days", "number", "days", "Overall survival, first day is day 1"),
        Column("os_event", "boolean", "", "True: death; false: censored"),
        Column("dor_days", "number", "days", "Duration of response, first day is day 1"),
        Column("dor_event", "boolean", "", "True: progression or death; false: censored"),
        SOURCE,
    ),
)

SAMPLES = Table(
    "intake/samples.tsv",
    "a sample drawn by the data cut",
    ("sample_id",),
    (
        Column("subject_id", "text", "", "Subject; empty for control samples"),
        Column("sample_id", "text", "", "Sample"),
        Column("visit", "text", "", "Visit name as in the sample sheet"),
        Column("collection_date", "date", "", "Day of collection; missing where only the study day is given"),
        Column("study_day", "integer", "days", "Study day of collection, first dose = 1, no day 0", SDTM),
        Column("specimen", "text", "", "Kind of specimen", values=("plasma", "wbc", "tissue", "control")),
        Column("vcf", "text", "", "Variant file as written in the sheet; empty: none"),
        Column("bam", "text", "", "Read file as written in the sheet; empty: none"),
        Column("vcf_sample", "text", "", "Name of the sample inside the variant file; empty: found by rule"),
        Column("assay", "text", "", "Assay name"),
        Column("genome_build", "text", "", "Reference genome"),
        Column("plasma_ml", "number", "mL", "Plasma volume"),
        Column("cfdna_ng", "number", "ng", "Cell-free DNA put into the assay"),
        Column(
            "qc_status",
            "text",
            "",
            "Laboratory's verdict; an empty cell counts as pass",
            values=("pass", "fail"),
        ),
        Column("qc_reason", "text", "", "Why quality control failed, or a remark"),
        Column("sample_key", "text", "", "Name that is safe in file paths: 12 hex digits of the id's sha256"),
        Column(
            "planned", "boolean", "", "Whether the visit is in the study's plan; missing before that is known"
        ),
    ),
)

FINDINGS = findings_table("intake")

RESULTS = Table(
    "intake/records/results.parquet",
    "a sample-level result delivered by a laboratory",
    ("sample_id",),
    (
        SUBJECT,
        Column("sample_id", "text", "", "Sample"),
        Column("level", "number", "level_unit", "ctDNA level; missing: not reported"),
        Column("level_unit", "text", "", "fraction, or the laboratory's own unit"),
        Column("detected", "boolean", "", "The laboratory's call; missing: not reported"),
        Column("lod", "number", "level_unit", "Limit of detection of the sample; missing: not reported"),
    ),
)

COUNTS = Table(
    "intake/records/counts.parquet",
    "a variant's counts in a sample, delivered by a laboratory",
    ("subject_id", "sample_id", "chrom", "pos", "ref", "alt"),
    (
        SUBJECT,
        Column("sample_id", "text", "", "Sample"),
        Column("chrom", "text", "", "Contig"),
        Column("pos", "integer", "", "Position, 1-based"),
        Column("ref", "text", "", "Reference allele"),
        Column("alt", "text", "", "Alternate allele"),
        Column("alt_count", "integer", "fragments", "Fragments with the alternate allele"),
        Column("depth", "integer", "fragments", "Fragments covering the position"),
    ),
)

COPIES = Table(
    "intake/records/copies.parquet",
    "a gene's copy number in a sample, from the table of copy numbers",
    ("sample_id", "gene"),
    (
        SUBJECT,
        Column("sample_id", "text", "", "Sample"),
        Column("gene", "text", "", "Gene symbol"),
        Column(
            "copy_number",
            "number",
            "copies",
            "Mean copies over all DNA of the sample: as given, or 2 x ratio",
        ),
        Column("source", "text", "", "File and row"),
    ),
)

TISSUE = Table(
    "intake/records/tissue.parquet",
    "a variant known from tumour tissue",
    ("subject_id", "chrom", "pos", "ref", "alt"),
    (
        SUBJECT,
        Column("chrom", "text", "", "Contig"),
        Column("pos", "integer", "", "Position, 1-based"),
        Column("ref", "text", "", "Reference allele"),
        Column("alt", "text", "", "Alternate allele"),
        Column("gene", "text", "", "Gene symbol"),
    ),
)
