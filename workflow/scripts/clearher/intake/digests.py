"""Content digests of input files, remembered between runs.

A digest decides whether a result is stale, whatever the file's date says. Reading thousands of files for
every dry run and every cluster job would be slow, so a digest is kept as long as the file's size, inode and
times (modification and status change, in nanoseconds) stay as they were.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

LENGTH = 20


def text_digest(text: str) -> str:
    """Digest of a text, as many hexadecimal digits as a file digest has."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:LENGTH]


def file_sha256(path: str | Path) -> str:
    """Full sha256 of a file's content."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class DigestCache:
    """Digests of files, computed once and kept in a small JSON file.

    Parameters
    ----------
    store : str or Path
        JSON file of known digests. Unreadable or foreign content is ignored: digests are computed anew.
    """

    def __init__(self, store: str | Path) -> None:
        self._store = Path(store)
        self._known = self._load()
        self._used: dict[str, list] = {}

    def of_file(self, path: str | Path) -> str:
        """Digest of a file's content."""
        name = os.path.abspath(path)
        state = _state(name)
        known = self._used.get(name) or self._known.get(name)
        if not known or known[:-1] != state:
            known = [*state, file_sha256(name)[:LENGTH]]
        self._used[name] = known
        return known[-1]

    def of_files(self, paths: Iterable[str | Path]) -> str:
        """One digest over the contents of several files in the order given."""
        return text_digest("\n".join(self.of_file(path) for path in paths))

    def fingerprint(self, path: str | Path, index: str | Path | None) -> str:
        """Stand-in digest of a large read file: its size, modification time and the digest of its index."""
        size, _, modified, _ = _state(os.path.abspath(path))
        return text_digest(f"{size} {modified} {self.of_file(index) if index else ''}")

    def reads_content(self, path: str | Path, index: str | Path | None) -> str:
        """Digest of a large read file's size and index, the same wherever and whenever it was copied."""
        return text_digest(f"{os.path.getsize(path)} {self.of_file(index) if index else ''}")

    def save(self) -> None:
        """Write what is known of existing files, whole or not at all; nothing when nothing changed."""
        kept = {name: entry for name, entry in self._known.items() if os.path.exists(name)}
        merged = {**kept, **self._used}
        if merged == self._known:
            return
        self._store.parent.mkdir(parents=True, exist_ok=True)
        partial = self._store.with_name(f"{self._store.name}.{os.getpid()}.part")
        partial.write_text(json.dumps(merged, sort_keys=True), encoding="utf-8")
        os.replace(partial, self._store)

    def _load(self) -> dict[str, list]:
        try:
            content = json.loads(self._store.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _state(path: str) -> list[int]:
    status = os.stat(path)
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]
