"""Real reads of genome/bam-readcount (MIT) with the counts that tool expects."""

import pandas as pd
import pysam
import pytest

from clearher.ctdna.counting import count_sample
from clearher.intake.read_files import read_problems
from clearher.problems import InputError

SNV, INSERTION, SECOND = (10402985, "G", "A"), (10402985, "G", "GA"), (10405200, "T", "C")


@pytest.fixture
def count(fixtures, settings):
    def run(*variants, file="test.bam", read_group_sample="", **counting):
        section = settings("ctdna")
        section["counting"] |= {"min_mapping_quality": 0, "several_samples": "warning"} | counting
        sites = pd.DataFrame(
            [("21", *variant) for variant in variants], columns=["chrom", "pos", "ref", "alt"]
        )
        return count_sample(
            fixtures / "bam_readcount" / file,
            sites,
            sample_id="test",
            settings=section,
            read_group_sample=read_group_sample,
        )

    return run


@pytest.mark.parametrize(
    ("variant", "unit", "quality", "ref", "alt", "depth"),
    [
        (SNV, "read", 0, 341, 3, 344),
        (SNV, "fragment", 0, 296, 3, 299),
        (SNV, "fragment", 20, 272, 1, 273),
        (SECOND, "read", 0, 29, 30, 59),
        (SECOND, "fragment", 0, 28, 30, 58),
        (SECOND, "fragment", 20, 22, 25, 47),
    ],
)
def test_counts(count, variant, unit, quality, ref, alt, depth):
    row = count(variant, unit=unit, min_base_quality=quality).iloc[0]
    assert (row["ref_count"], row["alt_count"], row["depth"]) == (ref, alt, depth)


@pytest.mark.parametrize(
    ("unit", "quality", "alt"), [("read", 0, 20), ("fragment", 0, 19), ("fragment", 20, 18)]
)
def test_the_insertion_is_counted_as_insertion(count, unit, quality, alt):
    table = count(SNV, INSERTION, unit=unit, min_base_quality=quality).set_index("alt")
    assert table.loc["GA", "alt_count"] == alt
    assert table.loc["A", "alt_count"] <= 3, "the inserted A is no A at the position"


def test_strands_of_the_alternate_reads(count):
    row = count(SECOND, unit="read", min_base_quality=0).iloc[0]
    assert (row["alt_forward"], row["alt_reverse"]) == (17, 13)


def test_two_samples_in_one_file_are_reported_and_refused(fixtures, count):
    path = fixtures / "bam_readcount" / "test.bam"
    found = [p for p in read_problems(path, sample_id="test") if p.check == "several_samples"]
    assert "NA12878, NA12892" in found[0].found
    with pytest.raises(InputError, match="2 samples"):
        count(SNV, several_samples="error")


@pytest.mark.parametrize(("sample", "ref", "alt"), [("NA12878", 155, 2), ("NA12892", 186, 1)])
def test_each_sample_of_the_file_alone(count, sample, ref, alt):
    row = count(SNV, unit="read", min_base_quality=0, read_group_sample=sample).iloc[0]
    assert (row["ref_count"], row["alt_count"]) == (ref, alt)


def test_read_groups_without_sample_name_are_mentioned_and_counted(fixtures, count):
    found = read_problems(fixtures / "bam_readcount" / "test_bad_rg.bam", sample_id="test")
    assert [(p.check, p.severity) for p in found if p.check != "index_old"] == [("no_sample_name", "info")]
    assert count(SNV, file="test_bad_rg.bam", min_base_quality=0)["depth"].item() == 299


def test_cram_with_its_reference(fixtures, settings):
    folder = fixtures / "bam_readcount"
    section = settings("ctdna")
    section["counting"] |= {
        "min_mapping_quality": 0,
        "min_base_quality": 0,
        "unit": "read",
        "several_samples": "warning",
    }
    bases = "".join((folder / "rand1k.fa").read_text().split("\n")[1:]).upper()
    sites = pd.DataFrame(
        [("rand1k", pos, bases[pos - 1], "ACGT".replace(bases[pos - 1], "")[0]) for pos in range(1, 901, 10)],
        columns=["chrom", "pos", "ref", "alt"],
    )
    cram = folder / "twolib.sorted.cram"
    table = count_sample(cram, sites, sample_id="t", settings=section, reference=folder / "rand1k.fa")
    with pysam.AlignmentFile(str(cram), reference_filename=str(folder / "rand1k.fa")) as reads:
        overlapping = [reads.count("rand1k", pos - 1, pos) for pos in range(1, 901, 10)]
    assert table["fragments_total"].tolist() == overlapping
    assert sum(overlapping) > 0
    assert (table["ref_count"] == table["fragments_total"]).all(), "these reads equal the reference"
    with pytest.raises(InputError, match="no reference"):
        count_sample(cram, sites, sample_id="t", settings=section)
