"""Write a simulated study: configuration, sample sheet, HER2 table, SDTM, variants, reads and truth."""

import csv
import math
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import yaml

from clearher.simulate import heart, her2, safety, sdtm, truth
from clearher.simulate.bam import ERROR_RATES, write_bam
from clearher.simulate.biology import Subject, small_assay
from clearher.simulate.biology import subject as simulated_subject
from clearher.simulate.clinic import Timeline, timeline
from clearher.simulate.design import (
    BACKGROUND_ERROR,
    BLOCK,
    CUT_DATE,
    GENOME_BUILD,
    STUDY_ID,
    Study,
    calendar_date,
    column_names,
    plasma_visits,
)
from clearher.simulate.panel import panel
from clearher.simulate.sequencing import Sequenced, sequence
from clearher.simulate.tubes import Tube
from clearher.simulate.vcf import write_vcf

SAMPLE_COLUMNS = column_names(
    "subject_id sample_id visit collection_date specimen vcf bam vcf_sample assay genome_build plasma_ml "
    "cfdna_ng qc_status qc_reason"
)
COVARIATE_COLUMNS = column_names("subject_id hormone_receptor ecog visceral prior_lines")
EVIDENCE_FILTERS = ("weak_evidence", "v3")
FASTA_LINE = 60
TABLES = {
    "samples.tsv": SAMPLE_COLUMNS,
    "her2.tsv": her2.COLUMNS,
    "covariates.tsv": COVARIATE_COLUMNS,
    "truth/samples.tsv": truth.SAMPLE_COLUMNS,
    "truth/variants.tsv": truth.VARIANT_COLUMNS,
    "truth/subjects.tsv": truth.SUBJECT_COLUMNS,
    "truth/trouble.tsv": truth.TROUBLE_COLUMNS,
    "sdtm/ae.csv": safety.AE_COLUMNS,
    "sdtm/cv.csv": heart.CV_COLUMNS,
    "sdtm/is.csv": safety.IS_COLUMNS,
    "sdtm/lb.csv": safety.LB_COLUMNS,
    **{f"sdtm/{name}.csv": columns for name, columns in sdtm.COLUMNS.items()},
}


class Tables:
    """The study's text tables, open for rows; TSV or CSV by suffix."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._writers = {}
        for name, columns in TABLES.items():
            file = stack.enter_context((folder / name).open("w", encoding="utf-8", newline=""))
            delimiter = "," if name.endswith(".csv") else "\t"
            self._writers[name] = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            self._writers[name].writerow(columns)

    def add(self, name: str, rows: Iterable[tuple]) -> None:
        """Append rows to a table."""
        self._writers[name].writerows(rows)


def read_file_subjects(study: Study) -> frozenset[int]:
    """Numbers of the subjects whose reads are delivered: the first ones of the small assay.

    Raises
    ------
    ValueError
        More were asked for than the study has subjects on that assay.
    """
    eligible = [number for number in range(1, study.subjects + 1) if small_assay(number)]
    if study.bam_subjects > len(eligible):
        raise ValueError(
            f"{study.bam_subjects} subjects with read files asked for, "
            f"but only {len(eligible)} of {study.subjects} subjects are on the assay that has them"
        )
    return frozenset(eligible[: study.bam_subjects])


def write_study(study: Study, folder: Path) -> None:
    """Write all files of a study into a folder; the same study gives the same bytes.

    Raises
    ------
    ValueError
        See :func:`read_file_subjects`.
    """
    with_reads = read_file_subjects(study)
    for name in ("", "sdtm", "vcf", "bam", "reference", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write_config(folder / "config.yaml")
    _write_panel(folder)
    with ExitStack() as stack:
        tables = Tables(folder, stack)
        for number in range(1, study.subjects + 1):
            _write_subject(study, number, number in with_reads, tables, folder)
        for block in range(math.ceil(study.subjects / BLOCK)):
            for name, rows in sdtm.screen_failure_rows(block).items():
                tables.add(f"sdtm/{name}.csv", rows)


def _write_subject(study: Study, number: int, with_reads: bool, tables: Tables, folder: Path) -> None:
    subject = simulated_subject(study.seed, number)
    course = timeline(study.seed, subject)
    sequenced = sequence(study.seed, subject, course)
    for name, rows in sdtm.clinical_rows(subject, course).items():
        tables.add(f"sdtm/{name}.csv", rows)
    events = safety.adverse_events(study.seed, subject, course)
    tables.add("sdtm/ae.csv", events)
    tables.add("sdtm/cv.csv", heart.ejection_fractions(study.seed, subject, course, events))
    tables.add("sdtm/is.csv", safety.antibodies(study.seed, subject, course))
    tables.add("sdtm/lb.csv", safety.laboratory(study.seed, subject, course))
    tables.add("her2.tsv", her2.readings(study.seed, subject, course))
    tables.add("covariates.tsv", [_covariates(subject)])
    tables.add("samples.tsv", [_sample_row(subject, tube, with_reads) for tube in sequenced.tubes])
    _add_truth(tables, subject, course, sequenced, with_reads)
    for library in sequenced.libraries:
        tube = library.tube
        write_vcf(str(folder / _vcf_path(tube)), library, _dialect(subject, tube), sequenced.forced)
        if with_reads:
            write_bam(str(folder / _bam_path(tube)), library)


def _add_truth(
    tables: Tables, subject: Subject, course: Timeline, sequenced: Sequenced, with_reads: bool
) -> None:
    tables.add("truth/samples.tsv", truth.sample_rows(subject, course, sequenced))
    tables.add("truth/variants.tsv", truth.variant_rows(subject, sequenced))
    tables.add("truth/subjects.tsv", [truth.subject_row(subject, course, sequenced, read_files=with_reads)])
    tables.add("truth/trouble.tsv", truth.trouble_rows(subject, sequenced))


def _dialect(subject: Subject, tube: Tube) -> str:
    """White cells are force-called with Mutect2, except where only calls were delivered."""
    if tube.specimen == "wbc" and not subject.has("calls_only"):
        return "Mutect2"
    return subject.dialect


def _vcf_path(tube: Tube) -> str:
    return f"vcf/{tube.sample_id}.vcf.gz"


def _bam_path(tube: Tube) -> str:
    return f"bam/{tube.sample_id}.bam"


def _sample_row(subject: Subject, tube: Tube, with_reads: bool) -> tuple:
    plasma = tube.specimen == "plasma"
    return (
        subject.subject_id,
        tube.sample_id,
        tube.visit,
        calendar_date(subject.first_dose, tube.day).isoformat(),
        tube.specimen,
        "" if tube.failed else _vcf_path(tube),
        _bam_path(tube) if with_reads and not tube.failed else "",
        "" if tube.failed else tube.sample_id,
        truth.assay(subject),
        GENOME_BUILD,
        tube.plasma_ml if plasma else "",
        tube.cfdna_ng if plasma else "",
        "fail" if tube.failed else "pass",
        tube.qc_reason,
    )


def _covariates(subject: Subject) -> tuple:
    visceral = "Y" if subject.visceral else "N"
    return (subject.subject_id, subject.hormone_receptor, subject.ecog, visceral, subject.prior_lines)


def _write_config(path: Path) -> None:
    """The study's configuration; filters that only say "few reads" are left to the call thresholds."""
    config = {
        "study": {
            "id": STUDY_ID,
            "title": "Simulated single-arm study of TQB2102",
            "indication": "HER2-negative recurrent or metastatic breast cancer",
            "drug": "TQB2102",
            "cycle_days": 21,
        },
        "data_cut": {"id": "cut1", "date": CUT_DATE.isoformat()},
        "inputs": {
            "samples": "samples.tsv",
            "her2": "her2.tsv",
            "covariates": "covariates.tsv",
            "clinical": {"format": "sdtm", "path": "sdtm"},
            "reference_fasta": "reference/sim.fa",
            "panel_bed": "reference/panel.bed",
            "hotspots": "reference/hotspots.tsv",
        },
        "visits": plasma_visits(),
        "variants": {"accepted_filters": list(EVIDENCE_FILTERS)},
        "ctdna": {"lod": {"assumed": truth.STATED_LIMITS}},
        "clinical": {"ada": {"scale": "log10"}},
    }
    path.write_text(yaml.safe_dump(config, sort_keys=False, width=100), encoding="utf-8")


def _write_panel(folder: Path) -> None:
    design = panel()
    fasta, index, offset = [], [], 0
    for chrom, sequence_bytes in design.reference.items():
        text = sequence_bytes.decode()
        lines = [text[i : i + FASTA_LINE] for i in range(0, len(text), FASTA_LINE)]
        offset += len(chrom) + 2
        index.append(f"{chrom}\t{len(text)}\t{offset}\t{FASTA_LINE}\t{FASTA_LINE + 1}\n")
        offset += len(text) + len(lines)
        fasta.append(f">{chrom}\n" + "\n".join(lines) + "\n")
    _write(folder / "reference/sim.fa", fasta)
    _write(folder / "reference/sim.fa.fai", index)
    _write(
        folder / "reference/panel.bed",
        [f"{chrom}\t{start}\t{end}\t{name}\n" for chrom, start, end, name, _ in design.regions],
    )
    hotspots = [f"{s.chrom}\t{s.pos}\t{s.ref}\t{s.alt}\n" for s in design.sites if s.hotspot]
    _write(folder / "reference/hotspots.tsv", ["chrom\tpos\tref\talt\n", *hotspots])
    rates = [f"reads\t{name}\t{rate:g}\n" for name, rate in ERROR_RATES.items()]
    forced = f"variant files\tany\t{BACKGROUND_ERROR:g}\n"
    _write(folder / "truth/error_rates.tsv", ["source\tsubstitution\trate\n", *rates, forced])


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
