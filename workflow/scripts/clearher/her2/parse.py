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

_HER2 = r"(?:her-?\s?2(?:[-/ ]?neu)?|c-?erbb-?2|erbb2)(?![a-z0-9])"
_ISH = r"\b(?:d?dish|fish|cish|sish|ish)(?![a-z])"
_AMPLIFIED = r"(?:not |non[- ]?|un)?amplified|no amplification|无扩增|未扩增|未见扩增|扩增"
_ISH_WORD = (
    rf"\(?[+-]\)?|pos(?:itive|\.)?|neg(?:ative|\.)?|{_AMPLIFIED}|equivocal|unknown|pending|failed"
    r"|not (?:done|performed|tested)|阴性|阳性"
)
_ISH_RESULT = (
    rf"(?:{_ISH}\s*(?:[:=]\s*|-\s*(?=[a-z]))?(?P<after>{_ISH_WORD})"
    rf"|(?P<before>{_ISH_WORD}) (?:by|on) {_ISH}|(?P<alone>{_AMPLIFIED}))"
)
_OUTSIDE = re.compile(r"\b(?:outside|osh|external|referral)\b(?:\s+hospital)?|外院")
_HETEROGENEOUS = re.compile(r"heterog")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_PREFIX = re.compile(rf"^(?:(?:{_HER2}|(?:ihc|score)(?![a-z]))\s*[:=]?\s*(?:-\s*(?=[a-z0-3]))?)+")
_ISH_PREFIX = re.compile(
    rf"^(?:(?:{_HER2}(?:\s*[/:]\s*cep-?\s?17)?|{_ISH}|(?:ratio|status)(?![a-z]))\s*[:=]?\s*)+"
)
_ISH_SUFFIX = re.compile(rf"[\s,;/]*[(\[]?\s*{_ISH_RESULT}\s*[)\]]?\s*$")
_ISH_ASIDE = re.compile(_ISH_RESULT)
_ISH_MENTION = re.compile(rf"{_ISH}|\bratio\b|\bcop(?:y|ies)\b|cep-?\s?17|amplif|扩增")
_OTHER_SCORE = re.compile(r"(?<![\d.])[0-3]\s?\+|\+\+")
_NULL_REMARK = re.compile(r"(?:null|no (?:membrane )?staining|无染色)(?=$|\s*[,;:(])")
_ULTRALOW_REMARK = re.compile(r"(?:ultra-?\s?low(?: expression)?|超低表达|超低)(?=$|\s*[,;:(<>≤])")
_NUMBER = r"\d+(?:\.\d+)?"
_DECIMAL_COMMA = re.compile(r"(?<![\d.])\d+,\d+(?![\d.])")
_COPY_WORD = r"(?:copy number|copies|copy|cn)(?:\s*(?:/|per)\s*cell)?"
_COPIES = re.compile(
    rf"\b(?:(?:average|avg|mean)\s+)?(?:{_HER2}\s*)?{_COPY_WORD}\s*[:=]?\s*({_NUMBER})"
    rf"|(?<![\d.>-])({_NUMBER})\s*(?:{_HER2}\s*)?{_COPY_WORD}(?![a-z])(?!\s*[:=]?\s*\d)"
)
_RATIO_PREFIX = re.compile(rf"^(?:{_HER2}\s*[/:]\s*cep-?\s?17\s*)?(?:ratio\s*)?[:=]?\s*")

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
_PLACE = {"0-null": 0, "0": 0, "0-ultralow": 0, "1+": 1, "2+": 2, "3+": 3}

_IHC_WORDS = {
    "positive": ("3+", "3+", ""),
    "pos": ("3+", "3+", ""),
    "阳性": ("3+", "3+", ""),
    "negative": ("0", "1+", ""),
    "neg": ("0", "1+", ""),
    "neg.": ("0", "1+", ""),
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
    "pos.": "POSITIVE",
    "+": "POSITIVE",
    "amplified": "POSITIVE",
    "阳性": "POSITIVE",
    "扩增": "POSITIVE",
    "negative": "NEGATIVE",
    "neg": "NEGATIVE",
    "neg.": "NEGATIVE",
    "-": "NEGATIVE",
    "not amplified": "NEGATIVE",
    "non-amplified": "NEGATIVE",
    "non amplified": "NEGATIVE",
    "nonamplified": "NEGATIVE",
    "unamplified": "NEGATIVE",
    "no amplification": "NEGATIVE",
    "阴性": "NEGATIVE",
    "无扩增": "NEGATIVE",
    "未见扩增": "NEGATIVE",
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
        remark, heterogeneous, status_word, ish_not_read (ISH in a remark that was not read in full),
        score_in_remark (a second score in a remark).
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
    if _DECIMAL_COMMA.search(plain):
        return (IshValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
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
    if core not in _STATUS_WORDS or any(_opposite(_STATUS_WORDS[core], aside) for aside in asides):
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


def _opposite(status: str, aside: str) -> bool:
    """Whether a remark of the same laboratory says positive beside negative, or the other way round."""
    if _OUTSIDE.search(aside):
        return False
    said = set()
    for word in sorted((word for word in _STATUS_WORDS if len(word) > 1), key=len, reverse=True):
        pattern = rf"(?<![a-z]){re.escape(word)}(?![a-z])"
        if re.search(pattern, aside):
            said.add(_STATUS_WORDS[word])
            aside = re.sub(pattern, " ", aside)
    return {status, *said} >= {"POSITIVE", "NEGATIVE"}


def _without_ish(plain: str) -> tuple[str, str]:
    match = _ISH_SUFFIX.search(plain)
    if match is None or match.start() == 0:
        return plain, ""
    return plain[: match.start()].strip(), _ish_status(match)


def _ish_status(match: re.Match) -> str:
    word = match["after"] or match["before"] or match["alone"]
    return _STATUS_WORDS.get(word.strip("()") or word, "")


def _ihc_core(core: str) -> IhcValue | None:
    if core in _REASONS and core:
        return IhcValue(reason=_REASONS[core])
    origin, core = (
        (OUTSIDE, _OUTSIDE.sub("", core).strip(" :")) if _OUTSIDE.search(core) else (IN_HOUSE, core)
    )
    core = re.sub(r"^([0-3])\.0$", r"\1", core)
    state = _SCORES.get(core) or _SCORES.get(core.replace(" ", ""))
    if state:
        return IhcValue(state, state, origin)
    if core in _IHC_WORDS:
        return _status_value(core, origin)
    return _ihc_range(core, origin) or _worded_score(core, origin)


def _status_value(word: str, origin: str) -> IhcValue:
    low, high, ish_word = _IHC_WORDS[word]
    return IhcValue(low, high, origin, ish_word=ish_word, flags=("status_word",))


def _worded_score(core: str, origin: str) -> IhcValue | None:
    """A status word and a score side by side, in either order: ``negative 1+``."""
    parts = core.split()
    if len(parts) != 2:
        return None
    for word, score in (parts, parts[::-1]):
        if word in _IHC_WORDS and score in _SCORES:
            return _narrowed(_status_value(word, origin), IhcValue(_SCORES[score], _SCORES[score]))
    return None


def _narrowed(status: IhcValue, score: IhcValue) -> IhcValue | None:
    """The score beside a status word that allows it; None where word and score exclude each other."""
    if _PLACE[score.low] < _PLACE[status.low] or _PLACE[score.high] > _PLACE[status.high]:
        return None
    flags = tuple(flag for flag in status.flags if flag != "status_word")
    return replace(status, low=score.low, high=score.high, flags=flags)


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
    not_understood = (IhcValue(reason=NOT_UNDERSTOOD, remark=text.strip()),)
    others: list[IhcValue] = []
    for aside in asides:
        word = _OUTSIDE.sub("", aside).strip(" :,=")
        if _OUTSIDE.search(aside) and not word:
            value = replace(value, origin=OUTSIDE)
        elif _OUTSIDE.search(aside):
            outside = _ihc_core(word)
            if outside is None:
                return not_understood
            others.append(replace(outside, origin=OUTSIDE))
        else:
            told = _with_aside(value, aside)
            if told is None:
                return not_understood
            value = told
    return (value, *others)


def _with_aside(value: IhcValue, aside: str) -> IhcValue | None:
    """The value with a remark of the same laboratory taken in; None where the two exclude each other."""
    bare = _PREFIX.sub("", aside).strip()
    if "status_word" in value.flags and (score := _score_of(bare)) is not None:
        return _narrowed(value, score)
    if value.low == value.high == "0":
        for pattern, state in ((_NULL_REMARK, "0-null"), (_ULTRALOW_REMARK, "0-ultralow")):
            if match := pattern.match(bare.strip(" -")):
                zero = replace(value, low=state, high=state)
                return zero if match.end() == len(bare.strip(" -")) else _remarked(zero, aside)
    if aside.replace("ultra low", "ultralow") in _SCORES:
        return None
    return _with_ish_aside(value, aside) if _ISH_MENTION.search(aside) else _remarked(value, aside)


def _score_of(text: str) -> IhcValue | None:
    """The score or interval of scores that a text is; None for anything else."""
    found = _ihc_core(text)
    return found if found is not None and found.low and "status_word" not in found.flags else None


def _with_ish_aside(value: IhcValue, aside: str) -> IhcValue:
    """The value with the ISH word that opens a remark; the rest of the remark is kept and flagged."""
    first, _, rest = aside.partition(",")
    match = _ISH_ASIDE.fullmatch(first.strip())
    if match is not None:
        value = replace(value, ish_word=value.ish_word or _ish_status(match))
        if not rest:
            return value
    value = _remarked(value, aside)
    return replace(value, flags=(*value.flags, "ish_not_read"))


def _remarked(value: IhcValue, aside: str) -> IhcValue:
    flags = [*value.flags, "remark"]
    if _HETEROGENEOUS.search(aside):
        flags.append("heterogeneous")
    if _OTHER_SCORE.search(aside):
        flags.append("score_in_remark")
    return replace(value, remark=_joined(value.remark, aside), flags=tuple(dict.fromkeys(flags)))


def _take_ish_part(values: list[IshValue], part: str) -> list[IshValue]:
    """The values with one more part of the cell taken in; empty when the part cannot be read."""
    outside = bool(_OUTSIDE.search(part))
    rest = _OUTSIDE.sub(" ", part).strip(" :,")
    found = _COPIES.search(rest)
    copies = float(found[1] or found[2]) if found else None
    if found is not None:
        rest = _COPIES.sub(" ", rest).strip(" ,:")
    number = re.fullmatch(rf"(?:same sample\s+)?:?\s*({_NUMBER})", _RATIO_PREFIX.sub("", rest))
    if number is not None:
        return _add_ratio(values, float(number[1]), copies, OUTSIDE if outside else IN_HOUSE)
    if copies is not None and not rest:
        return _add_copies(values, copies, outside)
    if copies is not None or not values:
        return []
    return _ish_remark(values, part, outside, rest)


def _add_ratio(values: list[IshValue], ratio: float, copies: float | None, origin: str) -> list[IshValue]:
    """One more ratio; where only copies of that origin stand before it, they are of the same count."""
    last = values[-1] if values else IshValue()
    if copies is None and last.ratio is None and last.copies is not None and last.origin == origin:
        return [*values[:-1], replace(last, ratio=ratio)]
    return [*values, IshValue(ratio, copies, origin)]


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
