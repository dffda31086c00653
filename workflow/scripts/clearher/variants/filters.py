"""Filters as configured: which alleles fail which, what remains undecided, and what is left step by step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clearher.problems import InputError, Problem
from clearher.variants.expressions import Expression, ExpressionError, Masked, masked
from clearher.variants.texts import first_holding

KINDS = ("call", "artefact", "origin", "flag")
GENE_NAMES = frozenset({"gene", "ch_gene"})
DECIDED = ("CALLED", "FILTERED", "BELOW_CALL")


@dataclass(frozen=True)
class Filter:
    """One filter.

    Attributes
    ----------
    name, reason : str
        Short name and what it means in words.
    kind : str
        call: a threshold of calling (status BELOW_CALL); artefact or origin: not a tumour variant (status
        FILTERED); flag: a remark that removes nothing.
    applies_to, expression : Expression
        Rows it looks at, and what makes a row fail.
    """

    name: str
    reason: str
    kind: str
    applies_to: Expression
    expression: Expression


def make_filters(settings: Sequence[Mapping], known: frozenset[str] | None = None) -> list[Filter]:
    """Filters of the configuration, checked.

    Parameters
    ----------
    settings : sequence of mapping
        ``variants.filters``: name, kind, applies_to, expression, reason.
    known : frozenset of str, optional
        Names that an expression may use; None leaves that to evaluation.

    Raises
    ------
    InputError
        With every expression that is wrong, every repeated name, and every filter other than a flag that
        looks at the gene alone (a gene is no evidence of origin: TP53, ATM and CHEK2 are tumour genes too).
    """
    filters, problems = [], []
    names = [item["name"] for item in settings]
    for item in settings:
        try:
            made = Filter(
                item["name"],
                item["reason"],
                item["kind"],
                Expression(item["applies_to"] or "True"),
                Expression(item["expression"]),
            )
        except ExpressionError as error:
            problems.append(_wrong(item["name"], str(error), "an expression of the filter language"))
            continue
        used = made.expression.names | made.applies_to.names
        if known is not None and used - known:
            found = f"unknown names {', '.join(sorted(used - known))}"
            problems.append(_wrong(made.name, found, "columns of variants.parquet or thresholds"))
        if made.kind != "flag" and made.expression.names and made.expression.names <= GENE_NAMES:
            found = f"kind {made.kind} on the gene alone"
            problems.append(_wrong(made.name, found, "kind: flag, or evidence besides the gene"))
        if names.count(made.name) > 1:
            problems.append(_wrong(made.name, "the name twice", "different names"))
        filters.append(made)
    if problems:
        raise InputError(problems)
    return filters


@dataclass(frozen=True)
class Verdicts:
    """What each filter says about each allele: rows are alleles, columns filters.

    ``failed`` and ``undecided`` are false where the filter does not apply.
    """

    filters: list[Filter]
    failed: np.ndarray
    undecided: np.ndarray


def run_filters(
    filters: Sequence[Filter],
    columns: Mapping[str, Masked],
    decided: np.ndarray,
    *,
    unavailable: frozenset[str],
) -> Verdicts:
    """Evaluate every filter on the alleles that are to be decided.

    Parameters
    ----------
    filters : sequence of Filter
        In the order of the steps.
    columns : Mapping
        Columns and thresholds by name.
    decided : numpy.ndarray of bool
        Alleles that have reads; the others are never filtered.
    unavailable : frozenset of str
        Columns whose resource is not given: filters that use them are left out.

    Raises
    ------
    InputError
        An expression uses an unknown name or compares text with numbers.
    """
    usable = [f for f in filters if not (f.expression.names | f.applies_to.names) & unavailable]
    failed = np.zeros((len(decided), len(usable)), dtype=bool)
    undecided = np.zeros_like(failed)
    for i, item in enumerate(usable):
        try:
            scope = item.applies_to.evaluate(columns, len(decided))
            result = item.expression.evaluate(columns, len(decided))
        except ExpressionError as error:
            raise InputError(
                [_wrong(item.name, str(error), "columns of variants.parquet or thresholds")]
            ) from error
        relevant = decided & ~(scope.known & ~scope.values)
        sure = scope.known & result.known
        failed[:, i] = relevant & sure & result.values
        undecided[:, i] = relevant & ~sure & ~(result.known & ~result.values)
    return Verdicts(usable, failed, undecided)


def statuses(verdicts: Verdicts, decided: np.ndarray, base: np.ndarray) -> np.ndarray:
    """CALLED, BELOW_CALL (only call thresholds failed) or FILTERED; ``base`` where nothing is decided."""
    kinds = np.array([item.kind for item in verdicts.filters], dtype=object)
    removed = verdicts.failed[:, np.isin(kinds, ["artefact", "origin"])].any(axis=1)
    below = verdicts.failed[:, kinds == "call"].any(axis=1)
    status = first_holding([removed, below], ["FILTERED", "BELOW_CALL"], default="CALLED")
    return np.where(decided, status, base)


def decided(variants: pd.DataFrame, *, specimens: Sequence[str]) -> pd.DataFrame:
    """Alleles of some specimens on which filters have decided."""
    return variants[variants["specimen"].isin(specimens) & variants["status"].isin(DECIDED)]


def names_any(reasons: pd.Series, filters: Collection[str]) -> pd.Series:
    """Whether any of some filters is among the ``reasons`` of each row."""
    found = {text: not set(filters).isdisjoint(text.split(";")) for text in reasons.unique()}
    return reasons.map(found).astype(bool)


def joined_names(matrix: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Names of the true columns of each row, ';'-joined; empty text where there are none."""
    if not names:
        return np.full(len(matrix), "", dtype=object)
    codes = np.zeros(len(matrix), dtype=np.int64)
    for column in matrix.T[matrix.any(axis=0)]:
        codes = pd.factorize(codes * 2 + column)[0]
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    texts = [";".join(np.array(names, dtype=object)[pattern]) for pattern in matrix[first]]
    return np.array([*texts, ""], dtype=object)[inverse.reshape(-1)]


def reasons_and_flags(verdicts: Verdicts) -> tuple[np.ndarray, np.ndarray]:
    """Names of failed filters that remove, and of remarks and filters not assessed."""
    removing = [i for i, item in enumerate(verdicts.filters) if item.kind != "flag"]
    flagging = [i for i, item in enumerate(verdicts.filters) if item.kind == "flag"]
    names = [item.name for item in verdicts.filters]
    reasons = joined_names(verdicts.failed[:, removing], [names[i] for i in removing])
    both = np.hstack([verdicts.failed[:, flagging], verdicts.undecided[:, removing]])
    labels = [names[i] for i in flagging] + [f"{names[i]}:not_assessed" for i in removing]
    return reasons, joined_names(both, labels)


def attrition(samples: pd.DataFrame, rows: pd.DataFrame, verdicts: Verdicts) -> pd.DataFrame:
    """Alleles left after each step, for every sample, also for those without any allele.

    Steps: alleles that cannot be supported, alleles without reads (forced genotypes), then the filters that
    remove, in order. An allele is taken away by the first step it fails.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``subject_id sample_id`` of every sample read.
    rows : pandas.DataFrame
        ``sample_id status`` of the alleles, in the order of the verdicts.
    verdicts : Verdicts
        Of all alleles.
    """
    removing = [i for i, item in enumerate(verdicts.filters) if item.kind != "flag"]
    names = ["not_supported", "no_alt_reads", *(verdicts.filters[i].name for i in removing)]
    status = rows["status"].to_numpy()
    gone = np.column_stack(
        [status == "NOT_SUPPORTED", status == "REFERENCE", verdicts.failed[:, removing]]
    ).astype(bool)
    first = np.where(gone.any(axis=1), gone.argmax(axis=1), len(names))
    order = pd.Index(samples["sample_id"])
    owner = order.get_indexer(rows["sample_id"])
    width = len(names) + 1
    removed = np.bincount(owner * width + first, minlength=len(order) * width).reshape(len(order), width)
    undecided = np.zeros((len(order), len(names)), dtype=np.int64)
    for step, i in enumerate(removing, 2):
        open_here = verdicts.undecided[:, i] & (first >= step)
        undecided[:, step] = np.bincount(owner[open_here], minlength=len(order))
    left = removed.sum(axis=1, keepdims=True) - np.cumsum(removed[:, :-1], axis=1)
    return pd.DataFrame(
        {
            "subject_id": np.repeat(samples["subject_id"].to_numpy(), len(names)),
            "sample_id": np.repeat(samples["sample_id"].to_numpy(), len(names)),
            "step": np.tile(np.arange(1, len(names) + 1), len(order)),
            "filter": np.tile(np.array(names, dtype=object), len(order)),
            "n_in": (left + removed[:, :-1]).reshape(-1),
            "n_removed": removed[:, :-1].reshape(-1),
            "n_not_assessed": undecided.reshape(-1),
            "n_out": left.reshape(-1),
        }
    )


def filter_columns(
    filters: Sequence[Filter], frame: pd.DataFrame, derived: Mapping[str, Masked]
) -> dict[str, Masked]:
    """Columns of a frame that filters use, and derived ones, as an expression sees them."""
    used = frozenset().union(*(item.expression.names | item.applies_to.names for item in filters))
    return {name: masked(frame[name]) for name in frame.columns if name in used} | dict(derived)


def _wrong(name: str, found: str, expected: str) -> Problem:
    return Problem(
        check="filter",
        file="configuration",
        column=f"variants.filters: {name}",
        found=found,
        expected=expected,
        remedy="See config/README.md, section variants.filters.",
    )
