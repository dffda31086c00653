"""One result a specimen from its readings: laboratory, assay, adjudication, majority."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from clearher.her2.category import RANK, rank

ADJUDICATOR = "ADJUDICATOR"
Reading = dict[str, Any]
RESULT = ["category", "level"]
SPECIMEN = ["subject_id", "specimen_id"]
DECIDED = [
    *RESULT,
    "rank",
    "certainty",
    "ihc_state",
    "ihc_score",
    "ish_result",
    "h_score",
    "reader",
    "assay",
    "rule",
    "how",
]


def with_rank(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings with ``rank``: place of the level from null (0) to positive (4), NaN for indeterminate.

    An indeterminate reading of 2+ or more is HER2-low (2+) or positive, so it stands between the two: beside
    lower ones the highest is not known, and neither is the lowest beside a positive one.
    """
    pairs = readings[RESULT].drop_duplicates()
    place = {pair: rank(*pair) for pair in pairs.itertuples(index=False, name=None)}
    ranks = [place[pair] for pair in readings[RESULT].itertuples(index=False, name=None)]
    places = pd.Series(ranks, index=readings.index, dtype="float64")
    open_above_low = places.isna() & readings["ihc_low"].isin(("2+", "3+"))
    return readings.assign(rank=places.mask(open_above_low, (RANK["LOW_2+"] + RANK["POSITIVE"]) / 2))


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
    frame = frame.assign(how="").sort_values([*SPECIMEN, "record"], kind="stable", ignore_index=True)
    several = frame.duplicated(SPECIMEN, keep=False)
    readings_joined = frame.loc[several, [*SPECIMEN, *DECIDED]].reset_index(names="row").to_dict("records")
    joined = [
        _joined(list(group), settings["reader_tie"])
        for _, group in groupby(readings_joined, key=itemgetter(*SPECIMEN))
    ]
    single = frame[~several]
    if not joined:
        return single.reset_index(drop=True)
    representative = [reading["row"] for reading in joined]
    decided = pd.DataFrame(joined, index=representative)[DECIDED].astype(frame.dtypes[DECIDED].to_dict())
    united = frame.loc[representative].assign(**decided)
    return pd.concat([single, united] if len(single) else [united]).sort_values(SPECIMEN, ignore_index=True)


def is_adjudicator(reader: str) -> bool:
    """Whether a reader settles disagreements rather than being one of the readers."""
    return reader.upper().startswith(ADJUDICATOR)


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


def _joined(readings: list[Reading], reader_tie: str) -> Reading:
    """The specimen's result from the readings that count, ordered by record."""
    adjudicated = [reading for reading in readings if is_adjudicator(reading["reader"])]
    if adjudicated and len(adjudicated) < len(readings):
        return {**_joined(adjudicated, reader_tie), "how": "adjudicated"}
    if len(readings) == 1:
        return readings[0]
    votes = Counter((reading["category"], reading["level"]) for reading in readings)
    winner, count = votes.most_common(1)[0]
    if count * 2 > len(readings):
        agreeing = [reading for reading in readings if (reading["category"], reading["level"]) == winner]
        share = f"{count}" if count == len(readings) else f"{count} of {len(readings)}"
        return _shared(agreeing, f"{share} readings agree")
    return _tied(readings, reader_tie)


def _tied(readings: list[Reading], reader_tie: str) -> Reading:
    ranks = [reading["rank"] for reading in readings if not math.isnan(reading["rank"])]
    if reader_tie != "indeterminate" and ranks:
        extreme = min(ranks) if reader_tie == "lowest" else max(ranks)
        chosen = [reading for reading in readings if reading["rank"] == extreme]
        return _shared(chosen, f"readings disagree, the {reader_tie} counts")
    category = _common(readings, "category", "INDETERMINATE")
    words = "; ".join(f"{reading['reader'] or 'reader not named'}: {reading['rule']}" for reading in readings)
    return {
        **_shared(readings, "readings disagree without majority or adjudication"),
        "category": category,
        "level": "INDETERMINATE",
        "certainty": "PROVISIONAL",
        "rank": rank(category, "INDETERMINATE"),
        "ihc_state": _common(readings, "ihc_state", ""),
        "ihc_score": _common(readings, "ihc_score", ""),
        "ish_result": _common(readings, "ish_result", "INDETERMINATE"),
        "rule": words,
    }


def _shared(used: list[Reading], how: str) -> Reading:
    scores = [reading["h_score"] for reading in used if not math.isnan(reading["h_score"])]
    return {
        **used[0],
        "reader": ", ".join(_distinct(used, "reader")),
        "assay": ", ".join(_distinct(used, "assay")),
        "h_score": sum(scores) / len(scores) if scores else math.nan,
        "certainty": "PROVISIONAL" if any(r["certainty"] == "PROVISIONAL" for r in used) else "FINAL",
        "how": how,
    }


def _common(readings: list[Reading], name: str, otherwise: str) -> str:
    values = {reading[name] for reading in readings}
    return values.pop() if len(values) == 1 else otherwise


def _distinct(readings: list[Reading], name: str) -> list[str]:
    return [value for value in dict.fromkeys(reading[name] for reading in readings) if value]
