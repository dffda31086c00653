"""Annotation as Ensembl VEP writes it: several transcripts a record, the chosen one not first."""

import zlib

from clearher.simulate.catalogue import MANE
from clearher.simulate.design import column_names

CSQ_FIELDS = column_names(
    "Allele Consequence IMPACT SYMBOL Gene Feature_type Feature BIOTYPE EXON INTRON HGVSc HGVSp "
    "cDNA_position CDS_position Protein_position Amino_acids Codons Existing_variation DISTANCE STRAND "
    "FLAGS VARIANT_CLASS SYMBOL_SOURCE HGNC_ID CANONICAL MANE_SELECT gnomADe_AF gnomADe_EAS_AF CLIN_SIG"
)
IMPACTS = {
    "missense_variant": "MODERATE",
    "inframe_insertion": "MODERATE",
    "stop_gained": "HIGH",
    "stop_lost": "HIGH",
    "frameshift_variant": "HIGH",
    "synonymous_variant": "LOW",
    "intron_variant": "MODIFIER",
    "downstream_gene_variant": "MODIFIER",
}
AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODON_BASES = "TCAG"
THREE_LETTERS = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile",
    "K": "Lys", "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser",
    "T": "Thr", "V": "Val", "W": "Trp", "Y": "Tyr", "*": "Ter",
}  # fmt: skip


def translate(codon: str) -> str:
    """Amino acid of a codon by the standard code (NCBI table 1); ``*`` for a stop."""
    first, second, third = (CODON_BASES.index(base) for base in codon)
    return AMINO_ACIDS[16 * first + 4 * second + third]


def coding_effect(region: str, codon: int, offset: int, alt: str) -> tuple[str, str, str]:
    """HGVSc, HGVSp and consequence of a base change in a region read in frame.

    Parameters
    ----------
    region : str
        Bases of the region; its first base opens the codon numbered ``codon``.
    offset : int
        0-based position of the change in the region.
    """
    place, within = divmod(offset, 3)
    before = region[3 * place : 3 * place + 3]
    after = before[:within] + alt + before[within + 1 :]
    old, new = translate(before), translate(after)
    number = codon + place
    hgvsc = f"c.{3 * (number - 1) + within + 1}{before[within]}>{alt}"
    if old == new:
        return hgvsc, f"p.{THREE_LETTERS[old]}{number}=", "synonymous_variant"
    consequence = "stop_gained" if new == "*" else "stop_lost" if old == "*" else "missense_variant"
    return hgvsc, f"p.{THREE_LETTERS[old]}{number}{THREE_LETTERS[new]}", consequence


def csq(gene: str, ref: str, alt: str, effect: tuple[str, str, str], population_af: float | None) -> str:
    """CSQ value of a variant: another transcript of the gene, the MANE one, sometimes a neighbour."""
    hgvsc, hgvsp, consequence = effect
    gene_id, transcript, refseq, protein = MANE[gene]
    shared = {
        "Allele": _vep_allele(ref, alt),
        "SYMBOL": gene,
        "Gene": gene_id,
        "Feature_type": "Transcript",
        "BIOTYPE": "protein_coding",
        "STRAND": "1",
        "VARIANT_CLASS": _variant_class(ref, alt),
        "SYMBOL_SOURCE": "HGNC",
        "gnomADe_AF": "" if population_af is None else f"{population_af:.4g}",
        "gnomADe_EAS_AF": "" if population_af is None else f"{population_af * 0.9:.4g}",
    }
    chosen = {
        "Consequence": consequence,
        "Feature": transcript,
        "EXON": "7/11",
        "HGVSc": f"{transcript}:{hgvsc}",
        "HGVSp": f"{protein}:{hgvsp}".replace("=", "%3D"),
        "CANONICAL": "YES",
        "MANE_SELECT": refseq,
    }
    number = zlib.crc32(f"{gene}{hgvsc}".encode())
    entries = [_entry(shared | _other_transcript(number)), _entry(shared | chosen)]
    if number % 3 == 0:
        entries.append(_entry(shared | _neighbour(number)))
    return ",".join(entries)


def _other_transcript(number: int) -> dict[str, str]:
    name = f"ENST00000{800000 + number % 99999}.1"
    return {"Consequence": "intron_variant", "Feature": name, "INTRON": "2/4", "FLAGS": "cds_start_NF"}


def _neighbour(number: int) -> dict[str, str]:
    return {
        "Consequence": "downstream_gene_variant",
        "SYMBOL": f"LINC0{number % 9999:04d}",
        "Gene": f"ENSG00000{200000 + number % 99999}",
        "Feature": f"ENST00000{500000 + number % 99999}.2",
        "BIOTYPE": "lncRNA",
        "DISTANCE": str(number % 4999 + 1),
        "CANONICAL": "YES",
    }


def _entry(values: dict[str, str]) -> str:
    filled = values | {"IMPACT": IMPACTS[values["Consequence"]]}
    return "|".join(filled.get(field, "") for field in CSQ_FIELDS)


def _vep_allele(ref: str, alt: str) -> str:
    if len(ref) == len(alt):
        return alt
    return alt[1:] or "-"


def _variant_class(ref: str, alt: str) -> str:
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "substitution"
    return "insertion" if len(alt) > len(ref) else "deletion"
