"""What the readers of variant files work with and give back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from clearher.intake.vcf_header import VcfHeader
from clearher.variants.alleles import Reference
from clearher.variants.notes import Notes

COLUMNS = {
    "file": np.int64,
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
"""Columns of a part of alleles and their kinds; counts are numbers, NaN where not stated.

``file`` is the place of the file among those that are read together.
"""


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
        return joined(self.alleles)


def joined(parts: list[Mapping]) -> pd.DataFrame:
    """Parts of alleles as one frame, file by file and line by line."""
    columns = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.array([], kind)
        for name, kind in COLUMNS.items()
    }
    file, line = columns["file"], columns["line"]
    if ((np.diff(file) < 0) | ((np.diff(file) == 0) & (np.diff(line) < 0))).any():
        order = np.lexsort((line, file))
        columns = {name: values[order] for name, values in columns.items()}
    return pd.DataFrame(columns, copy=False)
