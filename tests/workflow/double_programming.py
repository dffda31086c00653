"""Endpoints of a trial once more, from its SDTM files and the written definitions alone.

Nothing of the package is imported: what the two agree on was programmed twice. Rules are those of
docs/methods.md with the default settings, as far as the simulated trials need them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

WORST_LAST = ["NE", "CR", "PR", "SD", "NON-CR/NON-PD", "PD"]
SD_DAYS = 42
TREATMENT_EMERGENT_DAYS = 30


@dataclass(frozen=True)
class Trial:
    """The SDTM domains of a trial and what every derivation starts from.

    Attributes
    ----------
    folder : Path
        Folder of the domains as CSV.
    cut : pandas.Timestamp
        Data cut.
    first_dose, last_dose, death : pandas.Series
        Dates by subject; treated subjects only.
    """

    folder: Path
    cut: pd.Timestamp
    first_dose: pd.Series
    last_dose: pd.Series
    death: pd.Series

    def domain(self, name: str) -> pd.DataFrame:
        """A domain as text, treated subjects only."""
        rows = pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)
        return rows[rows["USUBJID"].isin(self.first_dose.index)].copy()


def read_trial(folder: Path, cut: str) -> Trial:
    """Doses above 0 up to the cut make a subject treated; a partial day of death is its first possible."""
    last = pd.Timestamp(cut)
    doses = pd.read_csv(folder / "ex.csv", dtype=str, keep_default_na=False)
    doses["date"] = first_day(doses["EXSTDTC"])
    doses = doses[(doses["date"] <= last) & (doses["EXDOSE"].astype(float) > 0)]
    by_subject = doses.groupby("USUBJID")["date"]
    people = pd.read_csv(folder / "dm.csv", dtype=str, keep_default_na=False).set_index("USUBJID")
    death = first_day(people["DTHDTC"]).reindex(by_subject.min().index)
    return Trial(folder, last, by_subject.min(), by_subject.max(), death.where(death <= last))


def first_day(text: pd.Series) -> pd.Series:
    """Dates; of a month without a day the first."""
    return pd.to_datetime(text.where(text.str.len() != 7, text + "-01").str[:10], errors="coerce")


def last_day(text: pd.Series) -> pd.Series:
    """Dates; of a month without a day the last."""
    first = first_day(text)
    return first.where(text.str.len() != 7, first + pd.offsets.MonthEnd(0))


def new_therapies(trial: Trial) -> pd.Series:
    """First day of a further anti-cancer therapy after the first dose, by subject."""
    rows = trial.domain("cm")
    rows["date"] = first_day(rows["CMSTDTC"])
    further = rows["CMCAT"].str.contains("CANCER") & ~rows["CMCAT"].str.contains("PRIOR")
    after = (rows["date"] > rows["USUBJID"].map(trial.first_dose)) & (rows["date"] <= trial.cut)
    return rows[further & after].groupby("USUBJID")["date"].min()


def assessments(trial: Trial) -> pd.DataFrame:
    """Overall responses of the investigator up to the cut: the worst of a day."""
    rows = trial.domain("rs")
    rows = rows[(rows["RSTESTCD"] == "OVRLRESP") & (rows["RSEVAL"] == "INVESTIGATOR")]
    rows = rows[~(first_day(rows["RSDTC"]) > trial.cut)]
    rows = rows.assign(date=last_day(rows["RSDTC"]).clip(upper=trial.cut))
    rows = rows[rows["date"] >= rows["USUBJID"].map(trial.first_dose)]
    rows = rows.assign(rank=rows["RSSTRESC"].map(WORST_LAST.index))
    rows = rows.sort_values(["USUBJID", "date", "rank"])
    return rows.drop_duplicates(["USUBJID", "date"], keep="last")


def responses(trial: Trial) -> pd.DataFrame:
    """Best response, PFS and duration of response of each treated subject, one subject at a time."""
    therapies, scans = new_therapies(trial), assessments(trial)
    rows = {
        subject: _course(
            scans[scans["USUBJID"] == subject], start, trial.death[subject], therapies.get(subject)
        )
        for subject, start in trial.first_dose.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _course(
    scans: pd.DataFrame, start: pd.Timestamp, death: pd.Timestamp, therapy: pd.Timestamp | None
) -> dict:
    if pd.notna(death):
        scans = scans[scans["date"] <= death]
    if therapy is not None:
        scans = scans[scans["date"] < therapy]
    progression = scans.loc[scans["RSSTRESC"] == "PD", "date"].min()
    if pd.notna(progression):
        scans = scans[scans["date"] <= progression]
    late = scans[(scans["date"] - start).dt.days >= SD_DAYS]
    seen = [
        name
        for name in ("CR", "PR", "SD", "NON-CR/NON-PD", "PD")
        if name in set((late if name in ("SD", "NON-CR/NON-PD") else scans)["RSSTRESC"])
    ]
    dies_on_study = pd.notna(death) and (therapy is None or death <= therapy)
    events = [day for day in (progression, death if dies_on_study else pd.NaT) if pd.notna(day)]
    judged = scans.loc[scans["RSSTRESC"] != "NE", "date"]
    end = min(events) if events else judged.max() if len(judged) else start
    response = scans.loc[scans["RSSTRESC"].isin(["CR", "PR"]), "date"].min()
    return {
        "bor": seen[0] if seen else "NE",
        "event": bool(events),
        "pfs_days": (end - start).days + 1,
        "dor_days": (end - response).days + 1 if pd.notna(response) else np.nan,
    }


def emergent_events(trial: Trial) -> pd.DataFrame:
    """Adverse events that begin from the first dose to 30 days after the last, up to the cut."""
    events = trial.domain("ae")
    first, last = (events["USUBJID"].map(dose) for dose in (trial.first_dose, trial.last_dose))
    start = first_day(events["AESTDTC"])
    of_first_month = (events["AESTDTC"].str.len() == 7) & (events["AESTDTC"] == first.dt.strftime("%Y-%m"))
    start = start.where(~of_first_month, first)
    inside = (start >= first) & (start <= last + pd.Timedelta(days=TREATMENT_EMERGENT_DAYS))
    return events[(inside & (start <= trial.cut)) | (events["AESTDTC"] == "")]


def antibodies(trial: Trial) -> pd.DataFrame:
    """Whether binding antibodies, titres included, were found before and after the first dose, by subject."""
    rows = trial.domain("is")
    rows["date"] = first_day(rows["ISDTC"])
    rows = rows[(rows["ISTESTCD"] == "ADA_BAB") & (rows["ISSTAT"] == "") & (rows["date"] <= trial.cut)]
    titre = pd.to_numeric(rows["ISSTRESC"].str.removeprefix("<"), errors="coerce")
    rows["positive"] = (rows["ISSTRESC"] == "POSITIVE") | titre.notna()
    before = rows["date"] <= rows["USUBJID"].map(trial.first_dose)
    found = {"baseline": rows[before], "later": rows[~before]}
    return pd.DataFrame({name: part.groupby("USUBJID")["positive"].any() for name, part in found.items()})


def median_with_limits(days: pd.Series, event: pd.Series) -> tuple[float, float, float]:
    """Kaplan-Meier median with the limits of the inverted log-log band."""
    z, survival, variance, reached = 1.959963984540054, 1.0, 0.0, [np.nan] * 3
    for day in sorted(days[event].unique()):
        at_risk, failed = int((days >= day).sum()), int(((days == day) & event).sum())
        survival *= 1 - failed / at_risk
        if survival > 0:
            variance += failed / (at_risk * (at_risk - failed))
            error = z * np.sqrt(variance) / abs(np.log(survival))
            band = (survival, survival ** np.exp(error), survival ** np.exp(-error))
        else:
            # log(-log(0)) does not exist: nobody left, no limits.
            band = (0.0, np.nan, np.nan)
        reached = [
            day if np.isnan(known) and share <= 0.5 + 1e-12 else known
            for known, share in zip(reached, band, strict=True)
        ]
    return tuple(reached)
