"""Published results are derived again from their counts, and a wrong number is seen."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[1] / "validation" / "verify_published.py"


@pytest.fixture(scope="module")
def published():
    specification = importlib.util.spec_from_file_location("verify_published", FILE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checks(published):
    return published.all_checks()


def test_every_published_number_is_reproduced(checks):
    assert [line.name for line in checks if not line.equal] == []
    assert len(checks) > 90


@pytest.mark.parametrize("word", ["DAISY", "RC48", "DESTINY-Breast04", "DESTINY-Breast06", "kappa, linear"])
def test_every_source_is_there(checks, word):
    assert sum(word in line.name for line in checks) >= 3


@pytest.mark.parametrize(
    ("derived", "printed", "equal"),
    [
        (70.588, "70.6", True),
        (70.649, "70.6", True),
        (70.651, "70.6", False),
        (80.97, "81", True),
        (80.97, "81.0", True),
        (80.94, "81.0", False),
        (-0.55124, "-0.5512", True),
        (1.2549e-5, "0.0000125493", False),
    ],
)
def test_a_number_agrees_as_far_as_it_was_printed(published, derived, printed, equal):
    assert published.agrees(derived, printed) is equal


def test_another_count_does_not_fit(published):
    low = published.RATES[1]
    assert published.fits(low, 27, 72)
    assert not published.fits(low, 26, 72)
    assert not published.fits(low, 24, 64), "the same percentage, another interval"


def test_a_difference_ends_in_an_error(published, monkeypatch, capsys):
    wrong = published.RATES[1]._replace(responders=28)
    monkeypatch.setattr(published, "RATES", (published.RATES[0], wrong, *published.RATES[2:]))
    assert published.main() == 1
    assert "DIFFERS" in capsys.readouterr().out
