r"""LaTeX becomes Markdown: sections, lists, rows of tables, notes below their paragraph; formulas stay.

What a command does is not run: of an unknown one its last argument is kept, of a macro
that the file defines nothing is known.
"""

import re
import unicodedata
from collections.abc import Iterator

from rag.index.readers import read as read_any
from rag.index.readers.rows import Cell, rows
from rag.index.readers.text import decoded
from rag.index.reading import Reading

__all__ = ["read"]

_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_VERBATIM = re.compile(
    r"\\begin\{(verbatim\*?|lstlisting|minted)\}(?:\[[^\]]*\])?(?:\{[^}]*\})?(.*?)\\end\{\1\}", re.DOTALL
)
_ARGUMENT = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_SECTIONS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_SECTION = re.compile(rf"\\({'|'.join(_SECTIONS)})\*?(?:\[[^\]]*\])?{_ARGUMENT}")
_NOTE = re.compile(rf"\s*\\(?:footnote|footnotetext|endnote)(?:\[[^\]]*\])?{_ARGUMENT}")
_TABULAR = re.compile(
    rf"\\begin\{{(tabular[x*]?|longtable|array)\}}(?:\[[^\]]*\])?(?:{_ARGUMENT}){{1,2}}(.*?)\\end\{{\1\}}",
    re.DOTALL,
)
_SILENT = re.compile(
    rf"\\(?:label|cite\w*|ref|eqref|pageref|vspace|hspace|includegraphics|bibliography\w*|input|include|usepackage"
    rf"|pagestyle|thispagestyle|setlength|index)\*?(?:\[[^\]]*\])*{_ARGUMENT}(?:{_ARGUMENT})?"
)
_LINK = re.compile(rf"\\href{_ARGUMENT}{_ARGUMENT}")
_COMMAND = re.compile(rf"\\[A-Za-z]+\*?(?:\[[^\]]*\])?{_ARGUMENT}")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^}]*\}(?:\[[^\]]*\])?")
_BARE = re.compile(r"\\(?:[A-Za-z]+\*?[ \t]*|[!,;:/])")
_MATH = re.compile(
    r"\$\$.+?\$\$|(?<!\\)\$[^$\n]+\$|\\\[.+?\\\]|\\\(.+?\\\)|\\begin\{(equation|align|gather|multline)\*?\}.+?\\end\{\1\*?\}",
    re.DOTALL,
)
_ACCENT = re.compile(r"\\([`'^\"~=.]|[uvHckr](?=\{))(?:\{(\\?\w)\}|(\\?\w))")
_MARKS = dict(
    zip(
        "`'^\"~=.uvHckr",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a",
        strict=True,
    )
)
_LETTERS = {
    r"\ss": "ß",
    r"\o": "ø",
    r"\O": "Ø",
    r"\ae": "æ",
    r"\AE": "Æ",
    r"\oe": "œ",
    r"\l": "ł",
    r"\aa": "å",
    r"\i": "i",
}
_LETTER = re.compile(r"\\(?:ss|o|O|ae|AE|oe|l|aa|i)(?![A-Za-z])(?:\{\}| )?")
_SIGNS = {
    **{rf"\{sign}": sign for sign in "&%$#_{}"},
    "``": "“",
    "''": "”",
    "---": "—",
    "--": "–",
    "~": " ",
}
_SIGN = re.compile("|".join(re.escape(sign) for sign in _SIGNS))
_KEPT = re.compile("\ue000(\\d+)\ue001")


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is too long.
    """
    text, _ = decoded(data)
    text = text.replace("\ue000", "").replace("\ue001", "")
    kept: list[str] = []
    text = _VERBATIM.sub(lambda found: _keep(f"\n\n```\n{found[2].strip(chr(10))}\n```\n\n", kept), text)
    text = _COMMENT.sub("", text)
    told = {name: _told(text, name, kept) for name in ("title", "author", "date")}
    body = _BODY.search(text)
    made = _markdown(body[1] if body else text, kept)
    front = "".join(f'{name}: "{value}"\n' for name, value in told.items() if value)
    head = f"---\n{front}---\n\n" if front else ""
    return read_any((head + made).encode("utf-8", "replace"), ".md")


def _told(text: str, name: str, kept: list[str]) -> str:
    found = re.search(rf"\\{name}\s*{_ARGUMENT}", text)
    return " ".join(_plain(found[1], kept).replace('"', "'").split()) if found else ""


def _keep(piece: str, kept: list[str]) -> str:
    """Put *piece* aside, so that no later rule changes it; return the mark that stands for it."""
    kept.append(piece)
    return f"\ue000{len(kept) - 1}\ue001"


def _markdown(text: str, kept: list[str]) -> str:
    text = re.sub(rf"\\(?:title|author|date)\s*{_ARGUMENT}", "", text)
    text = _TABULAR.sub(lambda table: _keep("\n\n" + "\n".join(_rows(table[3], kept)) + "\n\n", kept), text)
    text = _MATH.sub(lambda formula: _keep(formula[0], kept), text)
    paragraphs = re.split(r"\n\s*\n", text)
    plain = "\n\n".join(piece for paragraph in paragraphs for piece in _with_notes(paragraph, kept))
    return _restored(re.sub(r"\n{3,}", "\n\n", plain), kept)


def _with_notes(paragraph: str, kept: list[str]) -> Iterator[str]:
    notes = [_plain(note[1], kept) for note in _NOTE.finditer(paragraph)]
    yield _plain(_NOTE.sub("", paragraph), kept)
    yield from notes


def _plain(text: str, kept: list[str]) -> str:
    """Return *text* without commands."""
    text = _ACCENT.sub(lambda found: _accented(found[2] or found[3], found[1]), text)
    text = _LETTER.sub(lambda found: _LETTERS[found[0].rstrip(" {}")], text)
    text = _SECTION.sub(
        lambda found: f"\n\n{'#' * _SECTIONS[found[1]]} {' '.join(found[2].split())}\n\n", text
    )
    text = re.sub(
        r"\s*\\item(?:\[([^\]]*)\])?\s*", lambda item: f"\n- {item[1] + ' ' if item[1] else ''}", text
    )
    text = _LINK.sub(r"\2", _SILENT.sub("", text))
    for _ in range(8):  # so deep may commands be nested
        text, count = _COMMAND.subn(
            lambda found: found[1] if not found[0].startswith(("\\begin", "\\end")) else "", text
        )
        if not count:
            break
    text = _ENVIRONMENT.sub("", text.replace("\\\\", "\n"))
    text = _SIGN.sub(lambda sign: _keep(_SIGNS[sign[0]], kept), text)
    return _BARE.sub("", text).replace("{", "").replace("}", "").strip("\n")


def _accented(letter: str, mark: str) -> str:
    return unicodedata.normalize("NFC", letter.lstrip("\\") + _MARKS[mark])


def _restored(text: str, kept: list[str]) -> str:
    for _ in range(4):  # a table may hold formulas that hold signs
        text, count = _KEPT.subn(lambda mark: kept[int(mark[1])] if int(mark[1]) < len(kept) else "", text)
        if not count:
            break
    return text


def _rows(body: str, kept: list[str]) -> list[str]:
    """Return the rows of a table: lines end in two backslashes, cells in an ampersand."""
    body = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|cline\{[^}]*\})", "", body)
    grid = []
    for line in re.split(r"\\\\(?:\[[^\]]*\])?", body):
        cells = [cell for each in re.split(r"(?<!\\)&", line) for cell in _spanned(each, kept)]
        if any(cell.text for cell in cells):
            grid.append(cells)
    return rows(grid)


def _spanned(text: str, kept: list[str]) -> list[Cell]:
    wide = re.match(rf"\s*\\multicolumn\{{(\d+)\}}{_ARGUMENT}{_ARGUMENT}\s*$", text)
    inner = _MATH.sub(lambda formula: _keep(formula[0], kept), wide[3] if wide else text)
    cell = Cell(_restored(" ".join(_plain(inner, kept).split()), kept))
    return [cell] * (min(int(wide[1]), 100) if wide else 1)
