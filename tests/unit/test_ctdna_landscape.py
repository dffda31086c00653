"""Genes over a cohort, and variants that were called after baseline."""

import pandas as pd
import pytest

from clearher.columns import ctdna
from clearher.ctdna.emergent import emergent_summary, emergent_table
from clearher.ctdna.landscape import gene_frequencies, landscape_table
from clearher.tables import empty, frame_of

PHASES = {"BASE": "BASELINE", "EARLY": "PRE_BASELINE", "V1": "POST_BASELINE", "V2": "POST_BASELINE"}


def tracked(*rows):
    """Rows of (subject, gene, position, {column: value})."""
    usual = {
        "chrom": "chr1",
        "ref": "C",
        "alt": "T",
        "origin": "baseline",
        "ch_like": False,
        "in_level": True,
    }
    frame = [
        usual | {"subject_id": subject, "gene": gene, "pos": pos, "hgvsp": f"p.X{pos}"} | further
        for subject, gene, pos, further in rows
    ]
    return frame_of(frame, ctdna.TRACKED)


def tracking(table, statuses):
    """Cells of every tracked variant from {(position, visit): (status, alt, depth)}."""
    rows = []
    for row in table.to_dict("records"):
        for (pos, visit), (status, alt, depth) in statuses.items():
            if pos == row["pos"]:
                counts = {"alt_count": alt, "depth": depth, "vaf": alt / depth if depth else None}
                names = (
                    "subject_id",
                    "chrom",
                    "pos",
                    "ref",
                    "alt",
                    "gene",
                    "hgvsp",
                    "origin",
                    "ch_like",
                    "in_level",
                )
                cell = {"sample_id": f"{row['subject_id']}-{visit}", "visit": visit, "status": status}
                rows.append({name: row[name] for name in names} | cell | counts)
    return frame_of(rows, ctdna.TRACKING)


def visits(*subjects, names=("BASE", "V1", "V2")):
    rows = [
        {
            "subject_id": subject,
            "visit": name,
            "sample_id": f"{subject}-{name}",
            "phase": PHASES[name],
            "study_day": 20 * number + 1,
            "sequence": number + 1,
        }
        for subject in subjects
        for number, name in enumerate(names)
    ]
    return frame_of(rows, ctdna.VISITS)


@pytest.mark.parametrize(
    ("at_baseline", "expected"),
    [
        (("NOT_DETECTED", 0, 2000), "EMERGENT"),
        (("GENOTYPED", 1, 2000), "PRE_EXISTING_LOW"),
        (("FILTERED", 2, 2000), "PRE_EXISTING_LOW"),
        (("NOT_ASSESSED", None, None), "UNKNOWN_AT_BASELINE"),
        (("NOT_COVERED", 0, 0), "UNKNOWN_AT_BASELINE"),
        (("LOW_DEPTH", 0, 100), "UNKNOWN_AT_BASELINE"),
        (None, "UNKNOWN_AT_BASELINE"),  # no baseline sample
    ],
)
def test_class_of_a_variant_called_later(at_baseline, expected):
    table = tracked(("S1", "ERBB2", 100, {"origin": "emergent"}))
    cells = {(100, "V1"): ("GENOTYPED", 2, 2000), (100, "V2"): ("CALLED", 40, 2000)}
    names = ("V1", "V2")
    if at_baseline is not None:
        cells[(100, "BASE")] = at_baseline
        names = ("BASE", *names)
    found = emergent_table(tracking(table, cells), visits("S1", names=names)).iloc[0]
    assert found["emergent_class"] == expected
    assert found["first_visit"] == "V2"  # where it was called, not where its first fragment was seen
    assert found["max_vaf"] == 0.02
    assert found["erbb2"]


def test_a_variant_seen_before_the_baseline_sample_is_not_new():
    table = tracked(("S1", "ESR1", 100, {"origin": "emergent"}))
    cells = {
        (100, "EARLY"): ("CALLED", 40, 2000),
        (100, "BASE"): ("NOT_DETECTED", 0, 2000),
        (100, "V1"): ("CALLED", 40, 2000),
    }
    found = emergent_table(tracking(table, cells), visits("S1", names=("EARLY", "BASE", "V1")))
    assert found["emergent_class"].tolist() == ["PRE_EXISTING_LOW"]


def test_a_variant_called_before_baseline_alone_is_no_emergent_one():
    table = tracked(("S1", "ESR1", 100, {"origin": "emergent"}), ("S1", "TP53", 200, {"origin": "emergent"}))
    cells = {
        (100, "EARLY"): ("CALLED", 40, 2000),
        (100, "BASE"): ("NOT_DETECTED", 0, 2000),
        (100, "V1"): ("GENOTYPED", 1, 2000),
        (200, "BASE"): ("GENOTYPED", 1, 2000),
        (200, "V1"): ("CALLED", 40, 2000),
    }
    found = emergent_table(tracking(table, cells), visits("S1", names=("EARLY", "BASE", "V1")))
    assert found[["gene", "erbb2", "emergent_class"]].values.tolist() == [["TP53", False, "PRE_EXISTING_LOW"]]
    counts = emergent_summary(found)[["n_emergent", "n_pre_existing_low", "n_unknown_at_baseline"]]
    assert counts.values.tolist() == [[0, 1, 0]]


def test_summary_names_each_variant_and_counts_the_classes():
    table = tracked(("S1", "ERBB2", 100, {"origin": "emergent"}), ("S1", "ESR1", 200, {"origin": "emergent"}))
    cells = {
        (100, "BASE"): ("NOT_DETECTED", 0, 2000),
        (100, "V1"): ("CALLED", 40, 2000),
        (200, "BASE"): ("NOT_ASSESSED", None, None),
        (200, "V2"): ("CALLED", 40, 2000),
    }
    found = emergent_summary(emergent_table(tracking(table, cells), visits("S1"))).iloc[0]
    assert found["emergent"] == "ERBB2 p.X100 at V1 (new), ESR1 p.X200 at V2 (baseline unknown)"
    assert found[["n_emergent", "n_pre_existing_low", "n_unknown_at_baseline"]].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("cells", "cleared"),
    [
        # both variants of the gene at V2: gone
        ({(1, "V2"): ("NOT_DETECTED", 0, 900), (2, "V2"): ("NOT_DETECTED", 0, 900)}, True),
        ({(1, "V2"): ("NOT_DETECTED", 0, 900), (2, "V2"): ("GENOTYPED", 1, 900)}, False),
        # V2 reads one of two: V1 decides
        (
            {
                (1, "V1"): ("CALLED", 9, 900),
                (2, "V1"): ("NOT_DETECTED", 0, 900),
                (1, "V2"): ("NOT_DETECTED", 0, 900),
                (2, "V2"): ("NOT_ASSESSED", None, None),
            },
            False,
        ),
        ({(1, "V2"): ("LOW_DEPTH", 0, 90), (2, "V2"): ("NOT_DETECTED", 0, 900)}, None),  # cannot be said
        ({(1, "BASE"): ("CALLED", 9, 900), (2, "BASE"): ("CALLED", 9, 900)}, None),
        # gone at V1 and back at V2: the last day decides
        ({(pos, visit): ("NOT_DETECTED", 0, 900) if visit == "V1" else ("CALLED", 9, 900)
          for pos in (1, 2) for visit in ("V1", "V2")}, False),
    ],
)  # fmt: skip
def test_a_gene_cleared_when_all_its_variants_are_gone(cells, cleared):
    table = tracked(("S1", "PIK3CA", 1, {}), ("S1", "PIK3CA", 2, {}))
    row = landscape_table(table, tracking(table, cells), empty(ctdna.EMERGENT), visits("S1")).iloc[0]
    assert row["variants"] == "PIK3CA p.X1 (baseline), PIK3CA p.X2 (baseline)"
    assert (None if pd.isna(row["cleared"]) else bool(row["cleared"])) is cleared


def test_of_two_tubes_of_a_day_one_that_shows_the_gene_decides():
    table = tracked(("S1", "PIK3CA", 1, {}))
    cells = tracking(table, {(1, "V1"): ("CALLED", 9, 900), (1, "V2"): ("NOT_DETECTED", 0, 900)})
    cleared = {}
    for day in ("one", "two", "unknown"):
        plan = visits("S1")
        plan.loc[1:, "study_day"] = {"one": [21, 21], "two": [21, 22], "unknown": [pd.NA, pd.NA]}[day]
        cleared[day] = landscape_table(table, cells, empty(ctdna.EMERGENT), plan)["cleared"].item()
    assert cleared == {"one": False, "two": True, "unknown": True}


def test_a_gene_with_several_variants_has_what_any_of_them_has():
    new, ch_like = {"origin": "emergent"}, {"ch_like": True}
    table = tracked(
        ("S1", "ESR1", 1, {}), ("S1", "ESR1", 2, new), ("S1", "TET2", 3, ch_like), ("S1", "TET2", 4, {}),
        ("S2", "TET2", 3, ch_like), ("S2", "TET2", 4, ch_like),
    )  # fmt: skip
    cells = tracking(table, {(2, "BASE"): ("NOT_DETECTED", 0, 900), (2, "V1"): ("CALLED", 9, 900)})
    found = landscape_table(table, cells, emergent_table(cells, visits("S1", "S2")), visits("S1", "S2"))
    shown = found[["gene", "subject_id", "baseline", "emergent", "ch_like"]].values.tolist()
    assert shown == [
        ["ESR1", "S1", True, True, False],
        ["TET2", "S1", True, False, False],  # one of two is no clonal haematopoiesis
        ["TET2", "S2", True, False, True],
    ]


def test_a_pathway_is_cleared_when_each_of_its_genes_is(settings):
    table = tracked(("S1", "PIK3CA", 1, {}), ("S1", "AKT1", 2, {}), ("S2", "PIK3CA", 1, {}))
    gone, seen = ("NOT_DETECTED", 0, 900), ("CALLED", 9, 900)
    cells = tracking(table, {(1, "V1"): gone, (2, "V1"): seen})
    landscape = landscape_table(table, cells, empty(ctdna.EMERGENT), visits("S1", "S2"))
    found = gene_frequencies(landscape, visits("S1", "S2"), settings=settings("ctdna"))
    cleared = found[(found["time_point"] == "cleared") & (found["variants"] == "all")]
    shares = cleared.set_index("gene")[["n", "N"]].T.to_dict("list")
    assert (shares["PI3K"], shares["PIK3CA"], shares["AKT1"]) == ([1, 2], [2, 2], [0, 1])
    assert not found["erbb2"].any()


def test_landscape_sets_emergent_erbb2_apart_and_leaves_germline_out():
    table = tracked(
        ("S1", "PIK3CA", 1, {}),
        ("S1", "BRCA2", 2, {"wbc_state": "GERMLINE", "in_level": False}),
        ("S1", "ERBB2", 3, {"origin": "emergent", "in_level": False}),
        ("S2", "ERBB2", 3, {"origin": "emergent", "in_level": False}),
        ("S2", "", 4, {"origin": "tissue"}),
    )
    cells = tracking(table, {(3, "BASE"): ("NOT_DETECTED", 0, 900), (3, "V1"): ("CALLED", 9, 900)})
    cells = cells[~((cells["subject_id"] == "S2") & (cells["visit"] == "BASE"))]
    plan = visits("S1", "S2")
    plan = plan[~((plan["subject_id"] == "S2") & (plan["visit"] == "BASE"))]
    emergent = emergent_table(cells, plan)
    found = landscape_table(table, cells, emergent, plan).set_index(["gene", "subject_id"])
    assert found.index.tolist() == [("ERBB2", "S1"), ("ERBB2", "S2"), ("PIK3CA", "S1"), ("chr1:4", "S2")]
    assert found["erbb2"].tolist() == [True, True, False, False]
    assert found["emergent"].tolist() == [True, False, False, False]  # S2: nothing is known of its baseline
    assert found["baseline"].isna().tolist() == [False, True, False, False]
    assert found["variants"].tolist()[:2] == ["ERBB2 p.X3 (emergent)", "ERBB2 p.X3 (unknown at baseline)"]


def test_frequencies_with_their_denominators(settings):
    rows = [("S1", "PIK3CA", 1, {}), ("S2", "AKT1", 2, {}), ("S3", "DNMT3A", 3, {"ch_like": True})]
    table = tracked(*rows, ("S1", "AKT1", 4, {}))
    cells = tracking(table, {(1, "V1"): ("NOT_DETECTED", 0, 900), (2, "V1"): ("CALLED", 9, 900)})
    plan = visits("S1", "S2", "S3", "S4")
    plan = plan[(plan["phase"] == "BASELINE") | plan["subject_id"].isin(["S1", "S2"])]
    landscape = landscape_table(table, cells, empty(ctdna.EMERGENT), plan)
    found = gene_frequencies(landscape, plan, settings=settings("ctdna"))
    found = found.set_index(["kind", "gene", "time_point", "variants"])[["n", "N"]]
    assert found.loc[("gene", "AKT1", "baseline", "all")].tolist() == [2, 4]
    assert found.loc[("gene", "AKT1", "emergent", "all")].tolist() == [0, 2]  # drawn again after baseline
    assert found.loc[("gene", "AKT1", "cleared", "all")].tolist() == [0, 1]  # one of two was read again
    assert found.loc[("gene", "PIK3CA", "cleared", "all")].tolist() == [1, 1]
    assert found.loc[("pathway", "PI3K", "baseline", "all")].tolist() == [2, 4]  # S1 counts once
    assert found.loc[("gene", "DNMT3A", "baseline", "all")].tolist() == [1, 4]
    assert ("gene", "DNMT3A", "baseline", "without_ch_like") not in found.index


def test_nothing_tracked_gives_empty_tables(settings):
    landscape = landscape_table(tracked(), tracking(tracked(), {}), empty(ctdna.EMERGENT), visits("S1"))
    assert landscape.empty
    rows = gene_frequencies(landscape, visits("S1"), settings=settings("ctdna"))
    assert set(rows["kind"]) == {"pathway"}
    assert rows["n"].sum() == 0
