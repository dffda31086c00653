"""Germline by VAF and persistence: never by a VAF ceiling, never by one visit."""

import pandas as pd
import pytest

from clearher.variants.germline import germline_visits, protein_position

VISITS = [
    # VAFs of the plasma samples, depths, germline-like visits, why
    ([0.49, 0.52, 0.50], [1000] * 3, 3, "near 0.5 at every visit"),
    ([0.99, 1.0], [1000] * 2, 2, "homozygous at every visit"),
    ([0.40, 0.45], [1000] * 2, 2, "the lower end of the heterozygous band belongs to it"),
    ([0.399, 0.45], [1000] * 2, 0, "below it"),
    ([0.55, 0.60], [1000] * 2, 2, "so does the upper end"),
    ([0.95, 1.0], [1000] * 2, 2, "and the lower end of the homozygous one"),
    ([0.94, 1.0], [1000] * 2, 0, "between the bands"),
    ([0.49, 0.52], [1000, 50], 2, "depth 50 is deep enough"),
    ([0.45], [1000], 1, "one visit alone: the filter asks for two"),
    ([0.45, 0.02], [1000] * 2, 0, "a tumour that responds"),
    ([0.45, 0.0], [1000] * 2, 0, "gone at the second visit"),
    ([0.41, 0.59], [1000] * 2, 0, "moves more than a germline variant does"),
    ([0.49, 0.52], [1000, 30], 1, "a shallow sample does not count"),
    ([0.49, 0.02], [1000, 30], 1, "nor does it speak against"),
]


@pytest.mark.parametrize(("vafs", "depths", "expected", "why"), VISITS)
def test_visits(settings, vafs, depths, expected, why):
    frame = pd.DataFrame({"vaf": vafs, "depth": pd.array(depths, dtype="Int64")})
    frame = frame.assign(subject_id="S", specimen="plasma", chrom="1", pos=1, ref="C", alt="T")
    found = germline_visits(frame, settings=settings("variants")["germline"])
    assert set(found) == {expected}, why


def test_white_cells_do_not_count_as_visits(settings):
    frame = pd.DataFrame({"vaf": [0.5, 0.5], "depth": pd.array([500, 500], dtype="Int64")})
    frame = frame.assign(subject_id="S", specimen=["plasma", "wbc"], chrom="1", pos=1, ref="C", alt="T")
    assert germline_visits(frame, settings=settings("variants")["germline"]).tolist() == [1, 1]


def test_no_covered_plasma_sample_is_missing(settings):
    frame = pd.DataFrame({"vaf": [0.5], "depth": pd.array([None], dtype="Int64")})
    frame = frame.assign(subject_id="S", specimen="plasma", chrom="1", pos=1, ref="C", alt="T")
    assert germline_visits(frame, settings=settings("variants")["germline"]).isna().all()


def test_residue_numbers():
    texts = [
        "p.His1047Arg",
        "p.H1047R",
        "p.(His1047Arg)",
        "p.Glu746_Ala750del",
        "",
        "p.?",
        "R196*",
        "p.Ter55Gln",
    ]
    assert protein_position(pd.Series(texts)).astype(object).where(lambda s: s.notna(), None).tolist() == [
        1047,
        1047,
        1047,
        746,
        None,
        None,
        196,
        55,
    ]
