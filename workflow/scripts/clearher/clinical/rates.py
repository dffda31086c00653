"""Response rates of a group: numerator, denominator, exact interval, and what to know beside them."""

from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.clinical.estimates import estimate
from clearher.clinical.time_to_event import PRIMARY
from clearher.columns import clinical as columns
from clearher.statistics.proportions import clopper_pearson

EXACT = "Clopper-Pearson"
CLASSES = ("CR", "PR", "CR/PR", "SD", "NON-CR/NON-PD", "SD/PD", "PD", "NE")
ONLY_IF_SEEN = ("CR/PR", "SD/PD", "NON-CR/NON-PD")
RATES = {
    "ORR": "responder",
    "ORR_CONFIRMED": "confirmed_responder",
    "DCR": "disease_control",
    "DCR_CONFIRMED": "disease_control_confirmed",
    "CBR": "clinical_benefit",
    "CBR_CONFIRMED": "clinical_benefit_confirmed",
    "CBR_24W": "clinical_benefit_24w",
}


def rate_rows(responses: pd.DataFrame, members: pd.Series, *, settings: Mapping) -> Iterator[dict]:
    """Response rates and response classes of a group, per evaluator.

    Parameters
    ----------
    responses : pandas.DataFrame
        Table RESPONSES.
    members : pandas.Series
        subject_id of the group: the denominator, also of subjects without a response row, who count as
        not evaluable and not as responders.
    settings : Mapping
        Section ``clinical``.

    Notes
    -----
    A subject whose value the supplied data cannot tell leaves numerator and denominator, with a note. Where
    it is the class itself that leaves it open (SD/PD leaves disease control open), who remains is no fair
    share of the group: the rate is not estimable, and the note gives its bounds.
    """
    confidence = settings["statistics"]["confidence"]
    for evaluator in columns.EVALUATORS:
        part = responses[responses["evaluator"].eq(evaluator)]
        mine = part[part["subject_id"].isin(members)]
        suffix = "" if evaluator == settings["response"]["evaluator"] else f"_{evaluator.split()[0]}"
        for endpoint, column in RATES.items():
            if part[column].notna().any():
                yield _rate(f"{endpoint}{suffix}", mine, column, len(members), settings)
        for endpoint, column in (("BOR", "bor"), ("CONFIRMED_BOR", "confirmed_bor")):
            if part[column].ne("").any():
                yield from _classes(f"{endpoint}{suffix}", mine[column], len(members), confidence)


def sustained_benefit_rows(
    responses: pd.DataFrame, times: pd.DataFrame, members: pd.Series, *, settings: Mapping
) -> Iterator[dict]:
    """Sensitivity of the long clinical benefit: response, or no PFS event before its day.

    A subject censored before that day without a response is not known to benefit and counts as not.
    """
    rule = settings["response"]
    part = times[times["endpoint"].eq("PFS") & times["rule"].eq(PRIMARY) & times["subject_id"].isin(members)]
    mine = responses[responses["evaluator"].eq(rule["evaluator"]) & responses["subject_id"].isin(members)]
    if part.empty or not mine["responder"].notna().any():
        return
    lasted = part.loc[part["days"] > rule["cbr_long_days"] - rule["sd"]["window_days"], "subject_id"]
    n = len(set(lasted) | set(mine.loc[mine["responder"].fillna(False), "subject_id"]))
    interval = clopper_pearson(n, len(members), settings["statistics"]["confidence"])
    note = "CR or PR at any time, or no progression or death and still observed at that day"
    found = estimate("rate", interval, "fraction", EXACT)
    yield {"endpoint": "CBR_24W_PFS", "n": n, "N": len(members), "note": note} | found


def _rate(endpoint: str, mine: pd.DataFrame, column: str, total: int, settings: Mapping) -> dict:
    unknown = int(mine[column].isna().sum())
    n, denominator = int(mine[column].fillna(False).sum()), total - unknown
    if (mine[column].isna() & mine["bor"].isin(columns.GROUPED)).any():
        return _open_rate(endpoint, n, unknown, total)
    interval = clopper_pearson(n, denominator, settings["statistics"]["confidence"])
    note = _rate_note(endpoint, mine, unknown, settings["response"])
    row = {"endpoint": endpoint, "n": n, "N": denominator, "note": note}
    return row | estimate("rate", interval, "fraction", EXACT)


def _open_rate(endpoint: str, n: int, unknown: int, total: int) -> dict:
    note = f"{unknown} known by a group of classes only: from {n} to {n + unknown} of {total}"
    row = {"endpoint": endpoint, "n": n, "N": total, "note": note}
    return row | estimate("rate", (), "fraction", "not estimable")


def _rate_note(endpoint: str, mine: pd.DataFrame, unknown: int, rule: Mapping) -> str:
    notes = []
    if unknown:
        notes.append(f"{unknown} left out, for the supplied data cannot say")
    others = int((mine["bor"].eq("NON-CR/NON-PD")).sum())
    if others and rule["sd"]["count_non_cr_non_pd"] and not endpoint.startswith("ORR"):
        notes.append(f"{others} with NON-CR/NON-PD count as SD")
    if endpoint.startswith("CBR_24W"):
        notes.append(f"SD or better at {rule['cbr_long_days']} days before the first PD")
    elif endpoint.startswith("CBR") and rule["cbr_min_days"] is None:
        notes.append("as the protocol words it, CBR equals DCR by definition")
    return "; ".join(notes)


def _classes(endpoint: str, values: pd.Series, total: int, confidence: float) -> Iterator[dict]:
    absent = total - len(values)
    for label in CLASSES:
        n = int(values.eq(label).sum()) + (absent if label == "NE" else 0)
        if n == 0 and label in ONLY_IF_SEEN:
            continue
        note = f"{absent} without any response record counted here" if label == "NE" and absent else ""
        found = estimate(label, clopper_pearson(n, total, confidence), "fraction", EXACT)
        yield {"endpoint": endpoint, "n": n, "N": total, "note": note} | found
