"""Tables that set safety against markers, ctDNA against scans, and plasma against tissue."""

import pandas as pd

from clearher.columns import association
from clearher.report.codes import in_words
from clearher.report.csr_table import Publication, Settings, footnotes
from clearher.report.palette import HER2_LEVELS
from clearher.report.results import Results
from clearher.report.shares import with_shares
from clearher.report.words import ci_name, share

AMPLIFICATION = "ERBB2 amplification in baseline plasma"
PLASMA = {
    AMPLIFICATION: (
        "amplification",
        ("AMPLIFIED", "NOT_AMPLIFIED", "NOT_INFORMATIVE", "NOT_ASSESSED"),
    ),
    "Amplification in plasma beside HER2 in tissue": (
        "verdict",
        ("CONCORDANT", "PLASMA_ONLY", "TISSUE_ONLY", "NOT_COMPARABLE"),
    ),
    "ERBB2 mutation in baseline plasma": ("mutation", ("ACTIVATING", "OTHER", "NONE_CALLED", "NOT_ASSESSED")),
    "Soluble HER2 above the laboratory's limit": ("soluble", ("yes", "no", "not known")),
}

NOT_INFORMATIVE = "Not informative: no gain called, at an allele fraction too low to tell."


def marker_title(lines: pd.DataFrame) -> str:
    """The marker of some lines of ``association/safety_by_marker`` and when it is known."""
    known = "at baseline" if lines["known"].iloc[0] == "baseline" else "only after baseline"
    return f"By {in_words(lines['marker'].iloc[0])}, known {known}"


def marker_cells(lines: pd.DataFrame) -> tuple[list[str], list[tuple[str, ...]]]:
    """Levels of one marker, and a row a measure with the share at each level.

    Parameters
    ----------
    lines : pandas.DataFrame
        Rows of ``association/safety_by_marker`` of one marker, with ``share``.
    """
    levels = list(lines.sort_values("level_position")["level"].drop_duplicates())
    cells = lines.set_index(["measure", "level"])["share"]
    measures = lines.sort_values("measure_position")["measure"].drop_duplicates()
    rows = [(measure, *(cells.get((measure, level), "") for level in levels)) for measure in measures]
    return [in_words(level) for level in levels], rows


def safety_by_marker(results: Results, settings: Settings) -> Publication:
    """Safety measures at each level of each marker; the levels stand in the row that names the marker."""
    lines = with_shares(results[association.SAFETY_BY_MARKER])
    markers = [
        (marker_title(marker), *marker_cells(marker)) for _, marker in lines.groupby("position", sort=True)
    ]
    width = max((len(levels) for _, levels, _ in markers), default=1)
    rows: list[tuple[str, ...]] = []
    for title, levels, cells in markers:
        rows.append((title, *levels, *[""] * (width - len(levels))))
        rows += [(f"  {name}", *row, *[""] * (width - len(row))) for name, *row in cells]
    notes = ("n/N (%) of the treated subjects at each level, or a median; intervals stand in the workbook.",
             *lines["caveat"].drop_duplicates())  # fmt: skip
    return Publication(
        "safety_by_marker", "14.3.8", "Safety by HER2 level, ctDNA, response and antibodies",
        "Safety population: treated subjects", ("", *[""] * width), tuple(rows), footnotes(rows, *notes),
        sources=(association.SAFETY_BY_MARKER,),
    )  # fmt: skip


def lead_time(results: Results, settings: Settings) -> Publication:
    """Which progression came first, and by how much; lines with nobody to count are left out."""
    lines = results[association.LEAD_TIME_SUMMARY]
    lines = with_shares(lines[lines["N"].fillna(0) > 0])
    rows = [
        (in_words(line.statistic.removeprefix("order: ")), line.share, line.interval, line.method)
        for line in lines.itertuples()
    ]
    return Publication(
        "lead_time", "14.2.5", "Molecular against radiographic progression",
        "Treated subjects with a sample and a usable scan after baseline",
        ("", "n/N (%) or median", ci_name(settings["association"]["confidence"]), "Method"), tuple(rows),
        footnotes(rows, *lines["note"].drop_duplicates()), sources=(association.LEAD_TIME_SUMMARY,),
    )  # fmt: skip


def her2_plasma(results: Results, settings: Settings) -> Publication:
    """ERBB2 in baseline plasma and soluble HER2, a column each HER2 level in tissue."""
    subjects = results[association.HER2_PLASMA]
    raised = subjects["soluble_raised"].map({True: "yes", False: "no"}).fillna("not known")
    subjects = subjects.assign(soluble=raised)
    present = set(subjects["tissue_level"])
    columns = {in_words(level) if level else "not known": subjects["tissue_level"] == level
               for level in (*HER2_LEVELS, "") if level in present}  # fmt: skip
    columns = {"All": pd.Series(True, subjects.index), **columns}
    rows: list[tuple[str, ...]] = []
    for title, (name, states) in PLASMA.items():
        if not subjects[name].isin(states[:-1]).any():
            continue
        counts = [subjects.loc[chosen, name].value_counts() for chosen in columns.values()]
        rows.append((title, *[""] * len(columns)))
        for state in states:
            cells = [share(int(count.get(state, 0)), int(count.sum())) for count in counts]
            rows.append((f"  {in_words(state)}", *cells))
    copies_told = AMPLIFICATION in {title for title, *_ in rows}
    notes = ("Columns: HER2 level in tissue by the primary rule; n/N (%) of the subjects of the column.",
             NOT_INFORMATIVE if copies_told else "")  # fmt: skip
    return Publication(
        "her2_plasma", "14.2.6", "ERBB2 in plasma, soluble HER2 and HER2 in tissue", "Enrolled subjects",
        ("", *columns), tuple(rows), footnotes(rows, *notes), sources=(association.HER2_PLASMA,),
    )  # fmt: skip
