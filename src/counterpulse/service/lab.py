"""The lab's addresses: what can be opened, opening it, the run as a file, a strip, and the line on which a console talks to its pages.

Knows HTTP and the WebSocket; patients only by what `console` lets through. What is refused answers 4xx with one sentence.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from counterpulse.body.gas import CATHETERS
from counterpulse.cohort.preset import load, names
from counterpulse.refusal import RefusalError
from counterpulse.service.console import Console
from counterpulse.service.live import Engine
from counterpulse.service.opening import open_console
from counterpulse.service.protocol import Ack, read_message, text_of
from counterpulse.service.strip import MEDIA, strip
from counterpulse.service.viewer import Viewer

MOST_A_SECOND = 100  # messages of a browser
LONGEST_REQUEST = 4 * 1024 * 1024  # bytes: a scenario with many inputs
CLOSED = (1000, 1001)  # codes of a page that was closed on purpose: by itself; tab, reload, other address. A lost line comes as 1005 or 1006

Answer = Callable[[Request], Awaitable[Response]]


class RefusedError(RefusalError):
    """A refusal with its HTTP status."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def answered(answer: Answer) -> Answer:
    """Turn a refusal into its answer."""

    async def guarded(request: Request) -> Response:
        try:
            return await answer(request)
        except RefusedError as refusal:
            return JSONResponse({"refused": str(refusal)}, refusal.status)
        except RefusalError as refusal:
            return JSONResponse({"refused": str(refusal)}, 422)

    return guarded


def engine_of(place: Any) -> Engine:
    """The engine of the application."""
    return place.app.state.engine


def console_for(request: Request, roles: tuple[str, ...]) -> tuple[Console, str]:
    """The console that an address names, and what the key allows. An unknown console and a wrong key are told apart only to who has a key."""
    console = engine_of(request).consoles.get(request.path_params["name"])
    if console is None:
        raise RefusedError("There is no such console; it may have ended.", 404)
    role = console.role(request.headers.get("x-console-key", ""))
    if role not in roles:
        raise RefusedError("The key does not belong to this console, or does not allow this.", 403)
    return console, role


async def presets(_: Request) -> Response:
    """Patients to choose from."""
    found = [load(name) for name in names()]
    rows = [{"preset": one.name, "title": one.title, "about": one.about, "catheter": one.catheter} for one in found]
    return JSONResponse({"presets": rows, "catheters": list(CATHETERS)})


async def lessons(_: Request) -> Response:
    """Lessons to choose from."""
    from counterpulse.service.lesson import listed  # noqa: PLC0415

    return JSONResponse({"lessons": listed()})


async def recordings(request: Request) -> Response:
    """Recordings of the folder that the server was started with."""
    from counterpulse.service.recording_mode import listed  # noqa: PLC0415

    folder = request.app.state.recordings
    found = await run_in_threadpool(listed, folder) if folder else []
    return JSONResponse({"recordings": found, "folder": folder is not None})


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises RefusalError for anything else."""
    if "json" not in request.headers.get("content-type", ""):
        raise RefusedError("The request must be JSON (content-type application/json).", 415)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_REQUEST:
            raise RefusedError(f"The request is longer than {LONGEST_REQUEST // 1024} kB.", 413)
        parts.append(part)
    try:
        body = json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        raise RefusalError("The request is not valid JSON.") from None
    if not isinstance(body, dict):
        raise RefusalError("The request must be a JSON object.")
    return body


async def create(request: Request) -> Response:
    """Open a console."""
    engine = engine_of(request)
    engine.check_room()
    body = await body_of(request)
    console = await run_in_threadpool(open_console, body, request.app.state.recordings)
    engine.add(console)
    return JSONResponse({"console": console.id, "key": console.key, "view_key": console.view_key}, 201)


async def about(request: Request) -> Response:
    """What a key opens."""
    console, role = console_for(request, ("steer", "view"))
    sample = console.source.sample
    told = {"console": console.id, "role": role, "title": console.source.title, "sample": sample, "time_s": sample / console.source.fs_hz}
    return JSONResponse(told | {"viewers": len(console.viewers), "late_ms": max(console.late_ms, 0.0)})


async def scenario(request: Request) -> Response:
    """The run so far as a scenario file."""
    console, _ = console_for(request, ("steer",))
    text = await run_in_threadpool(console.scenario)
    return PlainTextResponse(text, headers={"content-disposition": 'attachment; filename="console.toml"'})


async def export(request: Request) -> Response:
    """A piece of the run as a file."""
    console, _ = console_for(request, ("steer", "view"))
    given = request.query_params
    kind = given.get("format", "csv")
    data, name = await run_in_threadpool(strip, console, given.get("from_s", ""), given.get("to_s", ""), kind)
    return Response(data, media_type=MEDIA[kind], headers={"content-disposition": f'attachment; filename="{name}"'})


async def end(request: Request) -> Response:
    """Close a console."""
    console, _ = console_for(request, ("steer",))
    await run_in_threadpool(engine_of(request).remove, console.id, "The console was closed.")
    return Response(status_code=204)


async def stream(socket: WebSocket) -> None:
    """The line to one page."""
    console = engine_of(socket).consoles.get(socket.path_params["name"])
    role = console.role(socket.query_params.get("key", "")) if console else None
    await socket.accept()
    if console is None or role is None:
        sentence = "The key does not belong to this console." if console else "There is no such console; it may have ended."
        await socket.send_text(text_of({"type": "bye", "sentence": sentence}))
        await socket.close(4403 if console else 4404)
        return
    viewer = Viewer(role == "steer", console.source.fs_hz)
    try:
        await run_in_threadpool(console.join, viewer)
    except RefusalError as refusal:
        await socket.send_text(text_of({"type": "bye", "sentence": str(refusal)}))
        await socket.close(4429)
        return
    code = await talk(socket, console, viewer)
    await run_in_threadpool(console.leave, viewer, time.monotonic(), code in CLOSED)


async def talk(socket: WebSocket, console: Console, viewer: Viewer) -> int:
    """Send and hear until one side ends; the code it ended with."""
    speaking = asyncio.create_task(speak(socket, viewer))
    try:
        return await hear(socket, console, viewer)
    except WebSocketDisconnect as gone:
        return gone.code
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


async def speak(socket: WebSocket, viewer: Viewer) -> None:
    """Send what there is, the newest first to go when there is too much."""
    while socket.application_state == WebSocketState.CONNECTED:
        for part in await viewer.outgoing():
            await (socket.send_text(part) if isinstance(part, str) else socket.send_bytes(part))
        if viewer.closing and not viewer.texts:
            await socket.close(1000)
            return


async def hear(socket: WebSocket, console: Console, viewer: Viewer) -> int:
    """Take messages; what is wrong with one is told, and nothing changes."""
    since, count = time.monotonic(), 0
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return int(message.get("code") or 1005)
        now = time.monotonic()
        since, count = (since, count + 1) if now - since < 1.0 else (now, 1)
        if count > MOST_A_SECOND:
            if count == MOST_A_SECOND + 1:
                viewer.tell({"type": "refused", "sentence": f"More than {MOST_A_SECOND} messages came within a second; the rest are not heard.", "of": None})
            continue
        heed(message.get("text"), console, viewer)


def heed(text: str | None, console: Console, viewer: Viewer) -> None:
    """One message."""
    try:
        message = read_message(text)
        if isinstance(message, Ack):
            viewer.drawn = message.sample
            viewer.news.set()
        else:
            console.ask(viewer, message)
    except RefusalError as refusal:
        viewer.tell({"type": "refused", "sentence": str(refusal), "of": None})


def routes() -> list[BaseRoute]:
    """Every address of the lab but its pages."""
    table: list[tuple[str, Answer, str]] = [
        ("/lab/api/presets", presets, "GET"),
        ("/lab/api/lessons", lessons, "GET"),
        ("/lab/api/recordings", recordings, "GET"),
        ("/lab/api/consoles", create, "POST"),
        ("/lab/api/consoles/{name}", about, "GET"),
        ("/lab/api/consoles/{name}", end, "DELETE"),
        ("/lab/api/consoles/{name}/scenario", scenario, "GET"),
        ("/lab/api/consoles/{name}/strip", export, "GET"),
    ]
    return [*(Route(path, answered(answer), methods=[method]) for path, answer, method in table), WebSocketRoute("/lab/stream/{name}", stream)]


