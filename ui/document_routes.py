"""The routes that show what is indexed: the list, a document, the picture of a page."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from rag.ui.docs_page import POLICY
from rag.ui.http import INDEX, READ, Noted, Served, errors, json_reply
from rag.ui.library import DocumentReply, DocumentsReply, Order, Sort, State, Wanted, document, documents
from rag.ui.pages import Pages

__all__ = ["router"]

router: APIRouter = APIRouter()


@router.get("/documents", response_model=DocumentsReply, responses=errors(*READ, "invalid", *INDEX))
def list_documents(
    service: Served,
    note: Noted,
    q: Annotated[str, Query(max_length=200, description="Words that title, path or author hold.")] = "",
    sort: Sort = "id",
    order: Order = "asc",
    state: Annotated[State | None, Query(description="Only documents in this state.")] = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """List the documents, and sum up the index. What has no date or no pages comes last in their order."""
    wanted = Wanted(q, sort, order, state or "", offset, limit)
    with service.generations.hold() as opened:
        return json_reply(documents(opened.index, service.settings.index, wanted, note.request_id))


# Before the route of documents, which takes every path.
@router.get(
    "/documents/{doc_id:path}/pages/{number}",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
        **errors(*READ, "not_found", "changed", "unreadable", "invalid", *INDEX),
    },
)
def page(
    request: Request,
    service: Served,
    doc_id: Annotated[str, Path(description="Of a PDF, as a citation gives it.")],
    number: Annotated[int, Path(ge=1, le=1_000_000, description="As a citation gives it.")],
    start: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    end: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> Response:
    """Return the picture of a page, drawn from the file that was indexed.

    The header `Citewise-Boxes` tells in JSON where the text from `start` to `end` is on it:
    left, top, width and height of each stretch, as parts of the page.
    """
    pages: Pages = request.app.state.pages
    with service.generations.hold() as opened:
        found = pages.picture(opened.index, doc_id, number, start, end)
    headers = {
        "Citewise-Boxes": json.dumps(found.boxes),
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
    }
    return Response(found.png, media_type="image/png", headers=headers)


@router.get(
    "/documents/{doc_id:path}",
    response_model=DocumentReply,
    responses=errors(*READ, "not_found", "invalid", *INDEX),
)
def show_document(
    service: Served,
    note: Noted,
    doc_id: Annotated[str, Path(description="As a citation or a passage gives it.")],
    start: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 20_000,
    form: Annotated[
        Literal["text", "blocks"], Query(description="With `blocks` it ends with a line.")
    ] = "text",
) -> Response:
    """Return the text of a document, from code point `start` on, at most `limit` of them."""
    with service.generations.hold() as opened:
        path, index = service.settings.index, opened.index
        found = document(index, path, doc_id, (start, limit), note.request_id, in_blocks=form == "blocks")
    return json_reply(found)
