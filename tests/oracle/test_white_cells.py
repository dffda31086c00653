"""White-cell evidence against the published origin labels and Bayes factors of plasmut's data."""

import pandas as pd
import pytest

from clearher.intake.config import defaults
from clearher.variants.white_cells import log_bayes_factor, white_cell_states


@pytest.fixture
def table(fixtures):
    path = fixtures / "white_cells" / "white_cells_tidy.tsv"
    return pd.read_csv(path, sep="\t", dtype={"patient": str})


def states(table):
    counts = pd.DataFrame(
        {
            "depth": table["plasma_depth"].astype("Int64"),
            "alt_count": table["plasma_alt"].astype("Int64"),
            "wbc_depth": table["wbc_depth"].astype("Int64"),
            "wbc_alt": table["wbc_alt"].astype("Int64"),
        }
    )
    return white_cell_states(counts, settings=defaults("variants")["white_cells"])


def test_published_bayes_factors_from_the_published_counts(table):
    chosen = table[table["aa_change"].isin(["E1306*", "M237K"]) & table["patient"].isin(["12", "157"])]
    score = log_bayes_factor(
        *(
            chosen[name].to_numpy(dtype=float)
            for name in ("plasma_alt", "plasma_depth", "wbc_alt", "wbc_depth")
        )
    )
    found = dict(zip(chosen["gene"], score, strict=True))
    assert found["APC"] == pytest.approx(190.222, abs=5e-4)
    assert found["TP53"] == pytest.approx(-1.1360, abs=5e-5)


def test_39_rows_without_white_cell_reads_are_not_covered_rather_than_absent(table):
    uncovered = table[table["wbc_coverage"] != "COVERED"]
    assert len(uncovered) == 39
    assert set(states(uncovered)["wbc_state"]) == {"WBC_NOT_COVERED"}
    zero_depth = uncovered[uncovered["wbc_coverage"] == "ZERO_DEPTH"]
    assert (states(zero_depth)["wbc_log_bf"].abs() < 1e-9).all()


LABELS = [
    # label, rows with log Bayes factor above 0, rows with white-cell reads
    ("Tumor-confirmed", 42, 42),
    ("Likely Tumor-Specific", 52, 53),
    ("Circulating Tumor Cell", 4, 4),
    ("Germline", 0, 16),
]


@pytest.mark.parametrize(("label", "positive", "covered"), LABELS)
def test_sign_of_the_bayes_factor_by_published_label(table, label, positive, covered):
    rows = table[(table["wbc_coverage"] == "COVERED") & (table["origin_label"] == label)]
    assert len(rows) == covered
    assert (states(rows)["wbc_log_bf"] > 0).sum() == positive


def test_white_cell_variants_with_plasma_reads(table):
    """Two of eight have a positive score, both with fewer than 6 mutant reads."""
    rows = table[(table["origin_label"] == "WBC variant") & (table["plasma_alt"] > 0)]
    rows = rows[rows["wbc_coverage"] == "COVERED"]
    score = states(rows)["wbc_log_bf"]
    assert (len(rows), (score > 0).sum()) == (8, 2)
    assert (rows.loc[(score > 0).to_numpy(), "plasma_alt"] < 6).all()


def test_states_follow_the_labels(table):
    """No tumour-confirmed row is called germline or blood, no germline row tumour-like."""
    covered = table[table["wbc_coverage"] == "COVERED"]
    found = states(covered)["wbc_state"]
    tumour = found[(covered["origin_label"] == "Tumor-confirmed").to_numpy()]
    germline = found[(covered["origin_label"] == "Germline").to_numpy()]
    assert not tumour.isin(["GERMLINE", "WBC_ORIGIN"]).any()
    assert set(germline) <= {"GERMLINE", "WBC_ORIGIN"}
