"""HER2 results of a trial once more, from the table of readings and the written definitions alone.

Nothing of the package is imported. Rules are those of docs/methods.md, section 4, with the default settings,
as far as the simulated trials need them: scores and dual-probe counts, no descriptions and no single probes.
"""

from collections import Counter
from pathlib import Path

import pandas as pd

PLACE = {"NULL": 0, "ZERO_UNSPECIFIED": 0.5, "ULTRALOW": 1, "LOW_1+": 2, "LOW_2+": 3, "POSITIVE": 4}
WITHOUT_AMPLIFICATION = {"0": "ZERO_UNSPECIFIED", "0-null": "NULL", "0-ultralow": "ULTRALOW", "1+": "LOW_1+"}


def readings(path: Path) -> pd.DataFrame:
    """Readings with group, level and H-score."""
    rows = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    rows["date"] = pd.to_datetime(rows["specimen_date"], errors="coerce")
    rows["own"] = [group(*pair) for pair in zip(rows["ish_ratio"], rows["ish_her2_copies"], strict=True)]
    possible = [_of_specimen(row, rows) for row in rows.itertuples()]
    rows["group"] = [groups[0] if len(groups) == 1 else 0 for groups in possible]
    rows["level"] = [
        _agreed(score, groups) for score, groups in zip(rows["ihc_score"], possible, strict=True)
    ]
    shares = rows[["pct_0", "pct_1", "pct_2", "pct_3"]].apply(pd.to_numeric, errors="coerce")
    whole = shares.sum(axis=1, skipna=False).between(99, 101)
    counted = shares["pct_1"] + 2 * shares["pct_2"] + 3 * shares["pct_3"]
    rows["h"] = counted.where(whole, pd.to_numeric(rows["h_score"], errors="coerce"))
    return rows


def _of_specimen(row: tuple, rows: pd.DataFrame) -> list[int]:
    """Group of a reading, else those of its specimen, the same laboratory first; 0 without any."""
    if row.own:
        return [row.own]
    others = rows[rows["specimen_id"].eq(row.specimen_id) & rows["own"].gt(0)]
    same = others[others["laboratory"] == row.laboratory]
    return sorted(set((same if len(same) else others)["own"])) or [0]


def _agreed(score: str, groups: list[int]) -> str:
    """Level by a score where all possible groups give one."""
    found = {level(score, ish) for ish in groups}
    return found.pop() if len(found) == 1 else "INDETERMINATE"


def group(ratio: str, copies: str) -> int:
    """Dual-probe group 1 to 5; 0 without counts."""
    if not ratio or not copies:
        return 0
    high = float(ratio) >= 2
    if float(copies) >= 4:
        return 1 if high else 3 if float(copies) >= 6 else 4
    return 2 if high else 5


def level(score: str, ish: int) -> str:
    """Level of a reading by its score and the dual-probe group."""
    if score == "3+":
        return "POSITIVE"
    if score == "2+":
        return "INDETERMINATE" if ish == 0 else "POSITIVE" if ish in (1, 3) else "LOW_2+"
    return "POSITIVE" if ish == 1 else WITHOUT_AMPLIFICATION[score]


def specimens(rows: pd.DataFrame) -> pd.DataFrame:
    """One result a specimen: the central laboratory, then the adjudicator, then the majority."""
    found = []
    for (who, name), own in rows.groupby(["subject_id", "specimen_id"]):
        central = own[own["laboratory"] == "central"]
        used = central if len(central) else own
        settled = used[used["reader"] == "ADJUDICATOR"]
        used = settled if len(settled) else used
        winner, count = Counter(used["level"]).most_common(1)[0]
        agreed = count * 2 > len(used)
        counting = used[used["level"] == winner] if agreed else used
        first = used.iloc[0]
        found.append(
            {
                "subject_id": who,
                "specimen_id": name,
                "level": winner if agreed else "INDETERMINATE",
                "h": counting["h"].mean(),
                "date": first["date"],
                "metastatic": first["specimen_type"] == "metastatic",
                "central": first["laboratory"] == "central",
                "fresh": first["preservation"] == "fresh",
            }
        )
    return pd.DataFrame(found)


def by_rule(results: pd.DataFrame, preferred: str = "") -> pd.DataFrame:
    """Result of each subject: with the preferred property, then latest, central, fresh, by name."""
    order = results.assign(wanted=results[preferred] if preferred else True)
    keys = ["subject_id", "wanted", "date", "central", "fresh", "specimen_id"]
    ordered = order.sort_values(keys, ascending=[True, False, False, False, False, True])
    return ordered.drop_duplicates("subject_id").set_index("subject_id")


def extreme(rows: pd.DataFrame, highest: bool) -> dict[str, str]:
    """Highest or lowest level of all readings.

    A 2+ whose hybridisation is open is higher than any low level and lower than positive; other
    indeterminate ones count only where there is no other.
    """
    place = rows["level"].map(PLACE).mask(rows["ihc_score"].eq("2+") & rows["level"].eq("INDETERMINATE"), 3.5)
    places = rows.assign(place=place).sort_values("place", ascending=not highest)
    return places.drop_duplicates("subject_id").set_index("subject_id")["level"].to_dict()
