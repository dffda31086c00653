"""Good and bad VCF files of hts-specs: nothing broken is accepted in silence, nothing good is refused."""

import pandas as pd
import pytest

from clearher.intake.config import defaults
from clearher.intake.vcf_header import read_header
from clearher.problems import InputError
from clearher.variants.batch import read_batch
from clearher.variants.notes import KINDS
from clearher.variants.records import read_vcf
from clearher.variants.resources import VariantResources

VERSIONS = ("4.2", "4.3")
HARMLESS = {"filters_not_applied", "no_counts"}


@pytest.fixture
def folder(fixtures):
    return fixtures / "vcf_conformance"


@pytest.fixture
def samples_of():
    def make(path):
        row = {
            "subject_id": "S1",
            "sample_id": "S1-P",
            "visit": "C1D1",
            "study_day": 1,
            "specimen": "plasma",
            "vcf": str(path),
            "vcf_sample": first_sample(path),
            "assay": "",
        }
        return pd.DataFrame([row]).astype({"study_day": "Int64"})

    return make


def first_sample(path):
    names = read_header(path).samples
    return names[0] if names else ""


def outcome(path):
    """Kinds of notes of a file that is read, or its one problem when it is refused."""
    try:
        calls = read_vcf(path, vcf_sample=first_sample(path))
    except InputError as error:
        (problem,) = error.problems
        return problem
    return {problem.check for problem in calls.notes.problems()}


def refusal(path):
    """Problems for which a file is refused; none when it is read."""
    try:
        read_vcf(path, vcf_sample=first_sample(path))
    except InputError as error:
        return error.problems
    return ()


NOTED = [
    # files, what is wrong, what the reader says
    ("failed_body_alt_*", "ALT malformed", "allele_malformed"),
    ("failed_body_ref_*", "REF with two alleles, ambiguity code, missing", "allele_malformed"),
    ("failed_body_qual_*", "QUAL is text or negative", "qual_invalid"),
    (
        "failed_body_filter_*",
        "FILTER with '.', empty, blank, repeated or reserved entries",
        "filter_malformed",
    ),
    ("failed_body_id_*", "ID with blanks or empty entries", "id_malformed"),
    ("failed_body_unsorted_*", "records not sorted", "not_sorted"),
    ("failed_body_contiguous_*", "contig in two blocks", "contig_not_contiguous"),
    ("failed_body_info_00[1-9]*", "AC, AF, AN, BQ negative, fractional or text", "info_value"),
    ("failed_body_info_01[0-8]*", "CIGAR, DB, DP, END of the wrong kind", "info_value"),
    ("failed_body_info_02[1-4]*", "MQ0, NS negative or fractional", "info_value"),
    ("failed_body_info_028*", "INFO with blanks", "info_blank"),
    ("failed_body_info_030*", "wrong number of values", "info_number"),
    ("failed_body_info_031*", "wrong number of values", "info_number"),
    ("failed_body_sample_00[012]*", "genotype with illegal values or beyond ALT", "genotype_malformed"),
    ("failed_body_sample_00[45]*", "wrong number of values", "sample_number"),
    ("failed_body_sample_010*", "wrong number of values", "sample_number"),
    ("failed_body_sample_00[789]*", "values of another type", "sample_value"),
    ("failed_body_format_001*", "FORMAT with blanks", "format_malformed"),
    ("failed_body_format_002*", "GT not first", "format_malformed"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("pattern", "wrong", "kind"), NOTED)
def test_what_is_wrong_is_said(folder, version, pattern, wrong, kind):
    paths = sorted((folder / version / "failed").glob(pattern))
    assert paths, wrong
    for path in paths:
        assert kind in outcome(path), path.name


REFUSED = [
    ("failed_body_pos_*", "POS"),
    ("failed_body_chrom_*", "contig name"),
    ("failed_body_format_000*", "FORMAT"),
    ("failed_body_sample_003*", "sample values"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("pattern", "words"), REFUSED)
def test_files_whose_records_cannot_be_placed_are_refused_whole(folder, version, pattern, words):
    for path in sorted((folder / version / "failed").glob(pattern)):
        problem = outcome(path)
        assert words in problem.found, path.name
        assert problem.file == str(path)
        assert problem.row.isdigit()


@pytest.mark.parametrize("name", ["overflow", "underflow", "reserved"])
def test_integers_out_of_range_are_said(folder, name):
    assert "info_value" in outcome(folder / "4.3" / "failed" / f"failed_body_info_integer_{name}.vcf")


@pytest.mark.parametrize("version", VERSIONS)
def test_repeated_key_in_info_is_said(folder, version):
    name = {"4.2": "failed_body_info_036.vcf", "4.3": "failed_body_info_033.vcf"}[version]
    assert "info_repeated_key" in outcome(folder / version / "failed" / name)


@pytest.mark.parametrize("version", VERSIONS)
def test_sample_names_that_are_not_unique_are_refused(folder, version):
    with pytest.raises(InputError, match="more than once"):
        read_header(folder / version / "failed" / "failed_body_sample_011.vcf")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("number", ["000", "001", "002", "003"])
def test_the_same_variant_twice_is_found_after_splitting_and_trimming(folder, version, number, samples_of):
    path = folder / version / "failed" / f"failed_body_duplicated_{number}.vcf"
    tables = read_batch(samples_of(path), settings=defaults("variants"), resources=VariantResources())
    found = tables.findings
    assert "duplicate_record" in set(found["check"])
    assert not tables.variants.duplicated(["chrom", "pos", "ref", "alt"]).any()


@pytest.mark.parametrize("version", VERSIONS)
def test_good_files_are_read_without_an_error(folder, version):
    paths = sorted((folder / version / "passed").glob("*.vcf"))
    assert len(paths) == 24
    for path in paths:
        found = outcome(path)
        errors = {kind for kind in found if KINDS[kind].severity == "error"}
        assert not errors, path.name
        assert found <= HARMLESS | {"allele_not_supported", "contig_not_in_header"}, path.name


@pytest.mark.parametrize("version", VERSIONS)
def test_one_value_a_genotype_in_info_is_readable(folder, version):
    path = folder / version / "passed" / "passed_body_info.vcf"
    assert len(read_vcf(path, vcf_sample=first_sample(path)).frame()) > 48


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_is_read_or_refused_with_file_and_remedy(folder, version):
    """Headers may be malformed in ways that do not matter here; nothing crashes without a message."""
    count = 0
    for path in sorted((folder / version).glob("*/*.vcf")):
        count += 1
        problems = refusal(path)
        assert all(problem.file == str(path) and problem.remedy for problem in problems)
    assert count == {"4.2": 214, "4.3": 248}[version]
