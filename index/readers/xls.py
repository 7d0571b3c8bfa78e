"""An old workbook (xls, BIFF 2 to 8) becomes text as it is displayed, like an xlsx."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

from rag.index.readers.number_format import displayed
from rag.index.readers.rows import Cell
from rag.index.readers.sheets import Sheet, blocks
from rag.index.reading import Reading, Unreadable, compose

__all__ = ["read"]

# xlrd ships no types.
_Book = Any
_Sheet = Any


def read(data: bytes) -> Reading:
    """Read a workbook.

    Raises:
        Unreadable: It is encrypted, damaged, or holds too many cells.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=StringIO())
    except xlrd.XLRDError as exc:
        if "encrypted" in str(exc).lower():
            raise Unreadable("is encrypted. Save a copy without a password") from exc
        raise
    made = compose(blocks(_sheets(book)))
    hidden = tuple(f"sheet {sheet.name!r}: hidden" for sheet in book.sheets() if sheet.visibility)
    return Reading(made.text, author=book.user_name or "", pages=made.pages, left_out=hidden)


def _sheets(book: _Book) -> Iterator[Sheet]:
    count = 0
    for each in book.sheets():
        sheet = Sheet(each.name, count=count)
        if not each.visibility:
            for row in range(each.nrows):
                for column in range(each.row_len(row)):
                    cell = _cell(book, each, row, column)
                    if cell.text:
                        sheet.put(row, column, cell)
            for top, bottom, left, right in each.merged_cells:
                sheet.merge((top, left), (bottom - 1, right - 1))
            sheet.remarks += _remarks(each)
        count = sheet.count
        yield sheet


def _cell(book: _Book, sheet: _Sheet, row: int, column: int) -> Cell:
    import xlrd

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    style = book.xf_list[sheet.cell_xf_index(row, column)]
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        code = book.format_map[style.format_key].format_str
        text = displayed(value, code, from_1904=book.datemode == 1)
    elif kind == xlrd.XL_CELL_BOOLEAN:
        text = "TRUE" if value else "FALSE"
    elif kind == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(value, "#N/A")
    else:
        text = " ".join(str(value).split())
    return Cell(text, bool(text) and bool(book.font_list[style.font_index].bold))


def _remarks(sheet: _Sheet) -> Iterator[str]:
    for (row, column), note in sorted(sheet.cell_note_map.items()):
        from xlrd import cellname

        by = f" by {note.author}" if note.author else ""
        text = " ".join(note.text.removeprefix(f"{note.author}:").split())
        yield f"Comment{by} on {cellname(row, column)}: {text}"
