"""Files that are handed on: transport files, RTF, workbook, research object."""

import io
import json
import re
import zipfile

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from clearher.columns import association, clinical, ctdna, intake
from clearher.report.adam import LABELS, adam_datasets, flag
from clearher.report.catalogue import ADAM, PUBLICATIONS, TABLES_IN_WORKBOOK
from clearher.report.crate import crate_metadata
from clearher.report.html_tables import table_html
from clearher.report.publication import Publication, publications
from clearher.report.rtf_tables import rtf_text, table_rtf
from clearher.report.workbook import sheet_rows, workbook_bytes
from clearher.report.xport import XportError, check_names, transport_text, without_clock, write_xport
from clearher.tables import frame_of
from report_builders import endpoint, no_results, results, settings, subject

FORMULA = "=HYPERLINK(1)"


def write(dataset, folder):
    labels = {name: LABELS[name] for name in dataset.frame.columns}
    path = folder / f"{dataset.name}.xpt"
    changes = write_xport(dataset.frame, path, name=dataset.name, label=dataset.label, labels=labels)
    return path, changes


@pytest.mark.parametrize("tables", [results(), no_results()], ids=["study", "empty"])
def test_every_dataset_is_written_and_read_back(tables, tmp_path):
    datasets = adam_datasets(tables, settings())
    assert tuple(dataset.name for dataset in datasets) == ADAM
    for dataset in datasets:
        path, _ = write(dataset, tmp_path)
        read, meta = pyreadstat.read_xport(path)
        assert len(read) == len(dataset.frame)
        assert meta.column_names == list(dataset.frame.columns)
        assert meta.column_labels == [LABELS[name] for name in dataset.frame.columns]


def test_names_and_labels_keep_the_rules_of_the_format():
    for dataset in adam_datasets(results(), settings()):
        check_names(dataset.name, dataset.label, {name: LABELS[name] for name in dataset.frame.columns})
    with pytest.raises(XportError, match="TOOLONGNAME"):
        check_names("a", "label", {"TOOLONGNAME": "x"})
    with pytest.raises(XportError, match="yyyyy"):
        check_names("a", "label", {"A": "y" * 41})


def test_response_dates_and_flags(tmp_path):
    adrs = next(dataset for dataset in adam_datasets(results(), settings()) if dataset.name == "adrs")
    path, _ = write(adrs, tmp_path)
    read, _ = pyreadstat.read_xport(path)
    rows = read.set_index(["USUBJID", "PARAMCD"])
    assert rows.loc[("S1", "RSP"), "AVALC"] == "Y"
    assert pd.Timestamp(rows.loc[("S1", "RSP"), "ADT"]) == pd.Timestamp("2024-02-12")
    assert rows.loc[("S1", "RSP"), "ADY"] == 43  # 42 days after day 1
    assert rows.loc[("S2", "RSP"), "AVALC"] == "N"
    assert rows.loc[("S2", "BOR"), "AVALC"] == "PD"


def test_censoring_is_1_and_an_event_0():
    times = [
        {
            "subject_id": "S1",
            "endpoint": "PFS",
            "rule": "primary",
            "days": 100,
            "event": True,
            "event_description": "Death",
        },
        {
            "subject_id": "S2",
            "endpoint": "PFS",
            "rule": "primary",
            "days": 50,
            "event": False,
            "censor_reason": "Alive",
        },
    ]
    adtte = adam_datasets(results(clinical_time_to_event=times), settings())[2].frame
    assert list(adtte["CNSR"]) == [0.0, 1.0]
    assert list(adtte["EVNTDESC"]) == ["Death", "Alive"]


def test_unknown_flags_are_empty_not_no():
    assert list(flag(pd.Series([True, False, None], dtype="boolean"))) == ["Y", "N", ""]


def test_files_hold_no_clock(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    adsl = adam_datasets(results(), settings())[0]
    first, second = (write(adsl, tmp_path / name)[0].read_bytes() for name in ("a", "b"))
    assert first == second
    assert first.count(b"01JAN60:00:00:00") == 4


def test_the_clock_is_taken_out_of_the_header_only():
    header = b"x 22NOV26:17:00:00 y HEADER RECORD*******NAMESTR"
    assert without_clock(header + b" 22NOV26:17:00:00") == (
        b"x 01JAN60:00:00:00 y HEADER RECORD*******NAMESTR 22NOV26:17:00:00"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [("Muñoz", "Munoz"), ("≥ 3", "? 3"), ("x" * 250, "x" * 200), ("plain", "plain")],
)
def test_text_becomes_ascii_of_at_most_200_bytes(text, written):
    assert transport_text(text) == written


def test_changed_texts_are_listed(tmp_path):
    built = results(intake_subjects=[subject("S1", True) | {"arm": "Dosis à"}])
    _, changes = write(adam_datasets(built, settings())[0], tmp_path)
    assert [(change.variable, change.original, change.written) for change in changes] == [
        ("ARM", "Dosis à", "Dosis a")
    ]


def test_publications_are_those_of_the_catalogue_and_hold_the_tables_numbers():
    tables = {table.name: table for table in publications(results(), settings())}
    assert tuple(tables) == PUBLICATIONS
    assert ("  Objective response", "1/3 (33.3%) [0.8-90.6%]") in tables["response"].rows
    assert ("  Median, months", "4.5", "1.4 to NE") in tables["time_to_event"].rows
    row = results()[ctdna.CLEARANCE].query("visit == 'ANY' and denominator == 'evaluable'").iloc[0]
    assert tables["ctdna_clearance"].rows[-1][3].startswith(f"{row['n']}/{row['N']} (50.0%)")
    assert tables["her2_response"].rows[-1][:2] == ("low 2+", "1/1 (100.0%)")


def test_incidences_of_the_protocol_are_one_table():
    rows = [
        {"endpoint": "AE", "statistic": "any", "group": "all", "n": 3, "N": 4, "low": 0.194, "high": 0.994},
        {"endpoint": "AE", "statistic": "serious", "group": "all", "N": 4},
        {"endpoint": "LAB", "statistic": "any parameter: emergent", "group": "all", "n": 1, "N": 2,
         "low": 0.013, "high": 0.987, "note": "of subjects with both"},
        {"endpoint": "LAB", "statistic": "ALT, high: emergent", "group": "all", "n": 1, "N": 2},
    ]  # fmt: skip
    tables = publications(results(clinical_safety_endpoints=rows), settings())
    (table,) = [found for found in tables if found.name == "safety_incidence"]
    assert table.rows == (
        ("Treatment-emergent adverse events", "", ""),
        ("  Any", "3/4 (75.0%)", "19.4-99.4%"),
        ("  Serious", "not known", ""),
        ("Laboratory values that became abnormal", "", ""),
        ("  Any parameter", "1/2 (50.0%)", "1.3-98.7%"),
    )
    assert "Laboratory values that became abnormal: of subjects with both." in table.footnotes


def test_response_has_a_column_a_population_the_headline_first():
    """A population without the endpoint leaves its cell empty; its definition is a footnote."""
    rows = [
        endpoint("ORR", "rate", 1, 4, 0.25, 0.01, 0.81),
        {**endpoint("ORR", "rate", 1, 3, 1 / 3, 0.01, 0.91), "population": "response_evaluable"},
        {**endpoint("DCR", "rate", 2, 3, 2 / 3, 0.09, 0.99), "population": "response_evaluable"},
        {**endpoint("ORR", "rate", 1, 2, 0.5, 0.01, 0.99), "group": "arm A"},
    ]
    chosen = settings(clinical={"population": "response_evaluable"})
    table = publications(results(clinical_endpoints=rows), chosen)[0]
    assert table.headings == ("", "response evaluable: n/N (%) [95% CI]", "treated: n/N (%) [95% CI]")
    assert table.rows == (
        ("Rates", "", ""),
        ("  Objective response", "1/3 (33.3%) [1.0-91.0%]", "1/4 (25.0%) [1.0-81.0%]"),
        ("  Disease control", "2/3 (66.7%) [9.0-99.0%]", ""),
    )
    assert "treated: treated and not screen failure." in table.footnotes


def test_words_follow_the_configured_rules():
    """16 weeks of long benefit, a plain band, other criteria: no word of the defaults stays."""
    rows = [
        endpoint("CBR_24W", "rate", 1, 4, 0.25, 0.01, 0.81),
        endpoint("PFS", "median", 2, 4, 5.0, 2.0, 9.0),
    ]
    rule = {"cbr_long_days": 112, "rows": {"criteria": "iRECIST"}}
    chosen = settings(clinical={"response": rule, "statistics": {"km_band": "plain"}})
    response, times, *_ = publications(results(clinical_endpoints=rows), chosen)
    assert [row[0].strip() for row in response.rows] == ["Rates", "Clinical benefit, 16 weeks"]
    assert "iRECIST" in response.footnotes[0]
    assert "inverted plain band" in times.footnotes[0]
    response, times, *_ = publications(results(clinical_endpoints=rows), settings())
    assert response.rows[1][0].strip() == "Clinical benefit, 24 weeks"
    assert "RECIST 1.1" in response.footnotes[0]
    assert "inverted log-log band" in times.footnotes[0]


def test_survival_at_fixed_times_is_in_the_order_of_time():
    rows = [
        endpoint("PFS", name, 1, 4, 0.5, 0.1, 0.9) for name in ("survival_12m", "survival_24m", "survival_6m")
    ]
    table = publications(results(clinical_endpoints=rows), settings())[1]
    assert [row[0] for row in table.rows[1:]] == [
        f"  Without event at {months} months" for months in (6, 12, 24)
    ]


def test_a_table_without_data_says_so():
    for table in publications(no_results(), settings()):
        assert table.rows == ()
        assert table.footnotes == ("No data: the table is left empty.",)
        assert "No data." in table_rtf(table, programme="p")


def test_rtf_has_title_population_footnote_and_programme_and_escapes_its_own_signs():
    table = Publication(
        "t", "14.1", "Title {a}", "Population: all", ("", "n"), (("x \\par é 😀", "1"),), ("Foot.",),
        sources=(clinical.ENDPOINTS,),
    )  # fmt: skip
    source = table_rtf(table, programme="Study T1.")
    for words in (
        "Table 14.1",
        "Title \\{a\\}",
        "Population: all",
        "Foot.",
        "Source: clinical/endpoints.tsv",
        "Study T1.",
    ):
        assert words in source
    assert "x \\\\par \\u233? \\u-10179?\\u-8704?" in source
    assert source.isascii()
    assert source == table_rtf(table, programme="Study T1.")


def test_rtf_text():
    assert rtf_text("a{b}\\c\nd") == "a\\{b\\}\\\\c d"


def test_html_table_has_a_fixed_id_and_escapes():
    table = Publication("t", "14.1", "<b>", "all", ("", "n"), (("<i>", "1"),), ("<u>",), sources=())
    html = table_html(table)
    assert 'id="print-t"' in html
    assert not re.search(r"<(b|i|u|style)>", html)
    assert html == table_html(table)


def test_title_and_footnotes_stay_when_the_cells_of_an_html_table_move_sideways():
    sources = (association.LEVELS, association.RESULTS)
    html = table_html(
        Publication(
            "t", "14.1", "Name", "all", ("", "n"), (("a", "1"),), ("first", "second"), sources=sources
        )
    )
    assert re.findall(r'<p class="gt_(\w+)">(.*?)</p>', html.split('<div class="wide">')[0]) == [
        ("title", "Table 14.1. Name"),
        ("subtitle", "all"),
    ]
    assert re.findall(r'<p class="gt_sourcenote">(.*?)</p>', html.split("</table>")[1]) == [
        "first",
        "second",
        "Source: association/levels.tsv, association/results.tsv",
    ]


def test_workbook_has_every_table_a_dictionary_and_no_formula():
    built = results(intake_subjects=[subject(FORMULA, True), subject("@x", True), subject("-1+1", True)])
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(built, TABLES_IN_WORKBOOK)))
    assert book.sheetnames[:2] == ["contents", "data dictionary"]
    assert len(book.sheetnames) == 2 + len(TABLES_IN_WORKBOOK)
    cells = [cell for row in book["intake subjects"].iter_rows(min_row=2, max_col=1) for cell in row]
    assert [cell.value for cell in cells] == ["-1+1", FORMULA, "@x"]
    assert {cell.data_type for cell in cells} == {"s"}
    words = [row[1] for row in book["data dictionary"].iter_rows(values_only=True)]
    assert "baseline_level" in words


def test_workbook_keeps_missing_apart_from_zero_and_null_from_missing():
    rows = [{"subject_id": "S1", "level": "NULL", "h_score": 0.0}, {"subject_id": "S2", "level": "LOW_1+"}]
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(results(her2_subjects=rows), TABLES_IN_WORKBOOK)))
    sheet = [
        dict(zip(next(book["her2 subjects"].values), row, strict=True))
        for row in book["her2 subjects"].values
    ]
    assert sheet[1]["level"] == "NULL"
    assert (sheet[1]["h_score"], sheet[2]["h_score"]) == (0, None)


def test_workbook_holds_no_time():
    first = workbook_bytes(results(), TABLES_IN_WORKBOOK)
    assert first == workbook_bytes(results(), TABLES_IN_WORKBOOK)
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert {item.date_time[0] for item in book.infolist()} == {1980}
        assert "1980-01-01T00:00:00Z" in book.read("docProps/core.xml").decode()


def test_control_characters_do_not_break_the_workbook():
    rows = [{"subject_id": "S1", "sentence": "a\x01b"}]
    book = openpyxl.load_workbook(
        io.BytesIO(workbook_bytes(results(ctdna_subjects=rows), TABLES_IN_WORKBOOK))
    )
    values = [value for row in book["ctdna subjects"].values for value in row]
    assert "ab" in values


def test_rows_of_a_sheet_by_kind_of_value():
    """Text is marked as text and escaped, outer blanks are kept, a missing value has no cell."""
    rows = pd.DataFrame(
        {
            "text": ['=1<2 & "x"', " from", "", "tab\x01\t"],
            "integer": pd.array([0, None, 3, 2**40], dtype="Int64"),
            "number": [0.1 + 0.2, None, -0.0, 1e-300],
            "yes": pd.array([True, None, False, None], dtype="boolean"),
            "day": pd.to_datetime(["2024-02-29", None, None, None]),
        }
    )
    assert sheet_rows(rows) == (
        '<row r="2"><c r="A2" t="inlineStr"><is><t>=1&lt;2 &amp; "x"</t></is></c><c r="B2" t="n"><v>0</v></c>'
        '<c r="C2" t="n"><v>0.3</v></c><c r="D2" t="b"><v>1</v></c>'
        '<c r="E2" t="inlineStr"><is><t>2024-02-29</t></is></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t xml:space="preserve"> from</t></is></c></row>'
        '<row r="4"><c r="B4" t="n"><v>3</v></c><c r="C4" t="n"><v>-0</v></c>'
        '<c r="D4" t="b"><v>0</v></c></row>'
        '<row r="5"><c r="A5" t="inlineStr"><is><t>tab</t></is></c><c r="B5" t="n"><v>1099511627776</v></c>'
        '<c r="C5" t="n"><v>1e-300</v></c></row>'
    )


def test_research_object_is_valid_and_without_clock(tmp_path):
    records = [{"path": "ctdna/visits.tsv", "bytes": 3, "sha256": "0" * 64}]
    chosen = settings(data_cut={"id": "c1", "date": "2024-06-30"})
    content = crate_metadata(records, settings=chosen, descriptions={"ctdna/visits.tsv": "Visits."})
    assert content == crate_metadata(records, settings=chosen, descriptions={"ctdna/visits.tsv": "Visits."})
    entities = {entity["@id"]: entity for entity in content["@graph"]}
    assert entities["./"]["datePublished"] == "2024-06-30"
    assert entities["ctdna/visits.tsv"]["description"] == "Visits."
    assert entities["ctdna/visits.tsv"]["sha256"] == "0" * 64
    (tmp_path / "ctdna").mkdir()
    (tmp_path / "ctdna" / "visits.tsv").write_text("x\n")
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(content))
    from rocrate.rocrate import ROCrate

    assert ROCrate(tmp_path).dereference("ctdna/visits.tsv")["name"] == "visits.tsv"


def test_subject_level_set_has_one_row_a_subject():
    adsl = adam_datasets(results(), settings())[0].frame
    assert list(adsl["USUBJID"]) == list(results()[intake.SUBJECTS]["subject_id"])
    assert dict(zip(adsl["USUBJID"], adsl["HER2LVL"], strict=True))["S2"] == "NULL"
    assert list(adsl["SAFFL"]) == ["Y", "Y", "Y", "N"]


def test_worst_events_are_flagged_once():
    events = [{"subject_id": "S1", "sequence": 1, "term": "x", "first_worst": True},
              {"subject_id": "S1", "sequence": 2, "term": "y", "first_worst": False}]  # fmt: skip
    built = results()
    built[clinical.ADVERSE_EVENTS] = frame_of(events, clinical.ADVERSE_EVENTS)
    assert list(adam_datasets(built, settings())[3].frame["AOCCIFL"]) == ["Y", ""]
