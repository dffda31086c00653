"""Reading HER2 tables and SDTM MI/GF: what fits is typed, what does not is named with its place."""

import pandas as pd
import pytest

from clearher.intake.her2 import COLUMNS, read_her2
from clearher.intake.sheets import IN_LAYOUTS

HEADER = "\t".join(
    (
        "subject_id",
        "specimen_id",
        "specimen_date",
        "specimen_type",
        "preservation",
        "laboratory",
        "ihc_score",
        "pct_1",
        "ish_result",
    )
)


@pytest.fixture
def read(settings):
    return lambda path: read_her2(path, settings=settings("her2"))


@pytest.fixture
def table(tmp_path, read):
    def build(*lines, header=HEADER, name="her2.tsv"):
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return read(path)

    return build


def test_values_stay_as_written_and_numbers_are_numbers(table):
    frame, problems = table("S1\tA\t2024-02-01\tMetastasis\tfresh\tCentral\t1+ (outside 3+)\t80%\tNegative")
    assert problems == []
    row = frame.iloc[0]
    assert (row["ihc_score"], row["ish_result"], row["pct_1"]) == ("1+ (outside 3+)", "Negative", 80.0)
    assert (row["specimen_type"], row["laboratory"], row["source"]) == (
        "metastatic",
        "central",
        "her2.tsv row 2",
    )
    assert row["specimen_date"] == row["specimen_date_last"] == pd.Timestamp("2024-02-01")


def test_partial_dates_keep_their_range(table):
    frame, problems = table("S1\tA\t2024-02\tprimary\tarchival\tlocal\t1+\t\t")
    assert [frame["specimen_date"][0], frame["specimen_date_last"][0]] == [
        pd.Timestamp("2024-02-01"),
        pd.Timestamp("2024-02-29"),
    ]
    assert [(p.check, p.severity) for p in problems] == [("date_partial", "warning")]


# Columns: line, check, column, found, severity
CELLS = [
    (
        "S1\tA\t2024-02-30\tprimary\tarchival\tlocal\t1+\t\t",
        "date_malformed",
        "specimen_date",
        "'2024-02-30'",
        "error",
    ),
    (
        "S1\tA\t2024-02-01\tprimary\tarchval\tlocal\t1+\t\t",
        "value_unknown",
        "preservation",
        "'archval'",
        "error",
    ),
    ("S1\tA\t2024-02-01\tprimary\tarchival\tMSK\t1+\t\t", "value_unknown", "laboratory", "'MSK'", "error"),
    ("S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t1+\t120\t", "number_malformed", "pct_1", "'120'", "error"),
    (
        "S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t1+\tmany\t",
        "number_malformed",
        "pct_1",
        "'many'",
        "error",
    ),
    ("S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t1+\t<10%\t", "number_bound", "pct_1", "'<10%'", "warning"),
    ("S1\t\t2024-02-01\tprimary\tarchival\tlocal\t1+\t\t", "cell_empty", "specimen_id", "nothing", "error"),
]


@pytest.mark.parametrize(("line", "check", "column", "found", "severity"), CELLS)
def test_a_cell_that_does_not_fit_is_named(line, check, column, found, severity, table):
    frame, problems = table(line)
    (problem,) = problems
    assert (problem.check, problem.column, problem.found) == (check, column, found)
    assert (problem.row, problem.subject_id, problem.severity) == ("2", "S1", severity)
    assert problem.expected
    assert problem.remedy
    assert len(frame) == 1


def test_a_header_alone_is_told(table):
    frame, (problem,) = table()
    assert (len(frame), problem.check, problem.severity) == (0, "table_without_rows", "warning")


def test_all_problems_come_at_once(table):
    _, problems = table(
        "S1\tA\t2024-02-30\tprim\tarchval\tlocal\t1+\t120\t",
        "S2\t\t2024-02-01\tprimary\tarchival\tlocal\t1+\t\t",
    )
    places = sorted((p.row, p.column) for p in problems)
    assert places == [
        ("2", "pct_1"),
        ("2", "preservation"),
        ("2", "specimen_date"),
        ("2", "specimen_type"),
        ("3", "specimen_id"),
    ]


# Columns: header, column, found, remedy
HEADERS = [
    (
        "subject_id\tspecimen_id\tich_score",
        "ich_score",
        "unknown column 'ich_score'",
        f"Did you mean 'ihc_score'? {IN_LAYOUTS}",
    ),
    (
        "subjectid\tspecimen_id\tihc_score",
        "subject_id",
        "no such column",
        f"Did you mean 'subjectid'? {IN_LAYOUTS}",
    ),
    ("subject_id\tspecimen_id", "ihc_score", "no column with a HER2 result", f"Add one. {IN_LAYOUTS}"),
]


@pytest.mark.parametrize(("header", "column", "found", "remedy"), HEADERS)
def test_columns_are_strict_with_the_nearest_name(header, column, found, remedy, table):
    _, problems = table(header=header)
    assert (column, found, remedy) in {(p.column, p.found, p.remedy) for p in problems}


def test_columns_of_the_design_are_all_known():
    specimen = (
        "subject_id",
        "specimen_id",
        "specimen_date",
        "specimen_site",
        "specimen_type",
        "preservation",
    )
    reading = ("preservation", "laboratory", "reader", "assay", "ihc_score")
    shares = ("pct_0", "pct_1", "pct_2", "pct_3", "h_score")
    ish = ("ish_method", "ish_ratio", "ish_her2_copies", "ish_cep17_copies", "ish_recount", "ish_result")
    assert {*specimen, *reading, *shares, *ish} <= set(COLUMNS)


# Columns: specimen, date; the cut is on 2024-02-15
CUT_DATES = [("A", "2024-02-14"), ("B", "2024-02-15"), ("C", "2024-02-16"), ("D", "2024-02")]


def test_specimens_after_the_data_cut_are_left_out_and_listed(tmp_path, settings):
    path = tmp_path / "her2.tsv"
    lines = [f"S1\t{name}\t{date}\tprimary\tfresh\tlocal\t1+\t\t" for name, date in CUT_DATES]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    frame, problems = read_her2(path, settings=settings("her2"), cut_date="2024-02-15")
    assert frame["specimen_id"].tolist() == ["A", "B", "D"]
    listed = [(p.row, p.severity) for p in problems if p.check == "after_data_cut"]
    assert listed == [("4", "info")]


def test_repeated_rows_are_left_out_with_a_warning(table):
    line = "S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t1+\t\t"
    frame, problems = table(line, line)
    assert len(frame) == 1
    assert [(p.check, p.row, p.severity) for p in problems] == [("row_duplicate", "3", "warning")]


# Columns: second line, column at fault
CONFLICTS = [
    ("S2\tA\t2024-02-01\tprimary\tarchival\tlocal\t1+\t\t", "specimen_id"),
    ("S1\tA\t2024-02-02\tprimary\tarchival\tlocal\t1+\t\t", "specimen_date"),
    ("S1\tA\t2024-02-01\tmetastatic\tarchival\tlocal\t1+\t\t", "specimen_type"),
    ("S1\tA\t2024-02-01\tprimary\tfresh\tlocal\t1+\t\t", "preservation"),
]


@pytest.mark.parametrize(("second", "column"), CONFLICTS)
def test_a_specimen_with_two_identities_is_an_error(second, column, table):
    _, problems = table("S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t2+\t\t", second)
    assert {(p.check, p.column, p.severity) for p in problems} == {("specimen_conflict", column, "error")}
    assert {p.row for p in problems} == {"2", "3"}


def test_csv_and_xlsx_give_the_same_as_tsv(table, tmp_path, read):
    line = "S1\tA\t2024-02-01\tprimary\tarchival\tlocal\t2+\t80\tNegative"
    tsv, _ = table(line)
    csv, _ = table(line.replace("\t", ","), header=HEADER.replace("\t", ","), name="her2.csv")
    cells = dict(zip(HEADER.split("\t"), line.split("\t"), strict=True))
    pd.DataFrame([cells | {"pct_1": 80}]).to_excel(tmp_path / "her2.xlsx", index=False)
    xlsx, problems = read(tmp_path / "her2.xlsx")
    assert problems == []
    for other in (csv, xlsx):
        pd.testing.assert_frame_equal(tsv.drop(columns="source"), other.drop(columns="source"))


MI = pd.DataFrame(
    [
        ("1", "STAINING INTENSITY", "2+", "R1", "INDEPENDENT ASSESSOR"),
        ("2", "H SCORE STAINING INTENSITY 1+", "40", "R1", "INDEPENDENT ASSESSOR"),
        ("3", "H SCORE TOTAL SCORE", "140", "R1", "INDEPENDENT ASSESSOR"),
        ("4", "STAINING INTENSITY", "1+", "", "PATHOLOGIST"),
        ("5", "STAINING PATTERNS", "x", "", "PATHOLOGIST"),
    ],
    columns=["MISEQ", "MITSTDTL", "MIORRES", "MIEVALID", "MIEVAL"],
).assign(
    USUBJID="S1",
    MITESTCD="HER2",
    MIREFID="A",
    MIDTC="2024-02-01T10:00",
    MILOC="LIVER",
    MISPCCND="FRESH",
    MIASSAY="4B5",
)
GF = pd.DataFrame(
    [
        ("1", "GENOME-SPECIFIC TARGET SIGNALS", "120"),
        ("2", "CENTROMERE SIGNALS", "40"),
        ("3", "NUMBER OF CELLS", "20"),
    ],
    columns=["GFSEQ", "GFTSDTL", "GFORRES"],
).assign(USUBJID="S1", GFTESTCD="CPNUMAMP", GFREFID="A", GFMETHOD="FISH", GFSYM="ERBB2")


@pytest.fixture
def domains(tmp_path, read):
    def build(**frames):
        folder = tmp_path / "sdtm"
        folder.mkdir(exist_ok=True)
        for name, frame in frames.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        return read(folder)

    return build


def test_one_reading_a_reader_from_mi(domains):
    frame, problems = domains(mi=MI)
    assert frame["source"].tolist() == ["MI row 2", "MI row 5"]
    central, local = frame.iloc[0], frame.iloc[1]
    assert (central["ihc_score"], central["pct_1"], central["h_score"]) == ("2+", 40.0, 140.0)
    assert (central["laboratory"], central["reader"], central["assay"]) == ("central", "R1", "4B5")
    assert (central["specimen_site"], central["preservation"]) == ("LIVER", "fresh")
    assert central["specimen_date"] == pd.Timestamp("2024-02-01")
    assert (local["ihc_score"], local["laboratory"], local["reader"]) == ("1+", "local", "PATHOLOGIST")
    (unknown,) = problems
    assert (unknown.check, unknown.row, unknown.severity) == ("test_detail_unknown", "6", "warning")
    assert "STAINING PATTERN" in unknown.remedy


OTHER_RECORD = [
    ({"MIORRES": "1+"}, "another score"),
    ({"MIDTC": "2024-03-01"}, "the same score of another day: a second biopsy under the same number"),
]


@pytest.mark.parametrize(("change", "why"), OTHER_RECORD)
def test_two_results_of_one_reading_are_an_error_not_the_first_row(domains, change, why):
    again = MI.iloc[[0]].assign(MISEQ="9", **change)
    _, problems = domains(mi=pd.concat([MI.iloc[:4], again]))
    assert [(p.check, p.row, p.severity) for p in problems] == [("reading_conflict", "6", "error")], why
    assert domains(mi=pd.concat([MI.iloc[:4], MI.iloc[[0]].assign(MISEQ="9")]))[1] == []


def test_ish_from_gf_takes_its_specimen_from_mi(domains):
    frame, _ = domains(mi=MI, gf=GF)
    ish = frame[frame["source"] == "GF row 2"].iloc[0]
    assert (ish["ish_her2_copies"], ish["ish_cep17_copies"], ish["ish_cells"]) == (120, 40, 20)
    assert (ish["ish_counts"], ish["ish_method"], ish["ihc_score"]) == ("total", "FISH", "")
    assert (ish["specimen_date"], ish["preservation"]) == (pd.Timestamp("2024-02-01"), "fresh")


def test_sequencing_and_other_genes_are_no_ish(domains):
    other = pd.concat([GF.assign(GFMETHOD="NEXT GENERATION SEQUENCING"), GF.assign(GFSYM="MYC")])
    frame, _ = domains(mi=MI, gf=other)
    assert not frame["source"].str.startswith("GF").any()


@pytest.mark.parametrize(
    "method", ["DISH", "FISH, SINGLE PROBE", "Dual-probe ISH", "FLUORESCENCE IN SITU HYBRIDIZATION"]
)
def test_every_kind_of_in_situ_hybridisation_is_read(domains, method):
    """The kind of probe stands in the words of the method: single-probe counts have rules of their own."""
    frame, _ = domains(mi=MI, gf=GF.assign(GFMETHOD=method))
    assert frame.loc[frame["source"] == "GF row 2", "ish_method"].tolist() == [method]


def test_ish_under_microscopic_findings_is_no_ihc_score(domains):
    """HER2 of one pathologist by IHC (2+) and by FISH (negative), both in MI."""
    both = MI.iloc[[0, 0]].assign(
        MISEQ=["1", "2"],
        MITSTDTL=["STAINING INTENSITY", ""],
        MIORRES=["2+", "NEGATIVE"],
        MIMETHOD=["IHC", "FISH"],
    )
    frame, problems = domains(mi=both)
    assert problems == []
    assert frame[["ihc_score", "ish_result", "ish_method"]].to_numpy().tolist() == [
        ["2+", "NEGATIVE", "FISH"]
    ]


def test_supplementary_qualifiers_name_what_cdisc_has_no_term_for(domains):
    supplement = pd.DataFrame(
        [("1", "MIASSAY", "HercepTest"), ("1", "MIPRESRV", "ARCHIVAL"), ("1", "MISPTYPE", "METASTATIC")],
        columns=["IDVARVAL", "QNAM", "QVAL"],
    ).assign(USUBJID="S1", RDOMAIN="MI", IDVAR="MISEQ")
    frame, _ = domains(mi=MI.drop(columns=["MIASSAY", "MISPCCND"]).iloc[:3], suppmi=supplement)
    row = frame.iloc[0]
    assert len(frame) == 1
    assert (row["assay"], row["preservation"], row["specimen_type"]) == (
        "HercepTest",
        "archival",
        "metastatic",
    )


def test_a_test_not_done_says_so(domains):
    not_done = MI.iloc[[0]].assign(MIORRES="", MISTAT="NOT DONE")
    assert domains(mi=not_done)[0]["ihc_score"].tolist() == ["Not done"]


def test_shares_and_counts_not_done_are_missing_and_no_error(domains):
    """A score is there; the H-score, the shares and the pattern were not read."""
    details = ["H SCORE TOTAL SCORE", "STAINING INTENSITY 3+", "PERCENT POSITIVE CELL", "STAINING PATTERN"]
    absent = [
        MI.iloc[[0]].assign(MISEQ=str(number), MITSTDTL=detail, MIORRES="", MISTAT="NOT DONE")
        for number, detail in enumerate(details, 20)
    ]
    frame, problems = domains(
        mi=pd.concat([MI.iloc[[0]].assign(MISTAT=""), *absent]),
        gf=GF.iloc[[0]].assign(GFTSDTL="NUMBER OF GENE COPIES", GFORRES="", GFSTAT="NOT DONE"),
    )
    assert problems == []
    assert sorted(frame["ihc_score"]) == ["", "2+"]
    assert frame[["h_score", "pct_3", "stain_percent", "ish_her2_copies"]].isna().all(axis=None)


def test_a_folder_without_mi_and_gf_is_refused_with_a_remedy(domains):
    _, problems = domains(dm=MI)
    assert [(p.check, p.severity) for p in problems] == [("domain_missing", "error")]


def test_sdtm_to_category(domains, settings):
    from clearher.her2.stage import her2_tables

    frame, _ = domains(mi=MI, gf=GF)
    subjects = pd.DataFrame({"subject_id": ["S1"], "first_dose_date": pd.to_datetime(["2024-03-01"])})
    found = her2_tables(frame, subjects, settings=settings("her2"))
    assert found.specimens["ish_group"].tolist() == ["1", "1"]
    assert found.subjects[["category", "laboratory"]].to_numpy().tolist() == [["POSITIVE", "central"]]
