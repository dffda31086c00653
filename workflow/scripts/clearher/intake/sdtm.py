"""Clinical records from a folder of SDTM domains."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clearher.intake.domains import (
    Domain,
    domain_absent,
    domain_without_rows,
    find_domains,
    known_subjects,
    read_domain,
)
from clearher.intake.records import ClinicalRecords, records_of
from clearher.intake.sdtm_contacts import read_contacts
from clearher.intake.sdtm_events import read_ada, read_adverse_events, read_labs, read_therapies
from clearher.intake.sdtm_response import read_assessments, read_lesions
from clearher.intake.sdtm_subjects import death_conflicts, read_doses, read_subjects
from clearher.problems import Problem

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "DM": ("USUBJID",),
    "EX": ("USUBJID", "EXSTDTC"),
    "RS": ("USUBJID", "RSTESTCD", "RSSTRESC", "RSDTC"),
    "TR": ("USUBJID", "TRLNKID", "TRTESTCD", "TRSTRESC", "TRDTC"),
    "TU": ("USUBJID", "TULNKID", "TUSTRESC"),
    "AE": ("USUBJID", "AETERM", "AESTDTC"),
    "IS": ("USUBJID", "ISTESTCD", "ISSTRESC", "ISDTC"),
    "ADA": ("USUBJID", "ISTESTCD", "ISSTRESC", "ISDTC"),
    "DS": ("USUBJID", "DSDECOD", "DSSTDTC"),
    "SS": ("USUBJID", "SSSTRESC", "SSDTC"),
    "LB": ("USUBJID", "LBTESTCD", "LBDTC"),
    "CM": ("USUBJID", "CMTRT", "CMSTDTC"),
    "PR": ("USUBJID", "PRTRT", "PRSTDTC"),
    "PC": ("USUBJID", "PCTESTCD", "PCDTC"),
    "CV": ("USUBJID", "CVTESTCD", "CVDTC"),
    "SV": ("USUBJID", "SVSTDTC"),
    "VS": ("USUBJID", "VSDTC"),
}
PURPOSE = {
    "DM": "the subjects of the study",
    "EX": "first and last dose",
    "RS": "response and progression",
    "TR": "tumour measurements",
    "TU": "lesion sites",
    "AE": "adverse events",
    "IS": "anti-drug antibodies",
    "DS": "disposition, randomisation and end of treatment",
    "LB": "laboratory values",
    "CM": "new anti-cancer therapy",
    "SS": "survival follow-up",
}
NEEDED_BY_ENDPOINTS = ("EX", "RS")


@dataclass(frozen=True)
class Domains:
    """The domains of a study by name; a domain without a file is one without rows."""

    by_name: Mapping[str, Domain]

    def __getitem__(self, name: str) -> Domain:
        if name in self.by_name:
            return self.by_name[name]
        absent = pd.DataFrame({column: pd.Series(dtype=object) for column in REQUIRED[name]})
        return Domain(name, "", absent.assign(source_row=pd.Series(dtype="int64")))

    def __contains__(self, name: str) -> bool:
        return name in self.by_name


def read_sdtm(
    folder: str | Path,
    *,
    settings: Mapping,
    clinical_settings: Mapping,
    endpoints_required: bool = False,
) -> ClinicalRecords:
    """Read the SDTM domains DM EX RS TU TR AE IS (or ADA) PC DS SS LB CV CM PR, and SV VS for contacts.

    Parameters
    ----------
    folder : str or Path
        One file a domain, found by its name without regard to case.
    settings : Mapping
        Section ``intake``.
    clinical_settings : Mapping
        Section ``clinical``.
    endpoints_required : bool
        Whether an absent EX or RS is an error rather than a finding.

    Returns
    -------
    ClinicalRecords
        As recorded, with full dates only: reference dates, survival and the cut are for the caller.
    """
    needed = ("DM", *(NEEDED_BY_ENDPOINTS if endpoints_required else ()))
    domains, problems = _read_domains(folder, needed)
    if "DM" not in domains:
        return records_of([*problems, domain_absent("DM", PURPOSE["DM"], "error")])
    absent = [name for name in PURPOSE if name not in domains and not (name == "IS" and "ADA" in domains)]
    for name in absent:
        problems.append(domain_absent(name, PURPOSE[name], "error" if name in needed else "info"))
    domains, found = _of_known_subjects(domains)
    problems += found
    doses, found = read_doses(domains["EX"])
    problems += found
    frames: dict[str, pd.DataFrame] = {"doses": doses}
    for name, (needed, reader) in _readers(domains, doses, settings, clinical_settings).items():
        if any(len(domains[domain].frame) for domain in needed):
            frames[name], found = reader()
            problems += found
    frames["subjects"], found = read_subjects(domains["DM"], domains["DS"], doses)
    problems += [*found, *death_conflicts(domains["DM"], domains["DS"], domains["AE"], domains["SS"])]
    return records_of(problems, **frames)


def _readers(
    domains: Domains, doses: pd.DataFrame, settings: Mapping, clinical_settings: Mapping
) -> dict[str, tuple[tuple[str, ...], Callable[[], tuple[pd.DataFrame, list[Problem]]]]]:
    """Reader of each record table, and the domains of which one must have rows for it to be called."""
    response = clinical_settings["response"]["rows"]
    antibodies = "IS" if "IS" in domains else "ADA"
    events = clinical_settings["adverse_events"]
    proving = {name: domains[name] for name in REQUIRED if len(domains[name].frame)}
    therapies = [domains["CM"], domains["PR"]]
    return {
        "assessments": (("RS",), lambda: read_assessments(domains["RS"], response)),
        "lesions": (
            ("TR", "TU"),
            lambda: read_lesions(domains["TR"], domains["TU"], response["partial_day"]),
        ),
        "adverse_events": (("AE",), lambda: read_adverse_events(domains["AE"], events)),
        "ada": (
            (antibodies,),
            lambda: read_ada(domains[antibodies], domains["PC"], doses, clinical_settings["ada"]),
        ),
        "labs": (("LB", "CV"), lambda: read_labs([domains["LB"], domains["CV"]])),
        "therapies": (("CM", "PR"), lambda: read_therapies(therapies, settings["therapies"])),
        "contacts": (tuple(REQUIRED), lambda: read_contacts(proving)),
    }


def _read_domains(folder: str | Path, needed: Collection[str]) -> tuple[Domains, list[Problem]]:
    paths, problems = find_domains(folder, list(REQUIRED))
    domains = {}
    for name, path in paths.items():
        domains[name], found = read_domain(name, path, REQUIRED[name])
        problems += found
        if name in PURPOSE and not found:
            problems += domain_without_rows(domains[name], PURPOSE[name], needed=name in needed)
    return Domains(domains), problems


def _of_known_subjects(domains: Domains) -> tuple[Domains, list[Problem]]:
    subjects = domains["DM"].text("USUBJID").unique()
    kept: dict[str, Domain] = {}
    problems: list[Problem] = []
    for name, domain in domains.by_name.items():
        kept[name], found = known_subjects(domain, subjects)
        problems += found
    return Domains(kept), problems
