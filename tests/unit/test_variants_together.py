"""Files read together say what each of them says alone."""

import pytest

from clearher.problems import InputError
from clearher.variants.batch import read_batch
from clearher.variants.calls import ReadOptions
from clearher.variants.records import open_vcf, portions, read_together, read_vcf
from clearher.variants.resources import VariantResources
from variants_builders import META, allele, sample_rows, vcf_text, write_vcf

FIRST_LINE = len(META) + 2
MANY = [allele(100 + i, "C", "T", 2000, 40 + i, gene="PIK3CA") for i in range(20)]
WRONG_DEPTH = (300, "C", "T", "PASS", ".", "AD:DP", "90,10:x")
ODD = {
    "sound": MANY,
    "a value of another type": [*MANY[:10], WRONG_DEPTH],
    "another layout between": [*MANY[:3], (105, "A", "C", "PASS", "DP=7", "AD", "90,10"), *MANY[8:]],
    "several alleles": [*MANY[:10], (400, "CA", "C,CAA", "q", ".", "AD", "900,60,40")],
    "not sorted": MANY[::-1],
    "a repeated key": [*MANY, (500, "C", "T", "PASS", "DP=1;DP=2", "AD", "90,10")],
    "cells that stop early": [*MANY[:9], (300, "C", "T", "PASS", ".", "AD:DP:SB", "90,10")],
    "no records": [],
    "filters not applied": [(pos, *rest[:2], ".", *rest[3:]) for pos, *rest in MANY],
}


def written(folder):
    return {
        name: write_vcf(folder / f"{number}.vcf", records)
        for number, (name, records) in enumerate(ODD.items())
    }


def test_files_that_declare_the_same_are_one_portion(tmp_path):
    other = tuple(line for line in META if "ID=SB" not in line)
    paths = [*written(tmp_path).values(), write_vcf(tmp_path / "other.vcf", MANY, meta=other)]
    sizes = [len(portion) for portion in portions(open_vcf(path) for path in paths)]
    assert sizes == [len(ODD), 1]


@pytest.mark.parametrize("name", ODD)
def test_alleles_and_notes_of_a_file_are_those_it_has_alone(tmp_path, name):
    paths = written(tmp_path)
    place = list(paths).index(name)
    calls, parts = read_together([open_vcf(path) for path in paths.values()], ReadOptions())
    calls[place].alleles.extend(
        {column: values[part["file"] == place] for column, values in part.items()} for part in parts
    )
    alone = read_vcf(paths[name])
    assert calls[place].notes.problems() == alone.notes.problems()
    assert calls[place].coverage == alone.coverage
    assert calls[place].frame().drop(columns="file").equals(alone.frame().drop(columns="file"))


FAULTS = [
    # record, found, why it is refused
    ("chr17\t900\t.\tC\tT\t.\tPASS\t.\tAD", "9 tab-separated columns", "a column is missing"),
    ("chr17\tx\t.\tC\tT\t.\tPASS\t.\tAD\t9,1", "POS 'x'", "no position"),
    ("chr17\t900\t.\tC\tT\t.\tPASS\t.\tAD\t9,1:5", "sample values", "more values than FORMAT has keys"),
    ("chr17\t900\t.\tC\tT\t.\tPASS\t.\tAD\t", "sample values ''", "an empty cell"),
    ("chr17\t900\t.\tC\tT\t.\tPASS\t.\tAD:AD\t9,1:9,1", "repeated key", "values that cannot be told apart"),
]


@pytest.mark.parametrize(("record", "found", "why"), FAULTS)
def test_of_files_read_together_only_the_broken_one_is_refused(tmp_path, settings, record, found, why):
    rows = []
    for number in range(3):
        path = tmp_path / f"{number}.vcf"
        path.write_text(vcf_text(MANY) + (f"{record}\n" if number == 1 else ""))
        rows.append((f"S{number}", f"S{number}-P", "plasma", str(path)))
    with pytest.raises(InputError) as caught:
        read_batch(sample_rows(*rows), settings=settings("variants"), resources=VariantResources())
    (problem,) = caught.value.problems
    assert (problem.file, problem.row) == (rows[1][3], str(FIRST_LINE + len(MANY))), why
    assert found in problem.found, why


@pytest.mark.parametrize("blank", ["", "  ", "\t"])
def test_a_blank_line_is_noted_with_its_file_and_the_lines_after_it_keep_their_number(tmp_path, blank):
    lines = vcf_text(MANY).splitlines()
    (tmp_path / "a.vcf").write_text(vcf_text(MANY))
    (tmp_path / "b.vcf").write_text("\n".join([*lines[:-1], blank, lines[-1]]) + "\n")
    files = [open_vcf(tmp_path / "a.vcf"), open_vcf(tmp_path / "b.vcf")]
    calls, parts = read_together(files, ReadOptions())
    assert [call.notes.count("blank_line") for call in calls] == [0, 1]
    assert parts[0]["line"].tolist()[-2:] == [len(lines) - 1, len(lines) + 1]


def test_of_equal_records_the_first_is_kept_whatever_their_layout(tmp_path, settings):
    early = (100, "C", "T", "PASS", ".", "DP:AD", "1000:960,40")
    late = (100, "C", "T", "PASS", ".", "AD:DP", "960,40:1000")
    path = write_vcf(tmp_path / "a.vcf", [(50, "C", "T", "PASS", ".", "AD:DP", "960,40:1000"), early, late])
    tables = read_batch(
        sample_rows(("S1", "S1-P", "plasma", path)),
        settings=settings("variants"),
        resources=VariantResources(),
    )
    assert tables.variants["source"].str.rpartition(" ")[2].tolist() == [str(FIRST_LINE), str(FIRST_LINE + 1)]


def test_of_records_of_an_allele_one_with_counts_is_kept(tmp_path, settings):
    records = [
        (100, "C", "T", "PASS", ".", "DP", "3000"),
        (100, "C", "T", "PASS", ".", "AD:DP", "960,40:1000"),
    ]
    tables = read_batch(
        sample_rows(("S1", "S1-P", "plasma", write_vcf(tmp_path / "a.vcf", records))),
        settings=settings("variants"),
        resources=VariantResources(),
    )
    assert tables.variants[["depth", "alt_count", "status"]].to_numpy().tolist() == [[1000, 40, "CALLED"]]


def test_the_lines_named_are_the_first_of_the_file(tmp_path):
    wrong = (".", "AD:DP", "90,10:x")
    records = [(pos, "C", "T", "PASS", *wrong) for pos in range(10, 14)]
    records[1] = (11, "C", "T,G", "PASS", ".", "AD:DP", "90,10,1:x")
    (problem,) = [
        problem
        for problem in read_vcf(write_vcf(tmp_path / "a.vcf", records)).notes.problems()
        if problem.check == "sample_value"
    ]
    assert problem.row == ", ".join(str(FIRST_LINE + i) for i in range(3))


def test_annotation_is_the_same_whatever_was_read_before(tmp_path):
    genes = [["A", "B", "C"], ["C", "D", "A"], ["D", "D", "B"]]
    for number, named in enumerate(genes):
        records = [allele(10 + i, "C", "T", 2000, 40, gene=gene) for i, gene in enumerate(named)]
        found = read_vcf(write_vcf(tmp_path / f"{number}.vcf", records)).frame()
        assert found["gene"].tolist() == named


@pytest.mark.parametrize(
    ("written", "expected", "why"),
    [
        ("1800", 1800, "a count"),
        ("1e3", 1000, "a number that says a count"),
        ("0x10", None, "no number of a VCF"),
        ("-5", None, "no count"),
        ("10.5", None, "no count"),
        (".", None, "missing"),
    ],
)
def test_what_counts_as_a_depth(tmp_path, written, expected, why):
    path = write_vcf(tmp_path / "a.vcf", [(10, "C", "T", "PASS", ".", "DP:VD", f"{written}:1")])
    depth = read_vcf(path).frame()["depth"].iloc[0]
    assert (None if depth != depth else depth) == expected, why
