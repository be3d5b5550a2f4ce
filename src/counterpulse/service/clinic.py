"""The clinic's pages: forms that explain each verdict, questions answered from statements with citations, and the review of statements.

Knows HTTP and forms; every verdict comes from `counterpulse.clinic`. A statement's state is changed only here, by a person who gives a name,
and only by appending to the review file. Does not know who that person is: it does not log in, so it serves the loopback by default.
"""

import datetime as dt
import html
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from starlette.middleware.trustedhost import TrustedHostMiddleware

from counterpulse.clinic.eligibility import PROTOCOLS, eligible
from counterpulse.clinic.goals import DERIVED, goals
from counterpulse.clinic.guidance import ask
from counterpulse.clinic.patient import read
from counterpulse.clinic.scores import NAMES, score
from counterpulse.clinic.staging import SCHEMES, stage
from counterpulse.clinic.statements import AUDIENCES, history, record, reviews, statements
from counterpulse.clinic.table import Verdict
from counterpulse.refusal import RefusalError
from counterpulse.service.clinic_forms import FORM_SCORES, fields, patient_of

HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates" / "clinic")
router = APIRouter(prefix="/clinic", default_response_class=HTMLResponse)

Judge = Callable[[dict[str, Any], str], Verdict]
ROOMS: dict[str, tuple[str, tuple[str, ...], Judge]] = {
    "stage": ("Shock stage", SCHEMES, lambda raw, choice: stage(read(raw), choice)),
    "goals": ("Goals and escalation", tuple(reversed(DERIVED)), lambda raw, choice: goals(read(raw), choice)),
    "eligible": ("Eligibility", PROTOCOLS, lambda raw, choice: eligible(read(raw), choice)),
    "score": ("Scores", tuple(name for name in NAMES if name in FORM_SCORES), lambda raw, choice: score(choice, raw)),
}


def _page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return TEMPLATES.TemplateResponse(request, f"{name}.html", {"rooms": ROOMS, **values}, status_code=status)


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """The start page."""
    return _page(request, "home")


@router.get("/ask")
def ask_form(request: Request) -> HTMLResponse:
    """The question page, empty."""
    return _page(request, "ask", audiences=AUDIENCES, audience="physician", before=[], result=None, refusal=None)


@router.post("/ask")
def ask_answer(
    request: Request, question: Annotated[str, Form()] = "", audience: Annotated[str, Form()] = "physician", before: Annotated[list[str] | None, Form()] = None,
) -> HTMLResponse:
    """An answer with its statements; the questions before it come along as hidden fields, so a follow-up keeps its context."""
    earlier = (before or [])[-5:]
    try:
        result = ask(question, audience, earlier).as_json()
    except RefusalError as refusal:
        return _page(request, "ask", 422, audiences=AUDIENCES, audience="physician", before=earlier, result=None, refusal=str(refusal))
    return _page(request, "ask", audiences=AUDIENCES, audience=audience, before=[*earlier, question], result=result, refusal=None)


@router.get("/statements")
def statement_list(request: Request) -> HTMLResponse:
    """Every statement with its review state."""
    today, latest = dt.datetime.now(dt.UTC).date(), reviews()
    return _page(request, "statements", items=[item.as_json("physician", today, latest) for item in statements().values()])


@router.get("/history")
def history_page(request: Request) -> HTMLResponse:
    """What guidelines said, by year."""
    return _page(request, "history", rows=history())


@router.get("/statements/{identity}")
def statement_page(request: Request, identity: str) -> HTMLResponse:
    """One statement in its four wordings, and the form to review it."""
    return _statement(request, identity)


def _statement(request: Request, identity: str, refusal: str | None = None) -> HTMLResponse:
    item = statements().get(identity)
    if item is None:
        return _page(request, "refusal", 404, refusal=f"There is no statement {identity!r}.")
    shown = item.as_json("physician", dt.datetime.now(dt.UTC).date(), reviews())
    wordings = {audience: getattr(item, audience) for audience in AUDIENCES}
    key = request.app.state.review_key
    return _page(request, "statement", 422 if refusal else 200, item=shown, wordings=wordings, key=key, refusal=refusal)


@router.post("/statements/{identity}")
def statement_review(
    request: Request, identity: str, state: Annotated[str, Form()] = "", actor: Annotated[str, Form()] = "", key: Annotated[str, Form()] = "",
    mine: Annotated[str, Form()] = "",
) -> Any:
    """A person's review, appended to the review file; the key proves that the form came from this page."""
    if not secrets.compare_digest(key.encode(), request.app.state.review_key.encode()):
        return _page(request, "refusal", 403, refusal="This review did not come from the review page of this server.")
    if mine != "yes":
        return _statement(request, identity, "Tick the box that says that you are this person and have read statement and sources.")
    try:
        record(identity, state, actor)
    except RefusalError as refusal:
        return _statement(request, identity, str(refusal))
    return RedirectResponse(f"/clinic/statements/{identity}", status_code=303)


@router.post("/bedside.toml", response_class=PlainTextResponse)
async def bedside_file(request: Request) -> PlainTextResponse:
    """The bedside's measured numbers as OBSERVATIONS.toml for the simulator."""
    from counterpulse.clinic.bedside import observations  # noqa: PLC0415

    try:
        text = observations(patient_of(dict(await request.form())))
    except RefusalError as refusal:
        return PlainTextResponse(str(refusal), 422)
    return PlainTextResponse(text, headers={"content-disposition": 'attachment; filename="OBSERVATIONS.toml"'})


@router.get("/{room}")
def room_form(request: Request, room: str, choice: str = "") -> HTMLResponse:
    """An empty form of a room."""
    return _room(request, room, choice, {}, judge=False)


@router.post("/{room}")
async def room_verdict(request: Request, room: str) -> HTMLResponse:
    """The verdict of a room, explained, above the form as it was filled."""
    given = {key: str(value) for key, value in (await request.form()).items()}
    return _room(request, room, given.pop("choice", ""), given, judge=True)


def _room(request: Request, room: str, choice: str, given: dict[str, str], *, judge: bool) -> HTMLResponse:
    if room not in ROOMS:
        return _page(request, "refusal", 404, refusal=f"There is no page {html.escape(room)!r}.")
    title, choices, verdict = ROOMS[room]
    chosen = choice if choice in choices else choices[0]
    result, refusal = None, None
    if judge:
        try:
            result = verdict(patient_of(given), chosen).as_json()
        except RefusalError as problem:
            refusal = str(problem)
    values = {"room": room, "title": title, "choices": choices, "choice": chosen, "fields": fields(room, chosen), "given": given}
    return _page(request, "room", 422 if refusal else 200, result=result, refusal=refusal, **values)


def application() -> FastAPI:
    """The clinic alone as an application; the larger service includes `router` instead and sets `app.state.review_key`."""
    app = FastAPI(title="counterpulse clinic", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.review_key = secrets.token_urlsafe(24)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    app.include_router(router)
    app.add_api_route("/", lambda: RedirectResponse("/clinic/"), include_in_schema=False)
    return app
