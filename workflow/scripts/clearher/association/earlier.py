"""Which analyses are not as they were declared at the first data cut: from what the earlier cut recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from clearher.association.declared import Analysis, analysis_of

FIELDS = tuple(Analysis.__dataclass_fields__)
WORDING = ("id", "question", "added", "time_override")


@dataclass(frozen=True)
class EarlierCut:
    """An earlier, finished data cut: its name, its analyses in order, and what it said on when they came."""

    cut: str
    analyses: tuple[Analysis, ...]
    added: Mapping[str, str]

    @property
    def by_name(self) -> dict[str, Analysis]:
        """Analyses by name."""
        return {analysis.id: analysis for analysis in self.analyses}


def earlier_cut(manifest: Mapping, results: pd.DataFrame) -> EarlierCut:
    """What an earlier cut recorded.

    Parameters
    ----------
    manifest : Mapping
        Its manifest.json: the configuration with all defaults filled in.
    results : pandas.DataFrame
        Its association/results.tsv, as text: analysis_id, added.
    """
    config = manifest["config"]
    settings = config["association"]
    entries = [{name: entry[name] for name in FIELDS if name in entry} for entry in settings["analyses"]]
    said = results.drop_duplicates("analysis_id").set_index("analysis_id")["added"].to_dict()
    return EarlierCut(
        config["data_cut"]["id"], tuple(analysis_of(entry, settings) for entry in entries), said
    )


def with_added(analyses: Sequence[Analysis], earlier: EarlierCut | None) -> list[Analysis]:
    """Analyses with ``added``: what the earlier cut said, and what is new or different since.

    An analysis that the configuration itself marks as added keeps that text. Wording of the question is no
    change. Without an earlier cut nothing is known to have been added.
    """
    if earlier is None:
        return list(analyses)
    return [analysis if analysis.added else _since(analysis, earlier) for analysis in analyses]


def dropped(analyses: Sequence[Analysis], earlier: EarlierCut | None) -> list[str]:
    """Names of analyses that the earlier cut declared and this one does not."""
    if earlier is None:
        return []
    now = {analysis.id for analysis in analyses}
    return [analysis.id for analysis in earlier.analyses if analysis.id not in now]


def _since(analysis: Analysis, earlier: EarlierCut) -> Analysis:
    before = earlier.by_name.get(analysis.id)
    if before is None:
        return replace(analysis, added=f"added after cut {earlier.cut}")
    different = [
        name for name in FIELDS if name not in WORDING and getattr(before, name) != getattr(analysis, name)
    ]
    news = f"changed after cut {earlier.cut} ({', '.join(different)})" if different else ""
    return replace(analysis, added="; ".join(filter(None, [earlier.added.get(analysis.id, ""), news])))
