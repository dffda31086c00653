"""The written study: determinism, files that others can read, counts as in the truth, trouble present."""

import csv
import gzip
import hashlib
from collections import Counter

import pysam
import pytest
import yaml

from clearher.intake.config import complete_config, load_schema
from clearher.simulate.__main__ import main
from clearher.simulate.design import BACKGROUND_ERROR, Study
from clearher.simulate.trouble import PLAN
from clearher.simulate.write import write_study


def rows(path, delimiter="\t"):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    write_study(Study(subjects=42, seed=7, bam_subjects=0), folder)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    write_study(Study(subjects=2, seed=7, bam_subjects=1), folder)
    return folder


def test_same_seed_same_bytes(small, tmp_path):
    main(["--out", str(tmp_path), "--subjects", "2", "--seed", "7", "--bam-subjects", "1"])
    assert digests(tmp_path) == digests(small)


def test_other_seed_other_data(small, tmp_path):
    write_study(Study(subjects=2, seed=8, bam_subjects=0), tmp_path)
    assert digests(tmp_path)["samples.tsv"] != digests(small)["samples.tsv"]
    assert digests(tmp_path)["reference/sim.fa"] == digests(small)["reference/sim.fa"]


def test_a_subject_is_the_same_in_a_larger_study(small, study):
    for name in ("truth/samples.tsv", "her2.tsv", "sdtm/rs.csv", "sdtm/lb.csv", "sdtm/is.csv"):
        delimiter = "," if name.endswith("csv") else "\t"
        key = "USUBJID" if name.startswith("sdtm") else "subject_id"
        few = [row for row in rows(small / name, delimiter) if row[key] == "SIM-0002"]
        many = [row for row in rows(study / name, delimiter) if row[key] == "SIM-0002"]
        assert few, name
        assert few == many, name
    alike = {name: value for name, value in digests(small).items() if name.startswith("vcf/")}
    assert alike.items() <= digests(study).items()


def test_more_read_file_subjects_than_there_are_is_refused(tmp_path):
    with pytest.raises(ValueError, match="only 1 of 5 subjects"):
        write_study(Study(subjects=5, seed=1, bam_subjects=2), tmp_path)


def test_configuration_is_accepted(study):
    config = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    complete = complete_config(config, load_schema(), "config.yaml")
    assert complete["ctdna"]["error"]["default_rate"] == BACKGROUND_ERROR
    assert list(config["visits"])[:3] == ["SCREENING", "C1D1", "C2D1"]
    assert [v for v in config["visits"].values() if v.get("baseline")] == [
        {"day": -7, "window_days": 7, "baseline": True},
        {"day": 1, "window_days": 0, "baseline": True},
    ]


def test_all_planned_trouble_is_recorded(study):
    recorded = {(row["kind"], row["subject_id"]) for row in rows(study / "truth/trouble.tsv")}
    assert {(trouble.kind, f"SIM-{trouble.slot:04d}") for trouble in PLAN} <= recorded


def test_trouble_is_in_the_data(study):
    samples = {row["sample_id"]: row for row in rows(study / "samples.tsv")}
    assert samples["SIM-0002-C2D1"]["qc_status"] == "fail"
    assert samples["SIM-0002-C2D1"]["vcf"] == ""
    assert "SIM-0003-C3D1" not in samples
    assert "SIM-0004-UNSCHEDULED" in samples
    assert "SIM-0021-WBC" not in samples
    assert samples["SIM-0027-C3D1"]["cfdna_ng"] == "2.0"
    by_subject = lambda name: Counter(row["USUBJID"] for row in rows(study / name, ","))  # noqa: E731
    assert by_subject("sdtm/dm.csv").total() == 44, "42 treated and 2 screen failures"
    ae = [row["AESTDTC"] for row in rows(study / "sdtm/ae.csv", ",") if row["USUBJID"] == "SIM-0012"]
    assert [len(text) for text in ae].count(7) == 1
    overall = [row for row in rows(study / "sdtm/rs.csv", ",") if row["RSTESTCD"] == "OVRLRESP"]
    of = lambda subject: [row for row in overall if row["USUBJID"] == subject]  # noqa: E731
    assert [len(row["RSDTC"]) for row in of("SIM-0013")].count(7) == 1
    assert [row["RSSTAT"] for row in of("SIM-0020")].count("NOT DONE") == 1
    assert [row["RSSTRESC"] for row in of("SIM-0018")][:3] == ["SD", "PR", "SD"]
    deaths = {row["USUBJID"]: row["DTHDTC"] for row in rows(study / "sdtm/dm.csv", ",") if row["DTHDTC"]}
    assert deaths["SIM-0014"] > "2025-06-30"
    assert len(deaths["SIM-0032"]) == 7
    assert [subject for subject, day in deaths.items() if day > "2025-06-30"] == ["SIM-0014"]
    therapies = [row for row in rows(study / "sdtm/cm.csv", ",") if row["CMCAT"].startswith("SUBSEQUENT")]
    start = next(row["CMSTDTC"] for row in therapies if row["USUBJID"] == "SIM-0017")
    progression = next(row["RSDTC"] for row in of("SIM-0017") if row["RSSTRESC"] == "PD")
    assert start < progression


def test_a_coded_fall_of_the_ejection_fraction_is_measured(study):
    """Who has the event falls by about 17 points at the echocardiograms after it; nobody else does."""
    starts = {
        row["USUBJID"]: int(row["AESTDY"])
        for row in rows(study / "sdtm/ae.csv", ",")
        if row["AEDECOD"] == "Ejection fraction decreased"
    }
    values: dict[str, list[tuple[int, int]]] = {}
    for row in rows(study / "sdtm/cv.csv", ","):
        values.setdefault(row["USUBJID"], []).append((int(row["CVDY"]), int(row["CVSTRESN"])))
    assert starts
    assert len(values) == 42
    for subject, echos in values.items():
        (first, baseline), *later = echos
        assert first == 1
        for day, value in later:
            fallen = day >= starts.get(subject, 10**6)
            assert (baseline - value > 11) is fallen, (subject, day)


def test_recorded_sums_give_the_recorded_target_response(study):
    sums: dict[tuple, int] = {}
    lesions = rows(study / "sdtm/tu.csv", ",")
    nodes = {(row["USUBJID"], row["TULNKID"]) for row in lesions if row["TULOC"] == "LYMPH NODE"}
    for row in rows(study / "sdtm/tr.csv", ","):
        nodal = (row["USUBJID"], row["TRLNKID"]) in nodes
        if row["TRTESTCD"] == ("LPERP" if nodal else "LDIAM"):
            key = (row["USUBJID"], row["VISIT"])
            sums[key] = sums.get(key, 0) + int(row["TRSTRESN"])
    target = [row for row in rows(study / "sdtm/rs.csv", ",") if row["RSTESTCD"] == "TRGRESP"]
    checked = 0
    for row in target:
        baseline, total = sums[row["USUBJID"], "SCREENING"], sums[row["USUBJID"], row["VISIT"]]
        if row["RSSTRESC"] in ("PR", "SD"):
            assert (10 * total <= 7 * baseline) == (row["RSSTRESC"] == "PR"), row
            checked += 1
    assert checked > 100


def test_variant_counts_agree_with_the_truth(study):
    truth = {row["sample_id"]: row for row in rows(study / "truth/samples.tsv")}
    clonal = {
        (row["subject_id"], row["chrom"], int(row["pos"]), row["alt"]): row
        for row in rows(study / "truth/variants.tsv")
        if row["origin"] == "tumour" and row["forced"] == "yes"
    }
    expected = observed = records = 0
    for sample in rows(study / "samples.tsv"):
        if not sample["vcf"] or sample["specimen"] != "plasma":
            continue
        true = truth[sample["sample_id"]]
        if true["dna_of"] != sample["subject_id"] or sample["subject_id"] in ("SIM-0005", "SIM-0019"):
            continue
        with pysam.VariantFile(str(study / sample["vcf"])) as file:
            assert list(file.header.samples) == [sample["vcf_sample"]]
            for record in file:
                variant = clonal.get((sample["subject_id"], record.chrom, record.pos, record.alts[0]))
                if variant is None or "SB" not in record.format:
                    continue
                ref, alt = record.samples[0]["AD"]
                there = int(true["study_day"]) >= int(variant["first_day"])
                vaf = float(true["tumour_fraction"]) * float(variant["clonal_fraction"]) if there else 0
                expected += (ref + alt) * (vaf + BACKGROUND_ERROR)
                observed += alt
                records += 1
    assert records > 500
    assert observed == pytest.approx(expected, rel=0.02)


def test_forced_genotypes_without_support_are_written(study):
    with gzip.open(study / "vcf/SIM-0006-C5D1.vcf.gz", "rt") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    silent = [line for line in lines if line[9].split(":")[1].endswith(",0")]
    assert silent
    assert {line[6] for line in silent} == {"weak_evidence"}


def test_erbb2_resistance_sites_are_genotyped_before_they_emerge(study):
    def alternate(sample):
        with pysam.VariantFile(str(study / f"vcf/{sample}.vcf.gz")) as file:
            return [r.samples[0]["AD"][1] for r in file if "p.Leu755Ser" in str(r)]

    assert alternate("SIM-0016-C1D1")[0] <= 2
    assert alternate("SIM-0016-C9D1")[0] >= 5


def test_calls_only_files_never_list_a_reference_site(study):
    for name in ("SIM-0005-C1D1", "SIM-0019-C1D1", "SIM-0001-C1D1"):
        with pysam.VariantFile(str(study / f"vcf/{name}.vcf.gz")) as file:
            alternate = [record.samples[0]["VD"] for record in file]
        assert alternate
        assert min(alternate) >= 2


def test_white_cells_without_cover_at_a_tumour_variant(study):
    with pysam.VariantFile(str(study / "vcf/SIM-0011-WBC.vcf.gz")) as file:
        depths = [record.samples[0]["DP"] for record in file]
    assert depths.count(0) == 1


def test_exchanged_tube_shows_the_other_subjects_polymorphisms(study):
    def homozygous(sample):
        with pysam.VariantFile(str(study / f"vcf/{sample}.vcf.gz")) as file:
            found = [r for r in file if r.samples[0]["AD"][1] > 0.9 * sum(r.samples[0]["AD"])]
            return {(r.chrom, r.pos) for r in found}

    assert homozygous("SIM-0006-C3D1") == homozygous("SIM-0007-C1D1")
    assert homozygous("SIM-0006-C3D1") != homozygous("SIM-0006-C1D1")
    assert homozygous("SIM-0006-C5D1") == homozygous("SIM-0006-C1D1")


def fragment_counts(path, chrom, pos, ref, alt):
    """(fragments with ref or alt, fragments with alt) of a substitution, by read name, from single bases."""
    bases: dict[str, str] = {}
    with pysam.AlignmentFile(str(path)) as file:
        for column in file.pileup(
            chrom, pos - 1, pos, truncate=True, max_depth=10**6, stepper="all", ignore_overlaps=False
        ):
            for read in column.pileups:
                if not read.is_del:
                    bases[read.alignment.query_name] = read.alignment.query_sequence[read.query_position]
    counted = Counter(bases.values())
    return counted[ref] + counted[alt], counted[alt]


def test_read_counts_equal_the_counts_of_the_variant_file(small):
    sample = "SIM-0001-C1D1"
    path = small / f"bam/{sample}.bam"
    assert path.with_suffix(".bam.bai").is_file()
    with pysam.VariantFile(str(small / f"vcf/{sample}.vcf.gz")) as file:
        records = [(r.chrom, r.pos, r.ref, r.alts[0], *r.samples[0]["AD"], r.filter.keys()) for r in file]
    checked = 0
    for chrom, pos, ref, alt, ref_count, alt_count, filters in records:
        if len(ref) == len(alt) == 1 and "PASS" in filters:
            assert fragment_counts(path, chrom, pos, ref, alt) == (ref_count + alt_count, alt_count)
            checked += 1
    assert checked > 10


def test_reads_are_sorted_paired_consensus_reads(small):
    with pysam.AlignmentFile(str(small / "bam/SIM-0001-C1D1.bam")) as file:
        reads = list(file)
        assert file.header["RG"][0]["SM"] == "SIM-0001-C1D1"
    places = [(read.reference_id, read.reference_start) for read in reads]
    assert places == sorted(places)
    assert Counter(Counter(read.query_name for read in reads).values()).keys() == {2}
    for read in reads[::500]:
        tags = dict(read.get_tags())
        assert {"MI", "RX", "RG", "cD", "cM", "cE", "aD", "bD", "aM", "bM"} <= tags.keys()
        assert tags["cD"] == tags["aD"] + tags["bD"]
        assert read.infer_query_length() == 100
        assert 150 <= abs(read.template_length) <= 170
