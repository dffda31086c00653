"""Calls against the truth of five simulated trials, through the real workflow up to the ctDNA samples."""

import pytest
from workflow_runs import results, simulate, snakemake, succeeded

from clearher.columns import ctdna
from clearher.simulate.compare import Count, compare, read_truth
from clearher.tables import read_table

pytestmark = pytest.mark.xdist_group("truth")
SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def characteristics(tmp_path_factory):
    """Detection in each of five trials of 42 subjects, two of them with read files."""
    found = []
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp("truth") / f"seed {seed}"
        simulate(folder, "--subjects", "42", "--seed", str(seed), "--bam-subjects", "2")
        target = results(folder).relative_to(folder) / "ctdna" / "samples.tsv"
        succeeded(snakemake(folder, str(target)))
        samples = read_table(results(folder) / "ctdna" / "samples.tsv", ctdna.SAMPLES)
        found.append(compare(read_truth(folder / "truth", "samples"), samples))
    return found


def total(counts: list[Count]) -> Count:
    return Count(sum(count.n for count in counts), sum(count.of for count in counts))


def test_tumour_dna_above_twice_the_limit_is_detected(characteristics):
    """At least 95 % of evaluable samples with a tumour fraction above twice their LoD95, in each trial."""
    shares = [found.detectable.share for found in characteristics]
    assert min(shares) >= 0.95
    assert total([found.detectable for found in characteristics]).of > 500


def test_samples_without_tumour_dna_are_not_detected(characteristics):
    """At most 2 % of samples with zero tumour fraction, over the five trials."""
    pooled = total([found.without_tumour for found in characteristics])
    assert pooled.of > 150
    assert pooled.share <= 0.02
