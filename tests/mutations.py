"""Damage files at random, the same damage for the same seed: what copying, editing and malice do to them."""

import random

PIECES = (
    b"\0", b"\xff\xfe", b"\t", b"\n", b"\r\n", b"\r", b'"', b"'", b",", b";", b"=", b"|", b"/", b" ", b"..",
    b"../../etc/passwd", b"=cmd|' /C calc'!A0", b"<script>", b"NaN", b"inf", b"-1", b"1e999", b"9" * 40,
    b"0x10", b"1_000", "\u0663".encode(), "\u202e".encode(), "\u00e9".encode("latin-1"), b"\xed\xa0\x80",
    b"9999-99-99", b"0000-00-00", b"2024-02-30T25:61", b"A" * 5000, b"*", b"<DEL>", b".", b"#", b"%s", b"{0}",
)  # fmt: skip


def damaged(content: bytes, seed: int) -> bytes:
    """The content with one to three random injuries."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        content = chance.choice(INJURIES)(content, chance)
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    place = _place(content, chance)
    return content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    place = _place(content, chance)
    return content[:place] + chance.choice(PIECES) + content[place:]


def _replace_cell(content: bytes, chance: random.Random) -> bytes:
    mark = chance.choice((b"\t", b",", b";", b":"))
    cells = content.split(mark)
    cells[chance.randrange(len(cells))] = chance.choice(PIECES)
    return mark.join(cells)


def _cut_short(content: bytes, chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def _leave_out(content: bytes, chance: random.Random) -> bytes:
    place = _place(content, chance)
    return content[:place] + content[place + chance.randint(1, 200) :]


def _repeat_line(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join([*lines, chance.choice(lines), b""])


def _mix_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


INJURIES = (_flip, _insert, _replace_cell, _replace_cell, _cut_short, _leave_out, _repeat_line, _mix_lines)
