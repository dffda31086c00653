"""Captions of the provenance view: one a figure, with the values that were really used."""

from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from clearher.report.catalogue import FIGURES
from report_builders import settings

CAPTIONS = Path(__file__).parents[2] / "workflow" / "report" / "figures"


def caption(name: str, **sections) -> str:
    template = (CAPTIONS / f"{name}.rst").read_text(encoding="utf-8")
    job = SimpleNamespace(params=SimpleNamespace(settings=settings(**sections)))
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(snakemake=job)


def test_every_figure_has_its_own_caption_and_no_caption_is_without_figure():
    assert sorted(path.stem for path in CAPTIONS.glob("*")) == sorted(figure.name for figure in FIGURES)
    texts = [caption(figure.name).splitlines()[0] for figure in FIGURES]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", [figure.name for figure in FIGURES])
def test_captions_name_study_and_cut(name):
    assert caption(name).rstrip().endswith("Study T1, data cut c1.")


def test_captions_tell_the_values_of_the_run():
    """Another threshold, another caption."""
    changed = caption(
        "landmark_survival", association={"landmark": {"day": 64}}, ctdna={"clearance": {"max_lod95": 0.002}}
    )
    assert "study day 64" in changed
    assert "at most\n0.002" in changed
    assert "study day 64" not in caption("landmark_survival")


@pytest.mark.parametrize("name", ["forest", "her2_response", "prediction_calibration"])
def test_captions_name_the_intervals_by_their_confidence(name):
    changed = caption(name, association={"confidence": 0.9})
    assert "90 % interval" in changed
    assert "95 % interval" in caption(name)
    assert "95" not in changed.replace("LoD95", "")
