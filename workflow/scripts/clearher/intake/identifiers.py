"""Identifiers of subjects, samples and specimens: what they may hold, and which look alike.

No pandas here: the sample sheet is checked each time the workflow is parsed.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

from clearher.problems import Problem

LONGEST = 100
TRIED = 50
# Cyrillic and Greek letters drawn like Latin ones, and digits drawn like letters (after case folding).
# Source: the confusables of Unicode Technical Standard 39, for the letters that keyboards offer.
CONFUSABLE = str.maketrans(
    {
        **dict(
            zip("\u0430\u0435\u043a\u043c\u043e\u0440\u0441\u0442\u0443\u0445", "aekmopctyx", strict=True)
        ),
        **dict(zip("\u0432\u043d\u0456\u0458\u0455\u0501\u051b\u051d", "bhijsdqw", strict=True)),
        **dict(zip("\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc", "abezhikm", strict=True)),
        **dict(zip("\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7", "noptyx", strict=True)),
        "o": "0",
        "l": "1",
        "i": "1",
    }
)


def is_readable(identifier: str) -> bool:
    """Whether an identifier holds only printable characters, at most 100 of them."""
    if len(identifier) > LONGEST:
        return False
    hidden = (unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in identifier)
    return identifier.isprintable() or not any(hidden)


def look_alikes(identifiers: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different identifiers that differ only by case, blanks, punctuation or the letters' form.

    A separator between two digits counts: ``1-11`` and ``11-1`` are not alike.
    """
    groups = defaultdict(set)
    for identifier in set(identifiers):
        groups[folded(identifier)].add(identifier)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def folded(identifier: str) -> str:
    """The form that look-alike identifiers share."""
    plain = identifier if identifier.isascii() else unicodedata.normalize("NFKC", identifier)
    plain = plain.casefold()
    if not plain.isascii():
        plain = plain.translate(CONFUSABLE)
    joined = re.sub(r"[\s_.\-]+", "-", plain).strip("-")
    return re.sub(r"(?<!\d)-|-(?!\d)", "", joined).translate(CONFUSABLE)


def shared_form(identifiers: Iterable[str], known: Iterable[str]) -> str:
    """The text that unknown identifiers have to be put into to be known ones, such as ``STUDY-01-{}``.

    Empty where fewer than two of them, or less than half, become known ones, or several texts do equally
    well. The first 50 are tried.
    """
    unknown, known = sorted(set(identifiers))[:TRIED], set(known)
    found = Counter(
        (subject[:start], subject[start + len(text) :])
        for text in unknown
        for subject in known
        for start in range(len(subject) - len(text) + 1)
        if subject.startswith(text, start)
    )
    best = found.most_common(2)
    if not best or best[0][1] < max(2, len(unknown) / 2) or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    before, after = best[0][0]
    return f"{before}{{}}{after}"


def subject_hints(absent: Iterable[str], known: Iterable[str], table: str) -> dict[str, str]:
    """What to do about unknown subjects of whom a known one looks alike or holds the identifier.

    Parameters
    ----------
    absent, known : iterable of str
        Identifiers of a table that the study does not know, and those of the study.
    table : str
        The table's key in ``intake.layouts``.

    Returns
    -------
    dict
        A remedy by unknown identifier; none for those of whom nothing is known.
    """
    absent, known = sorted(set(absent)), set(known)
    if not absent:
        return {}
    form = shared_form(absent, known)
    told = f"intake.layouts.{table}: {{forms: {{subject_id: '{form}'}}}} reads all of the table so."
    longer = {name: form.replace("{}", name) for name in absent if form}
    alike = {folded(subject): subject for subject in sorted(known)}
    hints = {name: f"Did you mean {full!r}? {told}" for name, full in longer.items() if full in known}
    return hints | {
        name: f"Did you mean {alike[folded(name)]!r}?" for name in absent if folded(name) in alike
    }


def identifier_problems(identifiers: Iterable[str], *, file: str, column: str) -> list[Problem]:
    """Errors for unreadable identifiers and warnings for those that look alike.

    Parameters
    ----------
    identifiers : iterable of str
        Identifiers of one kind; repeats and empty ones do not matter.
    file, column : str
        Where they stand, for the messages.
    """
    known = sorted(set(identifiers) - {""})
    return [
        *(
            Problem(
                check="identifier_unreadable",
                file=file,
                column=column,
                found=repr(identifier[: LONGEST + 20]),
                expected=f"at most {LONGEST} printable characters",
                remedy="Correct the identifier.",
            )
            for identifier in known
            if not is_readable(identifier)
        ),
        *(
            Problem(
                check="identifiers_alike",
                file=file,
                column=column,
                found="identifiers that look alike: " + ", ".join(map(repr, group)),
                expected="one spelling an identifier",
                remedy="They are kept apart; correct the data if they are one.",
                severity="warning",
            )
            for group in look_alikes(known)
        ),
    ]
