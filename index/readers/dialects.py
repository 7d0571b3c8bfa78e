"""Markdown of many dialects becomes CommonMark: only what is text is left of their additions.

What renderers of documentation add to CommonMark (containers, admonitions, tabs,
attribute lists, template tags, footnotes, definition lists) is markup, and would
come out of its parser as words. Nothing is done inside fenced code.
"""

import re
from collections.abc import Iterable, Iterator

__all__ = ["plain", "without_attributes"]

_FENCE = re.compile(r"\s*(?:[-*+>]\s+|\d+[.)]\s+)*(`{3,}|~{3,})([^`]*)$")
# kramdown and Pandoc: {: .note title="Read this"}, {#id .class}; not the {id} of an address.
_NAME = r"[\w:.-]+"
_PAIR = rf"{_NAME}=(?:\"[^\"]*\"|'[^']*'|[^\s\"'}}]+)"
_ATTRIBUTES = rf"\{{:?\s*(?:[#.]{_NAME}|{_PAIR})(?:\s+(?:[#.]?{_NAME}|{_PAIR}))*\s*\}}|\{{:\s[^{{}}]*\}}"
_ATTRIBUTES_AT_END = re.compile(rf"\s*(?:{_ATTRIBUTES})\s*$")
_ATTRIBUTE_LINE = re.compile(rf"\s*(?:>\s*)*(?:{_ATTRIBUTES})\s*$")
# Jekyll and Hugo: {% include note.html %}, {{< tabs >}}.
_TEMPLATE = re.compile(r"\{%[^%\n]*%\}|\{\{[<%][^{}\n]*[>%]\}\}")
# Pandoc, VuePress, MyST: "::: tip Remember", ":::{note}", "::: {.column width=50%}".
_CONTAINER = re.compile(
    r"\s*:{3,}\s*(?:\{[^{}]*\}|[\w-]*(?:\{[^{}]*\}|\[(?P<named>[^\]]*)\])?)\s*(?P<title>.*)$"
)
# MkDocs and Python-Markdown: '!!! note "Remember"', '??? tip', '=== "Linux"'; what follows is indented.
_ADMONITION = re.compile(
    r"(?P<indent>\s*)(?:(?:!!!|\?\?\?\+?)\s+[\w -]+?|===[!+]*)(?:\s+[\"“](?P<title>[^\"”]*)[\"”])?\s*$"
)
_INDENT = 4
# GitHub and Obsidian: "> [!NOTE] Remember".
_ALERT = re.compile(r"^(\s*(?:>\s*)+)\[![\w-]+\][+-]?\s*")
_FOOTNOTE = re.compile(r"^\[\^[^\]\s]+\]:\s*")
_ABBREVIATION = re.compile(r"^\*\[([^\]]+)\]:\s*")
_DEFINITION = re.compile(r":[ \t]+(?P<told>\S.*)$")
_NO_TERM = re.compile(r"\s|#|>|\||[-*+]\s|\d+[.)]\s")


def without_attributes(text: str) -> str:
    """Return *text* without an attribute list at its end."""
    return _ATTRIBUTES_AT_END.sub("", text)


def plain(text: str) -> str:
    """Return *text* in CommonMark with tables; each line break that is left stood there before."""
    return "\n".join(_defined(_lines(text.split("\n"))))


def _lines(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield lines without markup, and whether they are text rather than code.

    The bodies of admonitions and tabs are taken back to the margin.
    """
    margins: list[int] = []
    fence = ""
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while margins and not fence and line.strip() and indent < margins[-1]:
            margins.pop()
        shifted = line[min(indent, _INDENT * len(margins)) :]
        mark = _FENCE.match(shifted)
        if fence or mark:
            yield shifted, False
            fence = _fence_after(fence, mark)
        elif opened := _ADMONITION.match(shifted):
            margins.append((margins[-1] if margins else len(opened["indent"])) + _INDENT)
            yield from (("", True), (opened["title"] or "", True), ("", True))
        else:
            yield from ((each, True) for each in _unmarked(shifted))


def _fence_after(fence: str, mark: re.Match[str] | None) -> str:
    """Return the fence of the code that is open after a line, empty if none is."""
    if not fence:
        return mark[1] if mark else ""
    closes = mark and mark[1].startswith(fence) and not mark[2].strip()
    return "" if closes else fence


def _unmarked(line: str) -> Iterator[str]:
    if contained := _CONTAINER.match(line):
        yield from ("", contained["named"] or contained["title"], "")
    elif _ATTRIBUTE_LINE.match(line):
        return
    elif note := _FOOTNOTE.match(line):
        yield from ("", line[note.end() :])
    else:
        bare = _ABBREVIATION.sub(r"\1: ", _ALERT.sub(r"\1", line))
        yield _TEMPLATE.sub("", bare) if "{" in bare else bare


def _defined(lines: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Join a term to its definition: "Kiln" and ": An oven" are "Kiln: An oven"."""
    held: list[str] = []  # A line that may be a term, and the blank one that may follow it.
    for line, is_text in lines:
        if held and is_text and (told := _DEFINITION.match(line)):
            held = [f"{held[0]}: {told['told']}"]
        elif len(held) == 1 and not line.strip():
            held.append(line)
        else:
            yield from held
            is_term = is_text and line.strip() and not _NO_TERM.match(line)
            held = [line] if is_term else []
            yield from [] if is_term else [line]
    yield from held
