"""The response derivation of a subject in one sentence or two."""

import pandas as pd

from clearher.clinical.days import spoken


def response_sentences(frame: pd.DataFrame) -> list[str]:
    """One text per row of the response table under construction.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of RESPONSES except the sentence, with bor_source, confirmed_bor_source, confirmed_by.
    """
    return [_sentence(row) for row in frame.to_dict("records")]


def _sentence(row: dict) -> str:
    parts = [_best(row), _confirmed(row), _change(row), _therapy(row)]
    return " ".join(part for part in parts if part)


def _best(row: dict) -> str:
    if row["bor"] == "NE":
        return f"Best overall response NE: {row['ne_reason']}."
    where = f", {row['bor_source']}" if _text(row["bor_source"]) else ""
    return f"Best overall response {row['bor']} on day {row['bor_day']} ({spoken(row['bor_date'])}{where})."


def _confirmed(row: dict) -> str:
    if not row["responder"]:
        return ""
    if row["confirmed_responder"]:
        first, second = spoken(row["confirmed_response_date"]), spoken(row["confirmed_by"])
        return (
            f"Response of {first} confirmed on {second};"
            f" confirmed best overall response {row['confirmed_bor']}."
        )
    if row["confirmed_bor"] == "NE":
        return f"Not confirmed; confirmed best overall response NE: {row['confirmed_ne_reason']}."
    return f"Not confirmed; confirmed best overall response {row['confirmed_bor']}."


def _change(row: dict) -> str:
    change = row["best_change_percent"]
    if pd.isna(change):
        return ""
    return f"Best change of the sum of diameters {change:+.1f}% ({spoken(row['best_change_date'])})."


def _therapy(row: dict) -> str:
    start = row["new_therapy_date"]
    return "" if pd.isna(start) else f"New anti-cancer therapy from {spoken(start)}."


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""
