"""Agreement of HER2 scores: published and recomputed tables against vcd::Kappa of R."""

import numpy as np
import pandas as pd
import pytest

from clearher.her2.agreement import pair_statistics, table_statistics
from clearher.her2.ihc import score_of
from clearher.her2.parse import parse_ihc

PRIMARY, SEQUENCED = "HER2 IHC Score Primary", "HER2 IHC Score of Sequenced Sample"
TABLES = (
    "local_central_3x3",
    "local_central_2x2",
    "plasma_dpcr_2x2",
    "msk_met_stripped_598",
    "msk_met_strict_592",
)


@pytest.fixture(scope="module")
def golden(fixtures):
    return pd.read_csv(fixtures / "statistics" / "golden_kappa.csv")


@pytest.mark.parametrize("name", TABLES)
def test_tables_give_the_kappas_of_r(name, golden, fixtures):
    cells = pd.read_csv(
        fixtures / "statistics" / "published" / "agreement_tables.csv", dtype={"row_level": str}
    )
    cells = cells[cells["table"] == name]
    k = int(np.sqrt(len(cells)))
    found = table_statistics(cells["count"].to_numpy().reshape(k, k), confidence=0.95, zeros=0)
    found = pd.DataFrame(found).set_index("statistic")
    expected = golden[golden["table"] == name]
    assert len(expected) in (1, 3)
    for row in expected.itertuples():
        ours = found.loc[f"kappa_{row.weights}"]
        assert [ours["estimate"], ours["low"], ours["high"]] == pytest.approx(
            [row.kappa, row.lo, row.hi], abs=1e-9
        )
        assert found.loc["agreement", "estimate"] == pytest.approx(row.agreement, abs=1e-9)


@pytest.fixture(scope="module")
def metastases(fixtures):
    path = fixtures / "her2" / "breast_msk_2018" / "breast_msk_2018_her2.tsv"
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    return table[table["Sample Type"] == "Metastasis"]


def scored(text):
    """Score of the in-house result of a cell; empty for an interval or none."""
    value = parse_ihc(text)[0]
    return score_of(value.low) if value.low == value.high else ""


@pytest.mark.parametrize(
    ("remarks", "name", "n"), [(False, "msk_met_strict_592", 592), (True, "msk_met_stripped_598", 598)]
)
def test_primary_and_metastasis_from_the_written_scores(metastases, golden, remarks, name, n):
    texts = metastases[[PRIMARY, SEQUENCED]]
    if not remarks:
        texts = texts[~texts.apply(lambda column: column.str.contains("(", regex=False)).any(axis=1)]
    scores = texts.map(scored)
    pairs = scores.set_axis(["first_ihc_score", "second_ihc_score"], axis=1)
    pairs = pairs.assign(first_level="", second_level="")
    rows = pair_statistics(pairs, "flow", "primary", "metastatic", confidence=0.95)
    found = pd.DataFrame(rows).query("scale == 'score'").set_index("statistic")
    assert found.loc["agreement", "n"] == n
    for row in golden[golden["table"] == name].itertuples():
        ours = found.loc[f"kappa_{row.weights}"]
        assert [ours["estimate"], ours["low"], ours["high"]] == pytest.approx(
            [row.kappa, row.lo, row.hi], abs=1e-9
        )


def test_metastases_leave_zero_less_often_than_they_enter_it(metastases):
    pairs = metastases[[PRIMARY, SEQUENCED]].map(scored)
    pairs = pairs.set_axis(["first_ihc_score", "second_ihc_score"], axis=1).assign(
        first_level="", second_level=""
    )
    rows = pair_statistics(pairs, "flow", "primary", "metastatic", confidence=0.95)
    found = next(r for r in rows if r["statistic"] == "mcnemar_zero" and r["scale"] == "score")
    # cells of msk_met_stripped_598: 38 + 15 + 3 left zero, 92 + 44 + 2 entered it
    assert (found["count"], found["estimate"]) == (194, pytest.approx(56 / 194))
    assert found["p"] < 1e-8
