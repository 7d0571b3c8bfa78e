"""The library: a page of its own beside the chat, and the files of it.

Its scripts take from the chat's what both need (`/chat/chat_dom.js` and others), so it is
mounted with the chat and never without.
"""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from rag.ui.serving import Service

__all__ = ["mount"]

_MEDIA = {".js": "text/javascript", ".css": "text/css"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No string becomes code or markup, and nothing is asked of another machine."""


def mount(app: Starlette, _: Service) -> None:
    """Add the library to *app*, which has the chat."""
    page = files("rag.ui").joinpath("library.html").read_text(encoding="utf-8")
    assets = {path.name: path.read_bytes() for path in files("rag.ui").iterdir() if _is_asset(path.name)}

    async def show(_: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    async def asset(request: Request) -> Response:
        return _asset(request, assets)

    for path, endpoint in (("/library", show), ("/library/{name}", asset)):
        app.router.routes.append(Route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False))


def _is_asset(name: str) -> bool:
    return name.startswith("library") and name.endswith(tuple(_MEDIA))


def _asset(request: Request, assets: Mapping[str, bytes]) -> Response:
    name = request.path_params["name"]
    if name not in assets:
        raise HTTPException(404)
    tag = f'"{hashlib.sha256(assets[name]).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(assets[name], media_type=_MEDIA[name[name.rindex(".") :]], headers=headers)
