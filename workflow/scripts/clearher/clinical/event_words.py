"""What the recorded words of causality and of the action taken say about an adverse event."""

from collections.abc import Iterable, Mapping

import pandas as pd

from clearher.problems import Problem


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
    return text.str.upper().str.split().str.join(" ")
