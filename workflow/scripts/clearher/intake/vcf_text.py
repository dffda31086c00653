"""Text of a variant file, whatever it is packed in, or one sentence about why it cannot be had.

Plain text, gzip, bgzip and BCF are told apart by content, never by the file's name.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pysam
from isal import isal_zlib

from clearher.problems import InputError, Problem

GZIP_MAGIC = b"\x1f\x8b"
BCF_MAGIC = b"BCF"
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
BLOCK_START = bytes.fromhex("1f8b0804")
BLOCK_FIELD = bytes.fromhex("060042430200")
BLOCK_SIZE = 65536


def packing(path: str | Path) -> str:
    """How a file is packed: ``plain``, ``gzip``, ``bgzf`` or ``bcf``.

    Raises
    ------
    InputError
        The file cannot be opened, is empty, or its compressed data are damaged at the start.
    """
    try:
        with open(path, "rb") as stream:
            start = stream.read(18)
    except OSError as error:
        raise InputError([_unreadable(path, error.strerror or str(error))]) from error
    if not start:
        raise InputError([_empty(path)])
    if not start.startswith(GZIP_MAGIC):
        return "bcf" if start.startswith(BCF_MAGIC) else "plain"
    try:
        with gzip.open(path, "rb") as stream:
            inside = stream.read(3)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError([_damaged(path, error)]) from error
    if inside == BCF_MAGIC:
        return "bcf"
    return "bgzf" if _is_blocked(start) else "gzip"


def read_text(path: str | Path) -> str:
    """Whole text of a VCF or MAF file, as :func:`read_bytes` has it."""
    return read_bytes(path).decode("utf-8")


def read_bytes(path: str | Path) -> bytes:
    """Whole text of a VCF or MAF file in UTF-8 with line feeds; a BCF file as the VCF text it stands for.

    What is not UTF-8 becomes the replacement character U+FFFD.

    Raises
    ------
    InputError
        Not readable, empty, truncated or damaged; names the file and the remedy.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError([_unreadable(path, error.strerror or str(error))]) from error
    if data.startswith(GZIP_MAGIC):
        data = _unpacked(data, path)
    if data.startswith(BCF_MAGIC):
        data = _bcf_text(path).encode("utf-8")
    if not data or data.isspace():
        raise InputError([_empty(path)])
    if not data.isascii():
        data = data.decode("utf-8", errors="replace").encode("utf-8")
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _unpacked(data: bytes, path: str | Path) -> bytes:
    if _is_blocked(data) and not data.endswith(BGZF_END):
        raise InputError([_truncated(path)])
    try:
        return _unblocked(data) if _is_blocked(data) else gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError([_damaged(path, error)]) from error


def _unblocked(data: bytes) -> bytes:
    """Content of bgzip blocks, by ISA-L because it is fast; what is wrong with damaged ones zlib says."""
    try:
        return _joined_blocks(data, isal_zlib.decompress)
    except (isal_zlib.error, zlib.error):
        return _joined_blocks(data, zlib.decompress)


def _joined_blocks(data: bytes, inflate: Callable[..., bytes]) -> bytes:
    """Content of bgzip blocks, several times faster than as one gzip stream; unlike blocks as such a stream.

    A block (SAM specification, section 4.1) has a header of 18 bytes that ends with its size less 1, and ends
    with checksum and length of its content.
    """
    parts, start = [], 0
    while start < len(data):
        size = int.from_bytes(data[start + 16 : start + 18], "little") + 1
        end = start + size
        if data[start : start + 4] != BLOCK_START or data[start + 10 : start + 16] != BLOCK_FIELD:
            return gzip.decompress(data)
        part = inflate(data[start + 18 : end - 8], wbits=-zlib.MAX_WBITS, bufsize=BLOCK_SIZE)
        stated = (isal_zlib.crc32(part), len(part))
        found = (data[end - 8 : end - 4], data[end - 4 : end])
        if stated != tuple(int.from_bytes(value, "little") for value in found):
            raise zlib.error("a block contradicts its checksum")
        parts.append(part)
        start = end
    return b"".join(parts)


def _is_blocked(start: bytes) -> bool:
    """Whether gzip data are bgzip blocks: the extra field BC stands first."""
    return len(start) >= 18 and bool(start[3] & 4) and start[12:14] == b"BC"


def header_lines(path: str | Path) -> Iterator[str]:
    """Lines of a VCF up to its ``#CHROM`` line, of a MAF up to its column names, without reading the records.

    Raises
    ------
    InputError
        Not readable, empty or damaged.
    """
    kind = packing(path)
    if kind == "bcf":
        yield from _bcf_header(path).splitlines()
        return
    if kind == "bgzf":
        _check_end(path)
    opener = open if kind == "plain" else gzip.open
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace") as stream:
            for line in stream:
                yield line.rstrip("\r\n")
                if not line.startswith("##") and not line.startswith("#version"):
                    return
    except (OSError, EOFError, zlib.error) as error:
        raise InputError([_damaged(path, error)]) from error


def _check_end(path: str | Path) -> None:
    with open(path, "rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - len(BGZF_END)))
        if stream.read() != BGZF_END:
            raise InputError([_truncated(path)])


def _bcf_text(path: str | Path) -> str:
    try:
        with pysam.VariantFile(str(path)) as stream:
            return str(stream.header) + "".join(str(record) for record in stream)
    except (OSError, ValueError) as error:
        raise InputError([_damaged(path, error)]) from error


def _bcf_header(path: str | Path) -> str:
    try:
        with pysam.VariantFile(str(path)) as stream:
            return str(stream.header)
    except (OSError, ValueError) as error:
        raise InputError([_damaged(path, error)]) from error


def _unreadable(path: str | Path, reason: str) -> Problem:
    return Problem(
        check="file_unreadable",
        file=str(path),
        found=reason,
        expected="a readable VCF, BCF or MAF file",
        remedy="Correct the path in the sample sheet, or the file's permissions.",
    )


def _empty(path: str | Path) -> Problem:
    return Problem(
        check="file_empty",
        file=str(path),
        row="1",
        found="an empty file",
        expected="at least a header; a header without records means no calls",
        remedy="Run the caller again: an empty file cannot say that nothing was found.",
    )


def _truncated(path: str | Path) -> Problem:
    return Problem(
        check="file_truncated",
        file=str(path),
        found="bgzip data without the end-of-file block",
        expected="a complete file",
        remedy="The file was cut off while it was written or copied: copy or make it again.",
    )


def _damaged(path: str | Path, error: Exception) -> Problem:
    return Problem(
        check="file_damaged",
        file=str(path),
        found=f"data that cannot be unpacked ({error})",
        expected="a complete plain, gzip, bgzip or BCF file",
        remedy="Copy or make the file again; if it is read by other programs, convert it with bcftools view.",
    )
