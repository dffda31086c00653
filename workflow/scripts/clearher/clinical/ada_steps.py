"""Tiered antibody assays: which of the results of one sample decides."""

import numpy as np
import pandas as pd

SAMPLE = ["subject_id", "test", "date_text", "visit", "planned_day"]
STEPS = ("SCREEN", "CONFIRM", "QUANTIFY")


def deciding_records(samples: pd.DataFrame, said: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """One record of each sample: of a tiered assay that of the step which decides.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ADA of intake; records with an empty ``step`` are samples of their own.
    said : pandas.Series
        What each record says, as from :func:`clearher.clinical.ada_samples.stated_results`; same index.

    Returns
    -------
    samples : pandas.DataFrame
        The records that decide, in their order, index from 0. A confirmation decides over the screening:
        negative, the sample is negative; positive, it is positive with the titre of the step QUANTIFY. A
        titre without confirmation is positive. Without either a negative screening decides.
    unconfirmed : pandas.Series
        True where a positive screening has neither confirmation nor titre; such a sample is not positive
        and not negative. Same index.

    Notes
    -----
    Source: FDA guidance, Immunogenicity Testing of Therapeutic Protein Products (2019), multi-tiered
    testing; Shankar 2014, AAPS J 16:658.
    """
    sample = samples.groupby(SAMPLE, dropna=False, sort=False).ngroup()
    tiered = samples["step"].ne("")
    first = tiered & ~pd.DataFrame({"sample": sample, "step": samples["step"]}).duplicated()
    by_step = pd.DataFrame({"sample": sample, "step": samples["step"], "said": said})[first]
    table = by_step.pivot(index="sample", columns="step", values="said").reindex(columns=list(STEPS))
    decides = _deciding_step(table)
    chosen = ~tiered | (first & samples["step"].eq(sample.map(decides)))
    open_ = table["SCREEN"].eq("POSITIVE") & decides.eq("SCREEN")
    unconfirmed = tiered & sample.isin(open_.index[open_])
    return samples[chosen].reset_index(drop=True), unconfirmed[chosen].reset_index(drop=True)


def _deciding_step(said: pd.DataFrame) -> pd.Series:
    """Step that decides by sample, from what the steps say; without any result the first one there is."""
    present = said.notna()
    conditions = [
        said["CONFIRM"].eq("NEGATIVE"),
        said["QUANTIFY"].eq("POSITIVE"),
        said["CONFIRM"].eq("POSITIVE"),
        said["SCREEN"].isin(["NEGATIVE", "POSITIVE"]),
        present["SCREEN"],
        present["CONFIRM"],
    ]
    steps = np.select(
        conditions, ["CONFIRM", "QUANTIFY", "CONFIRM", "SCREEN", "SCREEN", "CONFIRM"], "QUANTIFY"
    )
    return pd.Series(steps, index=said.index, dtype=object)
