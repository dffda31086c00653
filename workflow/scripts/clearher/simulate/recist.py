"""RECIST 1.1 as the investigators of the simulated study apply it (Eisenhauer 2009, Eur J Cancer 45:228).

Whole millimetres throughout, so that no comparison depends on floating point.
"""

from collections.abc import Sequence

CONFIRMATION_DAYS = 28
STABLE_DAYS = 42


def target_response(sizes: Sequence[int], nodal: Sequence[bool], baseline: int, nadir: int) -> str:
    """Response of the target lesions from their diameters in mm, all measured.

    Parameters
    ----------
    sizes : sequence of int
        Longest diameters, short axes for lymph nodes.
    baseline, nadir : int
        Sum at baseline and smallest sum so far.
    """
    total = sum(sizes)
    if all(size < 10 if node else size == 0 for size, node in zip(sizes, nodal, strict=True)):
        return "CR"
    if total - nadir >= 5 and 10 * total >= 12 * nadir:
        return "PD"
    return "PR" if 10 * total <= 7 * baseline else "SD"


def non_target_response(present: Sequence[bool]) -> str:
    """Response of the non-target lesions; empty where there are none."""
    if not present:
        return ""
    return "NON-CR/NON-PD" if any(present) else "CR"


def overall_response(target: str, non_target: str, new_lesion: bool) -> str:
    """Overall response of a visit (tables 1 and 2 of the guideline)."""
    if new_lesion or "PD" in (target, non_target):
        return "PD"
    if not target:
        return non_target
    if target == "CR" and non_target == "NON-CR/NON-PD":
        return "PR"
    return target


def best_response(visits: Sequence[tuple[int, str]]) -> str:
    """Best overall response without confirmation.

    Parameters
    ----------
    visits : sequence of (day from reference, response)
        In order of time, up to and including the first PD; day is date minus reference date.
    """
    responses = [response for _, response in visits]
    for best in ("CR", "PR"):
        if best in responses:
            return best
    late = {response for day, response in visits if day >= STABLE_DAYS}
    for stable in ("SD", "NON-CR/NON-PD"):
        if stable in late:
            return stable
    return "PD" if "PD" in responses else "NE"


def confirmed_best_response(visits: Sequence[tuple[int, str]]) -> str:
    """Best overall response where CR and PR need a second scan at least 28 days later.

    Between the two, every row must be as good, with one NE allowed (no NE is simulated).
    """
    confirmed = [response for i, (_, response) in enumerate(visits) if _is_confirmed(visits, i)]
    for best in ("CR", "PR"):
        if best in confirmed:
            return best
    unconfirmed = [(day, "SD" if response in ("CR", "PR") else response) for day, response in visits]
    return best_response(unconfirmed)


def _is_confirmed(visits: Sequence[tuple[int, str]], i: int) -> bool:
    day, response = visits[i]
    good = {"CR": ("CR",), "PR": ("CR", "PR")}.get(response, ())
    for later, following in visits[i + 1 :]:
        if following not in good:
            return False
        if later >= day + CONFIRMATION_DAYS:
            return True
    return False
