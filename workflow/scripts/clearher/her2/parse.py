"""HER2 values as laboratories write them, turned into records; nothing is guessed, nothing is raised.

One cell can hold two results (``1+ (outside 3+)``), an interval (``0-1+``), a remark (``1+ (focal)``) or a
reason why there is none (``Not done (decalcified)``). A bare dash is an empty cell, ``(-)`` is a score.
Text that fits no known form comes back as one value marked as not understood, so that it can be named.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

IN_HOUSE = "in-house"
OUTSIDE = "outside"
NOT_UNDERSTOOD = "not understood"
BARE_DASH = "-"

_OUTSIDE = re.compile(r"\b(?:outside|osh|external|referral)\b(?:\s+hospital)?|外院")
_HETEROGENEOUS = re.compile(r"heterog")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_PREFIX = re.compile(r"^(?:(?:her-?\s?2(?:/neu)?|c-?erbb-?2|erbb2|ihc|score)\b\s*[:=]?\s*(?:-(?=[a-z]))?)+")
_ISH_PREFIX = re.compile(r"^(?:(?:her-?\s?2(?:/neu)?|d?dish|fish|cish|sish|ish|ratio|status)\b\s*[:=]?\s*)+")
_ISH_SUFFIX = re.compile(
    r"[\s,;/]*[(\[]?\s*\b(?:d?dish|fish|cish|sish|ish)\b\s*[:=]?\s*"
    r"(\(?[+-]\)?|pos(?:itive)?|neg(?:ative)?|(?:not |non-?)?amplified|equivocal|unknown|not done)"
    r"\s*[)\]]?\s*$"
)
_NUMBER = r"\d+(?:\.\d+)?"
_COPIES = re.compile(rf"\b(?:cn|copy number|copies)\s*[:=]?\s*({_NUMBER})")

_REASONS = {
    "": "empty",
    "--": "empty",
    ".": "empty",
    "unk": "unknown",
    "unknown": "unknown",
    "nd": "not done",
    "n/d": "not done",
    "unk/nd": "unknown or not done",
    "na": "not available",
    "n/a": "not available",
    "not available": "not available",
    "ne": "not evaluable",
    "not evaluable": "not evaluable",
    "not assessable": "not evaluable",
    "inevaluable": "not evaluable",
    "indeterminate": "not evaluable",
    "insufficient": "insufficient tissue",
    "insufficient tissue": "insufficient tissue",
    "qns": "insufficient tissue",
    "not done": "not done",
    "not performed": "not done",
    "not tested": "not done",
    "pending": "pending",
    "failed": "failed",
    "failure": "failed",
    "test failure": "failed",
    "test failed": "failed",
    "未做": "not done",
    "未检测": "not done",
    "未知": "unknown",
    "不可评估": "not evaluable",
    "失败": "failed",
}

_SCORES = {
    "0": "0",
    "0+": "0",
    "-": "0",
    "1": "1+",
    "1+": "1+",
    "+": "1+",
    "2": "2+",
    "2+": "2+",
    "++": "2+",
    "3": "3+",
    "3+": "3+",
    "+++": "3+",
    "0-null": "0-null",
    "0 null": "0-null",
    "0null": "0-null",
    "null": "0-null",
    "no staining": "0-null",
    "no membrane staining": "0-null",
    "0 no staining": "0-null",
    "无染色": "0-null",
    "0-ultralow": "0-ultralow",
    "0 ultralow": "0-ultralow",
    "ultralow": "0-ultralow",
    "ultra-low": "0-ultralow",
    "0-ultra-low": "0-ultralow",
    "0 ultra-low": "0-ultralow",
    "0 ultra low": "0-ultralow",
    ">0<1+": "0-ultralow",
    "超低表达": "0-ultralow",
    "超低": "0-ultralow",
}
_NULL_REMARKS = {"null", "no staining", "no membrane staining", "无染色"}
_ULTRALOW_REMARKS = {"ultralow", "ultra-low", "超低表达", "超低"}

_IHC_WORDS = {
    "positive": ("3+", "3+", ""),
    "pos": ("3+", "3+", ""),
    "阳性": ("3+", "3+", ""),
    "negative": ("0", "1+", ""),
    "neg": ("0", "1+", ""),
    "阴性": ("0", "1+", ""),
    "equivocal": ("2+", "2+", ""),
    "borderline": ("2+", "2+", ""),
    "不确定": ("2+", "2+", ""),
    "low": ("1+", "2+", "NEGATIVE"),
    "her2-low": ("1+", "2+", "NEGATIVE"),
    "低表达": ("1+", "2+", "NEGATIVE"),
}

_STATUS_WORDS = {
    "positive": "POSITIVE",
    "pos": "POSITIVE",
    "+": "POSITIVE",
    "amplified": "POSITIVE",
    "阳性": "POSITIVE",
    "扩增": "POSITIVE",
    "negative": "NEGATIVE",
    "neg": "NEGATIVE",
    "-": "NEGATIVE",
    "not amplified": "NEGATIVE",
    "non-amplified": "NEGATIVE",
    "nonamplified": "NEGATIVE",
    "阴性": "NEGATIVE",
    "无扩增": "NEGATIVE",
    "未扩增": "NEGATIVE",
    "equivocal": "EQUIVOCAL",
    "borderline": "EQUIVOCAL",
    "不确定": "EQUIVOCAL",
    "low": "LOW",
    "低表达": "LOW",
    "ultralow": "ULTRALOW",
    "ultra-low": "ULTRALOW",
    "ultra low": "ULTRALOW",
    "超低表达": "ULTRALOW",
}

_RECOUNTS = {
    "": "",
    "no": "",
    "n": "",
    "not done": "",
    "未做": "",
    "same": "same",
    "same group": "same",
    "confirmed": "same",
    "unchanged": "same",
    "other": "other",
    "other group": "other",
    "different": "other",
    "different group": "other",
    "changed": "other",
    "adjudicated": "adjudicated",
}


@dataclass(frozen=True)
class IhcValue:
    """One IHC result of a cell.

    Attributes
    ----------
    low, high : str
        Ends of the interval of IHC states (equal for a plain score); both empty when there is no result.
    origin : str
        in-house or outside.
    remark : str
        What stood beside the score.
    reason : str
        Why there is no result; ``not understood`` when the text fits no known form.
    ish_word : str
        ISH status that the text states or implies (HER2-low implies a negative ISH).
    flags : tuple of str
        remark, heterogeneous, status_word, origin_stated.
    """

    low: str = ""
    high: str = ""
    origin: str = IN_HOUSE
    remark: str = ""
    reason: str = ""
    ish_word: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class IshValue:
    """One ISH count result of a cell: ratio HER2/CEP17 and HER2 copies per cell, None where not given."""

    ratio: float | None = None
    copies: float | None = None
    origin: str = IN_HOUSE
    remark: str = ""
    reason: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusValue:
    """One status word of a cell: POSITIVE, NEGATIVE, EQUIVOCAL, LOW, ULTRALOW, or empty with a reason."""

    status: str = ""
    origin: str = IN_HOUSE
    remark: str = ""
    reason: str = ""


def normalised(text: str) -> str:
    """Text in one form: full-width signs to ASCII, one kind of dash and blank, lower case."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\u2010-\u2015\u2212\u02d7\ufe63]", "-", plain)
    return re.sub(r"\s+", " ", plain).strip().lower()


@lru_cache(maxsize=65536)
def parse_ihc(text: str) -> tuple[IhcValue, ...]:
    """IHC results that a cell holds, in-house first.

    Parameters
    ----------
    text : str
        The cell, any text.

    Returns
    -------
    tuple of IhcValue
        At least one; a cell without result gives one value with a reason.
    """
    plain = normalised(text)
    if plain in _REASONS or plain == BARE_DASH:
        return (IhcValue(reason=_REASONS.get(plain, "empty")),)
    plain, ish_word = _without_ish(plain)
    core, asides = _split(_PREFIX.sub("", plain))
    if not core and asides:
        core, asides = asides[0], asides[1:]
    value = _ihc_core(core)
    if value is None:
        return (IhcValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
    value = replace(value, ish_word=value.ish_word or ish_word)
    return _with_asides(value, asides, text)


@lru_cache(maxsize=65536)
def parse_ish_ratio(text: str) -> tuple[IshValue, ...]:
    """ISH ratios and copies that a cell holds, in order of writing.

    Parameters
    ----------
    text : str
        The cell, any text.

    Returns
    -------
    tuple of IshValue
        At least one; a cell without result gives one value with a reason.
    """
    plain = normalised(text)
    if plain == BARE_DASH:
        return (IshValue(reason="empty"),)
    core, asides = _split(_ISH_PREFIX.sub("", plain))
    if core in _REASONS and not (core == "" and asides):
        return (IshValue(reason=_REASONS[core], remark="; ".join(asides)),)
    values: list[IshValue] = []
    for part in [core, *asides]:
        values = _take_ish_part(values, part)
        if not values:
            return (IshValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
    return tuple(values)


@lru_cache(maxsize=65536)
def parse_status(text: str) -> tuple[StatusValue, ...]:
    """Status words that a cell holds (ISH result, IHC status, overall status), in-house first."""
    plain = normalised(text)
    if plain in _REASONS or plain == BARE_DASH:
        return (StatusValue(reason=_REASONS.get(plain, "empty")),)
    core, asides = _split(_ISH_PREFIX.sub("", plain))
    if not core and asides:
        core, asides = asides[0], asides[1:]
    if core in _REASONS:
        return (StatusValue(reason=_REASONS[core], remark="; ".join(asides)),)
    if core not in _STATUS_WORDS:
        return (StatusValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
    values = [StatusValue(_STATUS_WORDS[core])]
    for aside in asides:
        word = _OUTSIDE.sub("", aside).strip(" :,")
        if _OUTSIDE.search(aside) and word in _STATUS_WORDS:
            values.append(StatusValue(_STATUS_WORDS[word], OUTSIDE))
        elif _OUTSIDE.search(aside) and not word:
            values[0] = replace(values[0], origin=OUTSIDE)
        else:
            values[0] = replace(values[0], remark=_joined(values[0].remark, aside))
    return tuple(values)


def parse_recount(text: str) -> str | None:
    """State of the ISH recount: empty (not done), same, other, adjudicated; None when not understood."""
    plain = normalised(text)
    if plain in _REASONS:
        return ""
    return _RECOUNTS.get(plain)


def canonical_ihc(value: IhcValue) -> str:
    """The text that :func:`parse_ihc` reads back as the same states; NE for a value without result."""
    if not value.low:
        return "NE"
    if value.low == value.high:
        return value.low
    return f"{value.low} to {value.high}"


def _split(plain: str) -> tuple[str, list[str]]:
    """What stands before the first bracket or comma, and the asides in order."""
    asides = [
        (match.group(1) if match.group(1) is not None else match.group(2)).strip()
        for match in _BRACKETS.finditer(plain)
    ]
    outer = [part.strip() for part in re.split(r"[,;]", _BRACKETS.sub(" ", plain))]
    parts = [part for part in outer[1:] if part]
    return outer[0].strip(), parts + [aside for aside in asides if aside]


def _without_ish(plain: str) -> tuple[str, str]:
    match = _ISH_SUFFIX.search(plain)
    if match is None or match.start() == 0:
        return plain, ""
    word = match.group(1).strip("()") or match.group(1)
    rest = plain[: match.start()].strip()
    return rest, _STATUS_WORDS.get(word, "")


def _ihc_core(core: str) -> IhcValue | None:
    if core in _REASONS and core:
        return IhcValue(reason=_REASONS[core])
    origin, core = (
        (OUTSIDE, _OUTSIDE.sub("", core).strip(" :")) if _OUTSIDE.search(core) else (IN_HOUSE, core)
    )
    state = _SCORES.get(core) or _SCORES.get(core.replace(" ", ""))
    if state:
        return IhcValue(state, state, origin)
    if core in _IHC_WORDS:
        low, high, ish_word = _IHC_WORDS[core]
        return IhcValue(low, high, origin, ish_word=ish_word, flags=("status_word",))
    return _ihc_range(core, origin)


def _ihc_range(core: str, origin: str) -> IhcValue | None:
    match = re.fullmatch(r"(.+?)\s*(?: to |~|-|/)\s*([0-3]\+?|0-?(?:null|ultralow))", core)
    if match is None:
        return None
    low, high = (_SCORES.get(end.strip()) for end in match.groups())
    if low is None or high is None or match.group(1).strip() in ("-", "+"):
        return None
    order = ("0-null", "0", "0-ultralow", "1+", "2+", "3+")
    if order.index(low) > order.index(high):
        low, high = high, low
    return IhcValue(low, high, origin)


def _with_asides(value: IhcValue, asides: list[str], text: str) -> tuple[IhcValue, ...]:
    others: list[IhcValue] = []
    for aside in asides:
        word = _OUTSIDE.sub("", aside).strip(" :,=")
        kind = _PREFIX.sub("", aside).strip(" -").replace("ultra low", "ultralow")
        if value.low == value.high == "0" and kind in _NULL_REMARKS:
            value = replace(value, low="0-null", high="0-null")
        elif value.low == value.high == "0" and kind in _ULTRALOW_REMARKS:
            value = replace(value, low="0-ultralow", high="0-ultralow")
        elif _OUTSIDE.search(aside) and not word:
            value = replace(value, origin=OUTSIDE)
        elif _OUTSIDE.search(aside):
            outside = _ihc_core(word)
            if outside is None:
                return (IhcValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
            others.append(replace(outside, origin=OUTSIDE))
        elif aside.replace("ultra low", "ultralow") in _SCORES:
            return (IhcValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
        else:
            value = _remarked(value, aside)
    return (value, *others)


def _remarked(value: IhcValue, aside: str) -> IhcValue:
    flags = [*value.flags, "remark"]
    if _HETEROGENEOUS.search(aside):
        flags.append("heterogeneous")
    return replace(value, remark=_joined(value.remark, aside), flags=tuple(dict.fromkeys(flags)))


def _take_ish_part(values: list[IshValue], part: str) -> list[IshValue]:
    """The values with one more part of the cell taken in; empty when the part cannot be read."""
    outside = bool(_OUTSIDE.search(part))
    rest = _OUTSIDE.sub(" ", part).strip(" :,")
    copies = _COPIES.search(rest)
    if copies is not None:
        rest = _COPIES.sub(" ", rest).strip(" ,:")
    number = re.fullmatch(rf"(?:same sample\s+)?:?\s*({_NUMBER})", rest)
    if number is not None:
        origin = OUTSIDE if outside else IN_HOUSE
        found = IshValue(float(number.group(1)), float(copies.group(1)) if copies else None, origin)
        return [*values, found]
    if copies is not None and not rest:
        return _add_copies(values, float(copies.group(1)), outside)
    if not values:
        return []
    return _ish_remark(values, part, outside, rest)


def _add_copies(values: list[IshValue], copies: float, outside: bool) -> list[IshValue]:
    if not values:
        return [IshValue(None, copies, OUTSIDE if outside else IN_HOUSE)]
    flags = (*values[-1].flags, "origin_unclear") if outside else values[-1].flags
    return [*values[:-1], replace(values[-1], copies=copies, flags=flags)]


def _ish_remark(values: list[IshValue], part: str, outside: bool, rest: str) -> list[IshValue]:
    if "fail" in part:
        return [*values, IshValue(reason="failed", remark=part)]
    if outside and not rest:
        return [*values[:-1], replace(values[-1], flags=(*values[-1].flags, "origin_unclear"))]
    if re.search(r"\d", rest):
        return []
    flags = ["heterogeneous"] if _HETEROGENEOUS.search(part) else []
    remark = _joined(values[-1].remark, part)
    return [*values[:-1], replace(values[-1], remark=remark, flags=(*values[-1].flags, "remark", *flags))]


def _joined(first: str, second: str) -> str:
    return f"{first}; {second}" if first else second
