"""Overall responses and lesions from SDTM RS, TR and TU."""

import re
from collections.abc import Mapping

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import imputed_day
from clearher.intake.domains import (
    Domain,
    cell_problems,
    comma_problems,
    date_problems,
    numbers_of,
    unique_records,
)
from clearher.intake.records import filled
from clearher.problems import Problem, first_few

MEASURES = {
    "LDIAM": "LDIAM",
    "DIAMETER": "LDIAM",
    "LPERP": "LPERP",
    "SAXIS": "LPERP",
    "TUMSTATE": "TUMSTATE",
}
MILLIMETRES = {"mm": 1.0, "": 1.0, "cm": 10.0}
EXCLUDE = "exclude"
RECIST_WORDS = {
    "COMPLETE RESPONSE": "CR",
    "PARTIAL RESPONSE": "PR",
    "STABLE DISEASE": "SD",
    "PROGRESSIVE DISEASE": "PD",
    "NOT EVALUABLE": "NE",
    "INEVALUABLE": "NE",
    "NON-CR/NON-PD": "NON-CR/NON-PD",
}


def read_assessments(rs: Domain, settings: Mapping) -> tuple[pd.DataFrame, list[Problem]]:
    """Overall responses (OVRLRESP) of every evaluator, not done ones left out.

    Parameters
    ----------
    rs : Domain
        SDTM RS.
    settings : Mapping
        ``clinical.response.rows``: ``criteria`` is the RSCAT that counts where there are several,
        ``value_map`` what recorded words other than CR PR SD NON-CR/NON-PD PD NE stand for, or
        ``exclude``, ``partial_day`` (``last`` or ``first``) the day of the month where it is missing.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        Table ``ASSESSMENTS``; a row whose month is missing keeps no date. An unknown response that is
        not mapped is an error, and its row is left out.
    """
    problems = _without_overall_response(rs)
    rs = rs.keep((rs.text("RSTESTCD") == "OVRLRESP") & (rs.text("RSSTAT") != "NOT DONE"))
    rs, found = of_criteria(rs, settings["criteria"])
    problems += found
    rs, sequence, found = unique_records(rs, "RSSEQ")
    problems += found
    value_map, partial_day = settings["value_map"], settings["partial_day"]
    rs, response, found = mapped_responses(rs, rs.text("RSSTRESC", "RSORRES"), "RSSTRESC", value_map)
    problems += [*found, *_scan_date_problems(rs, "RSDTC", partial_day)]
    evaluators, found = _evaluators(rs, "RS")
    problems += found
    dates = imputed_day(rs.text("RSDTC"), partial_day)
    visit_number, found = numbers_of(rs, "VISITNUM")
    problems += found
    frame = pd.DataFrame(
        {
            "subject_id": rs.text("USUBJID"),
            "sequence": sequence.reindex(rs.frame.index),
            "date": dates["date"],
            "date_text": rs.text("RSDTC"),
            "date_imputed": dates["imputed"],
            "visit": rs.text("VISIT"),
            "visit_number": visit_number,
            "response": response,
            "source": rs.source(),
        }
    ).join(evaluators)
    return filled(frame[frame["evaluator"] != ""], columns.ASSESSMENTS), problems


def _without_overall_response(rs: Domain) -> list[Problem]:
    """The warning of a domain with rows and no overall response among them."""
    tests = rs.text("RSTESTCD")
    if tests.eq("OVRLRESP").any():
        return []
    return [
        Problem(
            check="overall_response_absent",
            severity="warning",
            file=rs.file,
            column="RSTESTCD",
            found=first_few([repr(name) for name in sorted(set(tests))]),
            expected="OVRLRESP, the overall response at a visit",
            remedy="No row is used and every subject is without a response; correct the test code.",
        )
    ]


def of_criteria(rs: Domain, criteria: str) -> tuple[Domain, list[Problem]]:
    """Responses by the criteria that count, where RSCAT names several; blank ones stay.

    One response of RECIST and one of iRECIST or RANO at a visit are no two responses by RECIST. Names are
    compared without case, blanks and the word version; a single category counts whatever it is called.
    """
    recorded = rs.text("RSCAT")
    name = recorded.map(_criteria_name)
    if name[name != ""].nunique() < 2:
        return rs, []
    own = name.eq(_criteria_name(criteria))
    if not own.any():
        return rs, [_no_criteria(rs, recorded, criteria)]
    others = ~own & name.ne("")
    return rs.keep(~others), cell_problems(
        rs,
        others & ~name.where(others).duplicated(),
        "RSCAT",
        check="criteria_left_out",
        expected=f"{criteria}, as clinical.response.rows.criteria says",
        remedy="Responses by these criteria are left out.",
        severity="info",
    )


def _criteria_name(text: str) -> str:
    return re.sub(r"[^A-Z0-9.]|\bV(ERSION)?\.?(?=[ 0-9])", "", text.upper())


def _no_criteria(rs: Domain, recorded: pd.Series, criteria: str) -> Problem:
    return Problem(
        check="criteria_unknown",
        file=rs.file,
        column="RSCAT",
        found=first_few([repr(word) for word in sorted(set(recorded) - {""})]),
        expected=f"{criteria}, or one category alone",
        remedy="Name the criteria that count in clinical.response.rows.criteria.",
        otherwise="Responses by all of them are used.",
    )


def mapped_responses(
    domain: Domain,
    recorded: pd.Series,
    column: str,
    value_map: Mapping[str, str],
    *,
    subject: str = "USUBJID",
    allowed: tuple[str, ...] = columns.RESPONSES,
) -> tuple[Domain, pd.Series, list[Problem]]:
    """Rows whose response is known or mapped, and their responses; each other row is an error.

    Upper and lower case are the same, and RECIST 1.1's own words stand for their codes (Stable disease for
    SD); the map goes before both. Rows that the map excludes are left out with a finding.
    """
    upper = recorded.str.upper().str.split().str.join(" ")
    code = upper.map(RECIST_WORDS).fillna(upper)
    mapped = recorded.map(dict(value_map)).fillna(code)
    known, excluded = mapped.isin(allowed), mapped == EXCLUDE
    expected = f"one of {', '.join(allowed)}"
    problems = cell_problems(
        domain,
        ~known & ~excluded,
        column,
        check="response_unknown",
        expected=expected,
        remedy="Map the word in clinical.response.rows.value_map, to one of these or to exclude.",
        otherwise="The row is not used.",
        subject=subject,
    )
    problems += cell_problems(
        domain,
        excluded,
        column,
        check="response_excluded",
        expected=expected,
        remedy="Left out, as clinical.response.rows.value_map says.",
        severity="info",
        subject=subject,
    )
    return domain.keep(known), mapped[known], problems


def _scan_date_problems(domain: Domain, column: str, partial_day: str) -> list[Problem]:
    problems = date_problems(
        domain,
        column,
        partial_severity="warning",
        partial_remedy=f"Set to the {partial_day} day of the month, and flagged.",
        partial=("month",),
    )
    return problems + cell_problems(
        domain,
        domain.text(column).str.fullmatch(r"|\d{4}(---\d{2})?"),
        column,
        check="date_month_missing",
        expected="at least year and month",
        remedy="The row has no usable date and decides nothing.",
        severity="warning",
    )


def _evaluators(domain: Domain, prefix: str) -> tuple[pd.DataFrame, list[Problem]]:
    recorded = domain.text(f"{prefix}EVAL").str.upper()
    evaluator = recorded.where(recorded.isin(columns.EVALUATORS), "").mask(recorded == "", "INVESTIGATOR")
    problems = cell_problems(
        domain,
        evaluator == "",
        f"{prefix}EVAL",
        check="evaluator_unknown",
        expected=f"one of {', '.join(columns.EVALUATORS)}, or blank for the investigator",
        remedy="The row is not used; correct the evaluator.",
        severity="warning",
    )
    reader = domain.text(f"{prefix}EVALID")
    central = evaluator == "INDEPENDENT ASSESSOR"
    flagged = domain.text(f"{prefix}ACPTFL").str.upper() == "Y"
    by_subject = domain.text("USUBJID")
    readers = reader.where(central).groupby(by_subject).transform("nunique")
    any_flag = (flagged & central).groupby(by_subject).transform("any").astype(bool)
    undecided = central & (readers > 1) & ~any_flag
    problems += cell_problems(
        domain,
        undecided & ~by_subject.where(undecided).duplicated(),
        f"{prefix}ACPTFL",
        check="reader_not_accepted",
        expected="Y on the reading that counts, where several readers assessed a subject",
        remedy="Set the flag.",
        otherwise="The subject's independent assessments are not used until then.",
    )
    accepted = (evaluator == "INVESTIGATOR") | flagged | (central & (readers <= 1) & ~any_flag)
    return pd.DataFrame({"evaluator": evaluator, "evaluator_id": reader, "accepted": accepted}), problems


def read_lesions(tr: Domain, tu: Domain, partial_day: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Lesion measurements and states from TR, sites and classes from TU, and new lesions that only TU names.

    Lesions are linked by subject, evaluator, reader and link number. The class is the TR group, or the
    TU identification. Centimetres become millimetres; another unit is an error. A plain DIAMETER is the one
    that belongs in the sum: of a node without a short axis of its own it is the short axis.
    """
    tr = tr.keep(tr.text("TRTESTCD").isin(list(MEASURES)))
    tr, sequence, problems = unique_records(tr, "TRSEQ")
    problems += _scan_date_problems(tr, "TRDTC", partial_day)
    evaluators, found = _evaluators(tr, "TR")
    value, wrong = _millimetres(tr)
    visit_number, unread = numbers_of(tr, "VISITNUM")
    problems += [*found, *wrong, *unread]
    dates = imputed_day(tr.text("TRDTC"), partial_day)
    frame = pd.DataFrame(
        {
            "subject_id": tr.text("USUBJID"),
            "sequence": sequence,
            "date": dates["date"],
            "date_text": tr.text("TRDTC"),
            "date_imputed": dates["imputed"],
            "visit": tr.text("VISIT"),
            "visit_number": visit_number,
            "lesion_id": tr.text("TRLNKID"),
            "measure": tr.text("TRTESTCD").map(MEASURES),
            "plain": tr.text("TRTESTCD") == "DIAMETER",
            "value_mm": value,
            "state": tr.text("TRSTRESC", "TRORRES", "TRSTAT").where(value.isna(), ""),
            "group": tr.text("TRGRPID").str.upper(),
            "site": tr.text("TRLOC").str.upper(),
            "source": tr.source(),
        }
    ).join(evaluators)
    identified, found = _identified_lesions(tu)
    frame = _with_short_axes(_with_sites(frame[frame["evaluator"] != ""], identified))
    new = _new_lesions_of_tu(tu, frame, partial_day)
    problems += [*found, *_class_problems(frame)]
    complete = pd.concat([frame[frame["lesion_class"] != ""], new], ignore_index=True)
    return filled(complete.drop(columns=["group", "site", "plain"]), columns.LESIONS), problems


def _millimetres(tr: Domain) -> tuple[pd.Series, list[Problem]]:
    measured = tr.text("TRTESTCD") != "TUMSTATE"
    value, problems = numbers_of(tr, "TRSTRESN")
    problems += comma_problems(tr.keep(tr.text("TRSTRESN") == ""), "TRSTRESN", "TRSTRESC")
    value = value.fillna(pd.to_numeric(tr.text("TRSTRESC"), errors="coerce"))
    factor = tr.text("TRSTRESU").map(MILLIMETRES)
    problems += cell_problems(
        tr,
        measured & value.notna() & factor.isna(),
        "TRSTRESU",
        check="unit_unknown",
        expected="mm or cm",
        remedy="Convert the diameter to mm.",
        otherwise="It is read as missing.",
    )
    return (value * factor).where(measured), problems


def _identified_lesions(tu: Domain) -> tuple[pd.DataFrame, list[Problem]]:
    evaluators, problems = _evaluators(tu, "TU")
    frame = pd.DataFrame(
        {
            "subject_id": tu.text("USUBJID"),
            "lesion_id": tu.text("TULNKID"),
            "identified": tu.text("TUSTRESC", "TUORRES").str.upper(),
            "location": tu.text("TULOC").str.upper(),
        }
    ).join(evaluators[["evaluator", "evaluator_id"]])
    return frame.drop_duplicates(["subject_id", "evaluator", "evaluator_id", "lesion_id"]), problems


def _with_sites(frame: pd.DataFrame, identified: pd.DataFrame) -> pd.DataFrame:
    link = ["subject_id", "evaluator", "evaluator_id", "lesion_id"]
    joined = frame.merge(identified, on=link, how="left")
    joined["location"] = joined["location"].fillna("").mask(lambda site: site == "", joined["site"])
    joined["nodal"] = joined["location"].str.contains("LYMPH NODE", regex=False).astype(bool)
    joined["lesion_class"] = _lesion_class(joined["group"]).mask(
        lambda group: group == "", _lesion_class(joined["identified"].fillna(""))
    )
    return joined.drop(columns="identified")


def _with_short_axes(frame: pd.DataFrame) -> pd.DataFrame:
    lesion = [frame[name] for name in ("subject_id", "evaluator", "evaluator_id", "lesion_id")]
    has_own = frame["measure"].eq("LPERP").groupby(lesion).transform("any").astype(bool)
    short = frame["plain"] & frame["nodal"] & ~has_own
    return frame.assign(measure=frame["measure"].mask(short, "LPERP"))


def _lesion_class(words: pd.Series) -> pd.Series:
    result = pd.Series("", index=words.index, dtype=object)
    result = result.mask(words.str.startswith("TARGET"), "TARGET")
    result = result.mask(words.str.startswith("NON-TARGET"), "NON-TARGET")
    return result.mask(words.str.startswith("NEW"), "NEW")


def _class_problems(frame: pd.DataFrame) -> list[Problem]:
    unknown = frame[frame["lesion_class"] == ""].drop_duplicates(["subject_id", "lesion_id"])
    return [
        Problem(
            check="lesion_class_unknown",
            column="TULNKID",
            subject_id=row.subject_id,
            found=f"lesion {row.lesion_id!r} ({row.source})",
            expected="TARGET, NON-TARGET or NEW in TRGRPID or in TU",
            remedy="The lesion is not used; identify it in TU.",
            severity="warning",
        )
        for row in unknown.itertuples()
    ]


def _new_lesions_of_tu(tu: Domain, measured: pd.DataFrame, partial_day: str) -> pd.DataFrame:
    evaluators, _ = _evaluators(tu, "TU")
    dates = imputed_day(tu.text("TUDTC"), partial_day)
    frame = pd.DataFrame(
        {
            "subject_id": tu.text("USUBJID"),
            "date": dates["date"],
            "date_text": tu.text("TUDTC"),
            "date_imputed": dates["imputed"],
            "visit": tu.text("VISIT"),
            "visit_number": pd.to_numeric(tu.text("VISITNUM"), errors="coerce"),
            "lesion_id": tu.text("TULNKID"),
            "lesion_class": _lesion_class(tu.text("TUSTRESC", "TUORRES").str.upper()),
            "location": tu.text("TULOC").str.upper(),
            "measure": "TUMSTATE",
            "value_mm": float("nan"),
            "state": tu.text("TUSTRESC", "TUORRES"),
            "source": tu.source(),
        }
    ).join(evaluators)
    frame["nodal"] = frame["location"].str.contains("LYMPH NODE", regex=False).astype(bool)
    link = ["subject_id", "evaluator", "evaluator_id", "lesion_id"]
    there = measured.loc[measured["lesion_class"] == "NEW", link].drop_duplicates()
    unmeasured = frame.merge(there, on=link, how="left", indicator=True)["_merge"].eq("left_only").to_numpy()
    new = frame[
        (frame["lesion_class"] == "NEW").to_numpy() & unmeasured & (frame["evaluator"] != "").to_numpy()
    ]
    highest = (
        new["subject_id"].map(measured.groupby("subject_id")["sequence"].max()).fillna(0).astype("Int64")
    )
    return new.assign(sequence=highest + new.groupby("subject_id").cumcount() + 1)
