"""ISH counts: groups at their borders, what a missing count leaves open, totals, odd values."""

import math

import pytest

from clearher.her2.ish import (
    Evidence,
    counts_per_cell,
    group,
    groups_of_counts,
    possible_groups,
    verdict,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("ratio", "copies", "number"),
    [
        (2.0, 4.0, 1),
        (2.0, 3.99, 2),
        (5.0, 3.0, 2),
        (1.99, 6.0, 3),
        (1.99, 5.99, 4),
        (1.99, 4.0, 4),
        (1.99, 3.99, 5),
    ],
)
def test_group_borders(ratio, copies, number):
    assert group(ratio, copies) == number


@pytest.mark.parametrize(
    ("ratio", "copies", "groups"),
    [
        (1.1, NAN, (3, 4, 5)),
        (2.2, NAN, (1, 2)),
        (NAN, 6.0, (1, 3)),
        (NAN, 5.0, (1, 4)),
        (NAN, 3.0, (2, 5)),
        (1.8, 5.3, (4,)),
        (NAN, NAN, ()),
    ],
)
def test_groups_that_a_missing_count_leaves_possible(ratio, copies, groups):
    assert possible_groups(ratio, copies) == groups


def per_cell(ratio=NAN, her2=NAN, cep17=NAN, cells=NAN, counted=""):
    return counts_per_cell(ratio, her2, cep17, cells=cells, counted=counted, ratio_range=(0.3, 15))


# Columns: arguments, ratio, copies per cell, flags, why
COUNTS = [
    ({"ratio": 1.8, "her2": 5.3}, 1.8, 5.3, (), "averages as they are"),
    ({"her2": 6.0, "cep17": 3.0}, 2.0, 6.0, (), "the ratio follows from the copies"),
    ({"her2": 120, "cep17": 40, "cells": 20, "counted": "total"}, 3.0, 6.0, (), "totals over 20 cells"),
    ({"her2": 120, "cep17": 40, "counted": "total"}, 3.0, NAN, ("totals_without_cells",), "cells not given"),
    (
        {"ratio": 3.0, "her2": 120, "cep17": 40},
        3.0,
        NAN,
        ("copies_implausible",),
        "must be totals",
    ),
    ({"her2": 31.0, "cep17": 10.0}, NAN, NAN, ("copies_implausible",), "one of the two is enough"),
    ({"her2": 5.0, "cep17": 31.0}, NAN, NAN, ("copies_implausible",), "whichever it is"),
    ({"her2": 5.0, "cep17": 0.0}, NAN, 5.0, (), "no ratio to a centromere that was not seen"),
    ({"her2": 30.0, "cep17": 10.0}, 3.0, 30.0, (), "30 copies a cell are seen"),
    ({"ratio": 1.8, "her2": 6.0, "cep17": 3.0}, 1.8, 6.0, ("ratio_mismatch",), "6.0 / 3.0 is 2.0"),
    ({"ratio": 1.86, "her2": 6.0, "cep17": 3.0}, 1.86, 6.0, (), "within 0.15"),
    ({"ratio": 0.0}, 0.0, NAN, ("ratio_out_of_range",), "kept and flagged"),
    ({"ratio": 0.24}, 0.24, NAN, ("ratio_out_of_range",), "kept and flagged"),
    ({"ratio": 16.6}, 16.6, NAN, ("ratio_out_of_range",), "kept and flagged"),
    ({"ratio": 13.96}, 13.96, NAN, (), "high but plausible"),
    ({"ratio": 0.3}, 0.3, NAN, (), "the range includes its ends"),
    ({"ratio": 15.0}, 15.0, NAN, (), "the range includes its ends"),
    ({"her2": 120, "cep17": 40, "cells": 0, "counted": "total"}, 3.0, NAN, ("totals_without_cells",), "0"),
    ({"her2": 24, "cep17": 12, "cells": 4, "counted": "total"}, 2.0, 6.0, (), "4 cells"),
    ({"ratio": 2.4, "cells": NAN, "counted": "total"}, 2.4, NAN, (), "a ratio needs no cells"),
    ({"her2": 120, "counted": "total"}, NAN, NAN, ("totals_without_cells",), "half of the totals"),
    ({"her2": 120, "cep17": 0, "counted": "total"}, NAN, NAN, ("totals_without_cells",), "no centromere"),
]


@pytest.mark.parametrize(("arguments", "ratio", "copies", "flags", "why"), COUNTS)
def test_counts_per_cell(arguments, ratio, copies, flags, why):
    found = per_cell(**arguments)
    assert found.ratio == pytest.approx(ratio, nan_ok=True), why
    assert found.copies == pytest.approx(copies, nan_ok=True), why
    assert found.flags == flags, why


def test_totals_without_cells_give_no_single_group():
    assert groups_of_counts(per_cell(her2=120, cep17=40, counted="total")) == (1, 2)
    assert groups_of_counts(per_cell(her2=120, counted="total")) == ()


def test_a_ratio_that_contradicts_the_copies_keeps_both_groups():
    assert groups_of_counts(per_cell(ratio=1.8, her2=6.0, cep17=3.0)) == (1, 3)
    assert groups_of_counts(per_cell(ratio=2.4, her2=6.0, cep17=3.0)) == (1,)
    assert groups_of_counts(per_cell(ratio=2.2, her2=3.0, cep17=2.0)) == (2, 5)


def test_nothing_counted_is_nothing_known():
    assert groups_of_counts(per_cell()) == ()
    assert math.isnan(per_cell().ratio)


# Columns: IHC state, evidence, result, certainty, flags, why
VERDICTS = [
    ("NE", Evidence(groups=(1,)), "POSITIVE", "FINAL", (), "positive with every score"),
    ("NE", Evidence(groups=(2,)), "INDETERMINATE", "FINAL", (), "positive with 3+ alone"),
    ("NE", Evidence(groups=(3,)), "INDETERMINATE", "FINAL", (), "positive with 2+, negative with 1+"),
    ("NE", Evidence(groups=(4,)), "INDETERMINATE", "FINAL", (), "positive with 3+ alone"),
    ("NE", Evidence(groups=(5,)), "NEGATIVE", "FINAL", (), "negative but with 3+"),
    ("2+", Evidence(single_copies=6.0), "POSITIVE", "FINAL", (), "what a single probe is for"),
    ("3+", Evidence(single_copies=6.0), "POSITIVE", "FINAL", (), "both say so"),
    (
        "1+",
        Evidence(single_copies=6.0),
        "POSITIVE",
        "FINAL",
        ("low_score_single_probe",),
        "against the score",
    ),
    ("1+", Evidence(groups=(4, 5)), "NEGATIVE", "FINAL", ("comment_group_4",), "both groups are final"),
    ("2+", Evidence(groups=(4, 5)), "NEGATIVE", "PROVISIONAL", ("recount_not_done",), "group 4 is not"),
    (
        "2+",
        Evidence(groups=(1, 2), recount="same"),
        "INDETERMINATE",
        "PROVISIONAL",
        ("comment_group_2", "group_undetermined"),
        "1 is positive, 2 is not",
    ),
]


@pytest.mark.parametrize(("state", "evidence", "result", "certainty", "flags", "why"), VERDICTS)
def test_verdict_of_counts(state, evidence, result, certainty, flags, why):
    found = verdict(state, evidence)
    assert (found.result, found.certainty, found.flags) == (result, certainty, flags), why
