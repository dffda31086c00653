"""Where the fragments of a small-assay library lie on the reference."""

from dataclasses import dataclass

import numpy as np

from clearher.simulate.panel import TARGET_LENGTH, Site, panel

SHORTEST, LONGEST = 150, 170
REACH = 140
OVERHANG = 20
SPAN = TARGET_LENGTH + REACH - OVERHANG
COVERING_SHARE = 160 / SPAN


@dataclass(frozen=True)
class Layout:
    """Fragments of one library: index of the target, 0-based start and length on the reference."""

    target: np.ndarray
    start: np.ndarray
    length: np.ndarray

    def covering(self, site: Site) -> np.ndarray:
        """Indices of the fragments that span the first base of a site."""
        first, last = np.searchsorted(self.target, [site.target, site.target + 1])
        begin = self.start[first:last]
        position = site.pos - 1
        return first + np.flatnonzero((begin <= position) & (position < begin + self.length[first:last]))


def layout(depth: float, random: np.random.Generator) -> Layout:
    """Fragments of about this depth over the core targets, in order of target."""
    regions = panel().regions
    core = [index for index, region in enumerate(regions) if region[4]]
    counts = random.poisson(depth / COVERING_SHARE, len(core))
    target = np.repeat(core, counts)
    first = np.array([region[1] for region in regions])[target] - REACH
    length = np.clip(np.rint(random.normal(161, 4, len(target))), SHORTEST, LONGEST).astype(np.int64)
    return Layout(target, first + random.integers(0, SPAN, len(target)), length)
