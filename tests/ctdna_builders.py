"""Small literal frames of the ctDNA stage for tests: what is not given is missing."""

import pandas as pd
import pyarrow as pa

from clearher.columns import ctdna, intake, variants
from clearher.tables import arrow_schema, conform, frame_of

PLAN = {
    "SCREENING": {"day": -14, "window_days": 14, "baseline": True, "optional": True},
    "C1D1": {"day": 1, "window_days": 0, "baseline": True},
    "C2D1": {"day": 22, "window_days": 7},
    "C3D1": {"day": 43, "window_days": 7},
    "C5D1": {"day": 85, "window_days": 7},
    "EOT": {"day": None, "optional": True},
}
DAYS = {name: visit["day"] for name, visit in PLAN.items()}
FIRST_DOSE = pd.Timestamp("2025-01-01")


def subject_frame(*names, first_dose="2025-01-01", cut="2025-12-31", **further):
    rows = [
        {
            "subject_id": name,
            "treated": True,
            "first_dose_date": first_dose,
            "reference_date": first_dose,
            "cut_date": cut,
            **further,
        }
        for name in names
    ]
    return frame_of(rows, intake.SUBJECTS)


def sample_frame(*rows):
    """Rows of (subject, visit) or (subject, visit, {column: value}); usual: plasma with a variant file."""
    return frame_of([_sample(*row) for row in rows], intake.SAMPLES)


def _sample(subject, visit, further=None):
    day = (further or {}).get("study_day", DAYS.get(visit))
    date = None if day is None else FIRST_DOSE + pd.Timedelta(days=day - (day > 0))
    return {
        "subject_id": subject,
        "sample_id": f"{subject}-{visit}",
        "visit": visit,
        "specimen": "plasma",
        "vcf": "calls.vcf.gz",
        "qc_status": "pass",
        "study_day": day,
        "collection_date": date,
        **(further or {}),
    }


def result_frame(samples, results):
    """Sample results by sample id: a dictionary each, over an evaluable sample of 4 covered variants."""
    rows = []
    for sample in samples.to_dict("records"):
        if sample["sample_id"] in results:
            usual = {
                "n_tracked": 4,
                "n_covered": 4,
                "level_metric": "pooled",
                "lod_basis": "COUNTS",
                "evaluable": True,
                "max_vaf": 0.05,
            }
            given = results[sample["sample_id"]]
            names = ("subject_id", "sample_id", "visit", "study_day", "collection_date")
            rows.append({name: sample[name] for name in names} | usual | given)
    return frame_of(rows, ctdna.SAMPLES)


def detected(level, **further):
    return {"detected": True, "level": level, "lod95": 0.0005, "pooled_vaf": level, **further}


def silent(lod95, **further):
    return {"detected": False, "level": 0.0, "lod95": lod95, "pooled_vaf": 0.0, **further}


def variant_frame(*rows):
    """Rows of (sample row, position, {column: value}); SNV C>T called with 40 of 2,000 by default."""
    frame = []
    for sample, position, further in rows:
        usual = {
            "chrom": "chr1",
            "pos": position,
            "ref": "C",
            "alt": "T",
            "variant_class": "SNV",
            "gene": "PIK3CA",
            "hgvsp": "p.H1047R",
            "status": "CALLED",
            "alt_count": 40,
            "depth": 2000,
            "vaf": 0.02,
            "wbc_state": "TUMOUR_LIKE",
            "filter": "PASS",
        }
        names = ("subject_id", "sample_id", "visit", "study_day", "specimen")
        frame.append({name: sample[name] for name in names} | usual | further)
    return frame_of(frame, variants.VARIANTS)


def row_of(samples, sample_id):
    return samples.set_index("sample_id", drop=False).loc[sample_id].to_dict()


def rows_where(frame, condition):
    """The rows of a frame of variants for which a condition holds, as they are read from a file."""
    whole = frame.reindex(columns=variants.VARIANTS.names)
    rows = pa.Table.from_pandas(whole, arrow_schema(variants.VARIANTS), preserve_index=False)
    return conform(rows.filter(condition).to_pandas(), variants.VARIANTS)
