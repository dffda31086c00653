"""White-cell evidence: worked numbers of the Bayes factor, states, and what is joined."""

import numpy as np
import pandas as pd
import pytest

from clearher.variants.white_cells import (
    depth_needed,
    log_bayes_factor,
    white_cell_counts,
    white_cell_states,
)

SCORES = [
    # plasma reads, depth; white-cell reads, depth; b of the white-cell prior; log Bayes factor
    (395, 1750, 0, 963, 1000, 190.2220),  # APC E1306*, published 190
    (15, 2969, 5, 1495, 1000, -1.13601),  # TP53 M237K, published -1.14
    (15, 2969, 5, 1495, 9999, -8.00),  # the prior matters
    (4, 1000, 1, 1000, 9999, 0.0410055),  # unit test of the package
]


@pytest.mark.parametrize(("y_p", "n_p", "y_w", "n_w", "b", "expected"), SCORES)
def test_log_bayes_factor(y_p, n_p, y_w, n_w, b, expected):
    score = log_bayes_factor(y_p, n_p, y_w, n_w, wbc_prior=(1, b))
    tolerance = 5e-3 if expected == -8.00 else 5e-5 * max(1, abs(expected) / 10)
    assert score == pytest.approx(expected, abs=tolerance)


def test_white_cells_without_reads_carry_no_information():
    assert log_bayes_factor(395, 1750, 0, 0) == 0


@pytest.mark.parametrize(("vaf", "depth"), [(0.01, 598), (0.004, 1497), (0.1, 59), (0.9, 20)])
def test_depth_at_which_silence_of_white_cells_counts(vaf, depth):
    assert np.ceil(depth_needed(np.array([vaf]))[0]) == depth


STATES = [
    # plasma reads, depth; white-cell reads, depth; state; why
    (500, 1000, 12, 20, "GERMLINE", "white-cell VAF 0.6 at the smallest depth"),
    (500, 1000, 12, 19, "WBC_ORIGIN", "one read too few to call it germline"),
    (6, 1000, 3, 1000, "CONFLICT", "ratio 2 speaks for tumour, the score for blood"),
    (10, 1000, 0, None, "WBC_NOT_COVERED", "no white-cell counts"),
    (10, 1000, 0, 0, "WBC_NOT_COVERED", "depth 0 is not absence"),
    (10, 1000, 0, 597, "WBC_NOT_COVERED", "a share of 0.005 could have been missed"),
    (10, 1000, 0, 598, "TUMOUR_LIKE", "silence at sufficient depth"),
    (10, 1000, 12, 1000, "WBC_ORIGIN", "the same share in blood"),
    (100, 1000, 2, 1000, "TUMOUR_LIKE", "50 times the share in blood"),
    (15, 2969, 5, 1495, "WBC_ORIGIN", "ratio 1.5 and negative score"),
    (500, 1000, 6, 20, "WBC_ORIGIN", "a share of 0.3 is not above 0.3"),
    (4, 1000, 2, 1000, "TUMOUR_LIKE", "a ratio of 2 is enough, and the score is above 0"),
    (1, 1000, 0, 5989, "WBC_NOT_COVERED", "half of 0.001 could have been missed"),
    (1, 1000, 0, 5990, "TUMOUR_LIKE", "a single plasma fragment has a state too"),
    (0, 1000, 0, 1000, "", "no plasma reads: nothing to explain"),
    (None, None, 0, 1000, "", "no plasma counts"),
]


@pytest.mark.parametrize(("y_p", "n_p", "y_w", "n_w", "state", "why"), STATES)
def test_state(settings, y_p, n_p, y_w, n_w, state, why):
    counts = pd.DataFrame(
        {
            "depth": pd.array([n_p], dtype="Int64"),
            "alt_count": pd.array([y_p], dtype="Int64"),
            "wbc_depth": pd.array([n_w], dtype="Int64"),
            "wbc_alt": pd.array([y_w if n_w is not None else None], dtype="Int64"),
        }
    )
    found = white_cell_states(counts, settings=settings("variants")["white_cells"])
    assert found["wbc_state"].tolist() == [state], why


def alleles(*rows):
    names = ["subject_id", "sample_id", "specimen", "chrom", "pos", "ref", "alt", "alt_count", "depth"]
    frame = pd.DataFrame(rows, columns=names)
    sizes = frame["ref"].str.len(), frame["alt"].str.len()
    frame["variant_class"] = np.select([sizes[0] != sizes[1], sizes[0] > 1], ["DEL", "MNV"], "SNV")
    return frame.astype({"alt_count": "Int64", "depth": "Int64", "pos": "Int64"})


def blocks(*rows):
    names = ["subject_id", "sample_id", "specimen", "chrom", "start", "end", "depth"]
    return pd.DataFrame(rows, columns=names).astype({"start": "Int64", "end": "Int64", "depth": "Int64"})


def test_counts_are_joined_within_the_subject_and_summed_over_its_tubes():
    variants = alleles(
        ("S1", "S1-P", "plasma", "1", 100, "C", "T", 20, 1000),
        ("S1", "S1-W1", "wbc", "1", 100, "C", "T", 1, 400),
        ("S1", "S1-W2", "wbc", "1", 100, "C", "T", 2, 600),
        ("S2", "S2-P", "plasma", "1", 100, "C", "T", 20, 1000),
        ("S1", "S1-P", "plasma", "1", 100, "C", "G", 20, 1000),
    )
    found = white_cell_counts(variants, blocks())
    assert found.loc[0].tolist() == [1000, 3]
    assert found.loc[3].isna().all(), "another subject's white cells say nothing"
    assert found.loc[4].isna().all(), "another allele at the site says nothing"


def test_reference_stretches_of_white_cells_are_zero_reads_at_their_depth():
    variants = alleles(
        ("S1", "S1-P", "plasma", "1", 100, "C", "T", 20, 1000),
        ("S1", "S1-P", "plasma", "1", 120, "C", "T", 20, 1000),
        ("S1", "S1-P", "plasma", "1", 110, "CA", "C", 20, 1000),
        ("S1", "S1-P", "plasma", "1", 90, "C", "T", 20, 1000),
        ("S1", "S1-P", "plasma", "1", 115, "C", "T", 20, 1000),
    )
    found = white_cell_counts(variants, blocks(("S1", "S1-W", "wbc", "1", 90, 115, 700)))
    assert found.loc[0].tolist() == [700, 0]
    assert found.loc[1].isna().all(), "outside the stretch"
    assert found.loc[2].isna().all(), "a stretch speaks of single bases only"
    assert found.loc[3:].values.tolist() == [[700, 0]] * 2, "both ends belong to it"


JOINED = [
    # white cells name, plasma allele, white-cell depth and alt, why
    ([("CA", "TG", 9, 800)], ("C", "T", 100), [800, 9], "a part of what white cells join"),
    ([("CA", "TG", 9, 800), ("C", "T", 4, 700)], ("C", "T", 100), [700, 4], "named alone goes first"),
    ([("CA", "TG", 9, 800)], ("A", "C", 101), None, "another base at a place of the joined one"),
]


@pytest.mark.parametrize(("named", "asked", "expected", "why"), JOINED)
def test_a_part_of_a_substitution_that_white_cells_join(named, asked, expected, why):
    blood = [("S1", f"W{i}", "wbc", "1", 100, ref, alt, y, n) for i, (ref, alt, y, n) in enumerate(named)]
    ref, alt, pos = asked
    found = white_cell_counts(alleles(("S1", "P", "plasma", "1", pos, ref, alt, 20, 1000), *blood), blocks())
    counts = found.loc[0]
    assert counts.isna().all() if expected is None else counts.tolist() == expected, why


def test_a_substitution_of_two_bases_that_white_cells_name_apart():
    plasma = ("S1", "P", "plasma", "1", 100, "CA", "TG", 20, 1000)
    first = ("S1", "W", "wbc", "1", 100, "C", "T", 300, 700)
    second = ("S1", "W", "wbc", "1", 101, "A", "G", 0, 650)
    both = white_cell_counts(alleles(plasma, first, second), blocks())
    assert both.loc[0].tolist() == [650, 0], "no molecule of the white cells can carry both"
    assert white_cell_counts(alleles(plasma, first), blocks()).loc[0].isna().all(), "one part is not known"
    other = ("S2", *first[1:]), ("S2", *second[1:])
    assert white_cell_counts(alleles(plasma, *other), blocks()).loc[0].isna().all(), "another subject's"


def test_plasma_stretches_are_no_white_cell_evidence():
    variants = alleles(("S1", "S1-P", "plasma", "1", 100, "C", "T", 20, 1000))
    found = white_cell_counts(variants, blocks(("S1", "S1-P2", "plasma", "1", 90, 115, 700)))
    assert found.isna().all(axis=None)
