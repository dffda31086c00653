"""Small variant files for tests, written as text."""

import pandas as pd

META = (
    "##fileformat=VCFv4.2",
    "##contig=<ID=chr17,length=83257441>",
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|IMPACT|SYMBOL|Feature|'
    'HGVSp|CANONICAL|MANE_SELECT|gnomADe_AF">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=SB,Number=4,Type=Integer,Description="Strands">',
)
FIXED = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"


def vcf_text(records, *, meta=META, samples=("T",)):
    """Text of a VCF; a record is (pos, ref, alt, filter, info, format, cell ...)."""
    lines = [*meta, "\t".join([FIXED, *samples])]
    for pos, ref, alt, status, info, layout, *cells in records:
        lines.append("\t".join(["chr17", str(pos), ".", ref, alt, ".", status, info, layout, *cells]))
    return "\n".join(lines) + "\n"


def write_vcf(path, records, **options):
    path.write_text(vcf_text(records, **options), encoding="utf-8")
    return str(path)


def allele(
    pos, ref, alt, depth, reads, *, gene="PIK3CA", status="PASS", frequency="", protein="", strands=None
):
    """A record with counts and one transcript; strands are shared out evenly unless given."""
    info = f"CSQ={alt}|missense_variant|MODERATE|{gene}|ENST1|ENSP1:{protein}|YES|NM_1|{frequency}"
    forward, reverse = strands or (reads - reads // 2, reads // 2)
    rest = depth - reads
    cell = f"{rest},{reads}:{depth}:{rest - rest // 2},{rest // 2},{forward},{reverse}"
    return (pos, ref, alt, status, info, "AD:DP:SB", cell)


def sample_rows(*rows):
    """Rows of the sample table: (subject, sample, specimen, path)."""
    frame = pd.DataFrame(rows, columns=["subject_id", "sample_id", "specimen", "vcf"])
    frame = frame.assign(visit="C1D1", study_day=1, vcf_sample="", assay="")
    return frame.astype({"study_day": "Int64"})
