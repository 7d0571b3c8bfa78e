"""Office files put together part by part, so that a test says exactly what the file holds."""

import io
import zipfile
from collections.abc import Mapping

W_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml"


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of *parts*."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def relations(parts: Mapping[str, str]) -> str:
    """Return a relations part: the kind of each target by its name."""
    rows = "".join(
        f'<Relationship Id="r{n}" Type="{_TYPES}/{kind}" Target="{name}"/>'
        for n, (name, kind) in enumerate(parts.items())
    )
    return f'<Relationships xmlns="{_RELATIONS}">{rows}</Relationships>'


def word_file(body: str, *, strict: bool = False, **parts: str) -> bytes:
    """Return a docx of *body*; the other parts (footnotes, header1) are named as files, without suffix.

    ``w`` and ``m`` are the prefixes of Word and of its equations; elements of a part are
    wrapped in the root that the part has.
    """
    roots = {"document": "document", "header": "hdr", "footer": "ftr"}
    made = {"document": f"<w:body>{body}</w:body>", **parts}
    kinds = {f"{name}.xml": name.rstrip("0123456789") for name in parts}
    files = {
        "_rels/.rels": relations({"word/document.xml": "officeDocument"}),
        "word/_rels/document.xml.rels": relations(kinds),
    }
    for name, inner in made.items():
        root = roots.get(name.rstrip("0123456789"), name)
        xml = f'<w:{root} xmlns:w="{W_SPACE}" xmlns:m="{M_SPACE}">{inner}</w:{root}>'
        files[f"word/{name}.xml"] = xml
    if strict:
        files = {
            name: xml.replace(W_SPACE, f"{_STRICT}/wordprocessingml/main")
            .replace(M_SPACE, f"{_STRICT}/officeDocument/math")
            .replace(_TYPES, f"{_STRICT}/officeDocument/relationships")
            for name, xml in files.items()
        }
    return package(files)


def para(text: str, properties: str = "", run: str = "") -> str:
    """Return a paragraph of Word with one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def cell(*paragraphs: str, properties: str = "", inner: str = "") -> str:
    """Return a cell of Word's; *inner* is a table in it."""
    body = "".join(para(text) for text in paragraphs)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{body}{inner}</w:tc>"


def table(*rows: list[str]) -> str:
    """Return a table of Word: rows of cells, or of texts."""
    made = "".join(
        "<w:tr>" + "".join(each if each.startswith("<") else cell(each) for each in row) + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{made}</w:tbl>"
