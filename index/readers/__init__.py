"""Readers: one file a format, each a function from the bytes of a file to a `Reading`.

`FORMATS` says which reader serves which suffix, `kind_of` whether the suffix is to be
believed. A reader may import `rag.index.reading`, what several formats share (`archive`,
`rows`, `superscript`) and libraries of its format, and no other reader's insides; what
holds files of other kinds hands them to `read`. All but plain text are run in
`rag.index.sandbox`, because a parser can be made to hang, crash or fill the memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from rag.index.readers.kinds import kind_of
from rag.index.reading import Job, Reading, Unreadable

__all__ = ["FORMATS", "MAX_BYTES", "PARSED", "PICTURES", "PLAIN", "Format", "kind_of", "read"]

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        module: The file in this folder that reads it; its function ``read`` is called.
        max_bytes: Larger files are refused. Pictures make PDF and office files large, nothing makes text so.
        is_plain: It is text already, and safe to read in this process.
        has_pages: Its reader takes a `Job` too, and says which page it is at.
    """

    module: str
    max_bytes: int = 50 * _MB
    is_plain: bool = False
    has_pages: bool = False


# Written by people. Style sheets and minified pages are not, nor is what a build leaves.
_CODE = tuple(
    f".{name}"
    for name in [
        "py",
        "pyi",
        "js",
        "mjs",
        "ts",
        "jsx",
        "tsx",
        "vue",
        "svelte",
        "java",
        "kt",
        "kts",
        "scala",
        "groovy",
        "gradle",
        "c",
        "h",
        "cc",
        "cpp",
        "cxx",
        "hpp",
        "hh",
        "cs",
        "fs",
        "vb",
        "go",
        "rs",
        "rb",
        "php",
        "pl",
        "pm",
        "swift",
        "m",
        "mm",
        "r",
        "jl",
        "lua",
        "dart",
        "ex",
        "exs",
        "erl",
        "hs",
        "elm",
        "clj",
        "lisp",
        "el",
        "ml",
        "sql",
        "sh",
        "bash",
        "zsh",
        "fish",
        "ps1",
        "bat",
        "cmd",
        "tf",
        "hcl",
        "proto",
        "graphql",
        "ini",
        "toml",
        "cfg",
        "conf",
        "properties",
        "cmake",
        "diff",
        "patch",
    ]
)

FORMATS: Mapping[str, Format] = {
    ".txt": Format("text", is_plain=True),
    ".md": Format("markdown"),
    ".markdown": Format("markdown"),
    ".html": Format("html"),
    ".htm": Format("html"),
    ".xhtml": Format("html"),
    ".pdf": Format("pdf", 200 * _MB, has_pages=True),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), Format("pdf.image", has_pages=True)),
    **dict.fromkeys((".docx", ".docm", ".dotx"), Format("docx", 200 * _MB)),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), Format("xlsx", 200 * _MB)),
    ".xls": Format("xls"),
    # Not read, but what is called so often is something else; if it is not, the reason says what to do.
    **dict.fromkeys((".doc", ".ppt", ".msg", ".xlsb"), Format("text", 200 * _MB)),
    **dict.fromkeys((".csv", ".tsv"), Format("csv")),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson"), Format("json")),
    **dict.fromkeys((".yaml", ".yml"), Format("yaml")),
    ".xml": Format("xml"),
    ".ipynb": Format("ipynb"),
    ".mdx": Format("mdx"),
    ".rst": Format("rst"),
    **dict.fromkeys((".adoc", ".asciidoc"), Format("adoc")),
    ".org": Format("org"),
    ".tex": Format("tex"),
    **dict.fromkeys((".log", ".text", ".srt", ".vtt"), Format("text", is_plain=True)),
    **dict.fromkeys(_CODE, Format("code", 5 * _MB, is_plain=True)),
    ".hwp": Format("hwp", 200 * _MB),
    ".hwpx": Format("hwpx", 200 * _MB),
    ".epub": Format("epub", 200 * _MB),
    ".rtf": Format("rtf"),
    **dict.fromkeys((".eml", ".mht", ".mhtml"), Format("mail")),
    ".mbox": Format("mbox", 200 * _MB),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx"), Format("pptx", 200 * _MB)),
    **dict.fromkeys((".odt", ".ott", ".ods", ".ots", ".odp", ".otp"), Format("odf", 200 * _MB)),
}
"""The format of each suffix that is read, in lower case with its dot."""

PLAIN = frozenset(suffix for suffix, each in FORMATS.items() if each.is_plain)
"""Suffixes of files that are text already."""

PARSED = frozenset(FORMATS) - PLAIN
"""Suffixes of files that need a parser, and so a child process with limits."""

PICTURES = frozenset(suffix for suffix, each in FORMATS.items() if each.module == "pdf.image")
"""Suffixes of pictures, which are read by text recognition only."""

MAX_BYTES: Mapping[str, int] = {suffix: each.max_bytes for suffix, each in FORMATS.items()}
"""Largest file that is read, by suffix."""


def read(data: bytes, suffix: str, job: Job | None = None) -> Reading:
    """Read a file's bytes as *suffix* says, in lower case with its dot.

    Args:
        data: The file.
        suffix: Its format.
        job: What a person chose about reading, for formats that have pages.

    Raises:
        Unreadable: The file holds no text, or not in this format.
        MemoryError: Nothing else is raised, whatever the file holds.
    """
    if suffix not in FORMATS:
        raise Unreadable(f"is of a kind ({suffix}) that is not read")
    reader: Callable[..., Reading] = import_module(f"{__name__}.{FORMATS[suffix].module}").read
    try:
        return reader(data, job or Job()) if FORMATS[suffix].has_pages else reader(data)
    except (Unreadable, MemoryError):
        raise
    except Exception as exc:  # Parsers raise anything on damaged files: 330 of 3,000 mutated PDFs did.
        what = " ".join(f"{type(exc).__name__}: {exc}".split())[:200]
        raise Unreadable(f"cannot be parsed as {suffix} ({what}). Save it anew, or in smaller parts") from exc
