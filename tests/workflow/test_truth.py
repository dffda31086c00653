"""Calls against the truth of five simulated trials, through the real workflow up to the ctDNA samples."""

import pytest
from workflow_runs import once, results, simulate, snakemake, succeeded

from clearher.columns import ctdna
from clearher.simulate.compare import Characteristics, Count, compare, read_truth
from clearher.tables import read_table

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="session")
def characteristics(tmp_path_factory):
    """Detection in a trial of 42 subjects, two of them with read files, as a function of its seed."""

    def of_seed(seed: int) -> Characteristics:
        def build(folder):
            simulate(folder, "--subjects", "42", "--seed", str(seed), "--bam-subjects", "2")
            target = results(folder).relative_to(folder) / "ctdna" / "samples.tsv"
            succeeded(snakemake(folder, str(target)))

        folder = once(tmp_path_factory, f"truth of seed {seed}", build)
        samples = read_table(results(folder) / "ctdna" / "samples.tsv", ctdna.SAMPLES)
        return compare(read_truth(folder / "truth", "samples"), samples)

    return of_seed


def total(counts: list[Count]) -> Count:
    return Count(sum(count.n for count in counts), sum(count.of for count in counts))


@pytest.mark.parametrize("seed", SEEDS)
def test_tumour_dna_above_twice_the_limit_is_detected(characteristics, seed):
    """At least 95 % of evaluable samples with a true tumour fraction above twice their LoD95."""
    detectable = characteristics(seed).detectable
    assert detectable.of > 100
    assert detectable.share >= 0.95


def test_samples_without_tumour_dna_are_not_detected(characteristics):
    """At most 2 % of samples with zero tumour fraction, over the five trials."""
    pooled = total([characteristics(seed).without_tumour for seed in SEEDS])
    assert pooled.of > 150
    assert pooled.share <= 0.02
