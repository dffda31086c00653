"""Digests: what must be read again, and what must not."""

import json
import os

import pytest

from clearher.intake.digests import DigestCache


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("one")
    return path


def test_content_replaced_by_an_older_file_is_noticed(data, tmp_path):
    """A file of the same size with an older date gives another digest."""
    before = DigestCache(tmp_path / "m.json")
    first = before.of_file(data)
    before.save()
    other = tmp_path / "other"
    other.write_text("two")
    os.utime(other, (1, 1))
    os.replace(other, data)
    assert DigestCache(tmp_path / "m.json").of_file(data) != first


def test_rewritten_in_place_with_the_old_times_is_noticed(data, tmp_path):
    """Same inode, size and modification time: the status change time still tells."""
    cache = DigestCache(tmp_path / "m.json")
    first, times = cache.of_file(data), os.stat(data)
    cache.save()
    data.write_text("two")
    os.utime(data, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert DigestCache(tmp_path / "m.json").of_file(data) != first


def test_an_unchanged_file_is_not_read_again(data, tmp_path):
    """The remembered digest is believed as long as the file's state is the same."""
    cache = DigestCache(tmp_path / "m.json")
    cache.of_file(data)
    cache.save()
    stored = json.loads((tmp_path / "m.json").read_text())
    stored[str(data)][-1] = "remembered"
    (tmp_path / "m.json").write_text(json.dumps(stored))
    assert DigestCache(tmp_path / "m.json").of_file(data) == "remembered"


def test_the_same_content_gives_the_same_digest(data, tmp_path):
    copy = tmp_path / "copy.txt"
    copy.write_text("one")
    cache = DigestCache(tmp_path / "m.json")
    assert cache.of_file(copy) == cache.of_file(data)
    assert cache.of_files([data, copy]) != cache.of_files([data])


@pytest.mark.parametrize("content", ["", "not json", "[1, 2]", '{"x": 3}'])
def test_a_damaged_memory_is_ignored(data, tmp_path, content):
    expected = DigestCache(tmp_path / "none.json").of_file(data)
    (tmp_path / "m.json").write_text(content)
    assert DigestCache(tmp_path / "m.json").of_file(data) == expected


def test_fingerprint_of_reads_follows_time_and_index(data, tmp_path):
    index = tmp_path / "data.bai"
    index.write_text("i")
    cache = DigestCache(tmp_path / "m.json")
    first = cache.fingerprint(data, index)
    index.write_text("j")
    second = cache.fingerprint(data, index)
    os.utime(data, (5, 5))
    assert len({first, second, cache.fingerprint(data, index)}) == 3
