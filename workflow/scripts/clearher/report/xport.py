"""SAS transport files of version 5 that pass the format's own rules, the same bytes on every run."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyreadstat

from clearher.whole_file import whole_file

MAX_BYTES = 200
CLOCK = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
NO_TIME = b"01JAN60:00:00:00"
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")


@dataclass(frozen=True)
class TextChange:
    """A text that the format cannot hold as it is."""

    dataset: str
    variable: str
    original: str
    written: str


class XportError(ValueError):
    """A data set breaks a rule of the format."""


def check_names(name: str, label: str, labels: dict[str, str]) -> None:
    """Check names (8 characters, A-Z 0-9 _, letter first) and labels (40 ASCII characters).

    Raises
    ------
    XportError
        With every name and label that breaks a rule.
    """
    wrong = [each for each in (name.upper(), *labels) if not NAME.fullmatch(each)]
    wrong += [each for each in (label, *labels.values()) if len(each) > 40 or not each.isascii()]
    if wrong:
        raise XportError(f"{name}: not allowed in a transport file: {', '.join(wrong)}")


def transport_text(text: str) -> str:
    """ASCII form of a text, at most 200 bytes: letters lose their accents, what has no letter becomes ?."""
    if text.isascii() and len(text) <= MAX_BYTES:
        return text
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return plain.encode("ascii", "replace").decode("ascii")[:MAX_BYTES]


def write_xport(
    frame: pd.DataFrame, path: str | Path, *, name: str, label: str, labels: dict[str, str]
) -> list[TextChange]:
    """Write a frame as a transport file of version 5.

    Parameters
    ----------
    frame : pandas.DataFrame
        Text, numbers and dates (written as days since 1960-01-01 with format DATE9).
    path : str or Path
        File; its stem is the name of the data set in lower case.
    name, label : str
        Name and label of the data set.
    labels : dict of str to str
        Label of every variable.

    Returns
    -------
    list of TextChange
        Texts that were changed to fit, to be listed beside the data.

    Raises
    ------
    XportError
        A name or label breaks a rule.
    """
    check_names(name, label, labels)
    written, changes = frame.copy(), []
    for column in frame.columns:
        if frame[column].dtype == object:
            texts = frame[column].fillna("").astype(str)
            written[column] = texts.map(transport_text)
            changed = texts[texts != written[column]].drop_duplicates()
            changes += [TextChange(name, column, text, transport_text(text)) for text in changed]
    dates = [column for column in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[column])]
    for column in dates:
        written[column] = (frame[column] - pd.Timestamp("1960-01-01")).dt.days.astype(float)
    with whole_file(path) as partial:
        pyreadstat.write_xport(
            written,
            partial,
            file_label=label,
            column_labels=[labels[column] for column in frame.columns],
            table_name=name.upper(),
            file_format_version=5,
            variable_format=dict.fromkeys(dates, "DATE9."),
        )
        partial.write_bytes(without_clock(partial.read_bytes()))
    return changes


def without_clock(content: bytes) -> bytes:
    """The file with the times of its header records set to the format's epoch; the data stay untouched."""
    end = content.index(b"HEADER RECORD*******NAMESTR")
    return CLOCK.sub(NO_TIME, content[:end]) + content[end:]
