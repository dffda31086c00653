"""Run Snakemake's own lint on the workflow, with a small study so that it can be parsed."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CONFIG = """\
study: {id: LINT}
data_cut: {id: lint}
inputs: {clinical: {format: table, path: clinical.tsv}}
"""
CLINICAL = "subject_id\tfirst_dose_date\tbest_response\nS1\t2024-01-01\tPR\n"


def main() -> int:
    """Exit code of the lint."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.yaml").write_text(CONFIG, encoding="utf-8")
        Path(folder, "clinical.tsv").write_text(CLINICAL, encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--lint", "-s", str(ROOT / "workflow" / "Snakefile")]
        command += ["--directory", folder, "--configfile", str(Path(folder, "config.yaml"))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
