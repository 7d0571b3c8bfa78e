"""Signing in with a browser: the page that asks for the token, and the routes behind it.

The page stands in for whatever was asked for, under its address, so nothing needs to be remembered
and nobody can be led elsewhere. Programs get the usual error instead.
"""

import base64
import hashlib
from html import escape
from importlib.resources import files

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rag.ui.gate import Gate
from rag.ui.schemas import Problem, SignIn
from rag.ui.strings import preferred, strings

__all__ = ["SIGN_IN", "mount", "refused", "refused_page"]

SIGN_IN = "/sign-in"
_SIGN_OUT = "/sign-out"
# One scheme, and one that no browser asks a password for: with two in a line Chromium gives up.
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="citewise"'}
_SCRIPT = files("rag.ui").joinpath("sign_in.js").read_text(encoding="utf-8")
_STYLE = (
    ":root{color-scheme:light dark}h1{font-size:1.5rem}label{display:block;font-weight:600}"
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;"
    "padding:1rem;box-sizing:border-box}main{width:100%;max-width:22rem}"
    "input,button{font:inherit;box-sizing:border-box;width:100%;min-height:2.75rem;border-radius:.5rem;"
    "border:1px solid #78716c;padding:.25rem .75rem;margin:.25rem 0 1rem}"
    "button{background:#0f766e;color:#fff;border:0;cursor:pointer}"
    "[role=alert]{color:light-dark(#92400e,#f5c26b)}"
)
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; script-src 'sha256-{_SCRIPT_HASH}'; style-src 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def refused() -> Problem:
    """Return the error for a request without the token."""
    return Problem("unauthorized", headers=_CHALLENGE)


def refused_page(path: str, accept_language: str) -> Response:
    """Return the page that asks for the token, instead of the one at *path*."""
    lang = preferred(accept_language)
    texts = {key: escape(text, quote=True) for key, text in strings(lang).items()}
    at = "../" * (path.count("/") - 1) + SIGN_IN.strip("/")
    page = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Citewise</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>Citewise</h1><p>{texts['sign_in_hint']}</p>"
        f'<form data-at="{at}" data-wrong="{texts["sign_in_wrong"]}" data-often="{texts["error_rate"]}" '
        f'data-failed="{texts["upload_error_offline"]}">'
        '<input name="username" autocomplete="username" value="citewise" hidden>'
        f'<label for="token">{texts["token"]}</label>'
        '<input id="token" type="password" autocomplete="current-password" required autofocus dir="ltr">'
        f'<p role="alert"></p><button>{texts["sign_in"]}</button></form></main>'
        f'<script type="module">{_SCRIPT}</script></body></html>'
    )
    headers = {**_CHALLENGE, "Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(page, 401, headers)


def mount(app: Starlette, gate: Gate) -> None:
    """Add the routes that begin and end a session to *app*."""

    async def begin(request: Request) -> Response:
        if gate.is_open:
            raise Problem("not_found")
        try:
            given = SignIn.model_validate_json(await request.body())
        except ValidationError:
            raise Problem("invalid", "token: it is missing.") from None
        if not gate.opens(given.token.get_secret_value().strip().encode()):
            raise refused()
        cookie = gate.begin(request.headers["host"], secure=_is_secure(request))
        return Response(status_code=204, headers={"Set-Cookie": cookie})

    async def end(request: Request) -> Response:
        cookies = request.headers.getlist("cookie")
        cookie = gate.end(cookies, request.headers["host"], secure=_is_secure(request))
        return Response(status_code=204, headers={"Set-Cookie": cookie})

    async def look(request: Request) -> Response:
        """Tell the page that the browser is signed in; a person who comes here is led to the chat."""
        is_person = "text/html" in request.headers.get("accept", "")
        return RedirectResponse("./", 303) if is_person else Response(status_code=204)

    for path, endpoint, method in (
        (SIGN_IN, begin, "POST"),
        (SIGN_IN, look, "GET"),
        (_SIGN_OUT, end, "POST"),
    ):
        app.router.routes.append(Route(path, endpoint, methods=[method], include_in_schema=False))


def _is_secure(request: Request) -> bool:
    """Tell whether the browser speaks TLS, also to a proxy that is not believed: its Origin says so."""
    return "https" in (request.url.scheme, request.headers.get("origin", "").partition(":")[0])
