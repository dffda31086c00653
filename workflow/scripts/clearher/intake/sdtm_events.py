"""Adverse events, antibody results, laboratory values and therapies from SDTM AE, IS, LB, CM and PR."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import complete_dates, date_range, imputed_day
from clearher.intake.domains import (
    Domain,
    absent_column,
    cell_problems,
    comma_problems,
    date_problems,
    numbers_of,
    unique_records,
    whole_numbers,
)
from clearher.intake.records import filled
from clearher.intake.sdtm_subjects import end_before_start
from clearher.intake.sides_of_dose import planned_side, with_clock
from clearher.problems import Problem

SERIOUS_BY = ("AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESMIE", "AESCAN")
FATAL = r"\b(?:FATAL|DEATH|DIED)\b"
NOT_FATAL = r"NO[NT]\W?FATAL"
YES_NO = {"Y": True, "YES": True, "N": False, "NO": False}
LAB_GRADE = r"(?<![\d.])([0-5])(?:\.0+)?\s*$"
BOUND = r"^\s*[<>]=?\s*\d"


def read_adverse_events(ae: Domain, settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Adverse events with their dates as recorded; imputation belongs to the clinical stage.

    An event is serious by AESER, and by any criterion of seriousness or a fatal outcome where AESER says
    otherwise or nothing (a finding); without any of them it is not known to be serious or not.

    Parameters
    ----------
    ae : Domain
        SDTM AE or ADaM ADAE.
    settings : Mapping
        ``clinical.adverse_events``: ``grade`` and ``initial_grade`` name the grade columns.
    """
    ae, sequence, problems = unique_records(ae, "AESEQ")
    for column in ("AESTDTC", "AEENDTC"):
        problems += date_problems(
            ae, column, partial_severity="info", partial_remedy="Imputed for analysis, and flagged."
        )
    grade, found = _grades(ae, settings["grade"])
    initial, wrong = _grades(ae, settings["initial_grade"])
    reversed_ = date_range(ae.text("AEENDTC"))["last"] < date_range(ae.text("AESTDTC"))["first"]
    problems += [
        *found,
        *wrong,
        *end_before_start(ae, reversed_, "AEENDTC"),
        *_uncoded(ae, settings["grade"]),
        *_unknown_of_all(ae, settings["grade"]),
    ]
    fatal, unclear = _fatal(ae, grade)
    serious, found = _serious(ae, fatal)
    problems += [*unclear, *found, *_unread_flags(ae)]
    frame = pd.DataFrame(
        {
            "subject_id": ae.text("USUBJID"),
            "sequence": sequence,
            "term": ae.text("AETERM"),
            "preferred_term": ae.text("AEDECOD"),
            "soc": ae.text("AESOC", "AEBODSYS"),
            "start_text": ae.text("AESTDTC"),
            "end_text": ae.text("AEENDTC").mask(reversed_, ""),
            "ongoing_at_cut": False,
            "grade": grade,
            "initial_grade": initial,
            "severity": ae.text("AESEV"),
            "serious": serious,
            "fatal": fatal,
            "related": ae.text("AEREL"),
            "action": ae.text("AEACN"),
            "outcome": ae.text("AEOUT"),
            "group_id": ae.text("AEGRPID"),
            "source": ae.source(),
        }
    )
    return filled(frame, columns.ADVERSE_EVENTS), problems


def _yes_no(ae: Domain, column: str) -> pd.Series:
    return ae.text(column).str.upper().map(YES_NO).astype("boolean")


def _fatal(ae: Domain, grade: pd.Series) -> tuple[pd.Series, list[Problem]]:
    """Fatal by outcome, by AESDTH or by grade 5, and outcomes that speak of death in other words."""
    outcome = ae.text("AEOUT").str.upper()
    named = outcome.str.match(FATAL)
    problems = cell_problems(
        ae,
        outcome.str.contains(FATAL) & ~named & ~outcome.str.fullmatch(NOT_FATAL),
        "AEOUT",
        check="outcome_unclear",
        expected="FATAL, or an outcome that does not speak of death",
        remedy="Not counted as fatal by its outcome; write FATAL where the subject died of the event.",
        severity="warning",
    )
    return named | _yes_no(ae, "AESDTH").fillna(False) | (grade == 5).fillna(False), problems


def _unread_flags(ae: Domain) -> list[Problem]:
    return [
        problem
        for column in ("AESER", *SERIOUS_BY)
        for problem in cell_problems(
            ae,
            ae.text(column).ne("") & _yes_no(ae, column).isna(),
            column,
            check="flag_unknown",
            expected="Y, N or nothing",
            remedy="Write Y or N.",
            otherwise="It is read as not recorded.",
        )
    ]


def _serious(ae: Domain, fatal: pd.Series) -> tuple[pd.Series, list[Problem]]:
    recorded = _yes_no(ae, "AESER")
    met = pd.concat([_yes_no(ae, name).fillna(False) for name in SERIOUS_BY], axis=1).any(axis=1)
    by_criterion = (met | fatal).astype(bool)
    problems = cell_problems(
        ae,
        by_criterion & ~recorded.fillna(False),
        "AESER",
        check="serious_by_criterion",
        expected="Y where a criterion of seriousness is met (death, threat to life, hospitalisation ...)",
        remedy="Counted as serious; correct AESER or the criterion.",
        severity="warning",
    )
    return recorded.mask(by_criterion, True), problems


def _grades(ae: Domain, column: str) -> tuple[pd.Series, list[Problem]]:
    text = ae.text(column).str.upper().str.replace("GRADE", "", regex=False).str.strip()
    text = text.str.replace(r"\.0+$", "", regex=True)
    grade = pd.to_numeric(text.where(text.isin(list("12345"))), errors="coerce").astype("Int64")
    problems = cell_problems(
        ae,
        (text != "") & grade.isna(),
        column,
        check="grade_unknown",
        expected="a grade from 1 to 5",
        remedy="Correct the grade.",
        otherwise="It is read as missing.",
    )
    return grade, problems


def _unknown_of_all(ae: Domain, grade: str) -> list[Problem]:
    """Columns that a file with events does not have: what hangs on them is counted for nobody."""
    needed = {
        grade: "grade",
        "AESER": "seriousness",
        "AEREL": "causality",
        "AEACN": "action taken with the drug",
    }
    return [
        replace(
            absent_column(ae.file, column, list(ae.frame.columns)),
            check="adverse_event_column_absent",
            remedy=f"Add or rename the column: the {what} of no event is known, and none is counted by it.",
            severity="warning",
        )
        for column, what in needed.items()
        if len(ae.frame) and not ae.has(column) and not (column == "AESER" and any(map(ae.has, SERIOUS_BY)))
    ]


def _uncoded(ae: Domain, grade: str) -> list[Problem]:
    gaps = {grade: "grade", "AEDECOD": "coded term", "AEREL": "causality", "AESER": "seriousness"}
    return [
        problem
        for column, what in gaps.items()
        if ae.has(column)
        for problem in cell_problems(
            ae,
            ae.text(column) == "",
            column,
            check="adverse_event_incomplete",
            expected=f"a {what}",
            remedy="The event is counted on a line of its own.",
            severity="info",
        )
    ]


def read_ada(
    domain: Domain, pc: Domain, doses: pd.DataFrame, settings: Mapping
) -> tuple[pd.DataFrame, list[Problem]]:
    """Results of anti-drug antibody tests, with the drug in the blood at that time.

    Parameters
    ----------
    domain : Domain
        SDTM IS, or a domain ADA with the same columns.
    pc : Domain
        SDTM PC, drug concentrations; may be without rows.
    doses : pandas.DataFrame
        Table DOSES of intake.
    settings : Mapping
        ``clinical.ada``: ``tests`` is test code to BINDING or NEUTRALISING (other codes are noted and left
        out), ``steps`` word of ISTSTOPO or test code to step of a tiered assay, ``drug_tests`` the test
        codes of PC that count.
    """
    tests = settings["tests"]
    other = ~domain.text("ISTESTCD").isin(list(tests))
    problems = cell_problems(
        domain,
        other & ~domain.frame.duplicated("ISTESTCD"),
        "ISTESTCD",
        check="test_unknown",
        expected=f"one of {', '.join(tests)}",
        remedy="Results of this test are not used; add it to clinical.ada.tests.",
        severity="info",
    )
    domain, sequence, found = unique_records(domain.keep(~other), "ISSEQ")
    problems += [
        *found,
        *date_problems(domain, "ISDTC", partial_severity="warning", partial_remedy="The sample has no day."),
    ]
    planned, wrong = whole_numbers(domain, "VISITDY")
    titre, unread = _titres(domain)
    recorded = domain.text("ISSTRESC", "ISORRES")
    frame = pd.DataFrame(
        {
            "subject_id": domain.text("USUBJID"),
            "sequence": sequence,
            "date": complete_dates(domain.text("ISDTC")),
            "date_text": domain.text("ISDTC"),
            "visit": domain.text("VISIT"),
            "planned_day": planned,
            "test": domain.text("ISTESTCD").map(dict(tests)),
            "step": _steps(domain, settings["steps"]),
            "result": recorded,
            "titre": titre,
            "titre_text": recorded.where(recorded.str.match(r"[<>=]*\s*[\d.]"), ""),
            "not_done": domain.text("ISSTAT") == "NOT DONE",
            "before_dose": planned_side(domain, "IS"),
            "source": domain.source(),
        }
    )
    frame, found = with_clock(frame, doses)
    problems += found
    frame = with_concentrations(frame, pc, settings["drug_tests"])
    unread += comma_problems(pc, "PCSTRESN", "PCSTRESC")
    return filled(frame, columns.ADA), [*problems, *wrong, *unread]


def _steps(domain: Domain, steps: Mapping[str, str]) -> pd.Series:
    """Step of a tiered assay by the word of ISTSTOPO, else by the test code; empty where both say nothing."""
    known = {word.upper(): step for word, step in steps.items()}
    objective, test = domain.text("ISTSTOPO").str.upper(), domain.text("ISTESTCD").str.upper()
    return objective.where(objective.isin(list(known)), test).map(lambda word: known.get(word, ""))


def _titres(domain: Domain) -> tuple[pd.Series, list[Problem]]:
    titre, problems = numbers_of(domain, "ISSTRESN")
    problems += comma_problems(domain.keep(domain.text("ISSTRESN") == ""), "ISSTRESN", "ISSTRESC")
    return titre.fillna(pd.to_numeric(domain.text("ISSTRESC"), errors="coerce")), problems


def with_concentrations(samples: pd.DataFrame, pc: Domain, tests: Iterable[str]) -> pd.DataFrame:
    """Antibody samples with the drug concentration of their day.

    Of several concentrations that day the first one on the sample's side of the dose counts, else the
    first; a value below its limit (``<0.1``) is that limit.

    Parameters
    ----------
    samples : pandas.DataFrame
        subject_id, date, before_dose; index unique.
    pc : Domain
        SDTM PC.
    tests : iterable of str
        Test codes that count; empty: all.
    """
    wanted = list(tests)
    pc = pc.keep((pc.text("PCSTAT") != "NOT DONE") & (pc.text("PCTESTCD").isin(wanted) | (not wanted)))
    below = pc.text("PCSTRESC", "PCORRES").str.extract(r"^\s*<=?\s*(\d+(?:\.\d+)?)\s*$")[0]
    value = pd.to_numeric(pc.text("PCSTRESN", "PCSTRESC"), errors="coerce").fillna(pd.to_numeric(below))
    drug = pd.DataFrame(
        {
            "subject_id": pc.text("USUBJID"),
            "date": complete_dates(pc.text("PCDTC")),
            "drug_concentration": value.astype("float64"),
            "drug_unit": pc.text("PCSTRESU", "PCORRESU"),
            "side": planned_side(pc, "PC"),
            "time": pc.text("PCDTC"),
        }
    )
    drug = drug[drug["drug_concentration"].notna() & drug["date"].notna()]
    pairs = samples[["subject_id", "date", "before_dose"]].reset_index(names="sample")
    pairs = pairs.merge(drug, on=["subject_id", "date"])
    pairs["other_side"] = ~(pairs["side"] == pairs["before_dose"]).fillna(False).astype(bool)
    chosen = pairs.sort_values(["sample", "other_side", "time"], kind="stable").drop_duplicates("sample")
    chosen = chosen.set_index("sample")[["drug_concentration", "drug_unit"]].reindex(samples.index)
    return samples.join(chosen.assign(drug_unit=chosen["drug_unit"].fillna("").astype(object)))


def read_labs(domains: Iterable[Domain]) -> tuple[pd.DataFrame, list[Problem]]:
    """Laboratory values and heart function; text such as ``<5`` is no number and stays missing, and is told
    where no range indicator stands beside it.

    A test on another specimen than blood, serum or plasma is a parameter of its own (``GLUC URINE``).

    Parameters
    ----------
    domains : iterable of Domain
        SDTM LB and CV; CV holds the ejection fraction.
    """
    frames, problems = [], []
    for domain in domains:
        frame, found = _values_of(domain)
        frames.append(frame)
        problems += found
    return filled(pd.concat(frames, ignore_index=True), columns.LABS), problems


def _values_of(domain: Domain) -> tuple[pd.DataFrame, list[Problem]]:
    name = domain.name
    done = domain.keep(domain.text(f"{name}STAT") != "NOT DONE")
    kept, sequence, problems = unique_records(done, f"{name}SEQ")
    moment = f"{name}DTC"
    problems += date_problems(kept, moment, partial_severity="info", partial_remedy="The value has no day.")
    low, found = numbers_of(kept, f"{name}STNRLO")
    high, wrong = numbers_of(kept, f"{name}STNRHI")
    value = pd.to_numeric(kept.text(f"{name}STRESN", f"{name}STRESC"), errors="coerce").astype("float64")
    grade = kept.text(f"{name}TOXGR").str.extract(LAB_GRADE)[0]
    frame = pd.DataFrame(
        {
            "subject_id": kept.text("USUBJID"),
            "domain": name,
            "sequence": sequence,
            "parameter": kept.text(f"{name}TESTCD") + _other_specimen(kept.text(f"{name}SPEC").str.upper()),
            "date": complete_dates(kept.text(moment)),
            "date_text": kept.text(moment),
            "visit": kept.text("VISIT"),
            "value": value,
            "unit": kept.text(f"{name}STRESU"),
            "low": low,
            "high": high,
            "indicator": kept.text(f"{name}NRIND"),
            "grade": pd.to_numeric(grade).astype("Int64"),
            "source": kept.source(),
        }
    )
    problems += [*found, *wrong, *comma_problems(kept, f"{name}STRESN", f"{name}STRESC")]
    problems += [*_unread_grades(kept, f"{name}TOXGR", grade), *_bounds(kept, frame)]
    return frame, problems


def _unread_grades(domain: Domain, column: str, grade: pd.Series) -> list[Problem]:
    return cell_problems(
        domain,
        (domain.text(column) != "") & grade.isna(),
        column,
        check="lab_grade_unknown",
        expected="a grade from 0 to 5",
        remedy="Read as missing; correct the grade.",
        severity="warning",
    )


def _bounds(domain: Domain, values: pd.DataFrame) -> list[Problem]:
    """Values below or above a limit of measurement that no range indicator judges, one finding a test."""
    text = domain.text(f"{domain.name}STRESC", f"{domain.name}ORRES")
    lost = values["value"].isna() & text.str.contains(BOUND) & (values["indicator"] == "")
    return [
        Problem(
            check="lab_bound",
            file=domain.file,
            column=parameter,
            found=f"{len(part)} value{'s' if len(part) != 1 else ''} such as {part.iloc[0]!r}",
            expected=f"a number, or {domain.name}NRIND beside it",
            remedy="In no laboratory line; add the range indicator.",
            severity="warning",
        )
        for parameter, part in text[lost].groupby(values.loc[lost, "parameter"])
    ]


def _other_specimen(specimen: pd.Series) -> pd.Series:
    of_blood = (specimen == "") | _holds(specimen, ("BLOOD", "SERUM", "PLASMA"))
    return (" " + specimen).mask(of_blood, "")


def read_therapies(domains: Iterable[Domain], settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Anti-cancer therapies among concomitant medications and procedures, at any time.

    A therapy that was asked for and not given (``CMOCCUR`` N) is none.

    Parameters
    ----------
    domains : iterable of Domain
        SDTM CM and PR.
    settings : Mapping
        ``intake.therapies``: ``categories`` are words of which category or subcategory must hold one,
        ``prior`` words of which they must hold none.
    """
    frames, problems = [], []
    for domain in domains:
        frame, found = _therapies_of(domain, settings)
        frames.append(frame)
        problems += found
    return filled(pd.concat(frames, ignore_index=True), columns.THERAPIES), problems


def _therapies_of(domain: Domain, settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    name = domain.name
    category = (domain.text(f"{name}CAT") + " / " + domain.text(f"{name}SCAT")).str.strip(" /").str.upper()
    wanted = _holds(category, settings["categories"]) & ~_holds(category, settings["prior"])
    wanted &= (domain.text(f"{name}OCCUR").str.upper() != "N") & (domain.text(f"{name}STAT") != "NOT DONE")
    kept, sequence, problems = unique_records(domain.keep(wanted), f"{name}SEQ")
    start = kept.text(f"{name}STDTC")
    problems += date_problems(
        kept,
        f"{name}STDTC",
        partial_severity="warning",
        partial_remedy="Set to the first day of the month, and flagged; without a month it has no date.",
    )
    dates = imputed_day(start, "first")
    frame = pd.DataFrame(
        {
            "subject_id": kept.text("USUBJID"),
            "domain": name,
            "sequence": sequence,
            "term": kept.text(f"{name}DECOD", f"{name}TRT"),
            "category": category[wanted].reindex(kept.frame.index),
            "start_date": dates["date"],
            "start_text": start,
            "date_imputed": dates["imputed"],
            "source": kept.source(),
        }
    )
    return frame, problems


def _holds(text: pd.Series, words: Iterable[str]) -> pd.Series:
    result = pd.Series(False, index=text.index)
    for word in words:
        result |= text.str.contains(word.upper(), regex=False).astype(bool)
    return result
