"""Subjects whose data may not be used, as the configuration names them (consent withdrawn, enrolled twice).

Nothing of them is read on: no record, no sample, no reading, and no problem of theirs stops a run. No pandas
here: the sample sheet is read each time the workflow is parsed.
"""

from collections.abc import Collection, Iterable, Mapping

from clearher.intake.samples import Sample
from clearher.problems import Problem

SETTING = "intake.excluded_subjects"


def samples_of_others(
    samples: Iterable[Sample], problems: Iterable[Problem], excluded: Collection[str]
) -> tuple[list[Sample], list[Problem]]:
    """Samples and problems of the subjects who are not excluded."""
    kept = [sample for sample in samples if sample.subject_id not in excluded]
    return kept, problems_of_others(problems, excluded)


def exclusions(excluded: Mapping[str, str], known: Iterable[str]) -> list[Problem]:
    """What is told of each excluded subject: the reason, or that the study has no such subject."""
    known = set(known)
    return [
        Problem(
            check="subject_excluded",
            severity="info",
            column=SETTING,
            subject_id=subject,
            found=reason,
            expected="no data of the subject in any table",
            remedy="Nothing of this subject is used.",
        )
        if subject in known
        else Problem(
            check="subject_unknown",
            column=SETTING,
            found=repr(subject),
            expected="a subject of the study",
            remedy="Correct the identifier: as it is, nobody is excluded by it.",
        )
        for subject, reason in sorted(excluded.items())
    ]


def problems_of_others(problems: Iterable[Problem], excluded: Collection[str]) -> list[Problem]:
    """Problems of nobody in particular, and of the subjects who are not excluded."""
    return [problem for problem in problems if problem.subject_id not in excluded]
