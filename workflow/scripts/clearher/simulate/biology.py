"""What is true of a subject: HER2 level, response, tumour DNA over time, and the variants in the blood."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from clearher.simulate.design import (
    BLOCK,
    ENROLMENT_SPAN_DAYS,
    FIRST_ENROLMENT,
    slot,
    stream,
    subject_id,
)
from clearher.simulate.panel import Site, sites_of
from clearher.simulate.trouble import has, troubles_of

HER2_LEVELS = ("NULL", "ULTRALOW", "LOW_1+", "LOW_2+")
HER2_SHARES = (0.17, 0.24, 0.33, 0.26)
CLASSES = ("CR", "PR", "SD", "PD")
CLASS_GIVEN_HER2 = np.array(
    [(0.00, 0.12, 0.43, 0.45), (0.02, 0.28, 0.42, 0.28), (0.04, 0.40, 0.38, 0.18), (0.08, 0.54, 0.27, 0.11)]
)
CLEARS = {"CR": 1.0, "PR": 0.8, "SD": 0.2, "PD": 0.0}
PROGRESSION_DAYS = {"CR": (450, 250), "PR": (170, 290), "SD": (95, 120), "PD": (20, 10)}
FIXED_COURSE = {
    3: ("PR", 300),
    4: ("PR", 260),
    6: ("PR", 300),
    7: ("SD", 170),
    9: ("PR", 230),
    10: ("PR", 300),
    11: ("PR", 280),
    13: ("PR", 320),
    14: ("SD", 130),
    16: ("PR", 290),
    17: ("SD", 245),
    18: ("SD", 230),
    20: ("PR", 340),
    21: ("SD", 150),
    24: ("PR", 310),
    27: ("PR", 330),
    28: ("SD", 250),
    30: ("SD", 240),
    31: ("SD", 260),
    32: ("PD", 20),
}
FIXED_HER2 = {23: "LOW_1+", 26: "LOW_2+"}
LOWEST_FRACTION = 3e-4
HIGHEST_FRACTION = 0.7
LATE_DETECTION_DAY = 80
LATE_FRACTION = 0.06


@dataclass(frozen=True)
class Course:
    """Parameters of a subject's tumour over time.

    Attributes
    ----------
    response_class : str
        What the drug does: CR, PR, SD or PD.
    baseline_fraction : float
        Tumour fraction of the plasma DNA before treatment.
    decay_days, floor : float
        The fraction falls as ``floor + (1 - floor) exp(-day / decay_days)`` of the baseline.
    clear_day : int or None
        From this day on the fraction is exactly 0 until it rises again; None: never.
    progression_day : int
        Day of true progression.
    rise_days, rise_level : float
        Before progression the fraction rises with this time constant to this multiple of the baseline.
    appears_late : bool
        No tumour DNA before day 80, then 6 %.
    """

    response_class: str
    baseline_fraction: float
    decay_days: float
    floor: float
    clear_day: int | None
    progression_day: int
    rise_days: float
    rise_level: float
    appears_late: bool


@dataclass(frozen=True)
class Carried:
    """A variant of a subject.

    ``scale`` is the VAF per tumour fraction for origin tumour, the VAF itself for ch and germline.
    ``first_day`` is the study day from which a tumour variant exists; None: from the beginning.
    """

    site: Site
    origin: str
    scale: float
    first_day: int | None = None


@dataclass(frozen=True)
class Subject:
    """One simulated subject."""

    number: int
    subject_id: str
    first_dose: date
    her2_level: str
    course: Course
    carried: tuple[Carried, ...]
    dialect: str
    small_assay: bool
    has_white_cells: bool
    age: int
    sex: str
    hormone_receptor: str
    ecog: int
    visceral: bool
    prior_lines: int

    def has(self, kind: str) -> bool:
        """Whether this kind of trouble is planted on the subject."""
        return has(self.number, kind)


def subject(seed: int, number: int) -> Subject:
    """The subject with this number, counted from 1; depends on nothing but seed and number."""
    random = stream(seed, number, "biology")
    level, course = _course(number, random)
    white_cells = not has(number, "no_white_cells") and (
        bool(troubles_of(number)) or small_assay(number) or random.random() < 0.85
    )
    return Subject(
        number=number,
        subject_id=subject_id(number),
        first_dose=FIRST_ENROLMENT + timedelta(days=int(random.integers(0, ENROLMENT_SPAN_DAYS))),
        her2_level=level,
        course=course,
        carried=_carried(number, course, white_cells, random),
        dialect="VarDict" if small_assay(number) or has(number, "calls_only") else "Mutect2",
        small_assay=small_assay(number),
        has_white_cells=white_cells,
        age=int(np.clip(random.normal(54, 10), 27, 79)),
        sex="M" if slot(number) == BLOCK else "F",
        hormone_receptor="POSITIVE" if random.random() < 0.75 else "NEGATIVE",
        ecog=int(random.random() < 0.6),
        visceral=bool(random.random() < 0.65),
        prior_lines=int(random.integers(1, 6)),
    )


def small_assay(number: int) -> bool:
    """Whether the subject's samples go through the small assay, whose reads can be delivered."""
    return number % 7 == 1


def tumour_fraction(course: Course, days: np.ndarray) -> np.ndarray:
    """Tumour fraction of plasma DNA on study days; negative days are before treatment.

    Fractions below 0.0003 are exactly 0: there is no tumour DNA that no assay could ever see.
    """
    days = np.asarray(days, dtype=float)
    if course.appears_late:
        rising = LATE_FRACTION * (1 - np.exp(-(days - LATE_DETECTION_DAY + 20) / 40))
        return np.where(days >= LATE_DETECTION_DAY, rising, 0.0)
    treated = np.maximum(days - 1, 0)
    relative = course.floor + (1 - course.floor) * np.exp(-treated / course.decay_days)
    if course.clear_day is not None:
        relative = np.where(days >= course.clear_day, 0.0, relative)
    before = course.progression_day - days
    rise = course.rise_level * np.exp(-np.maximum(before, -30) / course.rise_days)
    relative = np.maximum(relative, np.where(before < 3 * course.rise_days, rise, 0.0))
    fraction = np.minimum(course.baseline_fraction * relative, HIGHEST_FRACTION)
    return np.where(fraction < LOWEST_FRACTION, 0.0, fraction)


def _course(number: int, random: np.random.Generator) -> tuple[str, Course]:
    response, level = _response_and_level(number, random)
    first, spread = PROGRESSION_DAYS[response]
    progression = int(first + random.exponential(spread))
    if slot(number) in FIXED_COURSE:
        progression = FIXED_COURSE[slot(number)][1]
    lingering = has(number, "late_new_variant") or has(number, "erbb2_emerging")
    clears = random.random() < CLEARS[response] and not lingering
    clear_day = int(random.integers(16, 60)) if clears else None
    if has(number, "low_input"):
        clear_day = 30
    floor = {"CR": 0.01, "PR": 0.03, "SD": 0.25, "PD": 0.9}[response] * random.uniform(0.7, 1.4)
    course = Course(
        response_class=response,
        baseline_fraction=_baseline_fraction(number, lingering, random),
        decay_days=float(random.uniform(8, 20)),
        floor=0.2 if lingering else min(float(floor), 1.0),
        clear_day=clear_day,
        progression_day=progression,
        rise_days=float(random.uniform(10, 18)),
        rise_level=float(random.uniform(0.5, 1.3)),
        appears_late=has(number, "newly_detected"),
    )
    return level, course


def _response_and_level(number: int, random: np.random.Generator) -> tuple[str, str]:
    """Response class and HER2 level from their joint distribution, one of them fixed for planted courses."""
    joint = np.array(HER2_SHARES)[:, None] * CLASS_GIVEN_HER2
    if slot(number) in FIXED_HER2:
        joint[[level != FIXED_HER2[slot(number)] for level in HER2_LEVELS]] = 0
    if slot(number) in FIXED_COURSE:
        joint[:, [name != FIXED_COURSE[slot(number)][0] for name in CLASSES]] = 0
    drawn = int(random.choice(joint.size, p=(joint / joint.sum()).ravel()))
    return CLASSES[drawn % len(CLASSES)], HER2_LEVELS[drawn // len(CLASSES)]


def _baseline_fraction(number: int, lingering: bool, random: np.random.Generator) -> float:
    fraction = float(np.clip(np.exp(random.normal(np.log(0.08), 0.9)), 0.01, 0.6))
    sheds_nothing = random.random() < 0.08 and not troubles_of(number) and not small_assay(number)
    if sheds_nothing or has(number, "baseline_not_detected") or has(number, "newly_detected"):
        return 0.0
    if lingering or small_assay(number) or has(number, "low_input"):
        return max(fraction, 0.1)
    if has(number, "swapped_sample") or has(number, "no_white_cells"):
        return max(fraction, 0.06)
    return fraction


def _carried(
    number: int, course: Course, white_cells: bool, random: np.random.Generator
) -> tuple[Carried, ...]:
    small = small_assay(number)
    carried = _tumour_variants(small, random)
    used = {variant.site.index for variant in carried}
    carried += _resistance(number, course, random)
    carried += _blood_variants(number, small, white_cells, used, random)
    carried += _polymorphisms(small, random)
    return tuple(sorted(carried, key=lambda variant: variant.site.index))


def _tumour_variants(small: bool, random: np.random.Generator) -> list[Carried]:
    drivers = _available(("driver",), small)
    passengers = _available(("passenger",), small)
    total = 3 + int(random.binomial(6, 0.5))
    n_drivers = min(2 + int(random.integers(0, 3)), total)
    chosen = [drivers[i] for i in random.permutation(len(drivers))[:n_drivers]]
    chosen += [passengers[i] for i in random.permutation(len(passengers))[: total - n_drivers]]
    chosen = _one_indel_a_target(chosen)
    carried = []
    for order, site in enumerate(chosen):
        if site.gene in ("TP53", "PTEN", "RB1", "CDH1"):
            scale = random.uniform(0.55, 0.85)
        elif order == 0 or random.random() < 0.75:
            scale = random.uniform(0.42, 0.52)
        else:
            scale = random.uniform(0.12, 0.3)
        carried.append(Carried(site, "tumour", float(scale)))
    return carried


def _resistance(number: int, course: Course, random: np.random.Generator) -> list[Carried]:
    """ERBB2 or ESR1 mutation that comes up under treatment: planted, or now and then by itself."""
    by_name = {site.hgvsp: site for site in _available(("resistance",), False)}
    spontaneous = random.random() < 0.15 and course.progression_day > 150
    if has(number, "erbb2_emerging"):
        return [Carried(by_name["p.Leu755Ser"], "tumour", 0.4, 160)]
    if has(number, "late_new_variant"):
        return [Carried(by_name["p.Tyr537Ser"], "tumour", 0.35, 78)]
    if spontaneous and not troubles_of(number) and course.baseline_fraction > 0:
        return [Carried(by_name["p.Tyr537Ser"], "tumour", 0.3, course.progression_day - 30)]
    return []


def _blood_variants(
    number: int, small: bool, white_cells: bool, used: set[int], random: np.random.Generator
) -> list[Carried]:
    """Clonal haematopoiesis and rare germline variants; only where white cells could tell, unless planted."""
    clonal = [site for site in _available(("ch",), small) if site.index not in used]
    rare = _available(("private",), small)
    n_clonal = int(random.choice(3, p=(0.5, 0.35, 0.15)))
    order = random.permutation(len(clonal))
    vafs = np.clip(np.exp(random.normal(np.log(0.025), 0.7, len(clonal))), 0.009, 0.2)
    has_rare = random.random() < 0.12 and bool(rare)
    pick = int(random.integers(0, max(len(rare), 1)))
    if has(number, "no_white_cells"):
        site = next(site for site in clonal if site.gene == "DNMT3A")
        return [Carried(site, "ch", 0.03)]
    if not white_cells:
        return []
    carried = [Carried(clonal[i], "ch", float(vafs[i])) for i in order[:n_clonal]]
    return _without_second_indel(carried) + ([Carried(rare[pick], "germline", 0.5)] if has_rare else [])


def _polymorphisms(small: bool, random: np.random.Generator) -> list[Carried]:
    sites = _available(("snp",), small)
    copies = random.binomial(2, [site.population_af for site in sites])
    return [Carried(s, "germline", int(n) / 2) for s, n in zip(sites, copies, strict=True) if n]


def _available(kinds: tuple[str, ...], small: bool) -> list[Site]:
    return [site for site in sites_of(*kinds) if site.core or not small]


def _one_indel_a_target(sites: list[Site]) -> list[Site]:
    kept: list[Site] = []
    for site in sites:
        if not (site.is_indel and any(k.is_indel and k.target == site.target for k in kept)):
            kept.append(site)
    return kept


def _without_second_indel(carried: list[Carried]) -> list[Carried]:
    kept = {site.index for site in _one_indel_a_target([variant.site for variant in carried])}
    return [variant for variant in carried if variant.site.index in kept]
