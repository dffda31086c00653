"""What the readers of variant files work with and give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clearher.intake.vcf_header import VcfHeader
from clearher.variants.alleles import Reference
from clearher.variants.notes import Notes

COLUMNS = {
    "line": np.int64,
    "chrom": object,
    "pos": np.int64,
    "ref": object,
    "alt": object,
    "variant_class": object,
    "support": object,
    "count_field": object,
    "depth": float,
    "alt_count": float,
    "ref_count": float,
    "caller_vaf": float,
    "ref_forward": float,
    "ref_reverse": float,
    "alt_forward": float,
    "alt_reverse": float,
    "base_quality": float,
    "filter": object,
    "gene": object,
    "transcript": object,
    "consequence": object,
    "hgvsc": object,
    "hgvsp": object,
    "population_af": float,
    "copy_number": float,
    "phase": object,
    "marked_hotspot": bool,
    "remark": object,
}
"""Columns of a part of alleles and their kinds; counts are numbers, NaN where not stated."""


@dataclass(frozen=True)
class ReadOptions:
    """What decides how a file is read.

    Attributes
    ----------
    count_fields : Mapping
        Count source by caller, to override the automatic choice.
    population_fields : tuple of str
        INFO keys that hold population allele frequencies.
    reference : Reference or None
        Sequence for left-normalisation and for the check of REF; None: neither is done.
    """

    count_fields: Mapping[str, str] = field(default_factory=dict)
    population_fields: tuple[str, ...] = ()
    reference: Reference | None = None


@dataclass
class SampleCalls:
    """What one file says about one sample.

    Attributes
    ----------
    caller : str
        Caller that wrote it.
    alleles : list of Mapping
        Parts with the columns :data:`COLUMNS`, one value an alternate allele.
    coverage : list of tuple
        Chromosome, first and last position, depth (None: not stated) where no alternate allele is named.
    notes : Notes
        What is odd.
    header : VcfHeader or None
        None for a MAF.
    """

    caller: str
    alleles: list[Mapping]
    coverage: list[tuple]
    notes: Notes
    header: VcfHeader | None = None

    def frame(self) -> pd.DataFrame:
        """Alleles as a frame, in file order."""
        return joined(self.alleles).sort_values("line", kind="stable", ignore_index=True)


def joined(parts: list[Mapping]) -> pd.DataFrame:
    """Parts of alleles as one frame."""
    columns = {name: [part[name] for part in parts] for name in COLUMNS}
    return pd.DataFrame(
        {
            name: np.concatenate(values) if values else np.array([], COLUMNS[name])
            for name, values in columns.items()
        },
        copy=False,
    )


@dataclass(frozen=True)
class Records:
    """Records of a file: the fixed columns as texts, one value a record, and where each stands."""

    lines: np.ndarray
    chroms: list[str]
    positions: np.ndarray
    refs: list[str]
    alternates: list[str]
    filters: list[str]
    formats: list[str]
    cells: list[str]
    info: Mapping[str, list[str | None]]
