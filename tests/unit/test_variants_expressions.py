"""Filter expressions: the language, missing values, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from clearher.variants.expressions import Expression, ExpressionError, masked

ROWS = pd.DataFrame(
    {
        "depth": pd.array([1000, 100, None, 500], dtype="Int64"),
        "alt_count": pd.array([10, 0, 3, None], dtype="Int64"),
        "vaf": [0.01, 0.0, np.nan, 0.02],
        "hotspot": pd.array([True, False, None, False], dtype="boolean"),
        "gene": ["TP53", "", "ERBB2", "PIK3CA"],
        "variant_class": ["SNV", "DEL", "INS", "SNV"],
    }
)
COLUMNS = {name: masked(ROWS[name]) for name in ROWS}


def truth(text):
    """Yes, no or None (missing) of each row."""
    result = Expression(text).evaluate(COLUMNS, len(ROWS))
    return [bool(value) if known else None for value, known in zip(result.values, result.known, strict=True)]


CASES = [
    ("depth < 500", [False, True, None, False]),
    ("alt_count < 5 and depth >= 500", [False, False, None, None]),
    ("alt_count < 5 or depth >= 500", [True, True, True, True]),  # one operand settles it
    ("not hotspot", [False, True, None, True]),
    ("hotspot", [True, False, None, False]),
    ("variant_class in ['SNV', 'MNV']", [True, False, False, True]),
    ("variant_class not in ['SNV']", [False, True, True, False]),
    ("gene == 'ERBB2'", [False, None, True, False]),  # empty text is missing
    ("gene != 'ERBB2'", [True, None, False, True]),
    ("0 < vaf <= 0.01", [True, False, None, False]),
    ("0.005 < vaf < depth / alt_count", [True, False, None, None]),  # what is false settles a chain
    ("alt_count / depth > 0.005", [True, False, None, None]),
    ("depth / alt_count > 5", [True, None, None, None]),  # division by zero is missing
    ("missing(gene)", [False, True, False, False]),
    ("missing(depth) or depth < 500", [False, True, True, False]),
    ("min(depth, 200) == 200", [True, False, None, True]),
    ("abs(alt_count - 10) <= 1", [True, False, False, None]),
    ("-alt_count < -5", [True, False, False, None]),
    ("True", [True, True, True, True]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_value(text, expected):
    assert truth(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('ls')",
        "depth.max()",
        "[x for x in depth]",
        "lambda: 1",
        "depth if hotspot else vaf",
        "open('file')",
        "gene in gene",
        "depth[0]",
        "max(depth)",
        "depth <",
        "depth = 1",
        "f'{depth}'",
        "None",
        "gene is 'TP53'",
    ],
)
def test_anything_else_is_refused_before_it_is_run(text):
    with pytest.raises(ExpressionError):
        Expression(text)


def test_unknown_names_are_named():
    with pytest.raises(ExpressionError, match="dept"):
        Expression("dept < 5").evaluate(COLUMNS, 4)


def test_text_against_number_is_an_error_and_not_false():
    with pytest.raises(ExpressionError, match="text with a number"):
        Expression("gene < 5").evaluate(COLUMNS, 4)


def test_names_used_are_known():
    assert Expression("alt_count < 5 and gene in ['TP53']").names == {"alt_count", "gene"}
