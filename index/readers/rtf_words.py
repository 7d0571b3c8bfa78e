"""The vocabulary of Rich Text: its tokens, code pages, signs, and where the text of a group goes."""

import re

__all__ = ["ABOUT", "CHARSETS", "CODE_PAGES", "MARGINS", "NOTES", "NOWHERE", "SIGNS", "SYMBOLS", "TOKEN"]

TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
CHARSETS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
CODE_PAGES = {65001: "utf-8", 936: "gb18030", 1361: "johab", 10000: "mac_roman"}
SIGNS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\n",
}  # fmt: skip
SYMBOLS = {"~": " ", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
# Where text goes that a group holds: to a note, to the margins, to what is known of the file, or nowhere.
NOTES = {"footnote": "note", "annotation": "comment", "shptxt": "box"}
MARGINS = dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header") | dict.fromkeys(
    ("footer", "footerl", "footerr", "footerf"), "footer"
)
ABOUT = ("title", "author", "atnauthor")
NOWHERE = frozenset(
    [
        "colortbl",
        "pict",
        "object",
        "fldinst",
        "listtable",
        "listoverridetable",
        "revtbl",
        "rsidtbl",
        "themedata",
        "datastore",
        "xmlnstbl",
        "info",
        "generator",
        "filetbl",
        "nonesttables",
        "bkmkstart",
        "bkmkend",
        "falt",
        "panose",
        "latentstyles",
        "operator",
        "company",
        "category",
        "keywords",
        "subject",
        "doccomm",
        "comment",
        "sp",
        "sn",
        "sv",
        "atnid",
        "atnref",
        "atndate",
        "atntime",
        "atnparent",
        "ftnsep",
        "ftnsepc",
        "ftncn",
        "aftnsep",
        "aftnsepc",
        "aftncn",
        "pgp",
        "mmathPr",
        "listname",
        "listpicture",
        "template",
        "private",
        "objdata",
        "result",
        "objclass",
        "tc",
        "xe",
        "rxe",
        "background",
    ]
)
