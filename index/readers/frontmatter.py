"""The fields that stand before a text: YAML or TOML between rules, as site generators read it.

What they say of the document goes into its metadata and stays text as well, a line
a field: the author, the version or the opening hours may stand nowhere else.
Settings of the page (its layout, its place in a menu) are masked.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.index.reading import Block

__all__ = ["FrontMatter", "front_matter"]

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([\w-]+)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
# The same word in the languages whose writers name fields in their own.
_TITLE = (
    "title",
    "título",
    "titulo",
    "titel",
    "titre",
    "titolo",
    "제목",
    "タイトル",
    "題名",
    "标题",
    "標題",
    "заголовок",
)
_AUTHOR = (
    *(
        "author",
        "authors",
        "by",
        "creator",
        "writer",
        "autor",
        "autora",
        "autores",
        "auteur",
        "auteurs",
        "autore",
    ),
    *(
        "verfasser",
        "verfasserin",
        "autorin",
        "작성자",
        "저자",
        "글쓴이",
        "지은이",
        "著者",
        "作者",
        "筆者",
        "執筆者",
    ),
    *("автор", "المؤلف", "الكاتب", "מחבר", "ผู้เขียน", "लेखक", "tác giả", "yazar", "penulis"),
)
_DATE = (
    *("date", "published", "pubdate", "publish_date", "publishdate", "date_published", "datepublished"),
    *(
        "작성일",
        "게시일",
        "발행일",
        "날짜",
        "公開日",
        "発行日",
        "投稿日",
        "日付",
        "发布日期",
        "發布日期",
        "日期",
    ),
    *("fecha", "datum", "data", "дата", "تاريخ", "תאריך"),
)
_LANG = ("lang", "language", "locale")
_TECHNICAL = re.compile(
    r"(?:layout|permalink|slug|url|draft|weight|order|position|template|theme|toc|css|js|id|uuid|type|image|thumbnail"
    r"|cover|icon|hide|aliases|redirect\w*|nav\w*|sidebar\w*|menu\w*|parent|has_children|pagination\w*|search\w*"
    r"|lang|language|locale|math|mermaid|comments|head|prev|next)(?: .*)?",
    re.IGNORECASE,
)
_MAX_FIELDS, _MAX_DEPTH = 200, 4


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the fields say: `fields` are their names and values in order, `end` is where the text begins."""

    fields: tuple[tuple[str, str], ...] = ()
    end: int = 0

    def _first(self, names: tuple[str, ...]) -> str:
        told = {name.casefold(): value for name, value in reversed(self.fields)}
        return next((told[name] for name in names if told.get(name)), "")

    @property
    def title(self) -> str:
        """Empty if no field says it; so are the others."""
        return self._first(_TITLE)

    @property
    def author(self) -> str:
        """Names, with commas between several."""
        return self._first(_AUTHOR)

    @property
    def date(self) -> str:
        """As it is written."""
        return self._first(_DATE)

    @property
    def lang(self) -> str:
        """As it is written."""
        return self._first(_LANG)

    def blocks(self, *, titled: bool) -> Iterator[Block]:
        """Yield the fields as lines; the title as a heading unless the text is *titled* itself."""
        if self.title and not titled:
            yield Block(f"# {self.title}")
        for name, value in self.fields:
            if name.casefold() not in _TITLE:
                mask = "front matter" if _TECHNICAL.fullmatch(name) else ""
                yield Block(f"{name}: {value}", mask)


def front_matter(text: str) -> FrontMatter:
    """Return the fields at the beginning of *text*, none if it has none."""
    if found := _YAML.match(text):
        return FrontMatter(tuple(_flat(_yaml(found[1])))[:_MAX_FIELDS], found.end())
    if found := _TOML.match(text):
        try:
            fields = tomllib.loads(found[1])
        except tomllib.TOMLDecodeError:
            return FrontMatter()
        return FrontMatter(tuple(_flat(dict[object, object](fields.items())))[:_MAX_FIELDS], found.end())
    return FrontMatter()


def _yaml(text: str) -> Mapping[object, object]:
    """Parse *text*; what is no YAML gives its lines of the form ``key: value``."""
    import yaml

    try:
        # Of all loaders these make the least: strings, lists and mappings.
        fields = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    except (yaml.YAMLError, ValueError):
        fields = None
    if isinstance(fields, dict):
        return fields
    return {name: value.strip("'\"") for name, value in _FIELD.findall(text)}


def _flat(fields: Mapping[object, object], above: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    """Yield names and values: lists with commas, fields of fields under both names."""
    for key, value in fields.items():
        name = f"{above} {key}".strip()
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            yield from _flat(value, name, depth + 1)
        elif told := " ".join(_told(value, depth).split()):
            yield name, told


def _told(value: object, depth: int) -> str:
    """Return a value as text; no deeper than some levels, as aliases can make lists of lists of lists."""
    if isinstance(value, dict):
        # "authors: [{name: Ann, email: ...}]"
        value = [value["name"]] if "name" in value else list(value.values())
    if isinstance(value, list):
        parts = (_told(each, depth + 1) for each in value[:_MAX_FIELDS] if depth < _MAX_DEPTH)
        return ", ".join(filter(None, parts))
    return "" if value is None else str(value)
