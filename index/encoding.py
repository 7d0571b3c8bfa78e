"""Bytes become text: which encoding a file is in, and whether that is certain.

A byte order mark decides; then NUL bytes, which only UTF-16 and UTF-32 have; then
UTF-8, which other encodings do not satisfy by chance; then what the file declares;
then a guess by chardet among the encodings in use (docs/decisions/0003-loading.md
has its accuracy). Controls and normal forms are left to `rag.text.characters.clean_text`.
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from rag.index.reading import Unreadable

__all__ = ["Decoded", "decode"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, its encoding (Python's name), and why it may be wrong, if so."""

    text: str
    encoding: str
    doubt: str = ""


# UTF-32 first: its little-endian mark begins with that of UTF-16.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

# What chardet may answer. Left to choose among all it knows, DOS and Macintosh code
# pages take short texts from Windows ones: 97.5 % instead of 99.2 % right at 40 characters.
_CANDIDATES = (
    *("cp949", "euc_kr", "johab", "iso2022_kr"),
    *("cp932", "shift_jis_2004", "euc_jis_2004", "iso2022_jp_2"),
    *("gb18030", "big5hkscs"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("iso8859-2", "iso8859-5", "iso8859-7", "koi8-r", "koi8-u"),
)
# The encoding that writers of the named one really used (https://encoding.spec.whatwg.org/#names-and-labels).
_IN_PRACTICE = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "big5hkscs": "cp950",
}
# One sentence gives .3 or more in two of three files, and none of those was wrong.
MIN_CONFIDENCE = 0.3

_ESCAPE = re.compile(rb"\x1b\$[@A-D()]|\x1b\([BIJ]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_LOW_BYTE = re.compile(rb"[\x00-\x1f]")
_SAMPLE = 2000


def decode(data: bytes, declared: str = "") -> Decoded:
    """Return the text of *data*.

    Args:
        declared: The encoding that the file itself names, as in HTML; may be empty or unknown.

    Raises:
        Unreadable: *data* is not text.
    """
    decoded = (
        _marked(data)
        or _wide(data)
        or _utf8(data)
        or _mixed(data)
        or _declared(data, declared)
        or _guessed(data)
    )
    controls = len(_CONTROL.findall(decoded.text))
    if controls > max(len(decoded.text) // 50, 2):
        raise Unreadable("is not text: it holds too many control characters. Give it its right suffix")
    return decoded


def _marked(data: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _replaced(data[len(mark) :], encoding)
    return None


def _replaced(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    doubt = f"{lost} of its characters are not valid {encoding} and were lost. Save it as UTF-8"
    return Decoded(text, encoding, doubt if lost else "")


def _wide(data: bytes) -> Decoded | None:
    """Read UTF-16 or UTF-32 without a mark.

    Both have NUL bytes, of spaces if of nothing else. So may UTF-8 by mistake, but
    few: the upper half of a UTF-16 letter is below 32 in most alphabets.
    """
    if 0 not in data:
        return None
    if len(_LOW_BYTE.findall(data)) < len(data) // 5 and _strictly(data, "utf-8") is not None:
        return None
    for encoding in ("utf-32-le", "utf-32-be"):
        if text := _strictly(data, encoding):
            return Decoded(text, encoding)
    readings = [
        Decoded(text, encoding)
        for encoding in ("utf-16-le", "utf-16-be")
        if (text := _strictly(data, encoding))
    ]
    return max(readings, key=lambda reading: _evenness(reading.text), default=None)


def _evenness(text: str) -> float:
    """Return the chance that two of the first characters of *text* are of one block of 256.

    Read in the wrong byte order, the characters of any script scatter over many blocks.
    """
    blocks = Counter(ord(char) >> 8 for char in text[:_SAMPLE])
    return sum(count * count for count in blocks.values()) / blocks.total() ** 2


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):  # "hex" is a codec, but of no text: LookupError
        return None


def _utf8(data: bytes) -> Decoded | None:
    text = _strictly(data, "utf-8")
    if text is not None:
        return None if _ESCAPE.search(data) else Decoded(text, "utf-8")
    # One cut character, or two files in one, must not turn the rest into mojibake.
    damaged = data.decode("utf-8", "replace")
    lost = damaged.count("\ufffd")
    if sum(char > "\x7f" for char in damaged) - lost > 20 * lost:
        return _replaced(data, "utf-8")
    return None


def _mixed(data: bytes) -> Decoded | None:
    """Read UTF-8 with lines in another encoding: what somebody pasted must not cost the file.

    A character of another encoding is valid UTF-8 only by chance, so more of those than there
    are other lines are proof. A line that is mostly valid was damaged, and loses characters only.
    """
    lines = data.split(b"\n")
    read = [_strictly(line, "utf-8") for line in lines]
    valid = sum(char > "\x7f" for text in read for char in text or "")
    foreign = [n for n, text in enumerate(read) if text is None]
    if valid <= len(foreign):
        return None
    strange = {n for n in foreign if not _is_damaged(lines[n])}
    guess = _guessed(b"\n".join(lines[n] for n in sorted(strange))).encoding if strange else "utf-8"
    for n in foreign:
        read[n] = lines[n].decode(guess if n in strange else "utf-8", "replace")
    doubt = f"{len(foreign)} of its lines are not UTF-8 and were read as {guess}. Save it as UTF-8"
    return Decoded("\n".join(text or "" for text in read), "utf-8", doubt)


def _is_damaged(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) > 4 * lost


def _declared(data: bytes, declared: str) -> Decoded | None:
    for encoding in _names(declared):
        if (text := _strictly(data, encoding)) is not None:
            return Decoded(text, encoding)
    return None


def _names(label: str) -> list[str]:
    """Return the encodings to try for *label*, the widest first; none for an unknown one."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return []
    return [_IN_PRACTICE.get(name, name), name]


def _guessed(data: bytes) -> Decoded:
    import chardet

    guess = chardet.detect(data, compat_names=False, include_encodings=_CANDIDATES)
    label = guess["encoding"] or "cp1252"
    decoded = _declared(data, label) or _replaced(data, (_names(label) or ["cp1252"])[0])
    if decoded.doubt or guess["confidence"] >= MIN_CONFIDENCE:
        return decoded
    doubt = f"its encoding is a guess: {decoded.encoding}. Check its text, or save it as UTF-8"
    return Decoded(decoded.text, decoded.encoding, doubt)
