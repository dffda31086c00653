"""Sample identity: same person, other person, who it may be, and when nothing can be said."""

import numpy as np
import pandas as pd
import pytest

from clearher.variants.identity import carried_alleles, contamination_table, identity_table
from clearher.variants.identity_findings import identity_findings
from clearher.variants.selection import at_positions
from ctdna_builders import rows_where


def person(seed, sites=60):
    """Genotypes of a person: 0, 1 or 2 copies at each of the common sites."""
    return np.random.default_rng(seed).choice([0, 1, 2], size=sites, p=[0.45, 0.4, 0.15])


def sample(subject, name, genotypes, *, depth=800, reference=True, seed=1, somatic=()):
    """Rows of one sample: VAF 0, 0.5, 1 with read noise; without reference rows a file of calls only."""
    rng = np.random.default_rng(seed)
    share = np.array([0.001, 0.5, 0.998])[genotypes]
    reads = rng.binomial(depth, share)
    frame = pd.DataFrame({"pos": np.arange(len(genotypes)) * 100 + 1, "alt_count": reads})
    extra = pd.DataFrame(
        {"pos": [90_000 + i for i in range(len(somatic))], "alt_count": [int(v * depth) for v in somatic]}
    )
    frame = pd.concat(
        [frame.assign(population_af=0.2), extra.assign(population_af=np.nan)], ignore_index=True
    )
    frame = frame.assign(subject_id=subject, sample_id=name, chrom="1", ref="C", alt="T", depth=depth)
    frame["vaf"] = frame["alt_count"] / depth
    frame["status"] = np.where(frame["alt_count"] > 0, "FILTERED", "REFERENCE")
    frame = frame.astype({"depth": "Int64"})
    return frame if reference else frame[frame["vaf"] > 0.05]


def samples_of(variants):
    return variants[["subject_id", "sample_id"]].drop_duplicates()


def verdicts(settings, *frames):
    """The table of all alleles; the alleles at places that somebody carries give the same."""
    variants = pd.concat(frames, ignore_index=True)
    carried = rows_where(variants, carried_alleles(settings("variants")["identity"]))
    table, same = (
        identity_table(rows, samples_of(variants), settings=settings("variants"))
        for rows in (variants, rows_where(variants, at_positions(carried["pos"])))
    )
    pd.testing.assert_frame_equal(table, same)
    return table.set_index(["sample_a", "sample_b"])


@pytest.mark.parametrize("reference", [True, False])
def test_samples_of_one_person_match(settings, reference):
    table = verdicts(
        settings,
        sample("S1", "S1-A", person(1), reference=reference, seed=1),
        sample("S1", "S1-B", person(1), reference=reference, seed=2),
    )
    assert table.loc[("S1-A", "S1-B"), "verdict"] == "MATCH"


@pytest.mark.parametrize("reference", [True, False])
def test_a_swapped_sample_names_its_likely_partner(settings, reference):
    table = verdicts(
        settings,
        sample("S1", "S1-A", person(1), reference=reference, seed=1),
        sample("S1", "S1-B", person(2), reference=reference, seed=2),
        sample("S2", "S2-A", person(2), reference=reference, seed=3),
        sample("S2", "S2-B", person(1), reference=reference, seed=4),
        sample("S3", "S3-A", person(3), reference=reference, seed=5),
    )
    first = table.loc[("S1-A", "S1-B")]
    assert first["verdict"] == "MISMATCH"
    assert first["likely_partner"] == "S1-A as S2-A; S1-B as S2-A"
    assert "do not come from one person" in first["sentence"]


def test_tumour_variants_in_the_heterozygous_band_do_not_make_another_person(settings):
    """Four tumour variants at 0.4 that vanish under treatment, among sites known in the population."""
    table = verdicts(
        settings,
        sample("S1", "S1-A", person(1), seed=1, somatic=(0.4, 0.45, 0.5, 0.38)),
        sample("S1", "S1-B", person(1), seed=2, somatic=(0.0, 0.0, 0.0, 0.0)),
    )
    row = table.loc[("S1-A", "S1-B")]
    assert (row["verdict"], row["discordant"]) == ("MATCH", 0)


def test_loss_of_heterozygosity_is_no_difference(settings):
    changed = sample("S1", "S1-B", person(1), seed=2)
    half = changed["vaf"].between(0.4, 0.6)
    changed.loc[half, "vaf"] = 0.75
    table = verdicts(settings, sample("S1", "S1-A", person(1), seed=1), changed)
    assert table.loc[("S1-A", "S1-B"), "verdict"] != "MISMATCH"


def test_too_few_sites_give_no_verdict(settings):
    table = verdicts(
        settings,
        sample("S1", "S1-A", person(1, 8), seed=1),
        sample("S1", "S1-B", person(2, 8), seed=2),
    )
    row = table.loc[("S1-A", "S1-B")]
    assert row["verdict"] == "NOT_EVALUABLE"
    assert row["likely_partner"] == ""


def test_shallow_samples_give_no_verdict(settings):
    table = verdicts(
        settings,
        sample("S1", "S1-A", person(1), depth=20),
        sample("S1", "S1-B", person(2), depth=20),
    )
    assert table["verdict"].tolist() == ["NOT_EVALUABLE"]


def test_a_subject_with_one_sample_has_no_pair(settings):
    assert verdicts(settings, sample("S1", "S1-A", person(1))).empty


def test_contamination_shows_as_foreign_reads_at_homozygous_sites(settings):
    clean = sample("S1", "S1-A", person(1), seed=1)
    mixed = sample("S2", "S2-A", person(2), seed=2)
    mixed.loc[mixed["vaf"] > 0.9, "vaf"] -= 0.05
    variants = pd.concat([clean, mixed])
    table = contamination_table(variants, samples_of(variants), settings=settings("variants"))
    table = table.set_index("sample_id")
    assert table.loc["S1-A", "minor"] == pytest.approx(0.002, abs=0.002)
    assert table.loc["S2-A", "minor"] == pytest.approx(0.052, abs=0.003)
    assert table.loc["S1-A", "homozygous_sites"] == (person(1) == 2).sum()


def test_contamination_without_sites_is_missing_not_zero(settings):
    frame = sample("S1", "S1-A", np.zeros(5, dtype=int))
    table = contamination_table(frame, samples_of(frame), settings=settings("variants"))
    assert table["minor"].isna().all()
    assert table["homozygous_sites"].tolist() == [0]


def pair(subject, a, b, verdict, likely=""):
    return {"subject_id": subject, "sample_a": a, "sample_b": b, "verdict": verdict, "likely_partner": likely,
            "sentence": f"{a} and {b}."}  # fmt: skip


def told(rows):
    return [(found.severity, found.check, found.sample_id, found.found) for found in
            identity_findings(pd.DataFrame(rows))]  # fmt: skip


def test_an_exchange_is_one_warning_that_names_both_tubes_and_its_pairs_are_notes():
    """S1-C and S2-C were exchanged: four pairs differ, one finding tells it."""
    rows = [
        pair("S1", "S1-A", "S1-B", "MATCH"),
        pair("S1", "S1-A", "S1-C", "MISMATCH", "S1-C as S2-C"),
        pair("S1", "S1-B", "S1-C", "MISMATCH", "S1-C as S2-C"),
        pair("S2", "S2-A", "S2-B", "MATCH"),
        pair("S2", "S2-A", "S2-C", "MISMATCH", "S2-C as S1-C"),
        pair("S2", "S2-B", "S2-C", "MISMATCH", "S2-C as S1-C"),
    ]
    warning, *notes = told(rows)
    assert warning == (
        "warning",
        "identity",
        "S1-C",
        "S1-C and S2-C seem exchanged: S1-C differs from 2 and matches 0 of the other samples of S1, "
        "and S2-C differs from 2 and matches 0 of the other samples of S2",
    )
    assert [note[:2] for note in notes] == [("info", "identity_pair")] * 4


def test_a_foreign_sample_without_counterpart_is_one_warning():
    rows = [
        pair("S1", "S1-A", "S1-B", "MATCH"),
        pair("S1", "S1-A", "S1-C", "MISMATCH", "S1-C as S2-A"),
        pair("S1", "S1-B", "S1-C", "MISMATCH", "S1-C as S2-A"),
        pair("S2", "S2-A", "S2-B", "MATCH"),
    ]
    differs = "S1-C differs from 2 and matches 0 of the other samples of S1"
    assert told(rows)[0][2:] == ("S1-C", f"{differs}; perhaps exchanged: S1-C as S2-A")
    unknown = [{**row, "likely_partner": ""} for row in rows]
    assert told(unknown)[0][2:] == ("S1-C", f"{differs}; no other subject matches it")


def test_samples_that_fall_into_two_groups_are_one_warning_of_the_subject():
    """S1-B matches both of the others, which differ: no sample is odd alone."""
    names = ("S1-A", "S1-B", "S1-C")
    rows = [pair("S1", names[0], names[1], "MATCH"), pair("S1", names[1], names[2], "MATCH"),
            pair("S1", names[0], names[2], "MISMATCH")]  # fmt: skip
    assert told(rows)[0] == (
        "warning", "identity", "", "samples of S1 differ in 1 of their pairs, none from most",
    )  # fmt: skip


def test_samples_that_match_are_no_finding():
    assert told([pair("S1", "S1-A", "S1-B", "MATCH"), pair("S1", "S1-A", "S1-C", "NOT_EVALUABLE")]) == []
    assert identity_findings(pd.DataFrame(columns=list(pair("", "", "", "")))) == []
