"""What a prediction model is worth: ROC and calibration curves of held-out folds."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from clearher.report.figures.empty import nothing_to_draw
from clearher.report.palette import BLUE, ORANGE

NO_MODEL = "No prediction model: none is declared, or the numbers do not support one."
COLOURS = (BLUE, ORANGE)


def roc_curves(curves: pd.DataFrame, areas: pd.DataFrame) -> Figure:
    """ROC curve of the model and of the best single predictor, one panel an analysis.

    Parameters
    ----------
    curves : pandas.DataFrame
        Table ``association/prediction_curves``.
    areas : pandas.DataFrame
        Rows of ``association/results`` with the validated areas: ``analysis_id term estimate``.

    Returns
    -------
    matplotlib.figure.Figure
        Mean curve over the repeats of the split with the band that holds their middle 95%; the legend names
        the validated area of each.
    """

    def draw(axes: plt.Axes, shown: pd.DataFrame) -> None:
        of_analysis = areas[areas["analysis_id"] == shown["analysis_id"].iloc[0]]
        for (model, line), colour in zip(_by_model(shown), COLOURS, strict=False):
            area = of_analysis.loc[of_analysis["term"] == _area_term(model), "estimate"]
            value = f", mean area of folds {area.iloc[0]:.2f}" if len(area) else ""
            axes.plot(line["x"], line["y"], color=colour, label=f"{model}{value}")
            axes.fill_between(line["x"], line["low"], line["high"], color=colour, alpha=0.15, linewidth=0)
        axes.set(xlabel="false positive rate", ylabel="true positive rate")
        axes.set_title(f"{_name(shown)}, n = {int(shown['n'].max())}", fontsize=9)

    return _panels(curves[curves["curve"] == "roc"], draw)


def calibration_curve(curves: pd.DataFrame) -> Figure:
    """Observed share against mean predicted chance, one panel an analysis.

    Parameters
    ----------
    curves : pandas.DataFrame
        Table ``association/prediction_curves``.

    Returns
    -------
    matplotlib.figure.Figure
        Groups of like predicted chance with exact intervals; the legend names their size.
    """

    def draw(axes: plt.Axes, shown: pd.DataFrame) -> None:
        for (model, line), colour in zip(_by_model(shown), COLOURS, strict=False):
            x, y, low, high = (line[name].to_numpy(float) for name in ("x", "y", "low", "high"))
            label = f"{model}, {_sizes(line['n'])}"
            axes.errorbar(x, y, [y - low, high - y], fmt="o-", color=colour, capsize=3, label=label)
        axes.set(xlabel="mean predicted chance of response", ylabel="observed share")
        axes.set_title(_name(shown), fontsize=9)

    return _panels(curves[curves["curve"] == "calibration"], draw)


def _panels(curves: pd.DataFrame, draw: Callable[[plt.Axes, pd.DataFrame], None]) -> Figure:
    analyses = sorted(curves["analysis_id"].unique())
    if not analyses:
        return nothing_to_draw(NO_MODEL)
    figure, panels = plt.subplots(1, len(analyses), figsize=(4.6 * len(analyses), 4.9), squeeze=False)
    for axes, analysis in zip(panels.flat, analyses, strict=True):
        axes.plot([0, 1], [0, 1], color="#777777", linewidth=0.8, linestyle="--")
        draw(axes, curves[curves["analysis_id"] == analysis])
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16))
    figure.tight_layout()
    return figure


def _by_model(curves: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Curves by model: models first, the best single predictor last."""
    names = sorted(curves["model"].unique(), key=lambda name: (name == "best single predictor", name))
    return [(name, curves[curves["model"] == name].sort_values("position")) for name in names]


def _sizes(n: pd.Series) -> str:
    low, high = int(n.min()), int(n.max())
    return f"groups of {low}" + (f" to {high}" if high > low else "")


def _area_term(model: str) -> str:
    return "area, best single predictor" if model == "best single predictor" else "area, cross-validated"


def _name(curves: pd.DataFrame) -> str:
    return curves["analysis_id"].iloc[0].replace("_", " ")
