"""HER2 readings from short literal rows."""

import pandas as pd

from clearher.columns.intake import HER2
from clearher.tables import frame_of

SPECIMEN_ROW = (
    "specimen_id",
    "date",
    "specimen_type",
    "preservation",
    "laboratory",
    "reader",
    "ihc_score",
    "ish_result",
)


def her2_records(*rows: dict) -> pd.DataFrame:
    """Table HER2 of rows; ``date`` may be partial or empty; S1, specimen A, 2024-02-01 unless said."""
    filled = []
    for number, row in enumerate(rows, 2):
        date = row.get("date", "2024-02-01")
        days = pd.Period(date, freq={4: "Y", 7: "M", 10: "D"}[len(date)]) if date else None
        filled.append(
            {
                "subject_id": "S1",
                "specimen_id": "A",
                "source_row": number,
                "source": f"her2.tsv row {number}",
                "specimen_date": days.start_time.normalize() if days else pd.NaT,
                "specimen_date_last": days.end_time.normalize() if days else pd.NaT,
                "specimen_date_text": date,
                **{name: value for name, value in row.items() if name != "date"},
            }
        )
    return frame_of(filled, HER2)


def specimen_rows(specimens: list[tuple], **common: str) -> list[dict]:
    """Rows of tuples in the order of SPECIMEN_ROW, read with 4B5 unless said."""
    return [{"assay": "4B5"} | dict(zip(SPECIMEN_ROW, row, strict=True)) | common for row in specimens]
