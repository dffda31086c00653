"""One subject's derivation from raw records to each endpoint, with HER2 and ctDNA, as text.

Run as ``python -m clearher.report.explain RESULTS_DIR SUBJECT``, where RESULTS_DIR is the folder of a
data cut.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from clearher.clinical import explain as clinical
from clearher.clinical.days import spoken
from clearher.clinical.explain import UnknownSubjectError, finding_lines, read_results, sections_text
from clearher.columns import ctdna, her2, variants
from clearher.tables import ContractError

TABLES = {
    "specimens": her2.SPECIMENS,
    "levels": her2.SUBJECTS,
    "draws": ctdna.VISITS,
    "clearance": ctdna.SUBJECTS,
    "variant_findings": variants.FINDINGS,
    "ctdna_findings": ctdna.FINDINGS,
    "her2_findings": her2.FINDINGS,
}
FINDINGS = ("variant_findings", "ctdna_findings", "her2_findings")


def explain(folder: Path, subject: str) -> str:
    """The derivation of one subject: clinical endpoints, then HER2 and ctDNA.

    Parameters
    ----------
    folder : Path
        Results of a data cut.
    subject : str
        subject_id.

    Raises
    ------
    UnknownSubjectError
        No such subject.
    FileNotFoundError
        A table is not there.
    """
    endpoints = clinical.explain(read_results(folder), subject)
    biomarkers = biomarker_text(read_results(folder, TABLES), subject)
    return f"{endpoints}\n\n{biomarkers}" if biomarkers else endpoints


def biomarker_text(tables: Mapping[str, pd.DataFrame], subject: str) -> str:
    """HER2 by specimen and of the subject, ctDNA by draw and of the subject, and their findings."""
    mine = {name: table[table["subject_id"].eq(subject)] for name, table in tables.items()}
    return sections_text(
        (
            ("HER2", [*_specimen_lines(mine["specimens"]), *_sentences(mine["levels"])]),
            ("ctDNA", [*_draw_lines(mine["draws"]), *_sentences(mine["clearance"])]),
            ("Findings of variants, ctDNA and HER2", finding_lines(pd.concat([mine[n] for n in FINDINGS]))),
        )
    )


def main(arguments: list[str]) -> int:
    """Print one subject's derivation; exit code 2 for wrong arguments or an unknown subject."""
    if len(arguments) != 2:
        print("usage: python -m clearher.report.explain RESULTS_DIR SUBJECT", file=sys.stderr)
        return 2
    try:
        print(explain(Path(arguments[0]), arguments[1]))
    except (UnknownSubjectError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    except ContractError as error:
        print(f"{error}; these results were made by another version: run the workflow again", file=sys.stderr)
        return 2
    return 0


def run() -> int:
    """Run the command; a reader that stops early, such as head, ends it quietly."""
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _specimen_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.itertuples():
        day = row.specimen_date_text or "no date"
        reader = f", {row.reader}" if row.reader else ""
        scores = " ".join(word for word in (row.ihc_reported, row.ish_word and f"ISH {row.ish_word}") if word)
        result = f"{row.category}, {row.certainty}: {row.rule}"
        yield f"specimen {row.specimen_id}, {day}{reader}: recorded as {scores or 'nothing'}; {result}"


def _draw_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.sort_values("study_day", kind="stable").itertuples():
        yield f"{spoken(row.collection_date) or 'no date'}: {row.sentence}"


def _sentences(rows: pd.DataFrame) -> list[str]:
    return [sentence for sentence in rows["sentence"] if sentence]


if __name__ == "__main__":
    raise SystemExit(run())
