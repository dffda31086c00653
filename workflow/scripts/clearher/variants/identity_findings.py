"""Samples that do not come from their subject, told once a tube and not once a pair."""

from collections.abc import Iterator

import pandas as pd

from clearher.problems import Problem

EXPECTED = "samples of one person"
REMEDY = (
    "Check the tubes and the sample sheet; nothing is exchanged by itself. Until then results count for the "
    "subjects of the sheet; qc_status fail leaves a sample out."
)


def identity_findings(identity: pd.DataFrame) -> list[Problem]:
    """A warning for each exchange or odd sample, and a note for each pair that does not match.

    Parameters
    ----------
    identity : pandas.DataFrame
        Table ``variants/identity``.

    Notes
    -----
    A sample is odd that differs from more of its subject's samples than it matches. Two odd samples that are
    each the other's ``likely_partner`` are one finding. A subject whose samples differ while none is odd (two
    groups of the same size) is one finding too.
    """
    odd = odd_samples(identity)
    wrong = identity[identity["verdict"] == "MISMATCH"]
    split = wrong[~wrong["subject_id"].isin(odd["subject_id"])]
    return [
        *(_warning(*tube) for tube in _tubes(odd)),
        *(
            _warning(
                subject, "", f"samples of {subject} differ in {len(pairs)} of their pairs, none from most"
            )
            for subject, pairs in split.groupby("subject_id", sort=True)
        ),
        *(_note(pair) for pair in wrong.itertuples()),
    ]


def odd_samples(identity: pd.DataFrame) -> pd.DataFrame:
    """Samples that differ from more of their subject's samples than they match.

    Returns
    -------
    pandas.DataFrame
        ``subject_id sample_id against alike partners``: pairs that differ, pairs that match, and the entries
        of ``likely_partner`` of its pairs, by subject and sample.
    """
    ends = [
        identity.rename(columns={end: "sample_id"})[["subject_id", "sample_id", "verdict", "likely_partner"]]
        for end in ("sample_a", "sample_b")
    ]
    pairs = pd.concat(ends, ignore_index=True)
    pairs = pairs.assign(against=pairs["verdict"] == "MISMATCH", alike=pairs["verdict"] == "MATCH")
    samples = pairs.groupby(["subject_id", "sample_id"], as_index=False, sort=True).agg(
        against=("against", "sum"), alike=("alike", "sum"), partners=("likely_partner", "; ".join)
    )
    odd = samples[samples["against"] > samples["alike"]].reset_index(drop=True)
    return odd.assign(partners=[set(text.split("; ")) for text in odd["partners"]])


def _tubes(odd: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Subject, sample and what was found of each exchange and each odd sample, an exchange once."""
    told: set[str] = set()
    samples = list(odd.itertuples(index=False))
    for sample in samples:
        if sample.sample_id in told:
            continue
        name, subject = sample.sample_id, sample.subject_id
        other = next((found for found in samples if _exchanged(sample, found)), None)
        if other is not None:
            told.add(other.sample_id)
            both = f"{_differs(sample)}, and {_differs(other)}"
            yield subject, name, f"{name} and {other.sample_id} seem exchanged: {both}"
        else:
            likely = sorted(entry for entry in sample.partners if entry.startswith(f"{name} as "))
            perhaps = f"perhaps exchanged: {likely[0]}" if likely else "no other subject matches it"
            yield subject, name, f"{_differs(sample)}; {perhaps}"


def _differs(sample: tuple) -> str:
    counts = f"differs from {sample.against} and matches {sample.alike}"
    return f"{sample.sample_id} {counts} of the other samples of {sample.subject_id}"


def _exchanged(a: tuple, b: tuple) -> bool:
    return (
        a.subject_id != b.subject_id
        and f"{a.sample_id} as {b.sample_id}" in a.partners
        and f"{b.sample_id} as {a.sample_id}" in b.partners
    )


def _warning(subject: str, sample: str, found: str) -> Problem:
    return Problem(
        check="identity",
        severity="warning",
        subject_id=subject,
        sample_id=sample,
        column="sample_id",
        found=found,
        expected=EXPECTED,
        remedy=REMEDY,
    )


def _note(pair: tuple) -> Problem:
    return Problem(
        check="identity_pair",
        severity="info",
        subject_id=pair.subject_id,
        sample_id=pair.sample_b,
        column="sample_id",
        found=pair.sentence,
        expected=EXPECTED,
        remedy="The warning of the sample tells what follows.",
    )
