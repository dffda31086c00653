"""Hold a workflow's results against the truth of a simulated study.

``python -m clearher.simulate.compare TRUTH_DIR RESULTS_DIR`` prints the operating characteristics and how
often clearance, HER2 level and best response agree with the truth.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from scipy import stats

from clearher.columns import clinical, ctdna, her2, variants
from clearher.tables import read_table

DETECTED_AT_LEAST = 0.95
FALSE_AT_MOST = 0.02
LOD_FACTOR = 2
DECIDED = ("CLEARED", "NOT_CLEARED")
TRUTH_NUMBERS = ("tumour_fraction", "expected_level", "study_day")


@dataclass(frozen=True)
class Count:
    """So many of so many; the share is NaN where there are none."""

    n: int
    of: int

    @property
    def share(self) -> float:
        """n / of."""
        return self.n / self.of if self.of else float("nan")

    def __str__(self) -> str:
        return f"{self.n} of {self.of}" + (f" ({100 * self.share:.1f} %)" if self.of else "")


@dataclass(frozen=True)
class Characteristics:
    """How well a run detects tumour DNA.

    Attributes
    ----------
    detectable : Count
        Detected, of the evaluable samples whose true tumour fraction is above twice their LoD95.
    without_tumour : Count
        Detected, of the evaluable samples without any tumour DNA.
    exchanged : Count
        Detected, of the evaluable samples that hold another subject's DNA; in neither of the two above.
    """

    detectable: Count
    without_tumour: Count
    exchanged: Count

    @property
    def met(self) -> bool:
        """Whether at least 95 % of the detectable and at most 2 % of the samples without tumour DNA are
        detected; a count of none meets its target.
        """
        sensitive = not self.detectable.of or self.detectable.share >= DETECTED_AT_LEAST
        specific = not self.without_tumour.of or self.without_tumour.share <= FALSE_AT_MOST
        return sensitive and specific


def compare(truth_samples: pd.DataFrame, called_samples: pd.DataFrame) -> Characteristics:
    """Detection against the truth.

    Parameters
    ----------
    truth_samples : pandas.DataFrame
        As from :func:`read_truth`: sample_id, subject_id, dna_of, tumour_fraction, expected_level (VAF).
    called_samples : pandas.DataFrame
        Table ``ctdna/samples.tsv``: sample_id, evaluable, detected, lod95 (VAF). A sample that is not
        evaluable, or whose detection is missing, counts nowhere.
    """
    called = called_samples[["sample_id", "evaluable", "detected", "lod95"]]
    both = truth_samples.merge(called, on="sample_id", validate="one_to_one")
    both = both[both["evaluable"].fillna(False).astype(bool) & both["detected"].notna()]
    exchanged = both["dna_of"] != both["subject_id"]
    detectable = ~exchanged & (both["tumour_fraction"] > LOD_FACTOR * both["lod95"])
    without = ~exchanged & (both["tumour_fraction"] == 0)
    detected = both["detected"].astype(bool)
    return Characteristics(
        detectable=_count(detected, detectable),
        without_tumour=_count(detected, without),
        exchanged=_count(detected, exchanged),
    )


def agreement(truth: pd.DataFrame, called: pd.DataFrame, true_column: str, called_column: str) -> Count:
    """Subjects for whom a called value equals the true one, of those that both tables hold."""
    both = truth[["subject_id", true_column]].merge(
        called[["subject_id", called_column]],
        on="subject_id",
        suffixes=("_true", "_called"),
        validate="one_to_one",
    )
    same = true_column == called_column
    left, right = (f"{true_column}_true", f"{called_column}_called") if same else (true_column, called_column)
    return Count(int((both[left] == both[right]).sum()), len(both))


def exchanged_found(trouble: pd.DataFrame, identity: pd.DataFrame) -> tuple[Count, int]:
    """Exchanged samples that an identity check reports, and mismatches that involve none of them.

    Parameters
    ----------
    trouble : pandas.DataFrame
        ``truth/trouble.tsv``.
    identity : pandas.DataFrame
        Table ``variants/identity.tsv``.
    """
    exchanged = set(trouble.loc[trouble["kind"] == "swapped_sample", "sample_id"])
    mismatches = identity[identity["verdict"] == "MISMATCH"]
    first, second = mismatches["sample_a"].isin(exchanged), mismatches["sample_b"].isin(exchanged)
    named = set(mismatches["sample_a"]) | set(mismatches["sample_b"])
    return Count(len(exchanged & named), len(exchanged)), int((~first & ~second).sum())


def read_truth(folder: Path, name: str) -> pd.DataFrame:
    """A table of the truth; text, but fractions, levels and days as numbers (missing: NaN)."""
    frame = pd.read_csv(folder / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)
    for column in TRUTH_NUMBERS:
        if column in frame:
            frame[column] = pd.to_numeric(frame[column].mask(frame[column] == ""))
    return frame


def report(truth_folder: Path, results_folder: Path) -> tuple[Characteristics, list[str]]:
    """Characteristics of a run and the lines that say so; a result the run has not made is left out."""
    subjects = read_truth(truth_folder, "subjects")
    trouble = read_truth(truth_folder, "trouble")
    samples = read_table(results_folder / "ctdna/samples.tsv", ctdna.SAMPLES)
    characteristics = compare(read_truth(truth_folder, "samples"), samples)
    lines = [
        f"Detected above twice the LoD95 (at least 95 %): {characteristics.detectable}",
        f"Detected without tumour DNA (at most 2 %): {characteristics.without_tumour}",
        _verdict(characteristics),
    ]
    if characteristics.exchanged.of:
        lines.insert(2, f"Detected in exchanged tubes (in neither of the above): {characteristics.exchanged}")
    lines += _clearance_lines(results_folder, subjects, trouble)
    if (results_folder / "her2/subjects.tsv").is_file():
        levels = read_table(results_folder / "her2/subjects.tsv", her2.SUBJECTS)
        lines.append(f"HER2 level as in truth: {agreement(subjects, levels, 'her2_level', 'level')}")
    if (results_folder / "clinical/responses.tsv").is_file():
        responses = read_table(results_folder / "clinical/responses.tsv", clinical.RESPONSES)
        responses = responses[responses["evaluator"] == "INVESTIGATOR"]
        for name in ("bor", "confirmed_bor"):
            lines.append(f"{name} as in truth: {agreement(subjects, responses, name, name)}")
    if (results_folder / "variants/identity.tsv").is_file():
        identity = read_table(results_folder / "variants/identity.tsv", variants.IDENTITY)
        found, others = exchanged_found(trouble, identity)
        lines.append(f"Exchanged tubes reported: {found}; other mismatches: {others}")
    return characteristics, lines


def _verdict(characteristics: Characteristics) -> str:
    if characteristics.met:
        return "Both targets met"
    wrong = characteristics.without_tumour
    chance = stats.binom.sf(wrong.n - 1, wrong.of, FALSE_AT_MOST)
    return (
        "Not both targets met in this one run: at a true rate of 2 %, as many or more detections without "
        f"tumour DNA come about in {chance:.0%} of such runs"
    )


def _clearance_lines(results_folder: Path, subjects: pd.DataFrame, trouble: pd.DataFrame) -> list[str]:
    if not (results_folder / "ctdna/subjects.tsv").is_file():
        return []
    called = read_table(results_folder / "ctdna/subjects.tsv", ctdna.SUBJECTS)
    swapped = set(trouble.loc[trouble["kind"] == "swapped_sample", "subject_id"])
    judged = called[called["clearance"].isin(DECIDED) & ~called["subject_id"].isin(swapped)]
    clearing = subjects[subjects["clearance"].isin(DECIDED)]
    silent = subjects[subjects["clearance"] == "BASELINE_NOT_DETECTED"]
    cleared, not_cleared = (judged[judged["clearance"] == word] for word in DECIDED)
    aside = f" ({len(swapped)} subjects with exchanged tubes left out)" if swapped else ""
    return [
        f"Called cleared, and so in truth{aside}: {agreement(clearing, cleared, 'clearance', 'clearance')}",
        f"Called not cleared, and so in truth: {agreement(clearing, not_cleared, 'clearance', 'clearance')}",
        f"Baseline without tumour DNA, called so: {agreement(silent, called, 'clearance', 'clearance')}",
    ]


def _count(detected: pd.Series, rows: pd.Series) -> Count:
    return Count(int((detected & rows).sum()), int(rows.sum()))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="clearher.simulate.compare", description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path, help="folder truth/ of the simulated study")
    parser.add_argument("results", type=Path, help="results folder of the data cut")
    options = parser.parse_args(arguments)
    print("\n".join(report(options.truth, options.results)[1]))


if __name__ == "__main__":
    main()
