"""Variants that do not follow the others: flagged, never left out."""

import numpy as np
import pytest

from clearher.columns import ctdna
from clearher.ctdna.outliers import excess_p, with_outliers
from clearher.tables import frame_of

SITE = {"subject_id": "S1", "chrom": "chr1", "ref": "C", "alt": "T"}


@pytest.fixture
def flags(settings):
    def run(later, *, baseline=None, depth=2000, **changes):
        section = settings("ctdna")
        section["outliers"] |= changes
        draws = {"S1-C3D1": later} | ({} if baseline is None else {"S1-C1D1": baseline})
        cells = [
            SITE
            | {"sample_id": sample, "visit": sample[3:], "pos": position, "alt_count": alt, "depth": depth}
            | {"in_level": True, "status": "GENOTYPED" if alt else "NOT_DETECTED"}
            for sample, counts in draws.items()
            for position, alt in enumerate(counts, 1)
        ]
        known = "" if baseline is None else "S1-C1D1"
        tracked = [SITE | {"pos": p, "baseline_sample_id": known} for p in range(1, len(later) + 1)]
        table = with_outliers(
            frame_of(cells, ctdna.TRACKING), frame_of(tracked, ctdna.TRACKED), settings=section
        )
        return table.loc[table["sample_id"] == "S1-C3D1", "outlier"].tolist()

    return run


FAR = "far above the others"
FLAT = "flat while the others fall"


@pytest.mark.parametrize(
    ("later", "expected", "why"),
    [
        ([200] + [2] * 11, [FAR] + [""] * 11, "200 against a mean of 18.5: 10.8 times"),
        ([100, 60, 40], [""] * 3, "clonal and subclonal variants differ by less"),
        ([3] + [0] * 11, [""] * 12, "12 times the mean, but only 3 fragments"),
        ([0] * 12, [""] * 12, "nothing seen"),
    ],
)
def test_far_above_the_others(flags, later, expected, why):
    assert flags(later) == expected, why


def test_a_small_share_of_the_fragments_is_not_far_above(flags):
    many = [30] + [1] * 40
    assert flags(many)[0] == FAR
    assert flags(many, min_share=0.5)[0] == ""


@pytest.mark.parametrize(
    ("baseline", "later", "expected", "why"),
    [
        ([100, 80, 60, 40], [5, 4, 3, 38], ["", "", "", FLAT], "three fall to a twentieth, one stays"),
        ([100, 80, 60, 40], [5, 4, 3, 2], [""] * 4, "all fall alike"),
        ([100, 80, 60, 40], [90, 75, 66, 45], [""] * 4, "none falls"),
        ([100, 80, 60, 2], [5, 4, 3, 2], [""] * 4, "two fragments stay two: chance"),
        ([100, 80, 60, 90], [0, 0, 0, 1], [""] * 4, "all are gone, one fragment is an error or the last"),
        ([100, 80, 60, 90], [0, 0, 0, 9], ["", "", "", FLAT], "nine of ninety are left, of the others none"),
        ([40, 40], [2, 38], ["", ""], "two variants cannot say which of them departs"),
    ],
)
def test_flat_while_the_others_fall(flags, baseline, later, expected, why):
    assert flags(later, baseline=baseline) == expected, why


def test_excess_p():
    """38 of 78 fragments later where the others fell to 0.05: chance 0.05/1.05 each."""
    found = excess_p(*(np.array([value], dtype=float) for value in (38, 2000, 40, 2000, 0.05)))
    assert found[0] < 1e-20
    assert excess_p(*(np.array([v], dtype=float) for v in (0, 2000, 40, 2000, 0.05)))[0] == 1.0
    assert np.isnan(excess_p(*(np.array([v], dtype=float) for v in (3, 2000, 40, 2000, np.nan)))[0])
