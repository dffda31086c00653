"""HER2 readings as they were handed in; the intake registry lists this table as HER2."""

from clearher.columns import Column, Table

CDISC = "SDTM MI and GF, controlled terminology 2025-03-25"

HER2 = Table(
    "intake/records/her2.parquet",
    "a reading of a specimen: one reader, one laboratory, one staining",
    ("subject_id", "specimen_id", "source_row", "source"),
    (
        Column("subject_id", "text", "", "Subject"),
        Column("specimen_id", "text", "", "Specimen (tissue block or biopsy)"),
        Column(
            "source_row",
            "integer",
            "",
            "Line of the input table (header = 1); SDTM: first row of the reading in MI or GF",
        ),
        Column("source", "text", "", "Input file and row in words"),
        Column(
            "specimen_date", "date", "", "First day the written date allows; missing when none is written"
        ),
        Column("specimen_date_last", "date", "", "Last day the written date allows"),
        Column("specimen_date_text", "text", "", "Date as written"),
        Column("specimen_site", "text", "", "Organ or site the tissue came from"),
        Column("specimen_type", "text", "", "Primary tumour or metastasis", values=("primary", "metastatic")),
        Column("preservation", "text", "", "Archival or taken at study entry", values=("archival", "fresh")),
        Column("laboratory", "text", "", "Who read it", CDISC, values=("central", "local")),
        Column("reader", "text", "", "Reader; ADJUDICATOR settles disagreements", CDISC),
        Column("assay", "text", "", "Antibody clone or test kit"),
        Column("ihc_score", "text", "", "IHC score as written"),
        Column("ihc_status", "text", "", "Status word of the IHC report as written"),
        Column("stain_percent", "number", "percent", "Share of tumour cells with the pattern given", CDISC),
        Column(
            "stain_completeness", "text", "", "Membrane pattern", values=("complete", "incomplete", "none")
        ),
        Column(
            "stain_intensity",
            "text",
            "",
            "Intensity",
            values=("none", "faint", "weak", "moderate", "intense"),
        ),
        *(
            Column(f"pct_{grade}", "number", "as written", f"Tumour cells of intensity {grade}", CDISC)
            for grade in range(4)
        ),
        Column("h_score", "number", "", "H-score as reported, 0 to 300", CDISC),
        Column("ish_method", "text", "", "Method and probe as written", CDISC),
        Column("ish_ratio", "text", "", "HER2/CEP17 ratio as written", CDISC),
        Column("ish_her2_copies", "number", "copies per cell or signals", "HER2 copies", CDISC),
        Column("ish_cep17_copies", "number", "copies per cell or signals", "CEP17 copies", CDISC),
        Column("ish_cells", "number", "cells", "Cells counted", CDISC),
        Column(
            "ish_counts", "text", "", "Copies are averages per cell or totals", values=("average", "total")
        ),
        Column("ish_recount", "text", "", "Recount by a second observer as written"),
        Column("ish_result", "text", "", "ISH status word as written", CDISC),
        Column("edition", "text", "", "Guideline edition the reading followed, when known"),
    ),
)
