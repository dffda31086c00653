"""ISH groups of 25 written ratio and copy number pairs."""

import pandas as pd

from clearher.her2.ish import group
from clearher.her2.parse import parse_ish_ratio


def test_written_pairs_give_their_group(fixtures):
    expected = pd.read_csv(fixtures / "her2" / "ish_group_expected.csv", dtype=str, keep_default_na=False)
    assert len(expected) == 25
    found = [parse_ish_ratio(text)[0] for text in expected["value"]]
    assert [value.ratio for value in found] == expected["ratio"].astype(float).tolist()
    assert [value.copies for value in found] == expected["copies_per_cell"].astype(float).tolist()
    assert [group(v.ratio, v.copies) for v in found] == expected["ish_group"].astype(int).tolist()
    flagged = [
        "origin_unclear" in v.flags or len(parse_ish_ratio(t)) > 1
        for v, t in zip(found, expected["value"], strict=True)
    ]
    assert flagged == (expected["note"] != "").tolist()
