"""A small file in each format that holds a given text, for what must be true of all formats."""

import io
import json
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from html import escape

import openpyxl
import pptx
import xlwt
from documents import docx_bytes
from odf import draw, style, table, text
from odf.opendocument import OpenDocument, OpenDocumentPresentation, OpenDocumentSpreadsheet, OpenDocumentText
from office import package
from ole import hwp, paragraph, record

__all__ = ["FILES", "epub", "rtf"]


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def xlsx(said: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Name", "Text", "Number"])
    book.active.append(["one", said, 3])
    return _saved(book)


def xls(said: str) -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, said)
    return _saved(book)


def slides(said: str) -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text_frame.text = said
    return _saved(show)


def odt(said: str) -> bytes:
    document = OpenDocumentText()
    document.text.addElement(text.P(text=said))
    return _saved(document)


def ods(said: str) -> bytes:
    document = OpenDocumentSpreadsheet()
    sheet, row, cell = table.Table(name="S"), table.TableRow(), table.TableCell()
    cell.addElement(text.P(text=said))
    row.addElement(cell)
    sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    return _saved(document)


def odp(said: str) -> bytes:
    document: OpenDocument = OpenDocumentPresentation()
    master = style.MasterPage(name="M", pagelayoutname="L")
    document.masterstyles.addElement(master)
    page, frame, box = draw.Page(masterpagename=master), draw.Frame(), draw.TextBox()
    box.addElement(text.P(text=said))
    frame.addElement(box)
    page.addElement(frame)
    document.presentation.addElement(page)
    return _saved(document)


def epub(*chapters: str, about: str = "", **parts: str) -> bytes:
    """Return a book of pages, each the body of a chapter; `about` are elements of its metadata."""
    names = [f"c{n}.xhtml" for n in range(len(chapters))]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{about}</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/b.opf"/></rootfiles></container>'
    )
    pages = {
        f"OEBPS/{name}": f"<html><body>{body}</body></html>"
        for name, body in zip(names, chapters, strict=True)
    }
    return package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/b.opf": opf,
            **pages,
            **parts,
        }
    )


def rtf(body: str) -> bytes:
    """Return RTF; characters beyond ASCII in *body* are written as Unicode, two halves where needed."""
    units = body.encode("utf-16-le")
    codes = [int.from_bytes(units[n : n + 2], "little") for n in range(0, len(units), 2)]
    made = "".join(chr(c) if c < 128 else f"\\u{c - 0x10000 if c > 0x7FFF else c}?" for c in codes)
    return f"{{\\rtf1\\ansi\\ansicpg1252 {made}}}".encode("ascii")


def eml(said: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Subject", "a@example.org"
    mail.set_content(said)
    return mail.as_bytes()


def notebook(said: str) -> bytes:
    cell = {"cell_type": "markdown", "metadata": {}, "source": [said]}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


FILES: Mapping[str, Callable[[str], bytes]] = {
    ".txt": str.encode,
    ".md": str.encode,
    ".html": lambda said: f"<p>{escape(said)}</p>".encode(),
    ".docx": docx_bytes,
    ".xlsx": xlsx,
    ".xls": xls,
    ".csv": lambda said: f'a,b\n"{said}",1\n'.encode(),
    ".pptx": slides,
    ".odt": odt,
    ".ods": ods,
    ".odp": odp,
    ".hwp": lambda said: hwp(paragraph(said), info=record(21, 0, bytes(66)) + record(25, 0, bytes(36))),
    ".epub": lambda said: epub(f"<p>{escape(said)}</p>"),
    ".rtf": lambda said: rtf(said + "\\par"),
    ".eml": eml,
    ".mbox": lambda said: b"From a@b Tue May 27 10:00:00 2025\n" + eml(said),
    ".json": lambda said: json.dumps({"note": said}, ensure_ascii=False).encode(),
    ".yaml": lambda said: f"note: {json.dumps(said, ensure_ascii=False)}\n".encode(),
    ".xml": lambda said: f"<notes><note>{escape(said)}</note></notes>".encode(),
    ".ipynb": notebook,
    **dict.fromkeys((".mdx", ".rst", ".adoc", ".org", ".tex", ".log"), str.encode),
    ".py": lambda said: f"# {said}\nprint(1)\n".encode(),
}
"""By suffix a function from a text to a file that holds it."""
