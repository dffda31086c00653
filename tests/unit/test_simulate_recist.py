"""RECIST 1.1 as the simulated investigators apply it; literal cases."""

import pytest

from clearher.simulate.recist import (
    best_response,
    confirmed_best_response,
    non_target_response,
    overall_response,
    target_response,
)


@pytest.mark.parametrize(
    ("sizes", "nodal", "baseline", "nadir", "expected", "why"),
    [
        ([35, 35], [False, False], 100, 100, "PR", "70 of 100 mm is a decrease of exactly 30 %"),
        ([36, 35], [False, False], 100, 100, "SD", "71 mm is not"),
        ([60], [False], 100, 40, "PD", "from the nadir of 40 mm up by 20 mm; progression beats response"),
        ([24], [False], 40, 20, "PR", "20 % up but only 4 mm: no progression"),
        ([0, 9], [False, True], 60, 60, "CR", "lymph node below 10 mm counts as gone"),
        ([0, 10], [False, True], 60, 60, "PR", "lymph node of 10 mm does not"),
        ([6], [False], 40, 0, "PD", "nadir 0: the 5 mm decide"),
    ],
)
def test_target_response(sizes, nodal, baseline, nadir, expected, why):
    assert target_response(sizes, nodal, baseline, nadir) == expected, why


def test_non_target_and_overall_response():
    assert non_target_response([]) == ""
    assert non_target_response([False, True]) == "NON-CR/NON-PD"
    assert non_target_response([False]) == "CR"
    assert overall_response("CR", "NON-CR/NON-PD", new_lesion=False) == "PR"
    assert overall_response("CR", "", new_lesion=False) == "CR"
    assert overall_response("PR", "NON-CR/NON-PD", new_lesion=True) == "PD"
    assert overall_response("", "NON-CR/NON-PD", new_lesion=False) == "NON-CR/NON-PD"


@pytest.mark.parametrize(
    ("visits", "best", "confirmed"),
    [
        ([(42, "PR"), (70, "PR")], "PR", "PR"),
        ([(42, "PR"), (69, "PR")], "PR", "SD"),
        ([(41, "PR"), (68, "PR")], "PR", "SD"),
        ([(20, "PR"), (41, "PD")], "PR", "PD"),
        ([(20, "PR")], "PR", "NE"),
        ([(41, "SD")], "NE", "NE"),
        ([(42, "SD")], "SD", "SD"),
        ([], "NE", "NE"),
        ([(42, "PR"), (70, "CR"), (98, "CR")], "CR", "CR"),
        ([(42, "PR"), (84, "SD"), (126, "PR")], "PR", "SD"),
    ],
)
def test_best_response(visits, best, confirmed):
    assert best_response(visits) == best
    assert confirmed_best_response(visits) == confirmed
