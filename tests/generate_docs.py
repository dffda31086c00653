"""Write what is generated: docs/outputs.md, config/README.md and the package's file listing."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from clearher.columns import all_tables  # noqa: E402
from clearher.intake.config import load_schema  # noqa: E402
from clearher.report.documentation import config_page, outputs_page  # noqa: E402

INTRODUCTION = (
    "One YAML file describes a study. Copy `config/config.yaml`, change it, and hand it over with",
    "`--configfile`. Input paths are relative to the file's own folder. A key that is not listed here is an",
    "error, with the nearest known key as a hint; a key that is left out has the default given here.",
    "",
    "The sample sheet and the HER2 table are described in docs/cookbook.md, every result in docs/outputs.md.",
)


def package_listing() -> str:
    """Text of files.txt: every file of the package, relative to workflow/scripts."""
    scripts = ROOT / "workflow" / "scripts"
    files = [path for path in (scripts / "clearher").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    names = sorted(path.relative_to(scripts).as_posix() for path in files if path.name != "files.txt")
    return "\n".join([*names, ""])


def generated() -> dict[Path, str]:
    """Generated files of the project and their texts."""
    return {
        ROOT / "docs" / "outputs.md": outputs_page(all_tables()),
        ROOT / "config" / "README.md": config_page(load_schema(), INTRODUCTION),
        ROOT / "workflow" / "scripts" / "clearher" / "files.txt": package_listing(),
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
