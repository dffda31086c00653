"""Plasma samples of which only calls are known: their silence says nothing, and a finding says so."""

import pandas as pd

from clearher.ctdna.samples import CALLED_ONLY, NO_CALL
from clearher.problems import Problem, findings_frame, first_few


def calls_only_findings(samples: pd.DataFrame) -> pd.DataFrame:
    """One finding for the cohort where plasma samples list calls only and no limit is stated for their assay.

    Parameters
    ----------
    samples : pandas.DataFrame
        Table ``ctdna/samples``.

    Returns
    -------
    pandas.DataFrame
        Table ``ctdna/findings``: check ``calls_only_files`` (warning), at most one row. Samples with a
        laboratory's result or a limit in ``ctdna.lod.assumed`` are no such samples.
    """
    silent = samples["why_not"] == NO_CALL
    listed = silent | ((samples["method"] == CALLED_ONLY) & (samples["lod_basis"] == "NONE"))
    names = sorted(samples.loc[listed, "sample_id"])
    problem = _calls_only(names, int(silent.sum()), len(samples))
    return findings_frame([problem] if names else [], "ctdna")


def _calls_only(names: list[str], silent: int, plasma: int) -> Problem:
    unheard = f", and {silent} without a tracked call are not evaluable" if silent else ""
    return Problem(
        check="calls_only_files",
        severity="warning",
        column="ctdna.lod.assumed",
        found=f"{len(names)} of {plasma} plasma samples list calls only ({first_few(names)}): "
        f"what they do not list was not assessed, so they have no level{unheard}",
        expected="the depth also where a tracked variant is not called, or a stated limit of the assay",
        remedy="Give BAM or CRAM files, forced genotypes or counts (inputs.counts), or state the assay's "
        "limit of detection in ctdna.lod.assumed.",
    )
