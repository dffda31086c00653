"""Force-counting: one vote per fragment, every variant class, and files that cannot be used."""

import pandas as pd
import pysam
import pytest

from clearher.ctdna.alleles import Site, Window, trimmed, variant_class
from clearher.ctdna.counting import count_sample
from clearher.ctdna.fragments import combined
from clearher.ctdna.molecules import shared_patterns
from clearher.intake.read_files import CRAM_END_SIZE, read_problems
from clearher.problems import InputError
from ctdna_bam import CONTIG, GENOME, Read, pair, stretch, write_bam, write_reference

SNV = (11, "A", "T")  # 1-based position 11 is GENOME[10]


@pytest.fixture
def count(tmp_path, settings):
    def run(reads, *variants, reference=None, read_group_sample="", samples=("S1",), **counting):
        path = write_bam(tmp_path / "s.bam", reads, samples=samples)
        sites = pd.DataFrame(
            [(CONTIG, *variant) for variant in variants], columns=["chrom", "pos", "ref", "alt"]
        )
        section = settings("ctdna")
        section["counting"].update(counting)
        return count_sample(
            path,
            sites,
            sample_id="S1",
            settings=section,
            reference=reference,
            read_group_sample=read_group_sample,
        )

    return run


def numbers(table):
    names = ["ref_count", "alt_count", "depth", "fragments_total"]
    return table[names].astype(object).to_numpy().tolist()


def test_genome_of_the_tests_has_the_bases_they_name():
    assert GENOME[10] == "A"
    assert GENOME[15:21] == "AAAAAA"


# ---- fragments, not reads ----------------------------------------------------------------------------


def test_two_reads_of_a_fragment_count_once(count):
    reads = pair("ref", 0, stretch(0, 30)) + pair("alt", 0, stretch(0, 30, p10="T"))
    assert numbers(count(reads, SNV)) == [[1, 1, 2, 2]]
    assert numbers(count(reads, SNV, unit="read")) == [[2, 2, 4, 4]]


@pytest.mark.parametrize(
    ("first", "second", "expected", "why"),
    [
        (("A", 40), ("T", 29), [1, 0, 1, 1], "ref better by 11: ref"),
        (("A", 29), ("T", 40), [0, 1, 1, 1], "alt better by 11: alt"),
        (("A", 40), ("T", 30), [0, 0, 0, 1], "better by 10 only: discarded, never given to ref"),
        (("A", 35), ("T", 35), [0, 0, 0, 1], "equal: discarded"),
        (("T", 35), ("C", 35), [0, 1, 1, 1], "a third allele yields to alt"),
        (("A", 35), ("C", 35), [1, 0, 1, 1], "a third allele yields to ref"),
        (("C", 35), ("C", 35), [0, 0, 0, 1], "third allele alone: noise of the site"),
        (("A", 35), ("T", 10), [1, 0, 1, 1], "a base below the quality limit says nothing"),
    ],
)
def test_reads_of_a_fragment_that_disagree(count, first, second, expected, why):
    reads = [
        Read("f", 0, stretch(0, 30, p10=first[0]), quality=first[1], flag=99),
        Read("f", 0, stretch(0, 30, p10=second[0]), quality=second[1], flag=147),
    ]
    assert numbers(count(reads, SNV)) == [expected], why


def test_the_order_of_two_reads_does_not_matter():
    votes = [(0, 40, False), (1, 20, True), (1, 38, True), (2, 30, False)]
    for one in votes:
        for other in votes:
            assert combined(one, other, 10, True)[:2] == combined(other, one, 10, False)[:2]


@pytest.mark.parametrize(
    ("flag", "name"),
    [(1024, "duplicate"), (512, "QC fail"), (256, "secondary"), (2048, "supplementary"), (4, "unmapped")],
)
def test_reads_that_never_count(count, flag, name):
    reads = [Read("good", 0, stretch(0, 30)), Read("bad", 0, stretch(0, 30, p10="T"), flag=flag)]
    assert numbers(count(reads, SNV)) == [[1, 0, 1, 1]], name


@pytest.mark.parametrize("start", [0, 9, 10, 11], ids=lambda start: f"at {start}")
@pytest.mark.parametrize("flag", [133, 16], ids=["unmapped mate", "alignment not given"])
def test_a_read_without_an_alignment_says_nothing_wherever_it_lies(count, flag, start):
    """Aligners put a read that does not align where its mate lies: at the site, or between two sites."""
    mate = Read("f", start, stretch(start, 40, **({"p10": "T"} if start <= 10 else {})), flag=73)
    other = Read("f", start, "T" * 30, cigar="*", flag=flag)
    reads = [Read("good", 0, stretch(0, 40)), mate, other]
    alt = int(start <= 10)
    assert numbers(count(reads, SNV, (31, "C", "G"))) == [[1, alt, 1 + alt, 1 + alt], [2, 0, 2, 2]]


def test_quality_limits_are_inclusive(count):
    reads = [
        Read("a", 0, stretch(0, 30), quality=20, mapping_quality=20),
        Read("b", 0, stretch(0, 30), quality=19),
        Read("c", 0, stretch(0, 30), mapping_quality=19),
    ]
    assert numbers(count(reads, SNV)) == [[1, 0, 1, 1]]
    assert numbers(count(reads, SNV, min_base_quality=19, min_mapping_quality=19)) == [[3, 0, 3, 3]]


def test_strand_of_alt_fragments_is_that_of_the_supporting_read(count):
    alt = stretch(0, 30, p10="T")
    reads = [
        Read("f1", 0, alt),
        Read("f2", 0, alt, flag=16),
        Read("f3", 0, alt, flag=16),
        *pair("f4", 0, alt),
    ]
    row = count(reads, SNV).iloc[0]
    assert (row["alt_forward"], row["alt_reverse"]) == (2, 2), "f4 goes by its read 1, forward"


def test_a_fragment_over_two_sites_is_one_distinct_fragment(count):
    both = stretch(0, 40, p10="T", p25="G")
    reads = [Read("both", 0, both), Read("second", 0, stretch(0, 40, p25="G"))]
    table = count(reads, SNV, (26, "C", "G"))
    assert table["alt_count"].tolist() == [1, 2]
    assert table["distinct_alt_fragments"].tolist() == [1, 1]
    assert table["distinct_alt_fragments"].sum() == 2, "two molecules, three observations"
    assert table["shared_alt_fragments"].tolist() == [f"{CONTIG}:11:A:T,{CONTIG}:26:C:G,1", ""]


def test_which_fragments_are_shared_among_three_sites():
    found = shared_patterns({"a": frozenset("pqr"), "b": frozenset("qrs"), "c": frozenset("rst")})
    assert found == {"a": "a,b,1 a,b,c,1", "b": "b,c,1", "c": ""}


# ---- variant classes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "alt", "expected"),
    [
        ("A", "T", "SNV"),
        ("AC", "TG", "MNV"),
        ("A", "AT", "INS"),
        ("AT", "A", "DEL"),
        ("ACG", "T", "COMPLEX"),
        ("A", "<DEL>", ""),
        ("A", "]chr2:5]A", ""),
        ("A", "*", ""),
        ("N", "A", ""),
        ("A", "", ""),
        ("A", "A", ""),
    ],
)
def test_variant_class(ref, alt, expected):
    assert variant_class(ref, alt) == expected


@pytest.mark.parametrize("alt", ["<DEL>", "A[chr2:5[", "*", "<*>", "N", "R"])
def test_what_cannot_be_counted_is_not_supported_never_zero(count, alt):
    row = count([Read("a", 0, stretch(0, 30))], (11, "A", alt)).iloc[0]
    assert row["status_note"] == "NOT_SUPPORTED"
    assert row[["depth", "alt_count", "ref_count"]].isna().all()
    assert row["why"] != ""


def test_a_site_without_reads_has_depth_0_and_says_so(count):
    row = count([Read("a", 0, stretch(0, 8))], SNV).iloc[0]
    assert (row["depth"], row["alt_count"], row["status_note"]) == (0, 0, "NOT_COVERED")


def test_an_inserted_base_is_never_an_snv(count):
    inserted = stretch(0, 11) + "T" + stretch(11, 29)
    reads = [Read("i", 0, inserted, cigar="11M1I18M"), Read("r", 0, stretch(0, 30))]
    table = count(reads, SNV, (11, "A", "AT"), (12, "T", "A"))
    assert table["alt_count"].tolist() == [1, 0, 0], "A>AT is seen once; neither A>T nor the next base is"
    assert table.set_index("alt").loc["T", "ref_count"] == 2


def test_mnv_counts_whole_haplotypes_only(count):
    reads = [
        Read("both", 0, stretch(0, 30, p10="G", p11="C")),
        Read("one", 0, stretch(0, 30, p10="G")),
        Read("ref", 0, stretch(0, 30)),
    ]
    assert numbers(count(reads, (11, "AT", "GC"))) == [[1, 1, 2, 3]]


@pytest.mark.parametrize("place", [15, 17, 20])
def test_deletion_in_a_repeat_counts_wherever_the_aligner_put_it(count, tmp_path, place):
    """CAAAAAA > CAAAAA: the same molecule, three alignments."""
    reference = write_reference(tmp_path / "g.fa")
    read = Read("d", 0, stretch(0, place) + stretch(place + 1, 40), cigar=f"{place}M1D{39 - place}M")
    spanning = Read("r", 0, stretch(0, 40))
    inside = Read("short", 0, stretch(0, 18))
    deletion = (15, "CA", "C")
    assert GENOME[14:16] == "CA"
    assert numbers(count([read, spanning, inside], deletion, reference=reference)) == [[1, 1, 2, 2]]


def test_deletion_written_at_the_right_end_of_the_repeat_is_the_same_variant(count, tmp_path):
    reference = write_reference(tmp_path / "g.fa")
    read = Read("d", 0, stretch(0, 15) + stretch(16, 40), cigar="15M1D24M")
    table = count([read], (15, "CA", "C"), (20, "AA", "A"), reference=reference)
    assert table["alt_count"].tolist() == [1, 1]


def test_another_length_of_the_repeat_is_neither_ref_nor_alt(count, tmp_path):
    reference = write_reference(tmp_path / "g.fa")
    two = Read("d", 0, stretch(0, 15) + stretch(17, 40), cigar="15M2D23M")
    assert numbers(count([two], (15, "CA", "C"), reference=reference)) == [[0, 0, 0, 1]]


def test_insertion_in_a_repeat(count, tmp_path):
    reference = write_reference(tmp_path / "g.fa")
    reads = [
        Read("left", 0, stretch(0, 15) + "A" + stretch(15, 40), cigar="15M1I25M"),
        Read("right", 0, stretch(0, 21) + "A" + stretch(21, 40), cigar="21M1I19M"),
        Read("ref", 0, stretch(0, 40)),
        Read("other", 0, stretch(0, 15) + "G" + stretch(15, 40), cigar="15M1I25M"),
    ]
    assert numbers(count(reads, (15, "C", "CA"), reference=reference)) == [[1, 2, 3, 4]]


def test_replacement_of_other_length_is_compared_as_haplotype(count):
    replaced = stretch(0, 10) + "GG" + stretch(13, 40)
    reads = [
        Read("a", 0, replaced, cigar="12M1D27M"),
        Read("b", 0, replaced, cigar="10M1D29M"),
        Read("r", 0, stretch(0, 40)),
    ]
    assert numbers(count(reads, (11, "ATT", "GG"))) == [[1, 2, 3, 3]]


def test_ref_that_contradicts_the_reference_is_refused(count, tmp_path):
    reference = write_reference(tmp_path / "g.fa")
    row = count([Read("a", 0, stretch(0, 30))], (11, "C", "T"), reference=reference).iloc[0]
    assert row["status_note"] == "NOT_SUPPORTED"
    assert "contradicts" in row["why"]


@pytest.mark.parametrize("further", [[], [SNV]])
def test_a_variant_behind_the_end_of_its_chromosome_is_not_supported(count, further):
    """Another genome build: neither depth 0 nor an error of the reader."""
    variants = [(len(GENOME), "TT", "T"), (5000, "A", "T"), *further]
    table = count([Read("a", 0, stretch(0, 30))], *variants).set_index("pos")
    beyond = table.loc[[len(GENOME), 5000]]
    assert beyond["status_note"].tolist() == ["NOT_SUPPORTED"] * 2
    assert beyond["depth"].isna().all()
    assert beyond["why"].str.startswith("chr1 of the read file ends at 64").all()


def test_shifting_an_indel():
    window = Window(100, "GCAAAAT")
    assert window.shifted_left(105, 1, "") == (102, 1, "")
    assert window.right_end(102, 1, "") == 106
    assert window.shifted_left(106, 0, "A") == (102, 0, "A")
    assert Window(0, "TACACACG").shifted_left(5, 2, "") == (1, 2, "")


def test_common_bases_are_trimmed():
    assert trimmed(Site("1", 10, "CAG", "CTG")) == Site("1", 11, "A", "T")
    assert trimmed(Site("1", 10, "CAGG", "CAG")) == Site("1", 11, "AG", "A")


# ---- molecular tags ----------------------------------------------------------------------------------


def tagged(name, **tags):
    return Read(name, 0, stretch(0, 30, p10="T"), tags=tags)


@pytest.mark.parametrize(
    ("consensus", "min_family_depth", "expected"),
    [("any", 1, 5), ("simplex", 1, 3), ("duplex", 1, 1), ("any", 4, 2), ("duplex", 9, 0)],
)
def test_consensus_thresholds(count, consensus, min_family_depth, expected):
    reads = [
        tagged("duplex", cD=8, aM=3, bM=2),
        tagged("one strand", cD=4, aM=3, bM=0),
        tagged("simplex", cD=2),
        tagged("neither", cD=0, aM=0, bM=0),
        Read("raw", 0, stretch(0, 30, p10="T")),
    ]
    table = count(reads, SNV, consensus=consensus, min_family_depth=min_family_depth)
    assert table["alt_count"].tolist() == [expected]


def test_thresholds_without_tags_are_refused(count):
    with pytest.raises(InputError, match="without the tags"):
        count([Read("raw", 0, stretch(0, 30))], SNV, consensus="duplex")


# ---- files -------------------------------------------------------------------------------------------


def test_several_samples_in_one_file_are_refused_and_named(count):
    with pytest.raises(InputError, match=r"2 samples \(S1, S2\)"):
        count([Read("a", 0, stretch(0, 30))], SNV, samples=("S1", "S2"))


def test_one_sample_of_several_can_be_counted_alone(count):
    reads = [Read("a", 0, stretch(0, 30)), Read("b", 0, stretch(0, 30, p10="T"), tags={"RG": "S2"})]
    table = count(reads, SNV, samples=("S1", "S2"), read_group_sample="S2")
    assert numbers(table) == [[0, 1, 1, 1]]


def test_several_samples_as_a_warning_only(tmp_path):
    path = write_bam(tmp_path / "s.bam", [Read("a", 0, stretch(0, 30))], samples=("S1", "S2"))
    found = read_problems(path, sample_id="S1", several_samples="warning")
    assert [(p.check, p.severity) for p in found] == [("several_samples", "warning")]


def broken(tmp_path, kind):
    path = tmp_path / "s.bam"
    reads = [Read(f"r{i}", i % 30, stretch(i % 30, i % 30 + 30)) for i in range(2000)]
    if kind == "missing":
        return path
    if kind == "not a BAM":
        path.write_text("hello")
        (tmp_path / "s.bam.bai").write_text("")
        return path
    if kind == "empty":
        path.write_bytes(b"")
        (tmp_path / "s.bam.bai").write_text("")
        return path
    write_bam(path, reads, index=kind != "no index")
    if kind == "cut short":
        path.write_bytes(path.read_bytes()[:-400])
    if kind == "unsorted":
        with pysam.AlignmentFile(str(path)) as source:
            header = source.header.to_dict()
            rows = list(source)
        header["HD"]["SO"] = "queryname"
        with pysam.AlignmentFile(str(path), "wb", header=header) as target:
            for row in rows:
                target.write(row)
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "no such file"),
        ("no index", "samtools index"),
        ("not a BAM", "whole BAM or CRAM"),
        ("empty", "whole BAM or CRAM"),
        ("cut short", "whole BAM or CRAM"),
        ("unsorted", "samtools sort"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(tmp_path, settings, kind, words):
    sites = pd.DataFrame([(CONTIG, *SNV)], columns=["chrom", "pos", "ref", "alt"])
    with pytest.raises(InputError, match=words) as caught:
        count_sample(broken(tmp_path, kind), sites, sample_id="S1", settings=settings("ctdna"))
    assert all(problem.sample_id == "S1" for problem in caught.value.problems)


@pytest.mark.parametrize("chrom", ["1", "chr1"])
def test_chromosome_names_with_and_without_prefix_meet(tmp_path, settings, chrom):
    path = write_bam(tmp_path / "s.bam", [Read("a", 0, stretch(0, 30))])
    sites = pd.DataFrame([(chrom, *SNV)], columns=["chrom", "pos", "ref", "alt"])
    table = count_sample(path, sites, sample_id="S1", settings=settings("ctdna"))
    assert (table["chrom"].item(), table["depth"].item()) == (chrom, 1)


def test_reads_of_another_genome_are_refused(tmp_path, settings):
    path = write_bam(tmp_path / "s.bam", [Read("a", 0, stretch(0, 30))])
    sites = pd.DataFrame([("chr17", *SNV)], columns=["chrom", "pos", "ref", "alt"])
    with pytest.raises(InputError, match="genome build"):
        count_sample(path, sites, sample_id="S1", settings=settings("ctdna"))


@pytest.fixture
def cram(tmp_path):
    """A CRAM with its index, and its reference."""
    reference = write_reference(tmp_path / "g.fa")
    bam = write_bam(tmp_path / "s.bam", [Read("a", 0, stretch(0, 30, p10="T"))])
    path = tmp_path / "s.cram"
    pysam.view("-C", "-T", str(reference), "-o", str(path), str(bam), catch_stdout=False)
    pysam.index(str(path))
    return path, reference


def test_cram_without_its_end_is_refused(cram):
    path, reference = cram
    assert read_problems(path, sample_id="S1", reference=reference) == []
    path.write_bytes(path.read_bytes()[:-CRAM_END_SIZE])
    pysam.index(str(path))
    (problem,) = read_problems(path, sample_id="S1", reference=reference)
    assert (problem.check, problem.file) == ("read_file_broken", str(path))
    assert "truncated" in problem.found


def test_cram_needs_its_reference(cram, settings):
    cram, reference = cram
    sites = pd.DataFrame([(CONTIG, *SNV)], columns=["chrom", "pos", "ref", "alt"])
    with pytest.raises(InputError, match="no reference"):
        count_sample(cram, sites, sample_id="S1", settings=settings("ctdna"))
    table = count_sample(cram, sites, sample_id="S1", settings=settings("ctdna"), reference=reference)
    assert table["alt_count"].tolist() == [1]


def test_no_sites_give_an_empty_table(tmp_path, settings):
    path = write_bam(tmp_path / "s.bam", [Read("a", 0, stretch(0, 30))])
    sites = pd.DataFrame(columns=["chrom", "pos", "ref", "alt"])
    assert count_sample(path, sites, sample_id="S1", settings=settings("ctdna")).empty
