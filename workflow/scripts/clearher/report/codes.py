"""Words for readers in the place of codes; the tables keep the codes."""

import re

from clearher.report.palette import CLEARANCE_NAMES, CTDNA_NAMES, HER2_NAMES, RESPONSES

ENDPOINTS = ("PFS", "OS", "DOR", "CDOR", "TTR", "ORR", "DCR", "CBR", "BOR")
SPELT = {
    **{code: word for code, word in {**CTDNA_NAMES, **CLEARANCE_NAMES, **HER2_NAMES}.items() if code},
    **{code: code for code in (*RESPONSES, *ENDPOINTS)},
    "DETECTED": "detected",
    "NOT_EVALUABLE": "not evaluable",
    "yes_supported": "supported",
    "SAME_DAY": "both on the same day",
    "MOLECULAR_FIRST": "molecular progression first",
    "RADIOGRAPHIC_FIRST": "progression on scans first",
    "MOLECULAR_ONLY": "molecular progression only",
    "RADIOGRAPHIC_ONLY": "progression on scans only",
    "PLASMA_ONLY": "in plasma only",
    "TISSUE_ONLY": "in tissue only",
    "NONE_CALLED": "none called",
    "UNKNOWN": "not known",
    "bor": "best response",
    "CONFIRMED_BOR": "confirmed BOR",
    "CBR_24W": "longer CBR",
    "CBR_24W_PFS": "longer CBR by PFS",
}
NAMES = {"her2": "HER2", "ctdna": "ctDNA", "ada": "ADA", "pfs": "PFS", "os": "OS", "ish": "ISH", "ihc": "IHC",
         "vaf": "VAF", "erbb2": "ERBB2", "icc": "ICC", "lod": "LoD", "bor": "BOR",
         "cr": "CR", "pr": "PR", "sd": "SD", "pd": "PD"}  # fmt: skip
CODE = re.compile(
    r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Za-z0-9]+\+?)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b"
    r"|(?:NULL|ULTRALOW|INDETERMINATE|POSITIVE|NEGATIVE|UNKNOWN)\b)"
)


def in_words(code: str) -> str:
    """What a code means, such as not cleared for NOT_CLEARED; RECIST and endpoint names stay as they are."""
    if code in SPELT:
        return SPELT[code]
    if not re.fullmatch(r"[A-Z][A-Z0-9 _+-]+|[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*", code):
        return code
    parts = re.split("[_ ]", code.lower() if code.isupper() else code)
    return " ".join(NAMES.get(part, part) for part in parts).replace("h score", "H-score")


def text_in_words(text: str) -> str:
    """A text of the workflow's own with each code in it spelt out; parts joined by ; get a space."""
    return CODE.sub(lambda found: in_words(found.group(0)), re.sub(r";(?=\S)", "; ", text))
