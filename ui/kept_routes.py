"""The routes of chats that the service keeps. There only if it does (`chat_history`)."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from rag.ui.http import JSON, READ, SEND, Noted, errors, json_reply
from rag.ui.kept_chats import ChatRow, KeptChats
from rag.ui.schemas import ChatBody, encode

__all__ = ["router"]

router: APIRouter = APIRouter()


@dataclass(frozen=True, slots=True)
class ChatsReply:
    """The chats of the token, the latest first."""

    chats: list[ChatRow]
    request_id: str


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A chat, as it was put."""

    id: str
    updated: int
    name: str
    request_id: str
    turns: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A chat was kept."""

    id: str
    updated: int
    request_id: str


def _kept(request: Request) -> KeptChats:
    found: KeptChats = request.app.state.kept_chats
    return found


_Kept = Annotated[KeptChats, Depends(_kept)]
_Id = Annotated[str, Path(pattern="^[0-9a-z]{1,40}$", description="Chosen by whoever puts it.")]


@router.get("/chats", response_model=ChatsReply, responses=errors(*READ, "not_kept"))
def list_chats(kept: _Kept, note: Noted) -> Response:
    """List the chats that are kept for the token of this request."""
    return json_reply(ChatsReply(kept.all(), note.request_id))


@router.get(
    "/chats/{chat_id}", response_model=ChatReply, responses=errors(*READ, "not_found", "not_kept", "invalid")
)
def show_chat(kept: _Kept, note: Noted, chat_id: _Id) -> Response:
    """Return a chat with its turns."""
    updated, name, turns = kept.get(chat_id)
    head = encode({"id": chat_id, "updated": updated, "name": name, "request_id": note.request_id})
    # The turns go out as they came in: they may be megabytes, and nobody here reads them.
    return Response(head[:-1] + b',"turns":' + turns.encode() + b"}", media_type=JSON)


@router.put(
    "/chats/{chat_id}",
    response_model=KeptReply,
    responses=errors(*SEND, "chat_changed", "not_kept", "no_room"),
)
def put_chat(body: ChatBody, kept: _Kept, note: Noted, chat_id: _Id) -> Response:
    """Keep a chat. `updated` is that of the chat it takes the place of, 0 for a new one."""
    return json_reply(KeptReply(chat_id, kept.put(chat_id, body), note.request_id))


@router.delete("/chats/{chat_id}", status_code=204, responses=errors(*READ, "not_kept", "invalid"))
def remove_chat(kept: _Kept, chat_id: _Id) -> Response:
    """Forget a chat for good; one that is not there is forgotten already."""
    kept.remove(chat_id)
    return Response(status_code=204)


@router.delete("/chats", status_code=204, responses=errors(*READ, "not_kept"))
def clear_chats(kept: _Kept) -> Response:
    """Forget all chats of the token for good."""
    kept.clear()
    return Response(status_code=204)
