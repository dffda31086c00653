"""Reading files: packing, damage, choice of the sample, builds, dialects without a file in the collection."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest

from clearher.intake.vcf_header import (
    Use,
    check_file,
    choose_sample,
    genome_build,
    parse_header,
    read_header,
    shared_columns,
)
from clearher.intake.vcf_text import packing, read_text
from clearher.problems import InputError
from clearher.variants.batch import read_batch
from clearher.variants.calls import ReadOptions
from clearher.variants.records import read_vcf
from clearher.variants.resources import VariantResources, load_resources
from clearher.variants.strand_test import strand_bias
from variants_builders import FIXED, META, allele, sample_rows, vcf_text, write_vcf

RECORDS = [allele(100, "C", "T", 2000, 40), allele(200, "G", "A", 2000, 30)]


def packed(folder, kind):
    """The same two records as plain text, gzip, bgzip and BCF."""
    plain = folder / "a.vcf"
    plain.write_text(vcf_text(RECORDS))
    path = folder / {"plain": "a.vcf", "gzip": "g.vcf.gz", "bgzf": "b.vcf.gz", "bcf": "a.bcf"}[kind]
    if kind == "gzip":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif kind == "bgzf":
        pysam.tabix_compress(str(plain), str(path), force=True)
    elif kind == "bcf":
        source = pysam.VariantFile(str(plain))
        with source, pysam.VariantFile(str(path), "wb", header=source.header) as target:
            for record in source:
                target.write(record)
    return path


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf", "bcf"])
def test_packing_is_told_by_content_and_reads_the_same(tmp_path, kind):
    path = packed(tmp_path, kind)
    assert packing(path) == kind
    frame = read_vcf(path).frame()
    assert frame[["pos", "alt", "depth", "alt_count", "gene"]].to_numpy().tolist() == [
        [100, "T", 2000.0, 40.0, "PIK3CA"],
        [200, "A", 2000.0, 30.0, "PIK3CA"],
    ]


@pytest.mark.parametrize(
    ("kind", "check"), [("gzip", "file_damaged"), ("bgzf", "file_truncated"), ("bcf", "file_truncated")]
)
def test_truncated_files_are_refused(tmp_path, kind, check):
    path = packed(tmp_path, kind)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError) as caught:
        read_vcf(path)
    assert [problem.check for problem in caught.value.problems] == [check]


def test_a_damaged_block_is_refused_with_what_zlib_says_of_it(tmp_path):
    path = packed(tmp_path, "bgzf")
    data = bytearray(path.read_bytes())
    data[18] ^= 0b110  # the kind of the first deflate block, behind the header of the bgzip block
    path.write_bytes(data)
    with pytest.raises(InputError, match="Error -3 while decompressing data"):
        read_vcf(path)


def test_a_last_line_cut_off_is_refused_with_its_line(tmp_path):
    path = tmp_path / "cut.vcf"
    path.write_text(vcf_text(RECORDS)[:-60])
    with pytest.raises(InputError, match=f"row {len(META) + 3}"):
        read_vcf(path)


@pytest.mark.parametrize(
    ("end", "refused", "why"),
    [
        ("GT:AD:DP\t0/1:1", True, "cut off within the values"),
        ("GT:AD:DP\t0/1:1,2:3", False, "whole but for the line feed"),
        ("GT:AD:DP\t0/1:1,2\n", False, "values left out at the end, as VCF allows"),
    ],
)
def test_a_last_value_cut_off_is_refused(tmp_path, end, refused, why):
    path = tmp_path / "cut.vcf"
    head = vcf_text(RECORDS).rstrip("\n").rpartition("\n")[2].split("\t")[:8]
    path.write_text(vcf_text(RECORDS) + "\t".join(head) + "\t" + end)
    if refused:
        with pytest.raises(InputError, match="a last line that does not end and has 2 of 3 values"):
            read_vcf(path)
    else:
        assert len(read_vcf(path).frame()) >= 2, why


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_line_ends_do_not_matter(tmp_path, end):
    path = tmp_path / "a.vcf"
    text = vcf_text(RECORDS)
    path.write_bytes((text.replace("\n", end) if end else text.rstrip("\n")).encode())
    assert len(read_vcf(path).frame()) == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        read_text(tmp_path / "nowhere.vcf")


def header(*meta, samples):
    return parse_header(
        [META[0], *meta, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(samples)],
        "x.vcf",
    )


CHOICES = [
    # header lines, columns, vcf_sample, sample_id, specimen, chosen column, why
    ((), ["A", "B"], "B", "", "plasma", 1, "named in the sample sheet"),
    ((), ["A", "B"], "", "A", "plasma", 0, "the sample's own id"),
    (("##tumor_sample=B",), ["A", "B"], "", "", "plasma", 1, "##tumor_sample"),
    (("##tumor_sample=B", "##normal_sample=A"), ["A", "B"], "", "", "wbc", 0, "##normal_sample"),
    ((), ["A"], "", "", "plasma", 0, "the only one"),
    ((), ["NORMAL", "TUMOR"], "", "", "plasma", 1, "by name, in either order"),
    ((), ["NORMAL", "TUMOR"], "", "", "wbc", 0, "by name, in either order"),
    ((), [], "", "", "plasma", None, "no sample column"),
]


@pytest.mark.parametrize(("meta", "columns", "vcf_sample", "sample_id", "specimen", "chosen", "why"), CHOICES)
def test_sample_column_is_chosen_by_name(meta, columns, vcf_sample, sample_id, specimen, chosen, why):
    found = (
        header(*meta, samples=columns)
        if columns
        else parse_header([META[0], "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"], "x.vcf")
    )
    names = {"vcf_sample": vcf_sample, "sample_id": sample_id, "specimen": specimen}
    assert choose_sample(found, **names) == chosen, why


@pytest.mark.parametrize(("vcf_sample", "words"), [("", "2 sample columns"), ("C", "no sample column 'C'")])
def test_ambiguous_and_wrong_names_are_refused(vcf_sample, words):
    with pytest.raises(InputError, match=words):
        choose_sample(header(samples=["A", "B"]), vcf_sample=vcf_sample)


BUILDS = [
    (("##contig=<ID=chr1,length=248956422>",), "GRCh38"),
    (("##contig=<ID=1,length=249250621>",), "GRCh37"),
    (("##reference=file:///data/ucsc.hg19.fasta",), "GRCh37"),
    (("##contig=<ID=1,length=249250621>", "##contig=<ID=17,length=83257441>"), "mixed"),
    (("##contig=<ID=17,length=100>",), ""),
]


@pytest.mark.parametrize(("meta", "build"), BUILDS)
def test_genome_build_by_contig_lengths(meta, build):
    assert genome_build(header(*meta, samples=["A"])) == build


def test_build_against_the_sample_sheet_is_found_from_the_header_alone(tmp_path):
    path = write_vcf(tmp_path / "a.vcf", RECORDS)
    (problem,) = check_file(path, genome_build_stated="hg19")
    assert problem.check == "genome_build"
    assert check_file(path, genome_build_stated="hg38") == []


@pytest.mark.parametrize(
    ("column", "vcf_sample", "refused", "why"),
    [
        ("P2", "", True, "another row's sample: the wrong file was named"),
        ("P1", "", False, "the sample itself"),
        ("TUMOUR", "", False, "a name that is nobody's in the sheet"),
        ("P2", "P2", False, "the sheet says that this column is meant"),
    ],
)
def test_the_file_of_another_sample_is_refused(tmp_path, column, vcf_sample, refused, why):
    path = write_vcf(tmp_path / "a.vcf", RECORDS, samples=[column])
    problems = check_file(path, vcf_sample, sample_id="P1", others={"P1", "P2"})
    assert [p.check for p in problems] == ["vcf_of_other_sample"] * refused, why


SHARED = [
    # columns of the file, samples with vcf_sample and specimen, samples named, why
    (
        [],
        [("P1", "", "plasma"), ("P2", "", "plasma")],
        ["P1, P2"],
        "no sample column says whose calls these are",
    ),
    (["TUMOUR"], [("P1", "", "plasma"), ("P2", "", "plasma")], ["P1, P2"], "the only column for both"),
    (
        ["A", "B"],
        [("P1", "A", "plasma"), ("P2", "A", "plasma"), ("P3", "B", "plasma")],
        ["P1, P2"],
        "A twice",
    ),
    (["TUMOR", "NORMAL"], [("P1", "", "plasma"), ("W1", "", "wbc")], [], "a paired file: each its column"),
    (
        ["A", "B"],
        [("P1", "", "plasma"), ("P2", "", "plasma")],
        [],
        "a column for neither, which is said elsewhere",
    ),
    (["P1"], [("P1", "", "plasma")], [], "one sample"),
]


@pytest.mark.parametrize(("columns", "samples", "named", "why"), SHARED)
def test_one_column_for_two_samples_is_refused(tmp_path, columns, samples, named, why):
    last = [FIXED, *columns] if columns else [FIXED.removesuffix("\tFORMAT")]
    path = tmp_path / "a.vcf"
    path.write_text("\n".join([*META, "\t".join(last)]) + "\n")
    problems = shared_columns(Use(name, str(path), column, kind) for name, column, kind in samples)
    assert [problem.found.partition("named for ")[2] for problem in problems] == named, why


def test_header_needs_no_records_to_be_read(tmp_path):
    path = tmp_path / "a.vcf"
    path.write_text(vcf_text([]) + "rubbish")
    assert read_header(path).samples == ("T",)


def call(tmp_path, meta, info, layout, cell, *, alt="T", options=None):
    path = tmp_path / "x.vcf"
    write_vcf(path, [(100, "C", alt, "PASS", info, layout, cell)], meta=(META[0], *meta))
    calls = read_vcf(path, options=options)
    return calls, calls.frame().iloc[0]


DIALECTS = [
    # header line, INFO, FORMAT, sample, caller, field, depth, alt reads, strands of alt
    (
        "##source=umiVar2",
        ".",
        "DP:AC:AF:Strand",
        "12276:311:0.025:272-39-9299-2663",
        "umivar",
        "AC",
        12276,
        311,
        (272, 39),
    ),
    (
        "##source=umiVar2",
        ".",
        "DP:AC:AF:Strand",
        "311:12276:0.025:272-39-9299-2663",
        "umivar",
        "AC",
        12276,
        311,
        (272, 39),
    ),
    (
        "##sageVersion=3.4",
        ".",
        "GT:ABQ:AD:AF:DP",
        "0/1:37:980,20:0.02:1000",
        "sage",
        "AD",
        1000,
        20,
        (None, None),
    ),
    ("##source=VarDict_v1.8", ".", "DP:VD:AF", "1000:20:0.02", "vardict", "VD", 1000, 20, (None, None)),
    ("##source=DRAGEN", ".", "AD:DP:SB", "980,20:1000:490,490,11,9", "dragen", "AD", 1000, 20, (11, 9)),
    ("##x=y", ".", "AD", "980,20", "unknown", "AD", 1000, 20, (None, None)),
    ("##x=y", ".", "DP:AF", "1000:0.02", "unknown", "AF*DP", 1000, 20, (None, None)),
    ("##x=y", ".", "DP:AF", "1000:2%", "unknown", "AF*DP", 1000, 20, (None, None)),
    ("##x=y", ".", "RO:AO:DP", "980:20:1000", "unknown", "AO", 1000, 20, (None, None)),
]


@pytest.mark.parametrize(
    ("line", "info", "layout", "cell", "caller", "field", "depth", "alt", "strands"), DIALECTS
)
def test_dialects(tmp_path, line, info, layout, cell, caller, field, depth, alt, strands):
    calls, row = call(tmp_path, [line], info, layout, cell)
    assert (calls.caller, row["count_field"], row["depth"], row["alt_count"]) == (caller, field, depth, alt)
    found = tuple(None if np.isnan(row[name]) else row[name] for name in ("alt_forward", "alt_reverse"))
    assert found == strands


def test_hundreds_of_fields_with_hundreds_of_numbers_are_checked_too(tmp_path):
    keys = [f"K{i}" for i in range(200)]
    meta = [f'##FORMAT=<ID={key},Number=100,Type=Float,Description="x">' for key in keys]
    sound, short = ",".join(["1.5"] * 100), ",".join(["1.5"] * 99)
    layout, cell = ":".join(["AD", *keys]), ":".join(["980,20", *[sound] * 199, short])
    calls, row = call(tmp_path, meta, ".", layout, cell)
    assert (row["alt_count"], calls.notes.count("sample_number")) == (20, 1)


def test_counts_from_a_fraction_are_named_and_noted(tmp_path):
    calls, row = call(tmp_path, [], ".", "DP:AF", "1000:0.0204")
    assert (row["count_field"], row["caller_vaf"]) == ("AF*DP", 0.0204)
    assert calls.notes.count("fraction_not_counts") == 1


def test_a_fraction_without_depth_is_a_vaf_without_counts(tmp_path):
    _, row = call(tmp_path, [], ".", "GT:AF", "0/1:0.02")
    assert (row["count_field"], row["caller_vaf"], row["support"]) == ("AF", 0.02, "")
    assert np.isnan(row["depth"])
    assert np.isnan(row["alt_count"])


FRACTIONS = [
    # ALT, FORMAT, cell, count field, alt reads and VAF of each allele, why
    ("T", "AD:AF:DP", "900,.:0.05:1000", ["AF*DP"], [50], [0.05], "AD states no alt: said to be computed"),
    ("T,G", "AD:AF:DP", "900,20,.:0.02,0.05:1000", ["AD", "AF"], [20, None], [0.02, 0.05], "one alt lacks"),
    ("T", "DP:AF", "1000:0.0004", ["AF"], [None], [0.0004], "seen: its reads are not known, and not 0"),
    ("T", "DP:AF", "1000:0", ["AF*DP"], [0], [0.0], "not seen"),
]


@pytest.mark.parametrize(("alt", "layout", "cell", "fields", "reads", "vafs", "why"), FRACTIONS)
def test_a_fraction_in_the_place_of_counts_is_named(
    tmp_path, settings, alt, layout, cell, fields, reads, vafs, why
):
    path = write_vcf(tmp_path / "a.vcf", [(100, "C", alt, "PASS", ".", layout, cell)])
    rows = sample_rows(("S1", "S1-P", "plasma", path))
    variants = read_batch(rows, settings=settings("variants"), resources=VariantResources()).variants
    variants = variants.sort_values("alt", ascending=False)
    assert variants["count_field"].tolist() == fields, why
    assert [None if number is pd.NA else number for number in variants["alt_count"]] == reads, why
    assert variants["vaf"].tolist() == vafs, why
    assert variants["status"].eq("REFERENCE").tolist() == [vaf == 0 for vaf in vafs], why


def test_swapped_depth_and_count_are_noted(tmp_path):
    calls, _ = call(tmp_path, ["##source=umiVar2"], ".", "DP:AC:AF", "311:12276:0.025")
    assert calls.notes.count("depth_and_count_swapped") == 1


@pytest.mark.parametrize("cell", [".,.:1000", ".:1000", "-5,20:1000", "1.5,x:1000"])
def test_counts_that_are_no_counts_stay_missing(tmp_path, cell):
    _, row = call(tmp_path, [], ".", "AD:DP", cell)
    assert np.isnan(row["ref_count"])
    assert row["alt_count"] != 0


def test_copy_number_records_keep_their_copy_number(tmp_path):
    _, row = call(tmp_path, [], "SVTYPE=CNV;END=500", "GT:CN", "./1:7.5", alt="<DUP>")
    assert (row["variant_class"], row["copy_number"], row["support"]) == ("CNV", 7.5, "symbolic")


PHASES = [
    # FORMAT, cell, haplotype
    ("GT:AD:PGT:PID", "0|1:900,9:0|1:100_C_T", "100_C_T/0|1"),
    ("GT:AD:PGT:PID:PS", "1|0:900,9:1|0:100_C_T:100", "100_C_T/1|0"),
    ("GT:AD:PS", "0|1:900,9:100", "100/0|1"),
    ("GT:AD:PS", "0/1:900,9:.", ""),
    ("GT:AD", "0|1:900,9", ""),
]


@pytest.mark.parametrize(("layout", "cell", "expected"), PHASES)
def test_haplotype_that_the_caller_names(tmp_path, layout, cell, expected):
    _, row = call(tmp_path, [], ".", layout, cell)
    assert row["phase"] == expected


def test_population_field_of_ones_own(tmp_path):
    options = ReadOptions(population_fields=("MY_AF",))
    _, row = call(tmp_path, [], "MY_AF=0.03,0.2", "AD", "980,20,0", alt="T,G", options=options)
    assert row["population_af"] == 0.03


CSQ = ",".join(
    (
        "CSQ=T|upstream_gene_variant|MODIFIER|MIEN1|ENST9||YES|NM_9|",
        "T|missense_variant|MODERATE|ERBB2|ENST2|p.A1T|YES|NM_2|0.001",
        "T|stop_gained|HIGH|ERBB2|ENST3|p.A1*|||0.02",
    )
)


def test_transcript_rule_mane_then_canonical_then_highest_impact(tmp_path):
    path = write_vcf(tmp_path / "a.vcf", [(1, "C", "T", "PASS", CSQ, "AD", "980,20")])
    row = read_vcf(path).frame().iloc[0]
    assert (row["gene"], row["transcript"], row["population_af"]) == ("ERBB2", "ENST2", 0.001)


def test_annotation_of_one_of_several_alleles(tmp_path):
    """VEP cuts a first base that all alleles share: C is written "-" and CAA "AA"."""
    info = "CSQ=AA|missense_variant|MODERATE|A|E1||||,-|frameshift_variant|HIGH|B|E2||||"
    path = write_vcf(tmp_path / "a.vcf", [(1, "CA", "C,CAA,CT", "PASS", info, "AD", "980,20,10,5")])
    calls = read_vcf(path)
    assert calls.frame()["gene"].tolist() == ["B", "A", ""]
    assert calls.notes.count("annotation_without_allele") == 1


NAMED = [
    # REF, ALT, names of the entries in CSQ, name taken for each allele ("" none), why
    ("C", "A", "A T", ["A"], "split after annotation: the entries of both alleles are still there"),
    ("C", "T", "A T", ["T"], "the other half"),
    ("TTT", "T,TT", "- T", ["-", "T"], "T is what VEP calls TT here, not the allele T"),
    ("AT", "A,AA", "- A", ["-", "A"], "A is what VEP calls AA here"),
    ("AT", "AA", "- A", ["A"], "split from a deletion"),
    ("CA", "TG,CG", "TG CG", ["TG", "CG"], "no length changes: nothing is cut"),
    ("CA", "C,*", "-", ["-", ""], "a spanning deletion is not the deletion"),
    ("C", "<DUP>", "duplication", ["duplication"], "one name for the one allele, whatever it is"),
]


@pytest.mark.parametrize(("ref", "alt", "names", "taken", "why"), NAMED)
def test_each_allele_has_the_annotation_that_names_it(tmp_path, ref, alt, names, taken, why):
    entries = [f"{name}|missense_variant|MODERATE|{name}|E1||YES|NM|" for name in names.split()]
    record = (1, ref, alt, "PASS", "CSQ=" + ",".join(entries), "DP", "1000")
    frame = read_vcf(write_vcf(tmp_path / "a.vcf", [record])).frame()
    assert frame["gene"].tolist() == taken, why


def test_snpeff_names_alleles_as_they_are_written(tmp_path):
    meta = (
        *META[:2],
        "##INFO=<ID=ANN,Number=.,Type=String,Description=\"'Allele | Annotation | Gene_Name'\">",
    )
    record = (1, "TTT", "T,TT", "PASS", "ANN=TT|frameshift_variant|B,T|frameshift_variant|A", "DP", "1000")
    frame = read_vcf(write_vcf(tmp_path / "a.vcf", [record], meta=meta)).frame()
    assert frame["gene"].tolist() == ["A", "B"]


def test_reference_contradiction_is_an_error_finding_and_indels_move_left(tmp_path):
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">chr17\nGAAAATCC\n")
    pysam.faidx(str(fasta))
    options = ReadOptions(reference=load_resources(reference=str(fasta)).reference)
    records = [allele(4, "AA", "A", 100, 10), allele(6, "G", "C", 100, 10)]
    calls = read_vcf(write_vcf(tmp_path / "a.vcf", records), options=options)
    frame = calls.frame()
    assert frame[["pos", "ref", "alt"]].to_numpy().tolist()[0] == [1, "GA", "G"]
    (problem,) = [p for p in calls.notes.problems() if p.check == "reference_mismatch"]
    assert (problem.severity, problem.row) == ("error", str(len(META) + 3))
    assert "reference T" in problem.found


def test_strand_test_agrees_with_scipy():
    from scipy.stats import fisher_exact

    tables = np.array(
        [[990, 970, 20, 20], [500, 500, 40, 2], [1000, 3, 0, 7], [0, 5, 5, 0], [2000, 2100, 300, 290]]
    )
    p, odds = strand_bias(*tables.T.astype(float))
    expected = [fisher_exact(table.reshape(2, 2)).pvalue for table in tables]
    assert p == pytest.approx(expected, rel=1e-6)
    assert odds[1] == pytest.approx(20.0)
    assert (odds >= 1).all()


def test_strand_test_without_counts_is_missing():
    p, odds = strand_bias(*np.array([[np.nan], [1.0], [5.0], [5.0]]))
    assert np.isnan(p[0])
    assert np.isnan(odds[0])


def test_strand_counts_that_no_sequencer_gives_are_not_tested():
    """Tables of factorials up to such a count would fill the memory."""
    rows = np.array([[999_999_999, 1e6, 1e6 + 1], [5, 5, 5], [1, 1, 1], [9, 9, 9]], dtype=float)
    p, odds = strand_bias(*rows)
    assert np.isnan(p).tolist() == [True, False, True]
    assert np.isnan(odds).tolist() == [True, False, True]


def test_all_broken_files_of_a_batch_are_named_at_once(tmp_path, settings):
    (tmp_path / "empty.vcf").write_text("")
    rows = sample_rows(
        ("S1", "S1-P", "plasma", str(tmp_path / "empty.vcf")),
        ("S2", "S2-P", "plasma", str(tmp_path / "nowhere.vcf")),
        ("S3", "S3-P", "plasma", write_vcf(tmp_path / "good.vcf", RECORDS)),
    )
    with pytest.raises(InputError) as caught:
        read_batch(rows, settings=settings("variants"), resources=VariantResources())
    assert [problem.check for problem in caught.value.problems] == ["file_empty", "file_unreadable"]


def test_mixed_builds_and_names_within_a_subject_are_refused(tmp_path, settings):
    old = tuple(line.replace("chr17,length=83257441", "17,length=81195210") for line in META)
    rows = sample_rows(
        ("S1", "S1-A", "plasma", write_vcf(tmp_path / "a.vcf", RECORDS)),
        ("S1", "S1-B", "plasma", write_vcf(tmp_path / "b.vcf", [], meta=old)),
    )
    with pytest.raises(InputError, match="one genome build") as caught:
        read_batch(rows, settings=settings("variants"), resources=VariantResources())
    assert len(caught.value.problems) == 2


def test_chromosome_names_can_be_harmonised(tmp_path, settings):
    rows = sample_rows(("S1", "S1-A", "plasma", write_vcf(tmp_path / "a.vcf", RECORDS)))
    change = settings("variants") | {"chromosome_names": "plain"}
    tables = read_batch(rows, settings=change, resources=VariantResources())
    assert set(tables.variants["chrom"]) == {"17"}


def test_result_does_not_depend_on_the_order_of_samples_or_the_batch(tmp_path, settings):
    rows = sample_rows(
        ("S1", "S1-A", "plasma", write_vcf(tmp_path / "a.vcf", RECORDS)),
        ("S2", "S2-A", "plasma", write_vcf(tmp_path / "b.vcf", RECORDS[:1])),
    )
    options = {"settings": settings("variants"), "resources": VariantResources()}
    whole = read_batch(rows, **options)
    turned = read_batch(rows[::-1].reset_index(drop=True), **options)
    alone = read_batch(rows[:1], **options)
    assert whole.variants.equals(turned.variants)
    assert whole.attrition.equals(turned.attrition)
    assert whole.variants[whole.variants["subject_id"] == "S1"].reset_index(drop=True).equals(alone.variants)


def test_matched_normal_that_no_row_uses_is_pointed_out(tmp_path, settings):
    record = (100, "C", "T", "PASS", ".", "AD", "980,20", "1000,0")
    path = write_vcf(tmp_path / "a.vcf", [record], samples=("TUMOR", "NORMAL"))
    tables = read_batch(
        sample_rows(("S1", "S1-P", "plasma", path)),
        settings=settings("variants"),
        resources=VariantResources(),
    )
    assert "normal_column_unused" in set(tables.findings["check"])


def test_one_paired_file_serves_plasma_and_white_cells(tmp_path, settings):
    record = (100, "C", "T", "PASS", ".", "AD", "980,20", "1000,0")
    path = write_vcf(tmp_path / "a.vcf", [record], samples=("TUMOR", "NORMAL"))
    rows = sample_rows(("S1", "S1-P", "plasma", path), ("S1", "S1-W", "wbc", path))
    variants = read_batch(rows, settings=settings("variants"), resources=VariantResources()).variants
    assert variants["status"].tolist() == ["CALLED", "REFERENCE"]
    assert variants["wbc_state"].tolist() == ["TUMOUR_LIKE", ""]
