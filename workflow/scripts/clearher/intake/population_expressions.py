"""Named expressions over subject columns, with three-valued logic.

Grammar: column names, text and number literals, true/false, ``and``, ``or``, ``not``, comparisons
(== != < <= > >= in, not in) and ``known(column)``; a date is compared with text such as '2024-03-05'. What
is not known is neither true nor false.
"""

import ast
import difflib
from collections.abc import Iterator, Mapping

import pandas as pd

from clearher.columns import clinical
from clearher.problems import Problem
from clearher.tables import empty

COMPARISONS = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
WORDS = {"true": True, "false": False}
MISSING_TEXT = ""
COUNTS = ("n_plasma_samples", "n_her2_specimens")
NOT_NAMED = ["subject_id", "evaluator", "sentence"]


class ExpressionError(ValueError):
    """An expression that cannot be read or names a column that does not exist."""


def members(frame: pd.DataFrame, expression: str) -> pd.Series:
    """Boolean series: True where the expression holds, False where it does not or cannot be told.

    Raises
    ------
    ExpressionError
        The expression cannot be read or names an unknown column.
    """
    return truth(frame, expression).fillna(False).astype(bool)


def truth(frame: pd.DataFrame, expression: str) -> pd.Series:
    """Truth of the expression per row, missing where it cannot be told (Kleene logic)."""
    return _logical(_parsed(expression), frame)


def reasons(frame: pd.DataFrame, expression: str) -> list[str]:
    """Why a row does not fulfil the expression: its terms that do not hold or are not known.

    Terms are the parts that ``and`` joins at the top; the text is empty where the expression holds.
    """
    root = _parsed(expression)
    terms = root.values if isinstance(root, ast.BoolOp) and isinstance(root.op, ast.And) else [root]
    result = pd.Series("", index=frame.index)
    for term in terms:
        verdict = _logical(term, frame)
        text = ast.unparse(term)
        said = pd.Series(f"not {text}", index=frame.index).where(verdict.notna(), f"not known: {text}")
        fails = ~verdict.fillna(False).astype(bool)
        result = result.where(~fails, result + "; " + said)
    return result.str.removeprefix("; ").where(~members(frame, expression), "").tolist()


def nameable(subjects: pd.DataFrame) -> pd.DataFrame:
    """One row of examples with every column that a population expression may name.

    Parameters
    ----------
    subjects : pandas.DataFrame
        Table SUBJECTS of intake with its covariates.

    Returns
    -------
    pandas.DataFrame
        Columns of the subjects, of their responses, and counts of samples, specimens and assessments.
    """
    responses = example_row(empty(clinical.RESPONSES).drop(columns=NOT_NAMED))
    counts = pd.DataFrame({name: pd.Series([1], dtype="Int64") for name in COUNTS})
    return pd.concat([example_row(subjects), responses, counts], axis=1)


def example_row(frame: pd.DataFrame) -> pd.DataFrame:
    """One row with the columns and types of a frame, every cell filled."""
    return pd.DataFrame({name: [_example(frame[name].dtype)] for name in frame.columns}).astype(
        {name: frame[name].dtype for name in frame.columns}
    )


def check_expressions(expressions: Mapping[str, str], example: pd.DataFrame) -> Iterator[Problem]:
    """Problems of expressions: what cannot be read, unknown columns, comparisons of different kinds.

    Parameters
    ----------
    expressions : Mapping
        Name to expression.
    example : pandas.DataFrame
        A filled row with the columns that exist, as from :func:`example_row`.
    """
    known = sorted(example.columns)
    for name, expression in expressions.items():
        try:
            _check(_parsed(expression), set(known))
            truth(example, expression)
        except ExpressionError as error:
            yield Problem(
                check="population_expression",
                column=f"clinical.populations.{name}",
                found=f"{expression!r}: {error}",
                expected="columns compared and joined by and, or, not",
                remedy=_hint(str(error), known),
            )


def check_names(config: Mapping) -> Iterator[Problem]:
    """Problems where a population is named that is not declared, with the nearest one.

    Parameters
    ----------
    config : Mapping
        The whole configuration with its defaults.
    """
    declared = sorted(config["clinical"]["populations"])
    named = {
        "clinical.population": config["clinical"]["population"],
        "association.population": config["association"]["population"],
    }
    for analysis in config["association"]["analyses"]:
        if "population" in analysis:
            named[f"association.analyses.{analysis['id']}.population"] = analysis["population"]
    for key, name in named.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            yield Problem(
                check="population_unknown",
                column=key,
                found=f"{name!r}, which is not declared",
                expected=f"one of {', '.join(declared)}",
                remedy=f"Did you mean {near[0]}?" if near else "Declare it under clinical.populations.",
            )


def _example(kind: object) -> object:
    if pd.api.types.is_bool_dtype(kind):
        return True
    if pd.api.types.is_datetime64_any_dtype(kind):
        return pd.Timestamp(2024, 1, 1)
    return 2 if pd.api.types.is_numeric_dtype(kind) else "text"


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot be read at position {error.offset}") from None


def _check(node: ast.expr, known: set[str]) -> None:
    if isinstance(node, ast.Name):
        if node.id not in known and node.id not in WORDS:
            raise ExpressionError(f"unknown column {node.id}")
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            _check(value, known)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        _check(node.operand, known)
    elif isinstance(node, ast.Compare):
        for value in (node.left, *node.comparators):
            _check(value, known)
    elif isinstance(node, ast.Call):
        _check(_known_argument(node), known)
    elif isinstance(node, ast.List | ast.Tuple):
        for value in node.elts:
            _check(value, known)
    elif not isinstance(node, ast.Constant):
        raise ExpressionError(f"{ast.unparse(node)} is not allowed")


def _known_argument(node: ast.Call) -> ast.Name:
    right = isinstance(node.func, ast.Name) and node.func.id == "known" and len(node.args) == 1
    if not (right and isinstance(node.args[0], ast.Name)):
        raise ExpressionError(f"{ast.unparse(node)} is not allowed; the only function is known(column)")
    return node.args[0]


def _logical(node: ast.expr, frame: pd.DataFrame) -> pd.Series:
    if isinstance(node, ast.BoolOp):
        parts = [_logical(value, frame) for value in node.values]
        result = parts[0]
        for part in parts[1:]:
            result = result & part if isinstance(node.op, ast.And) else result | part
        return result
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_logical(node.operand, frame)
    if isinstance(node, ast.Compare):
        return _compared(node, frame)
    if isinstance(node, ast.Call):
        return _present(frame, _known_argument(node).id).astype("boolean")
    if isinstance(node, ast.Name) and node.id in WORDS:
        return pd.Series(WORDS[node.id], index=frame.index, dtype="boolean")
    if isinstance(node, ast.Name):
        return _flag(frame, node.id)
    raise ExpressionError(f"{ast.unparse(node)} is neither true nor false")


def _flag(frame: pd.DataFrame, name: str) -> pd.Series:
    values = _column(frame, name)
    try:
        return values.astype("boolean")
    except (TypeError, ValueError):
        raise ExpressionError(f"column {name} is neither true nor false; compare it with a value") from None


def _compared(node: ast.Compare, frame: pd.DataFrame) -> pd.Series:
    result = None
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        part = _one_comparison(left, operator, right, frame)
        result = part if result is None else result & part
        left = right
    return result


def _one_comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, frame: pd.DataFrame) -> pd.Series:
    first = _operand(left, frame)
    known = _known_operand(left, frame)
    if isinstance(operator, ast.In | ast.NotIn):
        found = first.isin(_constants(right)).astype("boolean")
        found = ~found if isinstance(operator, ast.NotIn) else found
        return found.where(known)
    if type(operator) not in COMPARISONS:
        raise ExpressionError("unknown comparison")
    second = _operand(right, frame)
    known = known & _known_operand(right, frame)
    try:
        usable = _comparable(first.where(known), second.where(known))
        found = getattr(usable[0], COMPARISONS[type(operator)])(usable[1])
    except (TypeError, ValueError):
        raise ExpressionError(f"{ast.unparse(left)} and {ast.unparse(right)} cannot be compared") from None
    return found.astype("boolean").where(known)


def _comparable(first: pd.Series, second: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Text beside dates as dates; everything else as it is."""
    dates = [pd.api.types.is_datetime64_any_dtype(side) for side in (first, second)]
    if dates == [True, False] and second.dtype == object:
        return first, pd.to_datetime(second, format="%Y-%m-%d")
    if dates == [False, True] and first.dtype == object:
        return pd.to_datetime(first, format="%Y-%m-%d"), second
    return first, second


def _operand(node: ast.expr, frame: pd.DataFrame) -> pd.Series:
    if isinstance(node, ast.Name) and node.id not in WORDS:
        return _column(frame, node.id)
    return pd.Series(_constant(node), index=frame.index)


def _known_operand(node: ast.expr, frame: pd.DataFrame) -> pd.Series:
    if isinstance(node, ast.Name) and node.id not in WORDS:
        return _present(frame, node.id)
    return pd.Series(True, index=frame.index)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        raise ExpressionError(f"unknown column {name}")
    return frame[name]


def _present(frame: pd.DataFrame, name: str) -> pd.Series:
    values = _column(frame, name)
    return values.notna() & values.ne(MISSING_TEXT).fillna(False).astype(bool)


def _constant(node: ast.expr) -> object:
    if isinstance(node, ast.Name) and node.id in WORDS:
        return WORDS[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_constant(node.operand)
    if isinstance(node, ast.Constant):
        return node.value
    raise ExpressionError(f"{ast.unparse(node)} is no value")


def _constants(node: ast.expr) -> list:
    if not isinstance(node, ast.List | ast.Tuple):
        raise ExpressionError(f"{ast.unparse(node)} is no list")
    return [_constant(value) for value in node.elts]


def _hint(message: str, known: list[str]) -> str:
    if not message.startswith("unknown column "):
        return "See config/README.md for clinical.populations."
    near = difflib.get_close_matches(message.removeprefix("unknown column "), known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known columns: {', '.join(known)}."
