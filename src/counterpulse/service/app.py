"""The application of the lab: who may speak to it, the headers of every answer, pages and static files.

By default it listens on the loopback and asks nothing of any other machine; no page may either (Content-Security-Policy).
"""

import contextlib
import ipaddress
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterpulse.service.lab import routes
from counterpulse.service.live import Engine

HERE = Path(__file__).parent
TEMPLATES = Jinja2Templates(HERE / "templates" / "lab")
PAGES = {"/": "start", "/lab/": "start", "/lab/console/{name}": "console", "/lab/monitor/{name}": "monitor", "/lab/instructor/{name}": "instructor"}
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


class Guard:
    """Refuses who calls this server by a name that is not its own, or from another site's page; adds the headers.

    An address in numbers is always its own: only a name can be rebound to another machine.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        self.app, self.names = app, {"localhost", *names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sentence = self.refusal(Headers(scope=scope))
        if sentence is None:
            await self.app(scope, receive, self.with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": ""})
        else:
            await JSONResponse({"refused": sentence}, 403)(scope, receive, self.with_headers(send))

    def refusal(self, headers: Headers) -> str | None:
        """Why this caller is not answered, or None."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.ours(host):
            return "This server does not answer to that name; open it by the address that it printed."
        if origin is not None and origin.partition("://")[2] != host:
            return "Another site's page may not use this server."
        return None

    def ours(self, host: str) -> bool:
        """Whether a Host header names this server."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
        if name.lower() in self.names:
            return True
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(name.strip("[]"))
            return True
        return False

    @staticmethod
    def with_headers(send: Send) -> Send:
        """The same way out, with the headers on every answer."""

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        return out


def page(name: str) -> Any:
    """A page made from its template; nothing of a console is in it, so that its key stays in the browser."""

    async def show(request: Request) -> Response:
        return TEMPLATES.TemplateResponse(request, f"{name}.html")

    return show


async def plotly(_: Request) -> Response:
    """Plotly from its wheel."""
    return FileResponse(str(resources.files("plotly") / "package_data" / "plotly.min.js"), media_type="text/javascript")


async def lost(_: Request, __: Exception) -> Response:
    """An address that is none."""
    return JSONResponse({"refused": "There is nothing at this address."}, 404)


def application(recordings: Path | None = None, names: tuple[str, ...] = (), engine: Engine | None = None) -> Starlette:
    """The lab. `recordings`: folder whose recordings may be played; `names`: further names that this server answers to."""
    chosen = engine or Engine()

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        chosen.start()
        yield
        chosen.stop()

    static = HERE / "static"
    files = [Mount("/static", StaticFiles(directory=static))] if static.is_dir() else []
    pages = [Route(path, page(name)) for path, name in PAGES.items()]
    app = Starlette(routes=[*pages, *routes(), Route("/static/plotly.min.js", plotly), *files], lifespan=life, exception_handlers={404: lost})
    app.state.engine, app.state.recordings = chosen, recordings
    app.add_middleware(Guard, names=names)
    return app
