"""Real plasma BAMs of alkodsi/ctDNAtools (MIT): one patient positive then negative, three healthy people.

Expected values: the package's own results and counts re-derived with pysam; see the folder's README.
"""

import numpy as np
import pandas as pd
import pysam
import pytest

from clearher.columns import ctdna as columns
from clearher.columns import intake, variants
from clearher.ctdna.background import background
from clearher.ctdna.count_store import CountStore
from clearher.ctdna.counting import count_sample, fragment_votes
from clearher.ctdna.detection import monte_carlo_p, poisson_p
from clearher.ctdna.error import with_error_rates
from clearher.ctdna.phasing import merge_phased, purified_rate
from clearher.ctdna.reads_job import count_reads
from clearher.ctdna.samples import sample_table
from clearher.tables import empty, frame_of

SAMPLES = ("T1", "T2", "N1", "N2", "N3")
FIRST_BASE = 106_327_322


@pytest.fixture(scope="module")
def folder(fixtures):
    return fixtures / "ctdnatools_bam"


@pytest.fixture(scope="module")
def mutations(folder):
    table = pd.read_csv(folder / "mutations.csv", keep_default_na=False).rename(columns=str.lower)
    return table.assign(phase=table["phasing"].replace("NA", ""))


@pytest.fixture(scope="module")
def targets(folder):
    return pd.read_csv(folder / "targets.bed", sep="\t", names=["chrom", "start", "end"])


@pytest.fixture
def section(settings):
    def with_counting(**counting):
        result = settings("ctdna")
        result["counting"] |= {
            "min_base_quality": 30,
            "min_mapping_quality": 40,
            "unit": "fragment",
        } | counting
        return result

    return with_counting


def test_reference_bases(folder, mutations):
    window = pd.read_csv(folder / "reference_window.tsv", sep="\t").set_index("pos")["base"]
    assert (window.loc[mutations["pos"]].to_numpy() == mutations["ref"].to_numpy()).all()


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(("bq", "mapq"), [(30, 40), (20, 20)])
def test_counts_of_every_sample_and_site(folder, mutations, section, sample, bq, mapq):
    expected = pd.read_csv(folder / "expected_counts.tsv", sep="\t")
    wanted = expected.query("sample == @sample and min_bq == @bq and min_mapq == @mapq").sort_values("pos")
    limits = {"min_base_quality": bq, "min_mapping_quality": mapq}
    for unit, plural in (("read", "reads"), ("fragment", "fragments")):
        table = count_sample(
            folder / f"{sample}.bam", mutations, sample_id=sample, settings=section(unit=unit, **limits)
        )
        assert table["pos"].tolist() == wanted["pos"].tolist()
        for ours, theirs in (("ref_count", "ref"), ("alt_count", "alt"), ("depth", "depth")):
            assert table[ours].tolist() == wanted[f"{theirs}_{plural}"].tolist(), (unit, ours)
    assert (table["fragments_total"] - table["depth"] >= wanted["conflict_fragments"].to_numpy()).all()


@pytest.mark.parametrize(
    ("sample", "bq", "mapq", "reads", "fragments"),
    [
        ("T1", 30, 40, (13, 4056), (13, 3489)),
        ("T1", 20, 20, (14, 4101), (14, 3528)),
        ("T2", 30, 40, (0, 7241), (0, 5892)),
        ("T2", 20, 20, (0, 7401), (0, 6028)),
        ("N1", 30, 40, None, (0, 2304)),
        ("N2", 30, 40, None, (0, 1535)),
        ("N3", 30, 40, None, (0, 609)),
    ],
)
def test_sums(folder, mutations, section, sample, bq, mapq, reads, fragments):
    for unit, expected in (("read", reads), ("fragment", fragments)):
        if expected is None:
            continue
        limits = {"min_base_quality": bq, "min_mapping_quality": mapq, "unit": unit}
        table = count_sample(
            folder / f"{sample}.bam", mutations, sample_id=sample, settings=section(**limits)
        )
        assert (table["alt_count"].sum(), table["depth"].sum()) == expected, unit


def test_t1_by_site(folder, mutations, section):
    table = count_sample(folder / "T1.bam", mutations, sample_id="T1", settings=section(unit="read"))
    assert table["ref_count"].tolist() == [441, 438, 364, 383, 437, 447, 402, 403, 386, 342]
    assert table["alt_count"].tolist() == [2, 2, 1, 1, 0, 2, 1, 1, 1, 2]


def test_no_reads_of_a_fragment_disagree(folder, mutations, section):
    for sample in SAMPLES:
        votes = fragment_votes(folder / f"{sample}.bam", mutations, sample_id=sample, settings=section())
        assert not (votes["allele"] == 3).any(), sample


def test_thirteen_observations_are_six_fragments(folder, mutations, section):
    table = count_sample(folder / "T1.bam", mutations, sample_id="T1", settings=section())
    assert table["alt_count"].sum() == 13
    assert table["distinct_alt_fragments"].sum() == 6


@pytest.mark.parametrize(
    ("sample", "mapq", "bq", "expected"), [("T1", 40, 30, 1327), ("T2", 40, 30, 2413), ("T2", 30, 20, 2453)]
)
def test_fragments_that_cover_a_site(folder, mutations, section, sample, mapq, bq, expected):
    limits = section(min_base_quality=bq, min_mapping_quality=mapq)
    votes = fragment_votes(folder / f"{sample}.bam", mutations, sample_id=sample, settings=limits)
    assert votes["fragment"].nunique() == expected


# ---- background --------------------------------------------------------------------------------------


def errors(folder, targets, section, sample, exclude, **counting):
    table = background(
        folder / f"{sample}.bam",
        targets,
        exclude,
        sample_id=sample,
        settings=section(unit="read", **counting),
    ).set_index("substitution")
    substitutions = table.drop(["indel_AT", "indel_CG"])
    return table, int(substitutions["alt"].sum()), int(table.loc[["C>A", "T>A"], "depth"].sum())


@pytest.mark.parametrize(
    ("sample", "counting", "expected"),
    [
        ("T1", {}, (34, 242_251)),
        ("T2", {}, (50, 443_197)),
        ("T2", {"min_base_quality": 20, "min_mapping_quality": 30}, (59, 455_900)),
    ],
)
def test_background_with_tracked_sites_as_the_package_counts(
    folder, targets, mutations, section, sample, counting, expected
):
    _, alt, depth = errors(folder, targets, section, sample, mutations.iloc[:0], **counting)
    assert (alt, depth) == expected


def test_background_by_class(folder, targets, mutations, section):
    table, alt, depth = errors(folder, targets, section, "T1", mutations.iloc[:0])
    assert table["alt"].loc[["C>A", "C>G", "C>T", "T>A", "T>C", "T>G"]].tolist() == [5, 4, 12, 3, 8, 2]
    assert table["depth"].loc[["C>A", "C>G", "C>T"]].tolist() == [115_419] * 3
    assert table["depth"].loc[["T>A", "T>C", "T>G"]].tolist() == [126_832] * 3
    assert alt / depth == pytest.approx(1.403503e-4, rel=1e-6)


def test_background_leaves_tracked_sites_out(folder, targets, mutations, section):
    _, alt, depth = errors(folder, targets, section, "T1", mutations)
    assert (alt, depth) == (21, 238_195)
    assert alt / depth == pytest.approx(8.8163e-5, rel=1e-4)


@pytest.mark.parametrize(
    ("file", "expected"), [("blacklist_loci.txt", 1.419452e-4), ("blacklist_variants.txt", 1.320955e-4)]
)
def test_background_with_a_blacklist(folder, targets, section, file, expected):
    """Loci leave the position out; variants leave only that allele out of the errors."""
    listed = pd.read_csv(folder / file, sep="_", header=None, names=["chrom", "pos", "ref", "alt"])
    if listed["alt"].isna().all():
        _, alt, depth = errors(folder, targets, section, "T1", listed[["chrom", "pos"]])
    else:
        _, alt, depth = errors(folder, targets, section, "T1", listed.iloc[:0])
        counted = count_sample(folder / "T1.bam", listed, sample_id="T1", settings=section(unit="read"))
        rare = counted[counted["alt_count"] < 0.1 * counted["depth"]]
        alt -= int(rare["alt_count"].sum())
        depth -= int(rare["alt_count"].sum())
    assert alt / depth == pytest.approx(expected, rel=1e-5)


# ---- phased variants ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "alt", "non_zero", "purification", "rate", "merged_rate", "several"),
    [
        ("T1", 9, 6, 0.158930, 34 / 242_251, 1.180444e-4, 1),
        ("T2", 0, 0, 0.153721, 50 / 443_197, 9.547441e-5, 0),
    ],
)
def test_phased_variants_are_one_event(
    folder, mutations, section, sample, alt, non_zero, purification, rate, merged_rate, several
):
    votes = fragment_votes(folder / f"{sample}.bam", mutations, sample_id=sample, settings=section())
    events, purified = merge_phased(votes, mutations)
    assert (len(events), events["alt"].sum(), (events["alt"] > 0).sum()) == (7, alt, non_zero)
    assert events["supported_by_several"].sum() == several
    assert purified == pytest.approx(purification, abs=5e-7)
    assert purified_rate(rate, purified) == pytest.approx(merged_rate, rel=1e-6)


# ---- detection ---------------------------------------------------------------------------------------


def test_outcomes_by_monte_carlo(folder, mutations, section):
    rates = {"T1": 1.403503e-4 / 3, "T2": 1.128166e-4 / 3}
    p = {}
    for sample, rate in rates.items():
        table = count_sample(
            folder / f"{sample}.bam", mutations, sample_id=sample, settings=section(unit="read")
        )
        p[sample] = monte_carlo_p(table["alt_count"], table["depth"], np.full(10, rate), draws=10_000, seed=1)
    assert p == {"T1": pytest.approx(1 / 10_001), "T2": 1.0}


def test_outcome_by_poisson(folder, mutations, section):
    table = count_sample(folder / "T1.bam", mutations, sample_id="T1", settings=section(unit="read"))
    expected = float(table["depth"].sum()) * 1.403503e-4 / 3
    assert expected == pytest.approx(0.189754, abs=1e-6)
    assert poisson_p(13, expected) == pytest.approx(5.568e-20, rel=1e-3)


def test_the_files_are_what_the_readme_says(folder):
    for sample, names in zip(SAMPLES, (1496, 2672, 1133, 742, 323), strict=True):
        with pysam.AlignmentFile(str(folder / f"{sample}.bam")) as reads:
            assert len({read.query_name for read in reads}) == names


@pytest.fixture(scope="module")
def called(folder, mutations, settings, tmp_path_factory):
    """The two samples through counting, error rates and the sample table, with the healthy as controls."""
    section = settings("ctdna")
    sites = mutations[["chrom", "pos", "ref", "alt"]].to_dict("records")
    tracked = frame_of([{"subject_id": "P", "in_level": True, **site} for site in sites], columns.TRACKED)
    counted = {
        sample: count_reads(
            folder / f"{sample}.bam",
            sample_id=sample,
            subject_id="P" if sample.startswith("T") else "",
            tracked=tracked,
            variants=empty(variants.VARIANTS),
            call_filters=[],
            settings=section,
            store=CountStore(tmp_path_factory.mktemp("counts")),
            fingerprint=sample,
            panel=folder / "targets.bed",
        )
        for sample in SAMPLES
    }
    cells = pd.concat([counted["T1"].counts, counted["T2"].counts])
    cells = cells.assign(
        subject_id="P",
        visit=cells["sample_id"],
        source="bam",
        in_level=True,
        status=np.where(cells["alt_count"] > 0, "GENOTYPED", "NOT_DETECTED"),
    )
    names = [name for name in columns.TRACKING.names if name in cells]
    tracking = with_error_rates(
        frame_of(cells[names].to_dict("records"), columns.TRACKING),
        pd.concat([one.background for one in counted.values()]),
        settings=section,
        controls=["N1", "N2", "N3"],
        control_counts=pd.concat([counted[name].counts for name in ("N1", "N2", "N3")]),
    )
    draws = [
        {"subject_id": "P", "sample_id": name, "visit": name, "specimen": "plasma"} for name in ("T1", "T2")
    ]
    samples = frame_of(draws, intake.SAMPLES)
    return sample_table(tracking, samples, empty(intake.RESULTS), tracked, settings=section).set_index(
        "sample_id"
    )


def test_t1_is_detected_by_six_fragments(called):
    t1 = called.loc["T1"]
    assert (t1["detected"], t1["alt_total"], t1["distinct_alt_fragments"]) == (True, 14, 6)
    assert t1["level"] == pytest.approx(14 / 3528)
    assert t1["p"] < 1e-6


def test_t2_is_not_detected_and_too_weak_to_call_it_cleared(called):
    """Its LoD95 is about 0.3 x the level of T1; a clearance needs 0.1 x."""
    t2 = called.loc["T2"]
    assert (t2["detected"], t2["evaluable"], t2["alt_total"], t2["p"]) == (False, True, 0, 1.0)
    assert 0.2 < t2["lod95"] / called.loc["T1", "level"] < 0.35


def test_error_rates_come_from_the_reads_and_their_uncertainty_counts(called):
    assert (called["method"] == "poisson, estimated background").all()
    assert (called["background_sd"] > 0).all()
