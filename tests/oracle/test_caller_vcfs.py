"""Every file of the caller collection is read as its README says, or refused with a message."""

import numpy as np
import pytest

from clearher.intake.vcf_header import check_file, is_maf_header, read_header
from clearher.intake.vcf_text import header_lines
from clearher.problems import InputError
from clearher.variants.frames import without_repeats
from clearher.variants.maf import read_maf
from clearher.variants.records import read_vcf


@pytest.fixture
def folder(fixtures):
    return fixtures / "caller_vcfs"


@pytest.fixture
def read(folder):
    def reader(name, sample="", **options):
        return read_vcf(folder / name, vcf_sample=sample, **options)

    return reader


READABLE = [
    # file, sample column, caller, alternate alleles, stretches without one
    ("ad_inconsistent.vcf", "c-tumor2", "freebayes", 6, 0),
    ("ad_missing_values.vcf", "TUMOR", "unknown", 25, 0),
    ("ann_ampersand_consequences.vcf", "", "unknown", 2, 0),
    ("ann_some_records_missing.vcf", "", "unknown", 5, 0),
    ("ann_truncated_entry.vcf", "", "unknown", 3, 0),
    ("breakends.vcf", "", "unknown", 2, 0),
    ("duplicate_records_empty_info.vcf", "S1", "strelka", 2, 0),
    ("empty_info_values.vcf", "", "unknown", 1, 0),
    ("freebayes_mnp_complex.vcf", "", "freebayes", 10, 0),
    ("freebayes_ro_ao.vcf", "NA12878", "freebayes", 25, 0),
    ("gvcf_reference_blocks.vcf", "", "unknown", 1, 30),
    ("header_only.vcf", "NA00001", "unknown", 0, 0),
    ("iupac_reference.vcf", "", "unknown", 0, 0),
    ("lofreq_indels_with_n.vcf", "", "lofreq", 9, 0),
    ("lofreq_sites_only.vcf", "", "lofreq", 7, 0),
    ("lofreq_unfiltered_low_af.vcf", "", "lofreq", 15, 0),
    ("mnv_and_star_allele.vcf", "", "unknown", 5, 2),
    ("multiallelic_indels.vcf", "XY00001", "unknown", 29, 1),
    ("mutect1_paired_reject.vcf", "TUMOR", "mutect1", 100, 0),
    ("mutect2_cfdna_paired_unfiltered.vcf", "TUMOR", "mutect2", 116, 0),
    ("mutect2_filters_no_dp.vcf", "", "mutect2", 8, 0),
    ("mutect2_tumor_only_fad.vcf", "", "mutect2", 62, 0),
    ("no_contig_lines.vcf", "sample1", "unknown", 1, 0),
    ("normalisation_cases_tumor_normal.vcf", "tumor", "unknown", 29, 0),
    ("number_g_in_info.vcf", "S1", "unknown", 12, 0),
    ("plain_gzip_not_bgzf.vcf.gz", "", "lofreq", 7, 0),
    ("refcall_alt_dot.vcf", "NA00001", "unknown", 0, 4),
    ("sample_names_with_spaces.vcf", "NA 00001", "unknown", 2, 0),
    ("snpeff_eff_old_style.bcf", "1094PC0005", "unknown", 10, 0),
    ("snpeff_eff_old_style.vcf", "1094PC0005", "unknown", 10, 0),
    ("spanning_deletion_star.vcf", "Sample1", "unknown", 4, 0),
    ("strelka2_germline_csq_key.vcf", "", "strelka", 8, 0),
    ("strelka_somatic_snv.vcf", "TUMOR", "strelka", 100, 0),
    ("synthetic_dragen_like.hard-filtered.vcf.gz", "", "dragen", 7, 0),
    ("tnscope_paired.vcf.gz", "TUMOR", "tnscope", 2, 0),
    ("umi_stack_duplex_counts.vcf.gz", "", "bmftools", 165, 3),
    ("unnormalised_sites_only.vcf", "", "unknown", 4, 0),
    ("vardict_paired.vcf", "abc", "vardict", 80, 0),
    ("vardict_paired_low_af.vcf.gz", "TUMOR", "vardict", 2, 0),
    ("vardict_single_sample.vcf", "", "vardict", 80, 0),
    ("vardict_tumor_only.vcf.gz", "", "vardict", 2, 0),
    ("vardict_vep_csq.vcf.gz", "TUMOR", "vardict", 3, 0),
    ("varlociraptor_vep_in_ann_tag.vcf", "", "varlociraptor", 2, 0),
    ("varscan_overlapping_records.vcf", "", "varscan", 2, 0),
    ("varscan_paired.vcf", "TUMOR", "varscan", 99, 0),
]
REFUSED = [
    # file, sample column, line named, words of the message
    ("zero_bytes.vcf", "", "1", "empty file"),
    ("header_trailing_tab.vcf", "", "2", "empty sample name"),
    ("spaces_instead_of_tabs.vcf", "NA00001", "20", "blanks between values"),
    ("strelka_merged_empty_columns.vcf", "NORMAL.variant2", "55", "a value for each FORMAT key"),
]


@pytest.mark.parametrize(("name", "sample", "caller", "alleles", "stretches"), READABLE)
def test_readable_files(read, name, sample, caller, alleles, stretches):
    calls = read(name, sample)
    assert calls.caller == caller
    assert len(calls.frame()) == alleles
    assert len(calls.coverage) == stretches


@pytest.mark.parametrize(("name", "sample", "line", "words"), REFUSED)
def test_refused_files_name_file_line_and_remedy(read, folder, name, sample, line, words):
    with pytest.raises(InputError) as caught:
        read(name, sample)
    (problem,) = caught.value.problems
    assert problem.file == str(folder / name)
    assert problem.row == line
    assert words in str(problem)
    assert problem.remedy


def test_every_file_of_the_collection_is_looked_at(folder):
    looked_at = {name for name, *_ in READABLE} | {name for name, *_ in REFUSED} | {"ad_missing_values.maf"}
    there = {path.name for path in folder.iterdir() if path.is_file() and path.suffix not in (".md", ".csi")}
    assert looked_at == there


@pytest.mark.parametrize("name", ["vardict_paired.vcf", "freebayes_ro_ao.vcf", "multiallelic_indels.vcf"])
def test_several_columns_need_a_name_before_any_job(folder, name):
    (problem,) = check_file(folder / name)
    assert problem.check == "vcf_sample"
    assert "vcf_sample" in problem.remedy
    assert read_header(folder / name).samples[0] in problem.found


def row(frame, pos, alt=None):
    chosen = frame[(frame["pos"] == pos) & (frame["alt"].eq(alt) if alt else True)]
    return chosen.iloc[0]


def counts(line):
    return line["depth"], line["alt_count"], line["ref_count"]


COUNTS = [
    # file, sample, position, alt, field, depth, alt reads, ref reads
    ("mutect2_cfdna_paired_unfiltered.vcf", "TUMOR", 12919576, "T", "AD", 1568, 2, 1566),
    ("mutect2_cfdna_paired_unfiltered.vcf", "NORMAL", 12919576, "T", "AD", 1191, 2, 1189),
    ("mutect2_filters_no_dp.vcf", "", 152, "C", "AD", 1559, 1556, 3),
    ("mutect2_filters_no_dp.vcf", "", 302, "ACC", "AD", 522, 49, 5),
    ("mutect1_paired_reject.vcf", "TUMOR", 2453125, "G", "AD", 206, 30, 175),
    ("vardict_paired_low_af.vcf.gz", "TUMOR", 934893, "A", "AD", 993, 5, 988),
    ("vardict_paired_low_af.vcf.gz", "TUMOR", 2488059, "T", "AD", 553, 5, 548),
    ("vardict_single_sample.vcf", "", 69302, "T", "AD", 611, 3, 607),
    ("tnscope_paired.vcf.gz", "TUMOR", 10402009, "CAAA", "AD", 154, 8, 47),
    ("tnscope_paired.vcf.gz", "NORMAL", 10402009, "CAAA", "AD", None, 2, 45),
    ("strelka_somatic_snv.vcf", "TUMOR", 12170228, "T", "AU,CU,GU,TU", 57, 57, 0),
    ("strelka_somatic_snv.vcf", "TUMOR", 102626146, "C", "TIR,TAR", 76, 57, 19),
    ("strelka_somatic_snv.vcf", "NORMAL", 102626146, "C", "TIR,TAR", 87, 0, 87),
    ("varscan_paired.vcf", "TUMOR", 1991014, "G", "AD", 91, 35, 56),
    ("varscan_overlapping_records.vcf", "", 78108410, "T", "AD", 280, 97, 102),
    ("varscan_overlapping_records.vcf", "", 78108411, "T", "AD", 288, 108, 0),
    ("lofreq_sites_only.vcf", "", 2282, "T", "DP4", 150, 17, 125),
    ("plain_gzip_not_bgzf.vcf.gz", "", 2282, "T", "DP4", 150, 17, 125),
    ("umi_stack_duplex_counts.vcf.gz", "", 55086956, "G", "ADP_ALL", 6729, 1, 6728),
    ("freebayes_ro_ao.vcf", "NA12878", 42522347, "CG", "AO", 923, 312, 610),
    ("synthetic_dragen_like.hard-filtered.vcf.gz", "", 179218294, "A", "AD", 2000, 40, 1960),
    ("synthetic_dragen_like.hard-filtered.vcf.gz", "", 7675076, "T", "AD", 1200, 12, 1140),
    ("ad_inconsistent.vcf", "c-tumor2", 16060, "T", "AD", 21, 2, 8),
    ("ad_inconsistent.vcf", "c-tumor2", 15011, "C", "AO", 970, 968, 0),
    ("gvcf_reference_blocks.vcf", "", 86, "C", "AD", 22, 6, 16),
]


@pytest.mark.parametrize(("name", "sample", "pos", "alt", "field", "depth", "reads", "ref"), COUNTS)
def test_counts_come_from_the_callers_own_field(read, name, sample, pos, alt, field, depth, reads, ref):
    line = row(read(name, sample).frame(), pos, alt)
    assert line["count_field"] == field
    assert (line["alt_count"], line["ref_count"]) == (reads, ref)
    if depth is not None:
        assert line["depth"] == depth


def test_mutect2_fraction_is_a_model_and_not_used_for_counts(read):
    """81 normal alleles have no read and still AF > 0 (README)."""
    normal = read("mutect2_cfdna_paired_unfiltered.vcf", "NORMAL").frame()
    assert ((normal["alt_count"] == 0) & (normal["caller_vaf"] > 0)).sum() == 81


def test_fragment_depths_are_preferred_and_differ_in_one_record(read):
    fragments = read("mutect2_tumor_only_fad.vcf").frame()
    options = {"options": _override({"mutect2": "AD"})}
    reads = read("mutect2_tumor_only_fad.vcf", **options).frame()
    assert set(fragments["count_field"]) == {"FAD"}
    assert set(reads["count_field"]) == {"AD"}
    differ = (fragments["alt_count"] != reads["alt_count"]) | (fragments["ref_count"] != reads["ref_count"])
    assert fragments.loc[differ, "line"].nunique() == 1


def _override(fields):
    from clearher.variants.calls import ReadOptions

    return ReadOptions(count_fields=fields)


def test_configured_count_field_of_duplex_counts(read):
    duplex = read("umi_stack_duplex_counts.vcf.gz", options=_override({"bmftools": "ADP_PASS"})).frame()
    first = row(duplex, 55086956, "G")
    assert (first["count_field"], *counts(first)) == ("ADP_PASS", 1512, 0, 1512)


def test_genotype_is_never_used_for_counts(read):
    """GT 0/0 with variant reads (README: 35 records)."""
    frame = read("vardict_single_sample.vcf").frame()
    assert (frame["alt_count"] > 0).all()


def test_missing_allele_depths_stay_missing(read):
    tumor, normal = (read("ad_missing_values.vcf", sample).frame() for sample in ("TUMOR", "NORMAL"))
    first = row(tumor, 34792292)
    assert (first["depth"], first["alt_count"]) == (54, 21)
    assert np.isnan(first["ref_count"])
    unread = row(normal, 34792292)
    assert unread["depth"] == 0
    assert np.isnan(unread["alt_count"])


def test_short_allele_depths_are_unknown_not_zero(read):
    calls = read("ad_inconsistent.vcf", "c-tumor2")
    short = calls.frame().query("pos == 16062").iloc[0]
    assert np.isnan(short["alt_count"])
    assert short["support"] == "no_counts"
    assert calls.notes.count("allele_depth_length") == 3


def test_maf_gives_the_same_variants_as_its_vcf(folder, read):
    path = folder / "ad_missing_values.maf"
    assert is_maf_header(list(header_lines(path)))
    assert check_file(path) == []
    maf = read_maf(path, vcf_sample="TUMOR").frame()
    vcf = read("ad_missing_values.vcf", "TUMOR").frame()
    key = ["chrom", "pos", "ref", "alt"]
    assert maf[key].to_numpy().tolist() == vcf[key].to_numpy().tolist()
    known = vcf["ref_count"].notna()
    assert (maf.loc[known, "alt_count"] == vcf.loc[known, "alt_count"]).all()
    assert set(maf["variant_class"]) == {"SNV", "INS", "DEL"}


def test_filters_not_applied_gets_a_finding(read):
    calls = read("mutect2_cfdna_paired_unfiltered.vcf", "TUMOR")
    (problem,) = [p for p in calls.notes.problems() if p.check == "filters_not_applied"]
    assert problem.severity == "warning"
    assert set(calls.frame()["filter"]) == {"."}


SUPPORT = [
    ("breakends.vcf", "", ["breakend", "breakend"]),
    (
        "spanning_deletion_star.vcf",
        "Sample1",
        ["", "spanning_deletion", "spanning_deletion", "spanning_deletion"],
    ),
    ("mnv_and_star_allele.vcf", "", ["no_counts", "no_counts", "symbolic", "", ""]),
    ("ann_ampersand_consequences.vcf", "", ["no_counts", "no_counts"]),
]


@pytest.mark.parametrize(("name", "sample", "support"), SUPPORT)
def test_alleles_that_cannot_be_counted_say_why(read, name, sample, support):
    assert read(name, sample).frame()["support"].tolist() == support


def test_inserted_n_is_not_supported_but_the_others_are(read):
    frame = read("lofreq_indels_with_n.vcf").frame()
    assert frame.loc[frame["support"] == "", "alt"].tolist() == ["CCG"]
    assert set(frame.loc[frame["support"] != "", "support"]) == {"alt_with_n"}


def test_ambiguity_code_in_ref_is_rejected_with_a_finding(read):
    calls = read("iupac_reference.vcf")
    (problem,) = [p for p in calls.notes.problems() if p.check == "allele_malformed"]
    assert (problem.severity, problem.row) == ("error", "4")
    assert "BA" in problem.found


def test_normalisation_cases_without_reference(read):
    frame = read("normalisation_cases_tumor_normal.vcf", "tumor").frame()
    untrimmed = frame[frame["filter"] == "UNTRIMMED"]
    assert untrimmed[["pos", "ref", "alt"]].to_numpy().tolist() == [[13263, "T", "C"], [13085, "A", "C"]]
    unaligned = frame[frame["filter"].str.startswith("UNALIGNED")]
    assert unaligned["variant_class"].tolist() == ["INS", "INS", "DEL", "DEL"]
    assert unaligned["ref"].tolist() == ["C", "C", "CTGAGG", "CTGAG"]
    mnv = frame[frame["filter"] == "MNV"]
    assert set(mnv["variant_class"]) == {"MNV"}
    split = frame[frame["filter"] == "MULTIALLELIC"]
    assert split["alt"].tolist() == ["G", "T", "G", "T", "G", "T", "A", "A", "G", "T"]


def test_padding_and_splitting_make_duplicates_visible(read):
    frame = read("normalisation_cases_tumor_normal.vcf", "tumor").frame()
    frame = frame.assign(subject_id="S", sample_id="P")
    kept, repeats = without_repeats(frame)
    repeated = set(zip(repeats["pos"], repeats["ref"], repeats["alt"], strict=True))
    assert (13263, "T", "C") in repeated
    assert not kept.duplicated(["chrom", "pos", "ref", "alt"]).any()


def test_duplicate_records_keep_the_deeper_one(read):
    frame = read("duplicate_records_empty_info.vcf", "S1").frame().assign(subject_id="S", sample_id="P")
    kept, repeats = without_repeats(frame)
    assert kept["depth"].tolist() == [10]
    assert len(repeats) == 1


def test_reference_blocks_tell_covered_from_not_covered(read):
    stretches = read("gvcf_reference_blocks.vcf").coverage
    assert stretches[0] == ("22", 1, 9, 0)
    assert stretches[1] == ("22", 10, 20, 2)
    assert ("22", 205, 205, 36) in stretches


def test_reference_calls_are_covered_sites(read):
    assert read("refcall_alt_dot.vcf", "NA00001").coverage == [
        ("20", 14370, 14370, 1),
        ("20", 17330, 17330, 3),
        ("20", 1110696, 1110696, 6),
        ("20", 1230237, 1230237, 7),
    ]


def test_bcf_and_vcf_hold_the_same(read):
    bcf, vcf = (read(f"snpeff_eff_old_style.{kind}", "1094PC0005").frame() for kind in ("bcf", "vcf"))
    columns = ["chrom", "pos", "ref", "alt", "gene", "transcript", "consequence"]
    assert bcf[columns].equals(vcf[columns])
    assert bcf["depth"].tolist()[1:4] == vcf["depth"].tolist()[1:4] == [7.0, 8.0, 8.0]


ANNOTATED = [
    # file, sample, position, gene, transcript, consequence, hgvsc, hgvsp
    # VEP: the canonical one of ten transcripts
    (
        "vardict_vep_csq.vcf.gz",
        "TUMOR",
        8738938,
        "SOGA2",
        "ENST00000359865",
        "intron_variant",
        "c.357+18452del",
        "",
    ),
    ("vardict_vep_csq.vcf.gz", "TUMOR", 25890609, "", "", "intergenic_variant", "", ""),
    # SnpEff fields under the tag CSQ: the header decides
    (
        "strelka2_germline_csq_key.vcf",
        "",
        27963423,
        "CDH2",
        "NM_001792.4",
        "synonymous_variant",
        "c.2448C>T",
        "p.Ala816Ala",
    ),
    # VEP fields under the tag ANN, %3D decoded
    (
        "varlociraptor_vep_in_ann_tag.vcf",
        "",
        26696985,
        "ARID1A",
        "ENST00000324856",
        "synonymous_variant",
        "c.582C>T",
        "p.Pro194=",
    ),
    # old EFF: effect before the bracket
    ("snpeff_eff_old_style.vcf", "1094PC0005", 30860, "FAM138A", "ENST00000417324", "DOWNSTREAM", "", ""),
    ("ann_some_records_missing.vcf", "", 36126053, "", "", "", "", ""),
    ("ann_some_records_missing.vcf", "", 28036487, "CDH2", "", "stop_gained", "", ""),
]


@pytest.mark.parametrize(
    ("name", "sample", "pos", "gene", "transcript", "consequence", "hgvsc", "hgvsp"), ANNOTATED
)
def test_annotation_is_read_by_the_headers_field_order(
    read, name, sample, pos, gene, transcript, consequence, hgvsc, hgvsp
):
    line = row(read(name, sample).frame(), pos)
    assert (line["gene"], line["transcript"], line["consequence"]) == (gene, transcript, consequence)
    assert (line["hgvsc"], line["hgvsp"]) == (hgvsc, hgvsp)


def test_short_annotation_entry_is_noted_and_padded(read):
    calls = read("ann_truncated_entry.vcf")
    assert calls.notes.count("annotation_entry_short") == 1
    assert set(calls.frame()["gene"]) == {"CDH2"}


def test_empty_population_frequency_is_missing(read):
    assert read("vardict_vep_csq.vcf.gz", "TUMOR").frame()["population_af"].isna().all()


def test_popaf_is_minus_log10(read):
    frame = read("mutect2_cfdna_paired_unfiltered.vcf", "TUMOR").frame()
    assert row(frame, 12919576)["population_af"] == pytest.approx(0.001)
    assert read("mutect2_filters_no_dp.vcf").frame()["population_af"].isna().all()


STRANDS = [
    # file, sample, position, alt, ref forward, ref reverse, alt forward, alt reverse
    ("mutect2_cfdna_paired_unfiltered.vcf", "TUMOR", 12919576, "T", (893, 673, 1, 1)),
    ("vardict_paired_low_af.vcf.gz", "TUMOR", 934893, "A", (515, 473, 3, 2)),
    ("varscan_paired.vcf", "TUMOR", 1991014, "G", (31, 25, 16, 19)),
    ("varscan_overlapping_records.vcf", "", 78108410, "T", (82, 20, 79, 18)),
    ("lofreq_sites_only.vcf", "", 2282, "T", (89, 36, 9, 8)),
    ("strelka2_germline_csq_key.vcf", "", 27963423, "A", (15, 13, 21, 12)),
    ("synthetic_dragen_like.hard-filtered.vcf.gz", "", 87933147, "G", (744, 744, 12, 0)),
]


@pytest.mark.parametrize(("name", "sample", "pos", "alt", "strands"), STRANDS)
def test_strand_counts(read, name, sample, pos, alt, strands):
    line = row(read(name, sample).frame(), pos, alt)
    names = ("ref_forward", "ref_reverse", "alt_forward", "alt_reverse")
    assert tuple(line[name] for name in names) == strands


def test_strands_of_one_of_several_alleles_are_unknown(read):
    frame = read("synthetic_dragen_like.hard-filtered.vcf.gz").frame()
    assert frame.loc[frame["pos"] == 7675076, "alt_forward"].isna().all()
