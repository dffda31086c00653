"""Combined variant outputs of TSO 500 assays; sections and columns as umccr/dracarys R/tso.R names them."""

import pytest

from clearher.intake.vcf_header import check_file
from clearher.problems import InputError
from clearher.variants.batch import read_batch
from clearher.variants.resources import VariantResources
from clearher.variants.tso500 import read_combined_output
from variants_builders import sample_rows

COLUMNS = (
    "Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\t"
    "P-Dot Notation\tC-Dot Notation\tConsequence(s)\tAffected Exon(s)"
)
SMALL = (
    "PIK3CA\tchr3\t178952085\tA\tG\t0.0125\t2400\tNP_006209.2:p.(His1047Arg)\tNM_006218.2:c.3140A>G\t"
    "missense_variant\t21",
    "ERBB2\tchr17\t37880981\tA\tAGCATACGTGATG\t0.004\t2500\tNP_004439.2:p.(Tyr772_Ala775dup)\t"
    "NM_004448.2:c.2313_2324dup\tinframe_insertion\t20",
)
COPIES = ("ERBB2\t1.35\t<DUP>", "PTEN\t0.7\t<DEL>")


def output(tmp_path, small=SMALL, copies=COPIES, columns=COLUMNS):
    lines = [
        "[Analysis Details]\t\t",
        "DNA Sample ID\tS1-C1\t",
        "Module Version\t2.5",
        "",
        "[TMB]",
        "Total TMB\t3.1",
        "",
        "[Copy Number Variants]",
        "Gene\tFold Change\tCopy Number Variant",
        *(copies or ("NA",)),
        "",
        "[Small Variants]",
        columns,
        *(small or ("NA",)),
    ]
    path = tmp_path / "S1_CombinedVariantOutput.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_small_variants(tmp_path):
    first, second = read_combined_output(output(tmp_path)).frame().iloc[[2, 3]].to_dict("records")
    # 0.0125 x 2400 = 30: a product, not a count, and count_field says so
    assert (first["alt_count"], first["depth"], first["count_field"]) == (30, 2400, "AF*DP")
    assert (first["gene"], first["hgvsp"], first["hgvsc"]) == ("PIK3CA", "p.His1047Arg", "c.3140A>G")
    assert (second["variant_class"], second["ref"], second["alt"]) == ("INS", "A", "AGCATACGTGATG")


def test_a_copy_number_is_two_times_the_fold_change(tmp_path):
    gain, loss = read_combined_output(output(tmp_path)).frame().iloc[[0, 1]].to_dict("records")
    assert (gain["gene"], gain["alt"], gain["copy_number"]) == ("ERBB2", "<DUP:ERBB2>", 2.7)
    assert (loss["gene"], loss["alt"], loss["copy_number"]) == ("PTEN", "<DEL:PTEN>", 1.4)


def test_sections_of_na_are_empty(tmp_path):
    assert read_combined_output(output(tmp_path, small=(), copies=())).frame().empty


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"small": (SMALL[0].replace("0.0125", "1.25"),)}, "Allele Frequency 1.25"),
        ({"small": (SMALL[0].replace("2400", "NA"),)}, "Depth 'NA'"),
        ({"columns": COLUMNS.replace("Depth", "Reads")}, "[Small Variants] without Depth"),
        ({"copies": ("ERBB2\thigh\t<DUP>",)}, "Fold Change 'high'"),
    ],
)
def test_what_is_refused(tmp_path, options, found):
    with pytest.raises(InputError) as caught:
        read_combined_output(output(tmp_path, **options))
    assert caught.value.problems[0].found == found


def test_another_samples_file_is_refused(tmp_path):
    read_combined_output(output(tmp_path), vcf_sample="S1-C1")
    with pytest.raises(InputError) as caught:
        read_combined_output(output(tmp_path), vcf_sample="S2-C1")
    assert caught.value.problems[0].expected == "one of S1-C1"


def test_in_a_batch_copy_numbers_are_called_and_nothing_is_said_of_other_places(tmp_path, settings):
    path = output(tmp_path)
    assert check_file(path) == []
    tables = read_batch(
        sample_rows(("S1", "P1", "plasma", path)), settings=settings("variants"), resources=VariantResources()
    )
    by_gene = tables.variants.set_index("alt")
    assert by_gene.loc["<DUP:ERBB2>", ["status", "variant_class"]].tolist() == ["CALLED", "CNV"]
    assert "copies_by_fold_change" in by_gene.loc["<DUP:ERBB2>", "flags"]
    assert by_gene.loc["G", "status"] == "CALLED"
    assert tables.coverage.empty
    assert "fraction_not_counts" in set(tables.findings["check"])
