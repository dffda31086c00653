"""RO-Crate metadata of a data cut: its files, the workflow that made them, the study they belong to."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

KINDS = {
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".txt": "text/plain",
    ".rtf": "application/rtf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xpt": "application/x-sas-xport",
}


def crate_metadata(
    records: Iterable[Mapping[str, Any]], *, settings: Mapping[str, Any], descriptions: Mapping[str, str]
) -> dict[str, Any]:
    """Content of ro-crate-metadata.json.

    Parameters
    ----------
    records : iterable of Mapping
        ``path``, ``bytes`` and ``sha256`` of each file, path relative to the cut's folder.
    settings : Mapping
        Complete configuration.
    descriptions : Mapping of str to str
        What a file holds, by path.

    Notes
    -----
    The date of publication is the data cut's date, never the clock's; without a cut it is 1960-01-01.
    """
    study, cut = settings["study"], settings["data_cut"]
    crate = ROCrate(gen_preview=False)
    crate.name = f"{study['id']}, data cut {cut['id']}"
    crate.description = study["title"] or f"ctDNA, HER2 and response of study {study['id']}"
    crate.datePublished = date.fromisoformat(cut["date"] or "1960-01-01")
    crate.license = "Data of the study's sponsor; not licensed for reuse by this file."
    software = {"@type": "SoftwareApplication", "name": "ClearHER"}
    maker = crate.add(ContextEntity(crate, "#clearher", properties=software))
    files = []
    for record in sorted(records, key=lambda record: record["path"]):
        properties = {
            "name": Path(record["path"]).name,
            "description": descriptions.get(record["path"], ""),
            "encodingFormat": KINDS.get(Path(record["path"]).suffix, "application/octet-stream"),
            "contentSize": str(record["bytes"]),
            "sha256": record["sha256"],
        }
        files.append(crate.add_file(dest_path=record["path"], properties=properties))
    action = {"@type": "CreateAction", "name": f"Analysis of data cut {cut['id']}"}
    run = crate.add(ContextEntity(crate, "#run", properties=action))
    run["instrument"] = maker
    run["result"] = files
    crate.root_dataset["mentions"] = run
    return crate.metadata.generate()
