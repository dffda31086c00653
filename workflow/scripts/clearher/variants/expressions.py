"""Filter expressions: a small language over named columns, with missing as a third truth value.

Allowed are numbers, quoted text, column and threshold names, ``+ - * /``, comparisons (also chained),
``in`` with a list, ``and or not``, ``abs min max`` and ``missing(x)``. Nothing else is, so a configuration
can never run code. Missing values follow Kleene's logic: they decide nothing unless the rest already has.
"""

import ast
import operator
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS = {"abs": 1, "min": 2, "max": 2, "missing": 1}


class ExpressionError(ValueError):
    """An expression that the language does not have, in words that name the place."""


class Masked(NamedTuple):
    """Values with the places where they are known; scalars broadcast."""

    values: np.ndarray
    known: np.ndarray


class Expression:
    """A checked expression.

    Parameters
    ----------
    text : str
        As in the configuration.

    Raises
    ------
    ExpressionError
        It is no expression, or uses something that the language does not have.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise ExpressionError(f"{text!r} is no expression: {error.msg}") from error
        self.names = frozenset(_names(self._tree, text))

    def evaluate(self, columns: Mapping[str, Masked], n: int) -> Masked:
        """Truth value of each of ``n`` rows; not known where missing values leave it open.

        Raises
        ------
        ExpressionError
            A name that is no column, or kinds that do not go together (text < number).
        """
        unknown = sorted(self.names - columns.keys())
        if unknown:
            raise ExpressionError(f"{self.text!r} uses unknown names: {', '.join(unknown)}")
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                result = _evaluate(self._tree, columns)
        except TypeError as error:
            raise ExpressionError(f"{self.text!r} compares text with a number: {error}") from error
        values = np.broadcast_to(np.asarray(result.values).astype(bool), n)
        return Masked(values, np.broadcast_to(result.known, n))


def masked(series: pd.Series) -> Masked:
    """A column as values and the places where they are known; empty text is missing."""
    if series.dtype == object:
        values = series.to_numpy()
        return Masked(values, values != "")
    known = series.notna().to_numpy()
    if series.dtype.name == "boolean":
        return Masked(series.to_numpy(dtype=bool, na_value=False), known)
    return Masked(series.to_numpy(dtype=float, na_value=np.nan), known)


def _names(node: ast.AST, text: str) -> set[str]:
    """Column names used below a node; refuses every kind of node that the language lacks."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str, bool)):
        return set()
    children = _operands(node)
    if children is None:
        raise ExpressionError(f"{text!r}: {ast.unparse(node)!r} is not allowed here")
    return set().union(*(_names(child, text) for child in children))


def _operands(node: ast.AST) -> list[ast.AST] | None:
    """Operands of an allowed operation, None for anything else."""
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        return [node.operand]
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        return [node.left, node.right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return node.args if FUNCTIONS.get(node.func.id) == len(node.args) else None
    if isinstance(node, ast.Compare) and all(_comparable(*pair) for pair in _pairs(node)):
        return [
            node.left,
            *(item for item in node.comparators if not isinstance(item, (ast.List, ast.Tuple))),
        ]
    return None


def _pairs(node: ast.Compare) -> list[tuple[ast.cmpop, ast.AST]]:
    return list(zip(node.ops, node.comparators, strict=True))


def _comparable(op: ast.cmpop, right: ast.AST) -> bool:
    if isinstance(op, (ast.In, ast.NotIn)):
        return isinstance(right, (ast.List, ast.Tuple)) and all(
            isinstance(item, ast.Constant) for item in right.elts
        )
    return type(op) in COMPARISONS and not isinstance(right, (ast.List, ast.Tuple))


def _evaluate(node: ast.AST, columns: Mapping[str, Masked]) -> Masked:
    if isinstance(node, ast.Name):
        return columns[node.id]
    if isinstance(node, ast.Constant):
        return Masked(np.asarray(node.value), np.asarray(True))
    if isinstance(node, ast.BoolOp):
        return _logical(node, columns)
    if isinstance(node, ast.UnaryOp):
        inner = _evaluate(node.operand, columns)
        negated = isinstance(node.op, ast.Not)
        return Masked(~_truth(inner) if negated else -inner.values, inner.known)
    if isinstance(node, ast.BinOp):
        return _arithmetic(node, columns)
    if isinstance(node, ast.Call):
        return _function(node, columns)
    return _comparison(node, columns)


def _truth(value: Masked) -> np.ndarray:
    return np.asarray(value.values).astype(bool)


def _logical(node: ast.BoolOp, columns: Mapping[str, Masked]) -> Masked:
    """Kleene and/or: one operand that settles the matter is enough, whatever is missing."""
    settling = isinstance(node.op, ast.Or)
    parts = [_evaluate(value, columns) for value in node.values]
    settled, all_known = np.asarray(False), np.asarray(True)
    for part in parts:
        settled = settled | (part.known & (_truth(part) == settling))
        all_known = all_known & part.known
    return Masked(settled if settling else ~settled, settled | all_known)


def _arithmetic(node: ast.BinOp, columns: Mapping[str, Masked]) -> Masked:
    left, right = _evaluate(node.left, columns), _evaluate(node.right, columns)
    values = ARITHMETIC[type(node.op)](left.values, right.values)
    return Masked(values, left.known & right.known & np.isfinite(values))


def _function(node: ast.Call, columns: Mapping[str, Masked]) -> Masked:
    parts = [_evaluate(argument, columns) for argument in node.args]
    if node.func.id == "missing":
        return Masked(~parts[0].known, np.ones_like(parts[0].known))
    if node.func.id == "abs":
        return Masked(np.abs(parts[0].values), parts[0].known)
    choose = np.minimum if node.func.id == "min" else np.maximum
    return Masked(choose(parts[0].values, parts[1].values), parts[0].known & parts[1].known)


def _comparison(node: ast.Compare, columns: Mapping[str, Masked]) -> Masked:
    """One comparison or a chain of them, of which one that is false settles the matter."""
    left = _evaluate(node.left, columns)
    fails, known = np.asarray(False), np.asarray(True)
    for op, comparator in _pairs(node):
        if isinstance(op, (ast.In, ast.NotIn)):
            found = _is_in(left.values, [item.value for item in comparator.elts])
            result = Masked(~found if isinstance(op, ast.NotIn) else found, left.known)
        else:
            right = _evaluate(comparator, columns)
            result = _compared(COMPARISONS[type(op)], left, right)
            left = right
        fails, known = fails | (result.known & ~result.values), known & result.known
    return Masked(~fails, fails | known)


def _is_in(values: np.ndarray, options: list) -> np.ndarray:
    found = np.zeros(np.shape(values), dtype=bool)
    for option in options:
        found = found | np.asarray(values == option, dtype=bool)
    return found


def _compared(compare, left: Masked, right: Masked) -> Masked:
    is_text = [np.asarray(side.values).dtype.kind in "OU" for side in (left, right)]
    if is_text[0] != is_text[1]:
        raise TypeError("one side is text, the other is not")
    return Masked(np.asarray(compare(left.values, right.values), dtype=bool), left.known & right.known)
