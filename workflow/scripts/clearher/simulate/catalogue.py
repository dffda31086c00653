"""Genes, target regions and known variants of the simulated panel.

Transcript accessions are the MANE Select pairs of GRCh38; coding names of known variants are the usual
ones. Positions are those of the small generated reference, see :mod:`clearher.simulate.panel`.
"""

from typing import NamedTuple


class Target(NamedTuple):
    """A target region: part of one coding exon.

    ``codon`` is the number of the codon its first base opens. ``core`` targets are also covered by the
    smaller assay of the subjects with read files.
    """

    name: str
    gene: str
    chrom: str
    codon: int
    core: bool


class Known(NamedTuple):
    """A known variant: kind is driver, resistance, ch, or private (germline without population data)."""

    target: str
    kind: str
    ref: str
    alt: str
    hgvsc: str
    hgvsp: str
    consequence: str
    hotspot: bool = False


MANE = {
    "AKT1": ("ENSG00000142208", "ENST00000649815.2", "NM_001382430.1", "ENSP00000497822.1"),
    "ASXL1": ("ENSG00000171456", "ENST00000375687.10", "NM_015338.6", "ENSP00000364839.4"),
    "ATM": ("ENSG00000149311", "ENST00000675843.1", "NM_000051.4", "ENSP00000501606.1"),
    "BRCA2": ("ENSG00000139618", "ENST00000380152.8", "NM_000059.4", "ENSP00000369497.3"),
    "CDH1": ("ENSG00000039068", "ENST00000261769.10", "NM_004360.5", "ENSP00000261769.4"),
    "CHEK2": ("ENSG00000183765", "ENST00000404276.6", "NM_007194.4", "ENSP00000385747.1"),
    "DNMT3A": ("ENSG00000119772", "ENST00000321117.10", "NM_022552.5", "ENSP00000324375.5"),
    "ERBB2": ("ENSG00000141736", "ENST00000269571.10", "NM_004448.4", "ENSP00000269571.4"),
    "ESR1": ("ENSG00000091831", "ENST00000206249.8", "NM_000125.4", "ENSP00000206249.3"),
    "FGFR1": ("ENSG00000077782", "ENST00000447712.7", "NM_023110.3", "ENSP00000400162.2"),
    "GATA3": ("ENSG00000107485", "ENST00000379328.9", "NM_001002295.2", "ENSP00000368632.3"),
    "KMT2C": ("ENSG00000055609", "ENST00000262189.11", "NM_170606.3", "ENSP00000262189.6"),
    "MAP3K1": ("ENSG00000095015", "ENST00000399503.4", "NM_005921.2", "ENSP00000382423.3"),
    "NF1": ("ENSG00000196712", "ENST00000358273.9", "NM_001042492.3", "ENSP00000351015.4"),
    "PIK3CA": ("ENSG00000121879", "ENST00000263967.4", "NM_006218.4", "ENSP00000263967.3"),
    "PPM1D": ("ENSG00000170836", "ENST00000305921.8", "NM_003620.4", "ENSP00000306682.2"),
    "PTEN": ("ENSG00000171862", "ENST00000371953.8", "NM_000314.8", "ENSP00000361021.3"),
    "RB1": ("ENSG00000139687", "ENST00000267163.6", "NM_000321.3", "ENSP00000267163.4"),
    "TET2": ("ENSG00000168769", "ENST00000380013.9", "NM_001127208.3", "ENSP00000369351.4"),
    "TP53": ("ENSG00000141510", "ENST00000269305.9", "NM_000546.6", "ENSP00000269305.4"),
}

TARGETS = (
    Target("DNMT3A_23", "DNMT3A", "chr2", 865, True),
    Target("PIK3CA_10", "PIK3CA", "chr3", 530, True),
    Target("PIK3CA_21", "PIK3CA", "chr3", 1030, True),
    Target("TET2_11", "TET2", "chr4", 1500, True),
    Target("MAP3K1_14", "MAP3K1", "chr5", 1100, False),
    Target("ESR1_8", "ESR1", "chr6", 520, True),
    Target("KMT2C_14", "KMT2C", "chr7", 370, False),
    Target("FGFR1_12", "FGFR1", "chr8", 530, False),
    Target("GATA3_6", "GATA3", "chr10", 395, True),
    Target("PTEN_5", "PTEN", "chr10", 120, True),
    Target("ATM_63", "ATM", "chr11", 3000, False),
    Target("BRCA2_11", "BRCA2", "chr13", 1970, False),
    Target("RB1_14", "RB1", "chr13", 440, True),
    Target("AKT1_3", "AKT1", "chr14", 10, True),
    Target("CDH1_3", "CDH1", "chr16", 115, True),
    Target("TP53_7", "TP53", "chr17", 240, True),
    Target("NF1_30", "NF1", "chr17", 1350, False),
    Target("ERBB2_19", "ERBB2", "chr17", 750, True),
    Target("PPM1D_6", "PPM1D", "chr17", 540, False),
    Target("ASXL1_13", "ASXL1", "chr20", 635, False),
    Target("CHEK2_4", "CHEK2", "chr22", 150, False),
)

MISSENSE, STOP, FRAMESHIFT = "missense_variant", "stop_gained", "frameshift_variant"

KNOWN = (
    Known("PIK3CA_10", "driver", "G", "A", "c.1624G>A", "p.Glu542Lys", MISSENSE, True),
    Known("PIK3CA_10", "driver", "G", "A", "c.1633G>A", "p.Glu545Lys", MISSENSE, True),
    Known("PIK3CA_10", "driver", "C", "A", "c.1636C>A", "p.Gln546Lys", MISSENSE, True),
    Known("PIK3CA_21", "driver", "A", "G", "c.3140A>G", "p.His1047Arg", MISSENSE, True),
    Known("PIK3CA_21", "driver", "G", "C", "c.3145G>C", "p.Gly1049Arg", MISSENSE, True),
    Known("TP53_7", "driver", "G", "A", "c.743G>A", "p.Arg248Gln", MISSENSE, True),
    Known("TP53_7", "driver", "CG", "TT", "c.742_743delinsTT", "p.Arg248Leu", MISSENSE),
    Known("TP53_7", "driver", "G", "A", "c.818G>A", "p.Arg273His", MISSENSE, True),
    Known("TP53_7", "driver", "C", "T", "c.637C>T", "p.Arg213Ter", STOP, True),
    Known("TP53_7", "ch", "A", "G", "c.659A>G", "p.Tyr220Cys", MISSENSE, True),
    Known("ESR1_8", "driver", "G", "C", "c.1138G>C", "p.Glu380Gln", MISSENSE, True),
    Known("ESR1_8", "resistance", "A", "C", "c.1610A>C", "p.Tyr537Ser", MISSENSE, True),
    Known("ESR1_8", "driver", "A", "G", "c.1613A>G", "p.Asp538Gly", MISSENSE, True),
    Known("ERBB2_19", "driver", "G", "T", "c.2329G>T", "p.Val777Leu", MISSENSE, True),
    Known(
        "ERBB2_19",
        "driver",
        "A",
        "AGCATACGTGATG",
        "c.2313_2324dup",
        "p.Tyr772_Ala775dup",
        "inframe_insertion",
    ),
    Known("ERBB2_19", "resistance", "T", "C", "c.2264T>C", "p.Leu755Ser", MISSENSE, True),
    Known("ERBB2_19", "resistance", "C", "T", "c.2393C>T", "p.Thr798Ile", MISSENSE),
    Known("PTEN_5", "driver", "G", "A", "c.389G>A", "p.Arg130Gln", MISSENSE, True),
    Known("PTEN_5", "driver", "CA", "C", "c.800del", "p.Lys267ArgfsTer9", FRAMESHIFT),
    Known("AKT1_3", "driver", "G", "A", "c.49G>A", "p.Glu17Lys", MISSENSE, True),
    Known("CDH1_3", "driver", "C", "T", "c.367C>T", "p.Arg123Ter", STOP),
    Known("CDH1_3", "driver", "G", "GC", "c.377dup", "p.Pro127AlafsTer41", FRAMESHIFT),
    Known("GATA3_6", "driver", "GCA", "G", "c.1224_1225del", "p.Met409AlafsTer99", FRAMESHIFT),
    Known("GATA3_6", "driver", "T", "TG", "c.1305dup", "p.Ser436ValfsTer71", FRAMESHIFT),
    Known("RB1_14", "driver", "C", "T", "c.1333C>T", "p.Arg445Ter", STOP),
    Known("MAP3K1_14", "driver", "TA", "T", "c.3422del", "p.Asn1141IlefsTer5", FRAMESHIFT),
    Known("KMT2C_14", "driver", "C", "T", "c.1139C>T", "p.Arg380Leu", MISSENSE),
    Known("NF1_30", "driver", "C", "T", "c.4084C>T", "p.Arg1362Ter", STOP, True),
    Known("FGFR1_12", "driver", "C", "A", "c.1638C>A", "p.Asn546Lys", MISSENSE, True),
    Known("DNMT3A_23", "ch", "G", "A", "c.2645G>A", "p.Arg882His", MISSENSE, True),
    Known("DNMT3A_23", "ch", "C", "T", "c.2644C>T", "p.Arg882Cys", MISSENSE, True),
    Known("TET2_11", "ch", "C", "T", "c.4546C>T", "p.Arg1516Ter", STOP),
    Known("TET2_11", "ch", "AC", "A", "c.4600del", "p.Gln1534ArgfsTer9", FRAMESHIFT),
    Known("ASXL1_13", "ch", "A", "AG", "c.1934dup", "p.Gly646TrpfsTer12", FRAMESHIFT),
    Known("PPM1D_6", "ch", "C", "T", "c.1654C>T", "p.Arg552Ter", STOP),
    Known("CHEK2_4", "private", "T", "C", "c.470T>C", "p.Ile157Thr", MISSENSE),
    Known("BRCA2_11", "private", "GT", "G", "c.5946del", "p.Ser1982ArgfsTer22", FRAMESHIFT),
    Known("ATM_63", "ch", "C", "T", "c.9022C>T", "p.Arg3008Cys", MISSENSE),
)
