"""Adverse events of special interest by an editable list of preferred terms."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from clearher.problems import Problem

LIST_COLUMNS = ("category", "match", "term")
SPELLINGS = (
    ("oe", "e"),
    ("ae", "e"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("our", "or"),
    ("-", " "),
)
NEAR = 0.88


def read_special_terms(path: str | Path) -> pd.DataFrame:
    """The list the workflow brings (``resources/aesi.tsv``), as text; lines that begin with # are remarks."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, comment="#")


def special_terms(listed: pd.DataFrame, own: Mapping[str, Mapping]) -> pd.DataFrame:
    """The list in force: the study's own categories in place of listed ones of the same name.

    Parameters
    ----------
    listed : pandas.DataFrame
        ``category``, ``match`` (pt or contains), ``term``: the list the workflow brings.
    own : Mapping
        Category to ``pt`` and ``contains`` terms (``clinical.adverse_events.aesi``); an empty category
        removes it.
    """
    rows = [
        {"category": category, "match": match, "term": term}
        for category, terms in own.items()
        for match in ("pt", "contains")
        for term in terms.get(match, ())
    ]
    kept = listed.loc[~listed["category"].isin(list(own)), list(LIST_COLUMNS)]
    return pd.concat([kept, pd.DataFrame(rows, columns=list(LIST_COLUMNS))], ignore_index=True)


def normal_spelling(text: str) -> str:
    """A term without regard to case and to British or American spelling."""
    result = " ".join(text.casefold().split())
    for british, american in SPELLINGS:
        result = result.replace(british, american)
    return result


def matched_categories(terms: Iterable[str], special: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Categories of each distinct preferred term, in the order of the list."""
    return {term: _categories_of(normal_spelling(term), special) for term in sorted(set(terms))}


def special_interest_problems(terms: Iterable[str], special: pd.DataFrame) -> list[Problem]:
    """List terms that matched nothing (one finding a category), and coded terms that nearly match."""
    coded = {normal_spelling(term): term for term in sorted(set(terms)) if term}
    problems = [_unmatched(category, part, coded) for category, part in special.groupby("category")]
    listed = {normal_spelling(term): term for term in special.loc[special["match"] == "pt", "term"]}
    for spelling, term in coded.items():
        if _categories_of(spelling, special):
            continue
        near = difflib.get_close_matches(spelling, list(listed), n=1, cutoff=NEAR)
        if near:
            problems.append(_near(term, listed[near[0]]))
    return [problem for problem in problems if problem is not None]


def _categories_of(spelling: str, special: pd.DataFrame) -> tuple[str, ...]:
    found = [
        row.category
        for row in special.itertuples()
        if (
            normal_spelling(row.term) == spelling
            if row.match == "pt"
            else normal_spelling(row.term) in spelling
        )
    ]
    return tuple(dict.fromkeys(found))


def _unmatched(category: str, part: pd.DataFrame, coded: Mapping[str, str]) -> Problem | None:
    absent = [
        row.term
        for row in part.itertuples()
        if not any(
            normal_spelling(row.term) == spelling
            if row.match == "pt"
            else normal_spelling(row.term) in spelling
            for spelling in coded
        )
    ]
    if not absent:
        return None
    return Problem(
        check="aesi_term_unmatched",
        column=category,
        found=f"no event coded as {', '.join(absent)}",
        expected="terms as the dictionary version of the study spells them",
        remedy="Nothing to do where the events did not occur; check the spelling of the terms.",
        severity="info",
    )


def _near(term: str, listed: str) -> Problem:
    return Problem(
        check="aesi_term_near",
        column="preferred_term",
        found=f"{term!r}, close to {listed!r}",
        expected="either a listed term or a different one",
        remedy="Not counted as of special interest; add it to the list if it is meant.",
        severity="warning",
    )
