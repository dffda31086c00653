"""What the recorded words of an adverse event say: its term, causality, and the action taken."""

from collections.abc import Iterable, Mapping

import pandas as pd

from clearher.problems import Problem


def one_spelling(terms: pd.Series) -> pd.Series:
    """Terms in one spelling each: of those that differ by case alone the most frequent, without idle blanks.

    Two spellings as frequent: the first by letters, capitals before small ones.

    Parameters
    ----------
    terms : pandas.Series of str
        As coded.
    """
    squeezed = _without_idle_blanks(terms)
    return squeezed.map({spelling: words[0] for words in _spellings(squeezed) for spelling in words})


def spelling_problems(events: pd.DataFrame, columns: Iterable[str]) -> list[Problem]:
    """Terms of some columns that are written in several ways: one finding a term.

    Parameters
    ----------
    events : pandas.DataFrame
        subject_id, source, and the columns as coded.
    columns : iterable of str
        Columns of terms.
    """
    squeezed = events.assign(**{column: _without_idle_blanks(events[column]) for column in columns})
    return [
        _several_spellings(squeezed, column, words)
        for column in columns
        for words in _spellings(squeezed[column])
        if len(words) > 1
    ]


def _spellings(terms: pd.Series) -> list[list[str]]:
    """Spellings of each term, the most frequent first; terms by letters."""
    counts = terms.value_counts().rename_axis("spelling").reset_index(name="n")
    counts["term"] = counts["spelling"].str.casefold()
    counts = counts.sort_values(["term", "n", "spelling"], ascending=[True, False, True])
    return [part["spelling"].tolist() for _, part in counts.groupby("term", sort=True)]


def _several_spellings(events: pd.DataFrame, column: str, words: list[str]) -> Problem:
    rows = events[events[column].isin(words[1:])]
    others = ", ".join(repr(word) for word in words[1:])
    return Problem(
        check="term_spelling",
        severity="warning",
        subject_id=rows["subject_id"].iloc[0],
        column=column,
        found=f"{others} in {_records(len(rows))}, the first {rows['source'].iloc[0]}",
        expected=f"one spelling, as {words[0]!r} elsewhere",
        remedy=f"Counted as {words[0]!r}.",
    )


def causality_recorded(causality: pd.Series, settings: Mapping) -> pd.Series:
    """Whether each word says anything about a relation: no blank and none of ``causality_unknown``.

    Parameters
    ----------
    causality : pandas.Series of str
        As recorded.
    settings : Mapping
        Section ``clinical.adverse_events``: causality_unknown.
    """
    return causality.ne("") & ~_says(causality, settings["causality_unknown"])


def is_related(causality: pd.Series, settings: Mapping) -> pd.Series:
    """Whether each event counts as related to the study drug.

    A word that is no listed relation and no listed absence of one counts as a relation; causality that is
    not recorded as ``blank_causality`` says.

    Parameters
    ----------
    causality : pandas.Series of str
        As recorded.
    settings : Mapping
        Section ``clinical.adverse_events``: unrelated, causality_unknown, blank_causality.
    """
    blank = settings["blank_causality"] == "related"
    return (~_says(causality, settings["unrelated"])).where(causality_recorded(causality, settings), blank)


def actions_taken(action: pd.Series, settings: Mapping) -> pd.DataFrame:
    """Whether each action was taken with the study drug; missing where the word is blank or on no list.

    Parameters
    ----------
    action : pandas.Series of str
        As recorded.
    settings : Mapping
        Section ``clinical.adverse_events``: actions, no_action.

    Returns
    -------
    pandas.DataFrame
        A column (boolean) an action of ``actions``.
    """
    taken = {name: _says(action, words) for name, words in settings["actions"].items()}
    known = pd.DataFrame(taken).any(axis=1) | _says(action, settings["no_action"])
    return pd.DataFrame({name: flag.astype("boolean").where(known) for name, flag in taken.items()})


def unknown_word_problems(events: pd.DataFrame, settings: Mapping) -> list[Problem]:
    """Words of causality and action that are on no list: one finding a word, with its records.

    Parameters
    ----------
    events : pandas.DataFrame
        related and action as recorded, source, subject_id.
    settings : Mapping
        Section ``clinical.adverse_events``: related, unrelated, causality_unknown, actions, no_action,
        action_unknown.
    """
    relations = [*settings["related"], *settings["unrelated"], *settings["causality_unknown"]]
    lists = [*settings["actions"].values(), settings["no_action"], settings["action_unknown"]]
    actions = [word for words in lists for word in words]
    return [
        *_unknown(
            events,
            "related",
            relations,
            check="causality_unknown",
            remedy="Counted as related; name the word in clinical.adverse_events.related, .unrelated or "
            ".causality_unknown, or correct the record.",
        ),
        *_unknown(
            events,
            "action",
            actions,
            check="action_unknown",
            remedy="What was done with the drug counts as not recorded; name the word in "
            "clinical.adverse_events.actions, .no_action or .action_unknown, or correct the record.",
        ),
    ]


def _unknown(
    events: pd.DataFrame, column: str, known: Iterable[str], *, check: str, remedy: str
) -> list[Problem]:
    words = _spelled(events[column])
    strange = events[words.ne("") & ~_says(words, known)]
    return [
        Problem(
            check=check,
            severity="warning",
            subject_id=rows["subject_id"].iloc[0],
            column=column,
            found=f"{word!r} in {_records(len(rows))}, the first {rows['source'].iloc[0]}",
            expected="a word that the settings name",
            remedy=remedy,
        )
        for word, rows in strange.groupby(words[strange.index], sort=True)
    ]


def _records(number: int) -> str:
    return "1 record" if number == 1 else f"{number} records"


def _says(text: pd.Series, words: Iterable[str]) -> pd.Series:
    return _spelled(text).isin([word.upper() for word in words])


def _spelled(text: pd.Series) -> pd.Series:
    return _without_idle_blanks(text).str.upper()


def _without_idle_blanks(text: pd.Series) -> pd.Series:
    return text.str.split().str.join(" ")
