"""First response, progression and death of each subject, as marks of a timeline."""

import pandas as pd

from clearher.clinical.days import study_day
from clearher.columns import clinical, intake
from clearher.report.results import Results

EITHER = "progression or death"


def outcome_marks(results: Results, evaluator: str) -> pd.DataFrame:
    """First response, progression and death of each subject with their study days.

    Parameters
    ----------
    results : Mapping of Table to pandas.DataFrame
        Tables of the cut.
    evaluator : str
        Whose assessments count.

    Returns
    -------
    pandas.DataFrame
        ``subject_id label day``, by day. Where no date is known, the events of the primary overall and
        progression-free survival stand for it, as in a study that supplies day counts.
    """
    subjects = results[intake.SUBJECTS]
    responses = results[clinical.RESPONSES]
    responses = responses[responses["evaluator"] == evaluator]
    progression = study_days(responses["first_pd_date"], responses["subject_id"], subjects)
    dated = [
        _marks("first response", responses["subject_id"], responses["response_day"]),
        _marks("progression", responses["subject_id"], progression),
        _marks(
            "death",
            subjects["subject_id"],
            study_days(subjects["death_date"], subjects["subject_id"], subjects),
        ),
    ]
    marks = pd.concat([*dated, *_from_times(results[clinical.TIME_TO_EVENT])], ignore_index=True)
    marks = marks.dropna(subset="day").drop_duplicates(["subject_id", "label"])
    marks = marks[~_told_already(marks)]
    return marks.sort_values(["subject_id", "day", "label"], ignore_index=True)


def study_days(dates: pd.Series, subject_ids: pd.Series, subjects: pd.DataFrame) -> pd.Series:
    """Study days of dates against each subject's reference date; there is no day 0."""
    return study_day(dates, subject_ids.map(subjects.set_index("subject_id")["reference_date"]))


def _from_times(times: pd.DataFrame) -> list[pd.DataFrame]:
    events = times[(times["rule"] == "primary") & times["event"].fillna(False)]
    return [
        _marks(label, events.loc[events["endpoint"] == endpoint, "subject_id"], events["days"])
        for label, endpoint in (("death", "OS"), (EITHER, "PFS"))
    ]


def _told_already(marks: pd.DataFrame) -> pd.Series:
    """Progression or death, of a subject whose progression is marked or who died that day."""
    progressed = set(marks.loc[marks["label"] == "progression", "subject_id"])
    died = marks.loc[marks["label"] == "death"].set_index("subject_id")["day"]
    same_day = marks["day"] == marks["subject_id"].map(died)
    return (marks["label"] == EITHER) & (marks["subject_id"].isin(progressed) | same_day.fillna(False))


def _marks(label: str, subject_ids: pd.Series, days: pd.Series) -> pd.DataFrame:
    days = days.reindex(subject_ids.index).astype("Int64")
    return pd.DataFrame({"subject_id": subject_ids, "label": label, "day": days}).astype(
        {"subject_id": object}
    )
