"""One result a specimen from its readings: laboratory, assay, adjudication, majority."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clearher.her2.category import rank

ADJUDICATOR = "ADJUDICATOR"
RESULT = ["category", "level"]
SPECIMEN = ["subject_id", "specimen_id"]


def with_rank(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings with ``rank``: place of the level from null (0) to positive (4), NaN for indeterminate."""
    pairs = readings[RESULT].drop_duplicates()
    places = {pair: rank(*pair) for pair in pairs.itertuples(index=False, name=None)}
    ranks = [places[pair] for pair in readings[RESULT].itertuples(index=False, name=None)]
    return readings.assign(rank=pd.Series(ranks, index=readings.index, dtype="float64"))


def specimen_results(readings: pd.DataFrame, *, settings: Mapping[str, Any]) -> pd.DataFrame:
    """One result a specimen.

    Not evaluable readings are passed over where the settings say so and another remains. Of the rest the
    preferred laboratory counts (in-house before quoted results), then the preferred assay, then the
    adjudicator, then the level most readings share. Without a majority: the common category, or
    indeterminate, or the extreme that ``reader_tie`` names. Row order has no part in it.

    Parameters
    ----------
    readings : pandas.DataFrame
        :data:`clearher.columns.her2.SPECIMENS`.
    settings : Mapping
        Section ``her2`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        Columns of the representative reading with ``category``, ``level`` and ``rank`` of the specimen,
        ``reader`` (all that counted), ``h_score`` (their mean), ``how`` (how readers were joined),
        ``passed_over`` (number of not evaluable readings) and ``evaluable``.
    """
    frame = with_rank(readings)
    frame["evaluable"] = ~((frame["category"] == "INDETERMINATE") & (frame["ihc_state"] == "NE"))
    any_evaluable = frame.groupby(SPECIMEN)["evaluable"].transform("any")
    frame["passed_over"] = (~frame["evaluable"] & any_evaluable) & (settings["not_evaluable"] == "pass_over")
    passed = frame.groupby(SPECIMEN)["passed_over"].transform("sum")
    frame = frame.assign(passed_over=passed.astype(int))[~frame["passed_over"]]
    frame = _preferred(frame, settings)
    groups = frame.sort_values([*SPECIMEN, "record"], kind="stable").groupby(SPECIMEN, sort=True)
    rows = [_joined(group, settings["reader_tie"]) for _, group in groups]
    return pd.DataFrame(rows, columns=[*frame.columns, "how"]).astype(frame.dtypes.to_dict())


def place_of(values: pd.Series, order: Sequence[str]) -> pd.Series:
    """Place of each value in the order of preference; unnamed values come last."""
    return values.map({name: number for number, name in enumerate(order)}).fillna(len(order))


def _preferred(frame: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Readings of the best laboratory of each specimen, then of its best assay."""
    places = {
        "laboratory": place_of(frame["laboratory"], settings["laboratory_order"])
        + (frame["origin"] == "outside") * 10,
        "assay": place_of(frame["assay"], settings["assay_order"]),
    }
    for place in places.values():
        own = place.loc[frame.index]
        best = own.groupby([frame[name] for name in SPECIMEN]).transform("min")
        frame = frame[own == best]
    return frame


def _joined(group: pd.DataFrame, reader_tie: str) -> dict[str, Any]:
    """The specimen's result from the readings that count, ordered by record."""
    adjudicated = group[group["reader"].str.upper().str.startswith(ADJUDICATOR)]
    if len(adjudicated) and len(adjudicated) < len(group):
        return {**_joined(adjudicated, reader_tie), "how": "adjudicated"}
    counts = group["level"].where(group["level"] != "INDETERMINATE", group["category"]).value_counts()
    if len(group) == 1:
        return {**group.iloc[0].to_dict(), "how": ""}
    if len(counts) == 1:
        return _shared(group, group, f"{len(group)} readings agree")
    if counts.iloc[0] * 2 > len(group):
        key = group["level"].where(group["level"] != "INDETERMINATE", group["category"])
        agreeing = group[key == counts.index[0]]
        return _shared(agreeing, agreeing, f"{len(agreeing)} of {len(group)} readings agree")
    return _tied(group, reader_tie)


def _tied(group: pd.DataFrame, reader_tie: str) -> dict[str, Any]:
    ranked = group.dropna(subset="rank")
    if reader_tie != "indeterminate" and len(ranked):
        extreme = ranked["rank"].min() if reader_tie == "lowest" else ranked["rank"].max()
        chosen = ranked[ranked["rank"] == extreme]
        return _shared(chosen, chosen, f"readings disagree, the {reader_tie} counts")
    category = group["category"].iloc[0] if group["category"].nunique() == 1 else "INDETERMINATE"
    joined = _shared(group, group, "readings disagree without majority or adjudication")
    state = group["ihc_state"].iloc[0] if group["ihc_state"].nunique() == 1 else ""
    provisional = {
        "category": category,
        "level": "INDETERMINATE",
        "certainty": "PROVISIONAL",
        "ihc_state": state,
    }
    words = "; ".join(f"{row.reader or 'reader not named'}: {row.rule}" for row in group.itertuples())
    return {**joined, **provisional, "rank": rank(category, "INDETERMINATE"), "ihc_score": "", "rule": words}


def _shared(first_of: pd.DataFrame, used: pd.DataFrame, how: str) -> dict[str, Any]:
    row = first_of.iloc[0].to_dict()
    readers = [name for name in dict.fromkeys(used["reader"]) if name]
    assays = [name for name in dict.fromkeys(used["assay"]) if name]
    certain = (used["certainty"] == "FINAL").all()
    return {
        **row,
        "reader": ", ".join(readers),
        "assay": ", ".join(assays),
        "h_score": used["h_score"].mean(),
        "certainty": "FINAL" if certain else "PROVISIONAL",
        "how": how,
    }
