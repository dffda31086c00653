"""The samples that a MAF names: a table of several samples has no row of one without a call."""

from functools import lru_cache

from clearher.intake.vcf_text import read_text
from clearher.problems import Problem

BARCODE = "Tumor_Sample_Barcode"
REMEDY = (
    "Correct the file, or vcf_sample in the sample sheet. A MAF does not list a sample without calls: give"
    " it a MAF of its own that has the header alone, and leave vcf_sample empty."
)


def sample_problem(path: str, barcodes: tuple[str, ...], vcf_sample: str, sample_id: str) -> Problem | None:
    """An error where none of a MAF's samples is the one asked for.

    Parameters
    ----------
    path : str
        The file.
    barcodes : tuple of str
        Its distinct values of ``Tumor_Sample_Barcode``.
    vcf_sample, sample_id : str
        Name stated in the sample sheet, empty where none is, and the sample's id. A table of at most one
        sample needs no name.
    """
    name = vcf_sample or sample_id
    if name in barcodes or (len(barcodes) <= 1 and not vcf_sample):
        return None
    return Problem(
        check="maf_sample_absent",
        file=path,
        column="vcf_sample",
        sample_id=sample_id,
        found=f"no {BARCODE} {name!r}",
        expected=f"one of {', '.join(barcodes[:10])}" if barcodes else "a row of the sample",
        remedy=REMEDY,
    )


@lru_cache(maxsize=4)
def barcodes_of(path: str) -> tuple[str, ...] | None:
    """Distinct sample names of a MAF, sorted; None where it has no such column."""
    lines = [line for line in read_text(path).split("\n") if line.strip() and not line.startswith("#")]
    names = lines[0].split("\t") if lines else []
    if BARCODE not in names:
        return None
    place = names.index(BARCODE)
    cells = (line.split("\t") for line in lines[1:])
    return tuple(sorted({fields[place] for fields in cells if len(fields) > place}))
