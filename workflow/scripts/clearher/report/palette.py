"""Colours by meaning and the words that stand for codes, the same in every figure and on the page."""

# Okabe and Ito's colours, told apart with every common form of colour blindness.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, GREY = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#8A8A8A",
)

RESPONSES = ("CR", "PR", "CR/PR", "SD", "NON-CR/NON-PD", "SD/PD", "PD", "NE")
RESPONSE_COLOURS = {
    "CR": BLUE,
    "PR": SKY,
    "CR/PR": SKY,
    "SD": "#BDBDBD",
    "NON-CR/NON-PD": YELLOW,
    "SD/PD": ORANGE,
    "PD": VERMILION,
    "NE": "#FFFFFF",
    "": "#FFFFFF",
}

HER2_LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+", "POSITIVE", "ZERO_UNSPECIFIED", "INDETERMINATE")
HER2_NAMES = {
    "NULL": "null",
    "ULTRALOW": "ultralow",
    "LOW_1+": "low 1+",
    "LOW_2+": "low 2+",
    "POSITIVE": "positive",
    "ZERO_UNSPECIFIED": "zero unspecified",
    "INDETERMINATE": "indeterminate",
    "": "not known",
}
HER2_COLOURS = {
    "NULL": "#DADAEB",
    "ULTRALOW": "#BCBDDC",
    "LOW_1+": "#807DBA",
    "LOW_2+": "#54278F",
    "POSITIVE": VERMILION,
    "ZERO_UNSPECIFIED": YELLOW,
    "INDETERMINATE": GREY,
    "": "#FFFFFF",
}

CTDNA_STATES = ("DETECTED", "NOT_DETECTED_ADEQUATE", "NOT_DETECTED_INSUFFICIENT", "NOT_EVALUABLE")
CTDNA_NAMES = {
    "DETECTED": "ctDNA detected",
    "NOT_DETECTED_ADEQUATE": "not detected, limit adequate",
    "NOT_DETECTED_INSUFFICIENT": "not detected, limit insufficient",
    "NOT_EVALUABLE": "not evaluable",
}
CTDNA_COLOURS = {
    "DETECTED": VERMILION,
    "NOT_DETECTED_ADEQUATE": GREEN,
    "NOT_DETECTED_INSUFFICIENT": YELLOW,
    "NOT_EVALUABLE": "#FFFFFF",
}
CTDNA_MARKERS = {
    "DETECTED": "o",
    "NOT_DETECTED_ADEQUATE": "v",
    "NOT_DETECTED_INSUFFICIENT": "v",
    "NOT_EVALUABLE": "x",
}
CLEARANCE_NAMES = {
    "CLEARED": "cleared",
    "NOT_CLEARED": "not cleared",
    "NOT_EVALUABLE": "not evaluable",
    "BASELINE_NOT_DETECTED": "not detected at baseline",
    "": "no result",
}
CLEARANCE_COLOURS = {
    "CLEARED": GREEN,
    "NOT_CLEARED": VERMILION,
    "NOT_EVALUABLE": "#D9D9D9",
    "BASELINE_NOT_DETECTED": YELLOW,
    "": "#FFFFFF",
}
CLEARANCE_LINE_COLOURS = {
    **CLEARANCE_COLOURS,
    "NOT_EVALUABLE": GREY,
    "BASELINE_NOT_DETECTED": ORANGE,
    "": BLACK,
}
LANDMARK_COLOURS = {
    "cleared": GREEN,
    "decrease": GREEN,
    "molecular response": GREEN,
    "not cleared": VERMILION,
    "no decrease": VERMILION,
    "no molecular response": VERMILION,
    "baseline not detected": ORANGE,
}
LANDMARK_NAMES = {"baseline not detected": CLEARANCE_NAMES["BASELINE_NOT_DETECTED"]}
GROUP_COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)
