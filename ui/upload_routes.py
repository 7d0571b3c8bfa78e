"""The routes by which files come in: sent, followed, given up, taken back; and all are indexed again.

There only if files are taken.
"""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from rag.ui.http import INDEX, JSON, READ, Noted, errors, json_reply
from rag.ui.limits import UPLOADS
from rag.ui.reindexing import Run
from rag.ui.schemas import Problem, encode
from rag.ui.seats import client_of
from rag.ui.upload_jobs import Failure, Job, Stage
from rag.ui.uploads import Uploads

__all__ = ["router"]

router: APIRouter = APIRouter()

_REFUSED = ("exists", "unsupported_file", "bad_name", "too_many_uploads", "no_room")
_SENT = (*READ, "too_large", "unsupported_media_type")
_FILE = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}


@dataclass(frozen=True, slots=True)
class UploadReply:
    """A file that was sent, and how far it is.

    `stage` goes from `queued` over `reading`, `embedding` and `publishing` to `done` or `failed` (`error`
    says why). `done` counts passages that are embedded, of `total`, 0 while that is not known. When it is
    done its documents, `doc_ids`, can be read and asked about. `doubts` are what its reading left unsure, as
    sentences follow a name.
    """

    upload_id: str
    name: str
    size: int
    created: str
    stage: Stage
    done: int
    total: int
    doc_ids: tuple[str, ...]
    doubts: tuple[str, ...]
    generation: int
    error: Failure | None
    request_id: str


@dataclass(frozen=True, slots=True)
class UploadsReply:
    """The files that a client has sent lately, the oldest first."""

    uploads: tuple[UploadReply, ...]
    request_id: str


@dataclass(frozen=True, slots=True)
class ReindexReply(Run):
    """The last run over all folders since the service was started.

    `stage` is `none`, `reading` or `embedding`, and last `done` or `failed` (`error` says why). `done`
    and `total` count files of that stage; `added`, `changed` and `removed` documents; `left_out` files that
    cannot be read; `withheld` folders that are empty or gone, whose documents stay.
    """

    request_id: str = ""


def _uploads(request: Request) -> Uploads:
    found: Uploads = request.app.state.uploads
    return found


def _client(request: Request) -> str:
    return client_of(request.client.host) if request.client else ""


_Taking = Annotated[Uploads, Depends(_uploads)]
_Client = Annotated[str, Depends(_client)]
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="As the upload was answered.")]


@router.post(
    UPLOADS,
    status_code=202,
    response_model=UploadReply,
    responses=errors(*_SENT, "invalid", "client_gone", *_REFUSED),
    openapi_extra={"requestBody": _FILE},
)
async def upload(
    request: Request,
    uploads: _Taking,
    client: _Client,
    note: Noted,
    name: Annotated[str, Query(description="Of the file, with a suffix that tells its kind.")],
) -> Response:
    """Add a document: the body is the file itself. It is kept, whether the client stays or not."""
    length = int(request.headers.get("content-length", "0"))
    try:
        job = await uploads.add(client, name, length, request.stream())
    except ClientDisconnect as exc:
        raise Problem("client_gone") from exc
    headers = {"Location": f"uploads/{job.upload_id}"}
    return Response(encode(_reply(job, note.request_id)), 202, headers, JSON)


@router.get(UPLOADS, response_model=UploadsReply, responses=errors(*READ))
def uploads(uploads: _Taking, client: _Client, note: Noted) -> Response:
    """List what this client has sent lately."""
    jobs = tuple(_reply(job, note.request_id) for job in uploads.jobs(client))
    return json_reply(UploadsReply(jobs, note.request_id))


@router.get(
    f"{UPLOADS}/{{upload_id}}", response_model=UploadReply, responses=errors(*READ, "not_found", "invalid")
)
def progress(uploads: _Taking, note: Noted, upload_id: _Id) -> Response:
    """Tell how far a file is."""
    return json_reply(_reply(uploads.job(upload_id), note.request_id))


@router.delete(
    f"{UPLOADS}/{{upload_id}}",
    status_code=204,
    response_class=Response,
    responses=errors(*_SENT, "not_found", "invalid", "too_late"),
)
def cancel(uploads: _Taking, upload_id: _Id) -> Response:
    """Give a file up before it is in the index, or forget one that failed: there is no such upload then."""
    uploads.cancel(upload_id)
    return Response(status_code=204)


@router.delete(
    "/documents/{doc_id:path}",
    status_code=204,
    response_class=Response,
    responses=errors(*_SENT, "not_found", "invalid", "not_uploaded", "index_busy", "no_room", *INDEX),
)
async def remove(
    uploads: _Taking, doc_id: Annotated[str, Path(description="Of a document that was uploaded.")]
) -> Response:
    """Take back a document that was uploaded, with its file."""
    await uploads.remove(doc_id)
    return Response(status_code=204)


@router.post(
    "/reindex",
    status_code=202,
    response_model=ReindexReply,
    responses=errors(*_SENT, "indexing", "no_room", *INDEX),
)
async def reindex(uploads: _Taking, note: Noted) -> Response:
    """Read all folders of the index again, as `rag index` does. Only what has changed is read."""
    run = await uploads.reindexing.start()
    return Response(_run(run, note.request_id), 202, {"Location": "reindex"}, JSON)


@router.get("/reindex", response_model=ReindexReply, responses=errors(*READ))
def reindexed(uploads: _Taking, note: Noted) -> Response:
    """Tell how far that is, or what the last run did."""
    return Response(_run(uploads.reindexing.run, note.request_id), media_type=JSON)


def _run(run: Run, request_id: str) -> bytes:
    return encode(ReindexReply(**asdict(run), request_id=request_id))


def _reply(job: Job, request_id: str) -> UploadReply:
    return UploadReply(
        job.upload_id,
        job.name,
        job.size,
        job.created,
        job.stage,
        job.done,
        job.total,
        job.doc_ids,
        job.doubts,
        job.generation,
        job.error,
        request_id,
    )
