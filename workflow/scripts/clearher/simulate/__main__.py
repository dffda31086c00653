"""Simulate a study: ``python -m clearher.simulate --out DIR --subjects 42 --seed 1 [--bam-subjects 6]``."""

import argparse
from pathlib import Path

from clearher.simulate.biology import small_assay
from clearher.simulate.design import Study
from clearher.simulate.write import write_study

BAM_SUBJECTS = 6


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="clearher.simulate", description="Simulate a study with known truth."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write into; made if absent")
    parser.add_argument("--subjects", type=int, default=42, help="treated subjects (default 42)")
    parser.add_argument("--seed", type=int, default=1, help="seed of everything random (default 1)")
    parser.add_argument(
        "--bam-subjects", type=int, help="subjects with read files (default 6, or as many as there can be)"
    )
    options = parser.parse_args(arguments)
    if options.subjects < 1 or options.seed < 0:
        parser.error("--subjects must be at least 1 and --seed at least 0")
    eligible = sum(small_assay(number) for number in range(1, options.subjects + 1))
    asked = min(BAM_SUBJECTS, eligible) if options.bam_subjects is None else options.bam_subjects
    if not 0 <= asked <= eligible:
        parser.error(f"--bam-subjects must be 0 to {eligible} for {options.subjects} subjects")
    write_study(Study(options.subjects, options.seed, asked), options.out)


if __name__ == "__main__":
    main()
