"""Background error per class, its spread, and the error rate of each tracked variant."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clearher.columns import ctdna as columns
from clearher.ctdna.background import background, pooled, substitution_class
from clearher.ctdna.error import error_rate_for, shrunk_rate
from clearher.ctdna.overdispersion import fit_beta_binomial, moment_estimate
from clearher.tables import conform, empty
from ctdna_bam import CONTIG, GENOME, Read, pair, stretch, write_bam

PANEL = pd.DataFrame({"chrom": [CONTIG], "start": [0], "end": [40]})
NOWHERE = pd.DataFrame({"chrom": [], "pos": []})
WHOLE = stretch(0, 40)


@pytest.fixture
def rates(tmp_path, settings):
    def run(reads, exclude=NOWHERE, panel=PANEL, **changes):
        section = settings("ctdna")
        for key, value in changes.items():
            section["error" if key in section["error"] else "counting"][key] = value
        path = write_bam(tmp_path / "s.bam", reads)
        return background(path, panel, exclude, sample_id="S1", settings=section).set_index("substitution")

    return run


def reads_with(*changed, total=20):
    """One read a fragment; changed ones carry one other base each."""
    good = [Read(f"r{i}", 0, WHOLE) for i in range(total - len(changed))]
    return good + [Read(f"e{i}", 0, stretch(0, 40, **{f"p{p}": b})) for i, (p, b) in enumerate(changed)]


# ---- counting errors ---------------------------------------------------------------------------------


def test_errors_by_strand_collapsed_class(rates):
    """GENOME[10] = A: A>T is T>A; GENOME[7] = G: G>A is C>T; GENOME[1] = C: C>T."""
    table = rates(reads_with((10, "T"), (7, "A"), (1, "T")))
    assert table["alt"].to_dict() == {
        "C>A": 0, "C>G": 0, "C>T": 2, "T>A": 1, "T>C": 0, "T>G": 0, "indel_AT": 0, "indel_CG": 0
    }  # fmt: skip
    strong = sum(base in "CG" for base in WHOLE)
    assert table.loc["C>T", ["depth", "sites"]].tolist() == [strong * 20, strong]
    assert table.loc["C>T", "rate"] == pytest.approx(2 / (strong * 20))


@pytest.mark.parametrize(
    ("exclude", "why"),
    [
        ({"chrom": [CONTIG], "pos": [11]}, "the tracked position, 1-based"),
        ({"chrom": ["1"], "pos": [11]}, "also with the other style of names"),
        ({"chrom": [CONTIG], "pos": [10], "ref": ["CA"]}, "all bases of a longer allele"),
    ],
)
def test_tracked_germline_and_blacklisted_positions_are_left_out(rates, exclude, why):
    assert rates(reads_with((10, "T")), pd.DataFrame(exclude)).loc["T>A", "alt"] == 0, why


def test_positions_with_many_other_bases_are_left_out(rates):
    """2 of 20 reach the limit of 0.1: a germline or badly mapped position."""
    table = rates(reads_with((10, "T"), (10, "T")))
    weak = sum(base in "AT" for base in WHOLE)
    assert table.loc["T>A", ["alt", "sites"]].tolist() == [0, weak - 1]
    assert rates(reads_with((10, "T"), (10, "T")), max_nonreference_fraction=0.11).loc["T>A", "alt"] == 2


def test_an_error_in_one_of_two_overlapping_reads_is_no_error_of_the_fragment(rates):
    good = [read for i in range(19) for read in pair(f"r{i}", 0, WHOLE)]
    torn = [Read("f", 0, stretch(0, 40, p10="T"), flag=99), Read("f", 0, WHOLE, flag=147)]
    table = rates(good + torn)
    assert table.loc["T>A", "alt"] == 0
    assert rates(good + torn, unit="read").loc["T>A", "alt"] == 1


def test_a_read_whose_alignment_is_not_given_adds_nothing(rates):
    plain, with_it = rates(reads_with()), rates([*reads_with(), Read("x", 10, "T" * 20, cigar="*")])
    assert with_it.equals(plain)


def test_insertions_and_deletions_count_at_the_base_before(rates):
    deletion = Read("d", 0, stretch(0, 10) + stretch(11, 40), cigar="10M1D29M")
    assert GENOME[9] == "C"
    table = rates([*reads_with(), deletion])
    assert table.loc[["indel_CG", "indel_AT"], "alt"].tolist() == [1, 0]


def test_a_class_without_depth_has_no_rate(rates):
    only_a = pd.DataFrame({"chrom": [CONTIG], "start": [15], "end": [20]})
    table = rates(reads_with(), panel=only_a)
    assert table.loc["C>T", "depth"] == 0
    assert np.isnan(table.loc["C>T", "rate"])
    assert table.loc["T>A", "rate"] == 0


def test_regions_that_overlap_count_once(rates):
    twice = pd.concat([PANEL, PANEL.assign(start=20, end=30)])
    assert rates(reads_with(), panel=twice)["depth"].tolist() == rates(reads_with())["depth"].tolist()


def test_limit_on_positions_spreads_over_the_panel(tmp_path, rates):
    far = pd.DataFrame({"chrom": [CONTIG] * 4, "start": [0, 10, 20, 30], "end": [10, 20, 30, 40]})
    table = rates(reads_with(), panel=far, max_positions=20)
    assert table.loc[["C>A", "T>A"], "sites"].sum() == 20


@pytest.mark.parametrize(
    ("ref", "alt", "expected"),
    [
        ("C", "A", "C>A"),
        ("G", "T", "C>A"),
        ("A", "G", "T>C"),
        ("GC", "AC", "C>T"),
        ("C", "CA", "indel_CG"),
        ("TA", "T", "indel_AT"),
        ("C", "<DUP>", ""),
        ("N", "A", ""),
    ],
)
def test_class_of_a_variant(ref, alt, expected):
    assert substitution_class(pd.Series([ref]), pd.Series([alt])).tolist() == [expected]


# ---- spread ------------------------------------------------------------------------------------------


def test_moment_estimate():
    assert moment_estimate(1e-4, 4e-8) == (pytest.approx(0.249875), pytest.approx(2498.500, abs=1e-3))


@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (0.5, 0.3), (0.5, 0.0), (1.0, 0.1)])
def test_moment_estimate_that_does_not_exist(mean, variance):
    assert np.isnan(moment_estimate(mean, variance)).all()


def test_fit_finds_the_spread_that_made_the_data():
    generator = np.random.default_rng(5)
    depth = np.full(4000, 5000)
    alt = generator.binomial(depth, generator.beta(0.5, 4999.5, len(depth)))
    a, b = fit_beta_binomial(alt, depth)
    assert a == pytest.approx(0.5, rel=0.1)
    assert a / (a + b) == pytest.approx(1e-4, rel=0.1)


def test_fit_is_the_maximum_of_the_likelihood():
    generator = np.random.default_rng(8)
    depth = generator.integers(500, 3000, 600)
    alt = generator.binomial(depth, generator.beta(0.3, 600, len(depth)))
    a, b = fit_beta_binomial(alt, depth)

    def height(a, b):
        return stats.betabinom.logpmf(alt, depth, a, b).sum()

    others = [height(a * x, b * y) for x in (0.97, 1, 1.03) for y in (0.97, 1, 1.03)]
    assert height(a, b) == max(others)


def test_fit_finds_no_spread_where_there_is_none():
    depth = np.full(4000, 5000)
    alt = np.random.default_rng(6).binomial(depth, 1e-4)
    assert np.isnan(fit_beta_binomial(alt, depth)).all()


@pytest.mark.parametrize(("alt", "why"), [(np.zeros(100), "no errors"), (np.ones(10), "few positions")])
def test_fit_needs_data(alt, why):
    assert np.isnan(fit_beta_binomial(alt, np.full(len(alt), 1000))).all(), why


# ---- error rate of a variant -------------------------------------------------------------------------


def backgrounds(*rows):
    """sample, class, errors, bases."""
    frame = pd.DataFrame(rows, columns=["sample_id", "substitution", "alt", "depth"])
    frame = frame.assign(rate=frame["alt"] / frame["depth"], sites=100, alpha=np.nan, beta=np.nan)
    return conform(frame, columns.BACKGROUND)


def site(sample="S1", ref="C", alt="T", source="bam"):
    return {"sample_id": sample, "chrom": "1", "pos": 10, "ref": ref, "alt": alt, "source": source}


OWN = backgrounds(("S1", "C>T", 40, 1_000_000), ("N1", "C>T", 30, 400_000), ("N2", "C>T", 30, 600_000))


@pytest.mark.parametrize(
    ("row", "rate", "source", "why"),
    [
        (site(), 4e-5, "bam", "own reads"),
        (site(ref="G", alt="A"), 4e-5, "bam", "the other strand is the same class"),
        (site("S2"), 6e-5, "controls", "no own background: controls pooled, 60 of 1,000,000"),
        (site("S2", source="vcf"), 2e-5, "config", "a variant file's counts have no background"),
        (site("S1", source="vcf"), 2e-5, "config", "even where the sample has reads"),
        (site(ref="T", alt="A"), 2e-5, "config", "class not in the background"),
    ],
)
def test_source_of_the_rate(settings, row, rate, source, why):
    found = error_rate_for(pd.DataFrame([row]), OWN, settings=settings("ctdna"), controls=["N1", "N2"]).iloc[
        0
    ]
    assert (found["error_rate"], found["error_source"]) == (pytest.approx(rate), source), why


def test_rate_of_a_class_that_cannot_be_counted_is_missing(settings):
    found = error_rate_for(pd.DataFrame([site(alt="<DEL>")]), OWN, settings=settings("ctdna")).iloc[0]
    assert np.isnan(found["error_rate"])
    assert found["error_source"] == ""


@pytest.mark.parametrize(
    ("alt", "depth", "consensus", "rate", "source", "events"),
    [
        (0, 50_000, "any", 1 / 50_000, "bam (1/depth)", 0),
        (0, 1_000_000, "any", 1e-5, "bam (1/depth) (floor)", 0),
        (2, 1_000_000, "any", 1e-5, "bam (floor)", 2),
        (2, 1_000_000, "duplex", 2e-6, "bam", 2),
        (0, 100_000_000, "duplex", 1e-7, "bam (1/depth) (floor)", 0),
        (10, 19_999, "any", 2e-5, "config", np.nan),
    ],
)
def test_floors(settings, alt, depth, consensus, rate, source, events):
    section = settings("ctdna")
    section["counting"]["consensus"] = consensus
    table = backgrounds(("S1", "C>T", alt, depth))
    found = error_rate_for(pd.DataFrame([site()]), table, settings=section).iloc[0]
    assert (found["error_rate"], found["error_source"]) == (pytest.approx(rate), source)
    assert found["error_events"] == pytest.approx(events, nan_ok=True)


def test_configured_rates_by_class(settings):
    section = settings("ctdna")
    section["error"]["rates"] = {"C>T": 5e-5}
    rows = pd.DataFrame([site(source="vcf"), site(ref="T", alt="A", source="vcf")])
    found = error_rate_for(rows, empty(columns.BACKGROUND), settings=section)
    assert found["error_rate"].tolist() == [5e-5, 2e-5]
    assert found[["error_events", "error_depth"]].isna().all(axis=None)


def test_rate_of_a_site_is_shrunk_to_its_class(settings):
    """x 1, n 4000, e_c 2e-5, K 20,000: 5.8333e-5."""
    assert shrunk_rate(1, 4000, 2e-5, 20_000) == pytest.approx(5.8333e-5, rel=1e-5)
    controls = pd.DataFrame(
        [{"chrom": "1", "pos": 10, "ref": "C", "alt": "T", "alt_count": 1, "depth": 4000}]
    )
    table = backgrounds(("S1", "C>T", 20, 1_000_000))
    found = error_rate_for(
        pd.DataFrame([site()]), table, settings=settings("ctdna"), control_counts=controls
    ).iloc[0]
    assert found["error_rate"] == pytest.approx(5.8333e-5, rel=1e-5)
    assert found["error_source"] == "bam + site"
    assert found["error_events"] / found["error_depth"] == pytest.approx(found["error_rate"])


def test_pooled_controls_are_sums():
    table = pooled(OWN[OWN["sample_id"] != "S1"], "controls").iloc[0]
    assert (table["alt"], table["depth"], table["sites"]) == (60, 1_000_000, 200)
    assert table["rate"] == pytest.approx(6e-5)
