"""Days on which a subject was known to be alive, from every SDTM record that proves it."""

from collections.abc import Mapping

import pandas as pd

from clearher.columns import intake as columns
from clearher.intake.dates import date_range
from clearher.intake.domains import Domain, malformed_dates, partial_dates
from clearher.intake.records import filled
from clearher.problems import Problem
from clearher.tables import empty

PROOFS = {
    "DM": ("RFICDTC",),
    "EX": ("EXSTDTC", "EXENDTC"),
    "RS": ("RSDTC",),
    "TR": ("TRDTC",),
    "AE": ("AESTDTC", "AEENDTC"),
    "IS": ("ISDTC",),
    "ADA": ("ISDTC",),
    "LB": ("LBDTC",),
    "PC": ("PCDTC",),
    "CV": ("CVDTC",),
    "CM": ("CMSTDTC",),
    "PR": ("PRSTDTC",),
    "SV": ("SVSTDTC",),
    "VS": ("VSDTC",),
    "DS": ("DSSTDTC",),
    "SS": ("SSDTC",),
}
NO_PROOF = {"DS": ("DSDECOD", ("DEATH", "LOST TO FOLLOW-UP")), "SS": ("SSSTRESC", ("DEAD", "DECEASED"))}
ONLY_ALIVE = {"SS": ("SSSTRESC", ("ALIVE",))}
PARTIAL = "Counts from its first possible day as proof of life."
CHECKED_ELSEWHERE = ("EX", "RS", "TR", "AE", "IS", "ADA", "LB", "CV", "CM", "PR")


def read_contacts(domains: Mapping[str, Domain]) -> tuple[pd.DataFrame, list[Problem]]:
    """Latest proof of life: visits, doses, scans, samples, events, disposition, survival contacts.

    A partial date counts from its first possible day. A disposition of death or of loss to follow-up
    proves nothing, nor does a survival status other than alive, nor a record that was not done.

    Parameters
    ----------
    domains : Mapping of str to Domain
        By name; those that prove nothing are passed over.

    Returns
    -------
    tuple of pandas.DataFrame and list of Problem
        Table ``CONTACTS`` (each day once a domain, variable and record), and malformed dates of the
        domains that no other reader checks.
    """
    frames, problems = [], []
    for name, domain in domains.items():
        proving = _proving(domain)
        for variable in PROOFS.get(name, ()):
            frames.append(_days(proving, variable))
            if name not in CHECKED_ELSEWHERE:
                problems += malformed_dates(domain, variable)
                problems += partial_dates(proving, variable, "info", PARTIAL)
    together = pd.concat(frames) if frames else empty(columns.CONTACTS)
    return filled(together.drop_duplicates(), columns.CONTACTS), problems


def _proving(domain: Domain) -> Domain:
    proving = domain.text(f"{domain.name}STAT") != "NOT DONE"
    if domain.name in NO_PROOF:
        column, words = NO_PROOF[domain.name]
        proving &= ~domain.text(column).str.upper().isin(words)
    if domain.name in ONLY_ALIVE:
        column, words = ONLY_ALIVE[domain.name]
        proving &= domain.text(column).str.upper().isin(words)
    return domain.keep(proving)


def _days(domain: Domain, variable: str) -> pd.DataFrame:
    prefix = variable[:2]
    frame = pd.DataFrame(
        {
            "subject_id": domain.text("USUBJID"),
            "domain": domain.name,
            "variable": variable,
            "sequence": pd.to_numeric(domain.text(f"{prefix}SEQ"), errors="coerce").astype("Int64"),
            "date": date_range(domain.text(variable))["first"],
        }
    )
    return frame[frame["date"].notna()]
