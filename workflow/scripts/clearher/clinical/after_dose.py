"""How long after a dose an event began: hours where both times are known, else what the days can tell."""

import numpy as np
import pandas as pd

from clearher.intake.dates import date_range, moments

HOURS_PER_DAY = 24.0


def time_after_dose(events: pd.DataFrame, doses: pd.DataFrame, *, hours: float) -> pd.DataFrame:
    """Time from the last dose to the start of each event.

    Parameters
    ----------
    events : pandas.DataFrame
        subject_id and start_text, as recorded; index unique.
    doses : pandas.DataFrame
        Table DOSES of intake.
    hours : float
        An event that starts up to so many hours after a dose is near it.

    Returns
    -------
    pandas.DataFrame
        Index of ``events``. ``days_after_dose``: calendar days since the last dose on or before the day of
        the start. ``hours_after_dose``: hours since the last dose, where both times are known.
        ``near_dose``: by the hours; without them true on the day of a dose, false where even the shortest
        time the days allow is too long, and missing in between (the day after, with 24 hours), without a
        full start date, and without dose records.
    """
    days = _since(events, doses, _whole_days(events["start_text"]), _whole_days(doses["start_text"]))
    since = _since(events, doses, moments(events["start_text"]), moments(doses["start_text"]))
    calendar = days / HOURS_PER_DAY
    near = pd.Series(pd.NA, index=events.index, dtype="boolean")
    near = near.mask((calendar == 0) | (days + HOURS_PER_DAY <= hours), True)
    near = near.mask((calendar > 0) & (days - HOURS_PER_DAY >= hours), False)
    timed = _every_time_known(events, doses)
    known = moments(events["start_text"]).notna() & timed & calendar.notna()
    near = near.mask(known, since <= hours)
    return pd.DataFrame(
        {
            "days_after_dose": calendar.round().astype("Int64"),
            "hours_after_dose": since.where(timed),
            "near_dose": near,
        }
    )


def _whole_days(text: pd.Series) -> pd.Series:
    days = date_range(text)
    return days["first"].where(days["precision"] == "day")


def _since(events: pd.DataFrame, doses: pd.DataFrame, starts: pd.Series, given: pd.Series) -> pd.Series:
    """Hours from the latest moment of a dose up to each event's start."""
    left = pd.DataFrame({"subject_id": events["subject_id"], "moment": starts}).dropna()
    right = pd.DataFrame({"subject_id": doses["subject_id"], "moment": given}).dropna()
    if left.empty or right.empty:
        return pd.Series(np.nan, index=events.index)
    left = left.sort_values("moment", kind="stable").reset_index(names="event")
    right = right.assign(dose=right["moment"]).sort_values("moment", kind="stable")
    joined = pd.merge_asof(left, right, on="moment", by="subject_id")
    since = (joined["moment"] - joined["dose"]).dt.total_seconds() / 3600.0
    return pd.Series(since.to_numpy(), index=joined["event"]).reindex(events.index)


def _every_time_known(events: pd.DataFrame, doses: pd.DataFrame) -> pd.Series:
    """Whether every dose of the subject has a time, so that the last one before an event is known."""
    timed = moments(doses["start_text"]).notna().groupby(doses["subject_id"]).all()
    return events["subject_id"].isin(timed.index[timed.astype(bool)])
