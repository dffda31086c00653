"""HER2 readings from SDTM: IHC from MI, in situ hybridisation from GF, one reading a reader and specimen.

CDISC has no term for HER2-low, ultralow, archival tissue, tumour type or antibody clone; the settings name
the study's own variables for them. Controlled terminology: SDTM 2025-03-25.
"""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from clearher.columns.her2_records import HER2
from clearher.intake.domains import Domain, cell_problems, find_domains, read_domain
from clearher.intake.text_tables import ROW
from clearher.problems import Problem

TEST_CODE = "HER2"
SCORE_DETAIL = "STAINING INTENSITY"
MI_DETAILS: Mapping[str, str] = {
    SCORE_DETAIL: "ihc_score",
    **{f"STAINING INTENSITY {suffix}": f"pct_{suffix[0]}" for suffix in ("0", "1+", "2+", "3+")},
    **{f"H SCORE STAINING INTENSITY {suffix}": f"pct_{suffix[0]}" for suffix in ("0", "1+", "2+", "3+")},
    "H SCORE TOTAL SCORE": "h_score",
    "PERCENT POSITIVE CELL": "stain_percent",
    "STAINING PATTERN": "stain_completeness",
    "RECEPTOR OVERALL STATUS": "ihc_status",
}
GF_TESTS = ("CPNUMAMP", "CPNUMVAR")
ISH_METHOD = r"ISH\b|IN SITU HYBRIDI"
WORDS = ("ihc_score", "ihc_status", "ish_ratio", "ish_result")
GF_GENES = ("ERBB2", "HER2", "")
GF_DETAILS: Mapping[str, str] = {
    "COPY NUMBER RATIO": "ish_ratio",
    "NUMBER OF GENE COPIES": "copies",
    "GENOME-SPECIFIC TARGET SIGNALS": "her2_signals",
    "CENTROMERE SIGNALS": "cep17_signals",
    "COPY NUMBER ALTERATION INTERPRETATION": "ish_result",
}
CENTRAL_EVALUATORS = ("INDEPENDENT ASSESSOR", "ADJUDICATOR", "ADJUDICATION COMMITTEE")
ADJUDICATORS = ("ADJUDICATOR", "ADJUDICATION COMMITTEE")
READER_KEY = ("subject_id", "specimen_id", "laboratory_name", "reader")
KEY = (*READER_KEY, "assay")
OTHER_DOMAINS = ("SUPPMI", "SUPPGF")
FROM_SPECIMEN = ("specimen_date", "specimen_site", "specimen_type", "preservation")


def readings_of_domains(folder: Path, *, settings: Mapping[str, Any]) -> tuple[Domain, list[Problem]]:
    """Readings of MI and GF as text, in the columns of her2.tsv.

    Parameters
    ----------
    folder : Path
        Holds MI, and optionally SUPPMI and GF; other files are left alone.
    settings : Mapping
        ``her2.sdtm`` of the configuration.

    Returns
    -------
    tuple of Domain and list of Problem
        One row a subject, specimen, laboratory and reader. GF rows without a matching MI reading are rows
        of their own without an IHC score.
    """
    paths, problems = find_domains(folder, ("MI", "GF", *OTHER_DOMAINS))
    problems = [problem for problem in problems if problem.check != "file_not_read"]
    if "MI" not in paths and "GF" not in paths:
        problems.append(
            Problem(
                check="domain_missing",
                file=str(folder),
                found="neither MI nor GF",
                expected="SDTM MI with MITESTCD HER2, and GF for in situ hybridisation",
                remedy="Add the domains, or give a HER2 table.",
            )
        )
    parts = []
    if "MI" in paths:
        part, found = _microscopic(paths, settings)
        parts.append(part)
        problems += found
    if "GF" in paths:
        part, found = _genomic(paths["GF"], settings)
        parts.append(_with_specimen(part, parts))
        problems += found
    return _as_domain(parts, folder), problems


def _microscopic(paths: Mapping[str, Path], settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    required = ("USUBJID", "MISEQ", "MITESTCD", "MITSTDTL", "MIORRES", "MIREFID", "MIDTC")
    domain, problems = read_domain("MI", paths["MI"], required)
    domain = domain.keep(domain.text("MITESTCD").str.upper() == TEST_CODE)
    details = domain.text("MITSTDTL").str.upper()
    known = {**MI_DETAILS, **{name.upper(): "ihc_score" for name in settings["score_details"]}}
    problems += _unknown_details(domain, details, known, "MITSTDTL")
    domain = domain.keep(details.isin(list(known)))
    qualifiers, found = _qualifiers(paths, domain, settings)
    problems += found
    ish = _by_ish(domain, "MI")
    field = details[domain.frame.index].map(known)
    field = field.mask(ish & field.isin(["ihc_score", "ihc_status"]), "ish_result")
    rows = pd.DataFrame(
        {
            "subject_id": domain.text("USUBJID"),
            "specimen_id": domain.text("MIREFID", "MISPID"),
            "laboratory_name": domain.text("MINAM"),
            "reader": _readers(domain, "MI"),
            "laboratory": _laboratories(domain, "MI", settings["central_laboratories"]),
            "specimen_date": domain.text("MIDTC").str.slice(0, 10),
            "specimen_site": domain.text("MILOC", "MISPEC"),
            **qualifiers,
            "ish_method": domain.text("MIMETHOD").where(ish, ""),
            "field": field,
            "value": _results(domain, "MI", field),
            ROW: domain.frame[ROW],
        }
    )
    return _wide(rows, "MI"), [*problems, *_conflicting(rows, domain, "MIREFID")]


def _genomic(path: Path, settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    required = ("USUBJID", "GFSEQ", "GFTESTCD", "GFORRES", "GFREFID", "GFMETHOD")
    domain, problems = read_domain("GF", path, required)
    domain = domain.keep(
        domain.text("GFTESTCD").str.upper().isin(GF_TESTS)
        & _by_ish(domain, "GF")
        & domain.text("GFSYM").str.upper().isin(GF_GENES)
    )
    details = domain.text("GFTSDTL", "GFTSTDTL").str.upper()
    known = {**GF_DETAILS, **{name.upper(): "ish_cells" for name in settings["cells_details"]}}
    problems += _unknown_details(domain, details, known, "GFTSDTL")
    domain = domain.keep(details.isin(list(known)))
    field = details[domain.frame.index].map(known)
    rows = pd.DataFrame(
        {
            "subject_id": domain.text("USUBJID"),
            "specimen_id": domain.text("GFREFID", "GFSPID"),
            "laboratory_name": domain.text("GFNAM"),
            "reader": _readers(domain, "GF"),
            "laboratory": _laboratories(domain, "GF", settings["central_laboratories"]),
            "specimen_date": domain.text("GFDTC").str.slice(0, 10),
            "ish_method": domain.text("GFMETHOD"),
            "field": field,
            "value": _results(domain, "GF", field),
            ROW: domain.frame[ROW],
        }
    )
    return _counts(_wide(rows, "GF")), [*problems, *_conflicting(rows, domain, "GFREFID")]


def _by_ish(domain: Domain, prefix: str) -> pd.Series:
    return domain.text(f"{prefix}METHOD").str.upper().str.contains(ISH_METHOD).astype(bool)


def _results(domain: Domain, prefix: str, field: pd.Series) -> pd.Series:
    """Results as written; what was not done says so where the field holds words, and is empty elsewhere."""
    value = domain.text(f"{prefix}STRESC", f"{prefix}ORRES")
    not_done = domain.text(f"{prefix}STAT").str.upper() == "NOT DONE"
    return value.mask((value == "") & not_done & field.isin(WORDS), "Not done")


def _readers(domain: Domain, prefix: str) -> pd.Series:
    evaluator = domain.text(f"{prefix}EVAL").str.upper()
    reader = domain.text(f"{prefix}EVALID", f"{prefix}EVAL")
    return reader.mask(evaluator.isin(ADJUDICATORS), "ADJUDICATOR")


def _laboratories(domain: Domain, prefix: str, central: Sequence[str]) -> pd.Series:
    if central:
        named = domain.text(f"{prefix}NAM").isin(list(central))
        return named.map({True: "central", False: "local"}).astype(object)
    evaluator = domain.text(f"{prefix}EVAL").str.upper()
    kinds = {**dict.fromkeys(CENTRAL_EVALUATORS, "central"), "PATHOLOGIST": "local"}
    return evaluator.map(kinds).fillna("").astype(object)


def _qualifiers(
    paths: Mapping[str, Path], domain: Domain, settings: Mapping
) -> tuple[dict[str, pd.Series], list[Problem]]:
    """The study's own variables, from MI itself or from SUPPMI by MISEQ."""
    names = {
        "assay": settings["assay_qualifier"],
        "specimen_type": settings["type_qualifier"],
        "preservation": settings["preservation_qualifier"],
    }
    values = {column: domain.text(name.upper()) for column, name in names.items()}
    problems: list[Problem] = []
    if "SUPPMI" in paths:
        supplement, problems = read_domain("SUPPMI", paths["SUPPMI"], ("USUBJID", "IDVARVAL", "QNAM", "QVAL"))
        place = pd.MultiIndex.from_arrays([domain.text("USUBJID"), domain.text("MISEQ")])
        for column, name in names.items():
            chosen = supplement.keep(supplement.text("QNAM").str.upper() == name.upper()).frame
            lookup = chosen.drop_duplicates(["USUBJID", "IDVARVAL"]).set_index(["USUBJID", "IDVARVAL"])[
                "QVAL"
            ]
            extra = pd.Series(
                lookup.reindex(place).fillna("").to_numpy(), index=domain.frame.index, dtype=object
            )
            values[column] = values[column].where(values[column] != "", extra)
    fresh = domain.text("MISPCCND").str.upper() == "FRESH"
    values["preservation"] = values["preservation"].mask((values["preservation"] == "") & fresh, "fresh")
    return values, problems


def _wide(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """One row a reading: the first filled value of each field and of each property of the reading."""
    rows = rows.sort_values(ROW, kind="stable")
    rows["assay"] = _only_assay(rows) if "assay" in rows else ""
    key = list(KEY)
    fields = rows[rows["value"] != ""].groupby([*key, "field"], sort=True)["value"].first().unstack("field")
    others = [name for name in rows.columns if name not in (*key, "field", "value", ROW)]
    filled = rows[others].where(rows[others] != "")
    properties = pd.concat([rows[key], filled], axis=1).groupby(key, sort=True).first()
    first_row = rows.groupby(key, sort=True)[ROW].min()
    wide = properties.join(fields).join(first_row).reset_index()
    wide["source"] = f"{source} row " + wide[ROW].astype(str)
    return wide.astype(object).where(wide.notna(), "")


def _conflicting(rows: pd.DataFrame, domain: Domain, specimen_column: str) -> list[Problem]:
    """Records that give a reading another result, or its specimen another date, than an earlier record.

    Two tests of one reader on one specimen number are two specimens, or one of them does not hold; which
    one counts must not follow from the order of the rows.
    """
    reading = list(KEY) if "assay" in rows else list(READER_KEY)
    told = rows.assign(assay=_only_assay(rows)) if "assay" in rows else rows
    told = told[told["value"] != ""].sort_values(ROW, kind="stable")
    first_value = told.groupby([*reading, "field"])["value"].transform("first")
    dated = told["specimen_date"].where(told["specimen_date"] != "")
    first_date = dated.groupby([told[name] for name in reading]).transform("first")
    other = told["value"].ne(first_value) | (dated.notna() & dated.ne(first_date))
    return cell_problems(
        domain,
        other.reindex(domain.frame.index, fill_value=False).astype(bool),
        specimen_column,
        check="reading_conflict",
        expected="one result of a test, and one date, for each reader, assay and specimen number",
        remedy="Give each specimen a number of its own, or remove the record that does not hold.",
        otherwise="The first record counts.",
    )


def _only_assay(rows: pd.DataFrame) -> pd.Series:
    """Assay of each row; rows without one take it where the reader used a single assay on the specimen."""
    named = rows["assay"].where(rows["assay"] != "")
    groups = named.groupby([rows[name] for name in READER_KEY])
    single = groups.transform("first").where(groups.transform("nunique") == 1)
    return named.fillna(single).fillna("").astype(object)


def _counts(wide: pd.DataFrame) -> pd.DataFrame:
    """Copies and signals in the columns of her2.tsv: averages where copies are given, else totals."""
    for name in ("copies", "her2_signals", "cep17_signals", "ish_cells"):
        if name not in wide:
            wide[name] = ""
    averages = wide["copies"] != ""
    signals = (wide["her2_signals"] != "") | (wide["cep17_signals"] != "")
    wide["ish_her2_copies"] = wide["copies"].where(averages, wide["her2_signals"])
    wide["ish_cep17_copies"] = wide["cep17_signals"].mask(averages, "")
    wide["ish_counts"] = averages.map({True: "average", False: ""}).mask(~averages & signals, "total")
    return wide.drop(columns=["copies", "her2_signals", "cep17_signals"])


def _with_specimen(genomic: pd.DataFrame, microscopic: list[pd.DataFrame]) -> pd.DataFrame:
    """GF readings with the date, site, type and preservation that MI gives for the same specimen."""
    if not microscopic:
        return genomic
    known = (
        microscopic[0].replace("", None).groupby(["subject_id", "specimen_id"])[list(FROM_SPECIMEN)].first()
    )
    joined = genomic.drop(columns=[name for name in FROM_SPECIMEN if name in genomic]).merge(
        known.reset_index(), how="left", on=["subject_id", "specimen_id"]
    )
    own_date = genomic["specimen_date"].reset_index(drop=True)
    joined["specimen_date"] = joined["specimen_date"].where(joined["specimen_date"].notna(), own_date)
    return joined.astype(object).where(joined.notna(), "")


def _as_domain(parts: list[pd.DataFrame], folder: Path) -> Domain:
    names = [
        column.name for column in HER2.columns if column.name not in ("source_row", "specimen_date_last")
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    for name in (*names, ROW):
        if name not in frame:
            frame[name] = pd.Series("", index=frame.index, dtype=object)
    frame = frame[[*names, ROW]].astype(object)
    return Domain("MI and GF", str(folder), frame.where(frame.notna(), ""))


def _unknown_details(
    domain: Domain, details: pd.Series, known: Mapping[str, str], column: str
) -> list[Problem]:
    problems = []
    for detail in sorted(set(details) - set(known)):
        near = difflib.get_close_matches(detail, list(known), n=1, cutoff=0.6)
        hint = f"Nearest known: {near[0]}. " if near else ""
        problems += cell_problems(
            domain,
            (details == detail) & ~details.duplicated(),
            column,
            check="test_detail_unknown",
            expected="one of " + ", ".join(sorted(name for name in known if name)),
            remedy=f"{hint}These rows are not used; name the study's own term under her2.sdtm.",
            severity="warning",
        )
    return problems
