"""Every problem of a study's input files, each by itself and against the others."""

from clearher.intake.clinical import read_clinical
from clearher.intake.her2 import her2_of_subjects
from clearher.intake.population_expressions import check_expressions, check_names, nameable
from clearher.intake.read_files import read_problems
from clearher.intake.sample_inputs import read_sample_inputs
from clearher.intake.study import Study
from clearher.intake.subjects import all_subjects
from clearher.intake.vcf_header import Use, check_file, shared_columns
from clearher.preflight.later_stages import clinical_problems, her2_problems
from clearher.problems import Problem


def all_problems(study: Study) -> list[Problem]:
    """Problems of clinical data, expressions, HER2, samples, results, headers of variant and read files.

    Parameters
    ----------
    study : Study
        The opened study.

    Returns
    -------
    list of Problem
        Of every severity, in the order of the inputs.
    """
    config = study.config
    cut_date, layouts = config["data_cut"]["date"], config["intake"]["layouts"]
    excluded = config["intake"]["excluded_subjects"]
    clinical = read_clinical(
        study.clinical,
        study.single("covariates"),
        settings=config["intake"],
        clinical_settings=config["clinical"],
        data_cut=cut_date,
        sampled=study.sampled,
    )
    problems = list(clinical.problems)
    if not any(problem.severity == "error" for problem in problems):
        problems += clinical_problems(
            clinical, settings=config["clinical"], severity=config["intake"]["severity"]
        )
    subjects, found = all_subjects(
        clinical.subjects,
        study.sample_rows,
        clinical_format=study.clinical["format"],
        covariates=study.single("covariates"),
        settings=config["intake"],
    )
    problems += found
    problems += check_names(config)
    problems += check_expressions(config["clinical"]["populations"], nameable(subjects))
    if study.her2:
        settings = config["her2"]
        readings = her2_of_subjects(
            study.her2, subjects, settings=settings, layouts=layouts, excluded=excluded
        )
        problems += [*readings[1], *her2_problems(readings[0], subjects, settings=settings)]
    inputs = read_sample_inputs(
        study.sample_rows,
        subjects,
        files=study.sample_files,
        layouts=layouts,
        excluded=excluded,
        visits=config["visits"],
        cut_date=cut_date,
    )
    return [*problems, *inputs.problems, *_file_problems(study)]


def _file_problems(study: Study) -> list[Problem]:
    """Problems of the samples' variant and read files."""
    problems: list[Problem] = []
    names = {sample.sample_id for sample in study.samples}
    for sample in study.samples:
        if sample.vcf and sample.usable:
            problems += check_file(
                study.sample_path(sample, "vcf"),
                sample.vcf_sample,
                sample_id=sample.sample_id,
                specimen=sample.specimen,
                genome_build_stated=sample.genome_build,
                others=names,
            )
        if sample.bam and sample.usable:
            problems += read_problems(
                study.sample_path(sample, "bam"),
                sample_id=sample.sample_id,
                several_samples=study.config["ctdna"]["counting"]["several_samples"],
                reference=study.single("reference_fasta"),
            )
    return problems + shared_columns(
        Use(sample.sample_id, str(study.sample_path(sample, "vcf")), sample.vcf_sample, sample.specimen)
        for sample in study.samples
        if sample.vcf and sample.usable
    )
