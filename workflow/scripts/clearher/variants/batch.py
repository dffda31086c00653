"""Read, annotate and filter the variant files of a batch of whole subjects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clearher.columns import variants as columns
from clearher.problems import Problem, findings_frame
from clearher.tables import conform
from clearher.variants import filters as steps
from clearher.variants.expressions import Masked, masked
from clearher.variants.frames import allele_frame, annotated, coverage_frame, without_repeats
from clearher.variants.germline import germline_visits
from clearher.variants.reading import normals_without_row, read_files
from clearher.variants.resources import VariantResources
from clearher.variants.same_allele import row_codes
from clearher.variants.texts import first_holding
from clearher.variants.watched import WATCHED_GENE
from clearher.variants.white_cells import white_cell_counts, white_cell_states

RESOURCE_COLUMNS = {
    "panel": frozenset({"in_panel"}),
    "blacklist": frozenset({"blacklisted"}),
    "normals": frozenset({"pon_samples", "pon_median_vaf"}),
}


@dataclass(frozen=True)
class VariantTables:
    """Tables of a batch, each as its declaration says."""

    variants: pd.DataFrame
    attrition: pd.DataFrame
    coverage: pd.DataFrame
    findings: pd.DataFrame


def read_batch(samples: pd.DataFrame, *, settings: Mapping, resources: VariantResources) -> VariantTables:
    """Variants of a batch of subjects.

    Parameters
    ----------
    samples : pandas.DataFrame
        Rows of table ``intake/samples`` of whole subjects; those without a file are passed over.
    settings : Mapping
        Section ``variants`` of the configuration.
    resources : VariantResources
        As :func:`clearher.variants.resources.load_resources` gives them.

    Returns
    -------
    VariantTables
        Every allele that a file names is a row of ``variants``, whatever was decided about it.

    Raises
    ------
    InputError
        With the problems of all files of the batch that cannot be used, and of the filters.
    """
    filters = steps.make_filters(settings["filters"])
    samples = samples[samples["vcf"].ne("")].sort_values(["subject_id", "sample_id"], ignore_index=True)
    calls, alleles = read_files(samples, settings, resources)
    problems = [problem for call in calls for problem in call.notes.problems()]
    problems += normals_without_row(samples, calls)
    frame, repeats = without_repeats(_named_alike(allele_frame(samples, calls, alleles), settings))
    coverage = _named_alike(coverage_frame(samples, calls), settings)
    problems += _repeat_problems(repeats)
    frame = annotated(frame, resources, **_strand_limits(settings))
    frame = with_evidence(frame, coverage, settings=settings)
    frame = with_tissue(frame, samples, filters, settings=settings, resources=resources)
    decided_frame, verdicts, skipped = decide(frame, samples, filters, settings=settings, resources=resources)
    problems += skipped
    declared = pd.DataFrame({name: decided_frame[name] for name in columns.VARIANTS.names}, copy=False)
    return VariantTables(
        conform(declared, columns.VARIANTS),
        conform(steps.attrition(samples, decided_frame, verdicts), columns.ATTRITION),
        conform(coverage.drop(columns="specimen"), columns.COVERAGE),
        findings_frame(problems, "variants"),
    )


def _strand_limits(settings: Mapping) -> dict[str, float]:
    """Alt reads and odds ratio from which any of the assays may need a strand test."""
    sections = [settings["thresholds"], settings["thresholds"] | settings["thresholds_without_umi"]]
    return {
        "min_alt": min(section["min_alt_for_strand"] for section in sections),
        "min_odds": min(section["min_strand_odds"] for section in sections),
    }


def with_evidence(frame: pd.DataFrame, coverage: pd.DataFrame, *, settings: Mapping) -> pd.DataFrame:
    """Frame with white-cell counts and state, and germline-like visits."""
    result, codes = frame.copy(deep=False), row_codes(frame)
    counts = white_cell_counts(result, coverage, codes=codes)
    result["wbc_depth"], result["wbc_alt"] = counts["wbc_depth"], counts["wbc_alt"]
    states = white_cell_states(
        result[["depth", "alt_count", "wbc_depth", "wbc_alt"]], settings=settings["white_cells"]
    )
    own = result["specimen"].isin(["wbc", "control"])
    result["wbc_state"] = states["wbc_state"].mask(own | result["support"].ne(""), "")
    result["wbc_log_bf"] = states["wbc_log_bf"].mask(own)
    result["germline_visits"] = germline_visits(result, settings=settings["germline"], codes=codes)
    return result


def with_tissue(
    frame: pd.DataFrame,
    samples: pd.DataFrame,
    filters: list[steps.Filter],
    *,
    settings: Mapping,
    resources: VariantResources,
) -> pd.DataFrame:
    """Frame with ``in_tissue``: a tissue sample of the subject shows the allele; missing without one.

    There it fails no filter of kind call or artefact: few reads, which errors give too, are no evidence
    against blood. Filters of origin are not asked.
    """
    result = frame.assign(in_tissue=pd.array(np.full(len(frame), pd.NA), dtype="boolean"))
    tissue = frame["specimen"].eq("tissue")
    if not tissue.any():
        return result
    own, verdicts, _ = decide(result[tissue], samples, filters, settings=settings, resources=resources)
    asked = [item.kind in ("call", "artefact") for item in verdicts.filters]
    shown = own["status"].isin(steps.DECIDED) & ~verdicts.failed[:, asked].any(axis=1)
    codes = row_codes(frame)
    found = np.isin(codes, codes[tissue.to_numpy(dtype=bool)][shown.to_numpy(dtype=bool)])
    with_file = frame["subject_id"].isin(frame.loc[tissue, "subject_id"])
    return result.assign(in_tissue=pd.Series(found, index=frame.index).astype("boolean").where(with_file))


def decide(
    frame: pd.DataFrame,
    samples: pd.DataFrame,
    filters: list[steps.Filter],
    *,
    settings: Mapping,
    resources: VariantResources,
) -> tuple[pd.DataFrame, steps.Verdicts, list[Problem]]:
    """Frame with ``status``, ``reasons`` and ``flags``; the verdicts; filters that had to be left out."""
    base = _undecided_status(frame)
    decided = base == ""
    given = {"panel": resources.panel, "blacklist": resources.blacklist, "normals": resources.normals}
    absent = [name for name, table in given.items() if table is None]
    unavailable = frozenset().union(*(RESOURCE_COLUMNS[name] for name in absent))
    derived = _derived_columns(frame, samples, settings)
    verdicts = steps.run_filters(
        filters, steps.filter_columns(filters, frame, derived), decided, unavailable=unavailable
    )
    reasons, flags = steps.reasons_and_flags(verdicts)
    result = frame.copy(deep=False)
    result["reasons"], result["status"] = reasons, steps.statuses(verdicts, decided, base)
    marks = [(frame["support"], frame["support"].ne("")), (frame["remark"], frame["remark"].ne(""))]
    marks.append(("not_covered", frame["depth"].eq(0).fillna(False)))
    marks.append(
        ("gene_watched", result["gene"].eq(WATCHED_GENE) & result["status"].isin(["FILTERED", "BELOW_CALL"]))
    )
    result["flags"] = _with_marks(flags, marks)
    left_out = [f for f in filters if f.name not in {used.name for used in verdicts.filters}]
    return result, verdicts, [_left_out(item, absent) for item in left_out]


def _named_alike(frame: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    style = settings["chromosome_names"]
    if style == "keep" or frame.empty:
        return frame
    bare = frame["chrom"].str.removeprefix("chr")
    main = bare.str.fullmatch(r"\d{1,2}|X|Y|M|MT")
    named = bare.replace({"MT": "M"}).radd("chr") if style == "chr" else bare.replace({"M": "MT"})
    return frame.assign(chrom=frame["chrom"].mask(main, named))


def _undecided_status(frame: pd.DataFrame) -> np.ndarray:
    """NOT_SUPPORTED, REFERENCE, or empty for alleles with reads and copy numbers, which filters decide."""
    depth_zero = frame["depth"].eq(0).fillna(False).to_numpy(dtype=bool)
    none_read = frame["alt_count"].eq(0).fillna(False).to_numpy(dtype=bool)
    no_fraction = frame["alt_count"].isna().to_numpy() & (frame["vaf"].to_numpy() == 0)
    unsupported = frame["support"].ne("").to_numpy() & ~_copy_number_calls(frame)
    conditions = [unsupported, depth_zero | none_read | no_fraction]
    return first_holding(conditions, ["NOT_SUPPORTED", "REFERENCE"], default="")


def _copy_number_calls(frame: pd.DataFrame) -> np.ndarray:
    """Records that state a gain or a number of copies; a deletion alone may be a structural variant."""
    result = frame["variant_class"].eq("CNV").to_numpy(dtype=bool)
    rows = np.flatnonzero(result)
    stated = frame["copy_number"].notna().to_numpy()[rows]
    result[rows] = stated | frame["alt"].iloc[rows].str.startswith(("<DUP", "<CN")).to_numpy(dtype=bool)
    return result


def _derived_columns(frame: pd.DataFrame, samples: pd.DataFrame, settings: Mapping) -> dict[str, Masked]:
    """Names that only expressions see: caller_pass, caller_weak, umi, wbc_vaf and the thresholds."""
    by_assay = {
        name: settings["assays"].get(name, {}).get("umi", settings["umi"])
        for name in samples["assay"].unique()
    }
    of_sample = samples.set_index("sample_id")["assay"].map(by_assay)
    umi = frame["sample_id"].map(of_sample).to_numpy(dtype=bool)
    wbc_vaf = frame["wbc_alt"].astype("Float64") / frame["wbc_depth"].astype("Float64").replace(0, pd.NA)
    derived = _caller_verdicts(frame["filter"], settings) | {
        "umi": Masked(umi, np.ones(len(umi), dtype=bool)),
        "wbc_vaf": masked(wbc_vaf),
    }
    everywhere = np.asarray(True)
    for name, value in settings["thresholds"].items():
        without = settings["thresholds_without_umi"].get(name, value)
        values = np.asarray(value) if without == value else np.where(umi, value, without)
        derived[name] = Masked(values, everywhere)
    return derived


def _caller_verdicts(texts: pd.Series, settings: Mapping) -> dict[str, Masked]:
    """Whether nothing but weak evidence speaks against an allele in FILTER, and whether weak evidence does.

    Not known where FILTER is "." (filters not applied).
    """
    accepted = {"PASS", *settings["accepted_filters"]}
    weak = re.compile("|".join(f"(?:{pattern})" for pattern in settings["weak_filters"]) or "(?!)")
    codes, distinct = pd.factorize(texts.to_numpy(dtype=object))
    passes, weaknesses = np.zeros(len(distinct), dtype=bool), np.zeros(len(distinct), dtype=bool)
    for place, text in enumerate(distinct):
        entries = [entry for entry in text.split(";") if entry not in accepted]
        found = [weak.fullmatch(entry) is not None for entry in entries]
        passes[place], weaknesses[place] = all(found), any(found)
    known = (distinct != ".")[codes]
    return {
        "caller_pass": Masked(passes[codes], known),
        "caller_weak": Masked(weaknesses[codes], known),
    }


def _with_marks(flags: np.ndarray, marks: list[tuple]) -> np.ndarray:
    result = flags.copy()
    for text, where in marks:
        rows = np.flatnonzero(where.to_numpy(dtype=bool))
        words = text.to_numpy()[rows] if isinstance(text, pd.Series) else [text] * len(rows)
        for row, word in zip(rows, words, strict=True):
            result[row] = f"{result[row]};{word}" if result[row] else word
    return result


def _left_out(item: steps.Filter, absent: list[str]) -> Problem:
    used = item.expression.names | item.applies_to.names
    lacking = [name for name in absent if used & RESOURCE_COLUMNS[name]]
    return Problem(
        check="filter_without_resource",
        severity="info",
        column=f"variants.filters: {item.name}",
        found=f"no {', '.join(lacking)} given",
        expected="the resource that the filter needs",
        remedy="The filter is left out: no allele was held against it.",
    )


def _repeat_problems(repeats: pd.DataFrame) -> list[Problem]:
    problems = []
    for (subject, sample), rows in repeats.groupby(["subject_id", "sample_id"], sort=True):
        first = rows.iloc[0]
        problems.append(
            Problem(
                check="duplicate_record",
                severity="warning",
                subject_id=subject,
                sample_id=sample,
                file=first["source"].rpartition(" row ")[0],
                row=", ".join(str(line) for line in sorted(rows["line"])[:5]),
                found=f"{len(rows)} records of an allele already seen, first {first['chrom']}:{first['pos']} "
                f"{first['ref'][:20]}>{first['alt'][:20]}",
                expected="each allele once, also after splitting and trimming",
                remedy="The record with the greatest depth is used; look for merged files.",
            )
        )
    return problems
