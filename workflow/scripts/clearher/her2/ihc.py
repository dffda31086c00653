"""HER2 immunohistochemistry: states, intervals of states, and the score that a described staining has."""

from typing import NamedTuple

STATES = ("0-null", "0", "0-ultralow", "1+", "2+", "3+")
SCORES = ("0", "1+", "2+", "3+")
NOT_EVALUABLE = "NE"
STRONG = ("moderate", "intense")


class DescribedScore(NamedTuple):
    """Score that follows from a described staining; the flag says whether the pattern fits no row."""

    state: str
    unusual_pattern: bool


def interval_states(low: str, high: str) -> tuple[str, ...]:
    """States that an interval of scores leaves possible, in rising order.

    A plain ``0`` stays an unspecified zero: it is neither null nor ultralow. An interval without ends is
    not evaluable.

    Parameters
    ----------
    low, high : str
        IHC states; empty for no result.
    """
    if not low or not high:
        return (NOT_EVALUABLE,)
    if low == high:
        return (low,)
    first, last = sorted((STATES.index(low), STATES.index(high)))
    between = [state for state in STATES[first + 1 : last] if state != "0"]
    if STATES[first] == "0":
        between = [state for state in between if state != "0-ultralow"]
    return (STATES[first], *between, STATES[last])


def score_of(state: str) -> str:
    """Guideline score 0 to 3+ of a state: the three zeros are one; empty for not evaluable or an interval."""
    if state in ("0-null", "0-ultralow"):
        return "0"
    return state if state in SCORES else ""


def described_score(
    percent: float, completeness: str, intensity: str, *, weak_complete_in_few: str = "2+"
) -> DescribedScore:
    """Score of a described membrane staining of invasive tumour cells.

    3+: complete, intense, > 10 %. 2+: complete, weak to moderate, > 10 %. 1+: incomplete, faint, > 10 %.
    0-ultralow: incomplete, faint, > 0 and <= 10 %. 0-null: none. Patterns that fit no row count as 2+ and
    are marked unusual: moderate to intense but incomplete; intense and complete in <= 10 %; weak to
    moderate and complete in <= 10 %.

    Parameters
    ----------
    percent : float
        Share of tumour cells with this staining, 0 to 100.
    completeness : str
        complete, incomplete or none.
    intensity : str
        none, faint, weak, moderate or intense.
    weak_complete_in_few : str
        State given to weak to moderate complete staining in <= 10 %.

    References
    ----------
    ASCO/CAP guideline 2018, affirmed 2023, figures 1-6 of the pocket guide.
    """
    if percent == 0 or completeness == "none" or intensity == "none":
        return DescribedScore("0-null", False)
    many = percent > 10
    if completeness == "incomplete":
        if intensity in STRONG:
            return DescribedScore("2+", True)
        return DescribedScore("1+" if many else "0-ultralow", False)
    if many:
        return DescribedScore("3+" if intensity == "intense" else "2+", False)
    return DescribedScore("2+" if intensity == "intense" else weak_complete_in_few, True)


def agrees(states: tuple[str, ...], described: str) -> bool:
    """Whether a described score is among the reported states; an unspecified zero allows both others."""
    allowed = set(states)
    if "0" in allowed:
        allowed |= {"0-null", "0-ultralow"}
    return described in allowed or (described == "0" and bool(allowed & {"0", "0-null", "0-ultralow"}))
