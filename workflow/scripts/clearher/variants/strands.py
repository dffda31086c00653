"""Strand counts of alleles from the fields of their caller, for a block of records at once."""

from collections.abc import Callable

import numpy as np

from clearher.variants.blocks import Block
from clearher.variants.texts import count_matrix

StrandSource = Callable[[Block], np.ndarray]
"""Records x alternate alleles x 4: ref forward, ref reverse, alt forward, alt reverse; NaN not stated."""


def ref_then_alt(key: str) -> StrandSource:
    """Four numbers, reference then alternate by strand (SB of Mutect2 and DRAGEN, DP4 of VarScan).

    They add up all alternate alleles, so they say nothing about one of several.
    """

    def read(block: Block) -> np.ndarray:
        return _single(block, block.counts(key, 4))

    return read


def info_strands(block: Block) -> np.ndarray:
    """LoFreq: DP4 in INFO, in the same order."""
    return _single(block, block.info_counts("DP4", 4))


def vardict(block: Block) -> np.ndarray:
    """VarDict: RD and ALD, each forward and reverse."""
    return _single(block, np.hstack([block.counts("RD", 2), block.counts("ALD", 2)]))


def umivar(block: Block) -> np.ndarray:
    """UmiVar: alternate forward-reverse, then reference forward-reverse, joined by hyphens."""
    return _single(block, count_matrix(block.texts("Strand"), 4, "-")[:, [2, 3, 0, 1]])


def forward_reverse_depths(block: Block) -> np.ndarray:
    """ADF and ADR with one number an allele, or VarScan's alternate alone beside RDF and RDR."""
    forward, reverse = (block.counts(key, block.n_alts + 1) for key in ("ADF", "ADR"))
    result = unknown(block)
    result[:, :, 0], result[:, :, 1] = forward[:, :1], reverse[:, :1]
    result[:, :, 2], result[:, :, 3] = forward[:, 1:], reverse[:, 1:]
    if block.n_alts == 1:
        alone = np.hstack([block.counts(key, 1) for key in ("RDF", "RDR", "ADF", "ADR")])
        use = np.isnan(result[:, 0]).all(axis=1)
        result[use, 0] = alone[use]
    return result


def info_observations(block: Block) -> np.ndarray:
    """FreeBayes: SRF, SRR, SAF and SAR in INFO, which add up all samples of the file."""
    result = unknown(block)
    if block.n_samples == 1:
        result[:, :, 0], result[:, :, 1] = block.info_counts("SRF", 1), block.info_counts("SRR", 1)
        result[:, :, 2] = block.info_counts("SAF", block.n_alts)
        result[:, :, 3] = block.info_counts("SAR", block.n_alts)
    return result


def unknown(block: Block) -> np.ndarray:
    """No strand counts."""
    return np.full((len(block), block.n_alts, 4), np.nan)


def _single(block: Block, values: np.ndarray) -> np.ndarray:
    return values[:, None, :] if block.n_alts == 1 else unknown(block)
