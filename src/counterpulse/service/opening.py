"""Opens a console from what a page asks for: a preset, a lesson, a scenario's text or a recording. Knows the request's parts, no HTTP."""

import tomllib
from pathlib import Path
from typing import Any

from counterpulse.cohort.preset import load, names
from counterpulse.cohort.scenario import Scenario, check_scenario, parse_scenario
from counterpulse.refusal import RefusalError
from counterpulse.service.bedside import Bedside
from counterpulse.service.console import Console
from counterpulse.service.lesson import Lesson, Progress, read_lesson
from counterpulse.service.protocol import number, shortened
from counterpulse.service.recording_mode import Playing
from counterpulse.service.showing import Showing
from counterpulse.signals.sample import Source

TEXTS = ("preset", "catheter", "site", "lesson", "scenario", "recording", "at")
NUMBERS = {"seed": (0.0, 2.0**32 - 1), "fs_hz": (250.0, 1000.0), "speed": (0.1, 20.0)}
SETTLE_S = 40.0  # coronary tone and blood volume shifts settle within 30 to 40 s (bed.compare)
LONGEST_S = 14400.0
KINDS = ("preset", "lesson", "scenario", "recording")


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """The request's parts, each of its kind and in its range; null counts as absent. Raises RefusalError otherwise."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if value is None:
            continue
        if name in TEXTS:
            if not isinstance(value, str):
                raise RefusalError(f"{name} is {shortened(value)}; it must be text.")
            found[name] = value
        elif name in NUMBERS:
            low, high = NUMBERS[name]
            if not low <= number(value, name) <= high or (name == "seed" and value != int(value)):
                raise RefusalError(f"{name} is {value}; it must be a {'whole ' if name == 'seed' else ''}number, {low:g} to {high:.10g}.")
            found[name] = value
        else:
            raise RefusalError(f"A console has no {shortened(name)}; a request has {', '.join((*TEXTS, *NUMBERS))}.")
    if sum(kind in found for kind in KINDS) != 1:
        raise RefusalError(f"A console needs exactly one of {', '.join(KINDS)}.")
    return found


def open_console(body: dict[str, Any], recordings: Path | None = None) -> Console:
    """A console as asked for, settled. Raises RefusalError for what is not possible."""
    parts = asked(body)
    if "lesson" in parts:
        lesson = read_lesson(parts["lesson"])
        return Console(lambda: showing(lesson), float(parts.get("speed", 1.0)))
    speed = float(parts.get("speed", 1.0))
    if "recording" in parts:
        if recordings is None:
            raise RefusalError("No folder of recordings was named when this server was started (counterpulse lab --recordings FOLDER).")
        return Console(lambda: Showing(Playing(recordings, parts["recording"])), speed)
    scenario = written(parts["scenario"]) if "scenario" in parts else chosen(parts)
    until_s = until(scenario, parts.get("at", "start"))
    return Console(lambda: Showing(Bedside(scenario), until_s), speed)


def showing(lesson: Lesson) -> Showing:
    """A lesson's run, opened."""
    return Showing(Bedside(lesson.scenario), until(lesson.scenario, "start"), Progress(lesson))


def known(preset: str) -> str:
    """A preset's name; never a path, for it comes from a browser. Raises RefusalError naming those there are."""
    if preset not in names():
        raise RefusalError(f"There is no preset {shortened(preset)}; the presets are {', '.join(names())}.")
    return preset


def chosen(parts: dict[str, Any]) -> Scenario:
    """A scenario of a preset alone; `site` is the pressure that the pump reads."""
    preset = load(known(parts["preset"]))
    sources = {source.name.lower(): int(source) for source in Source}
    site = parts.get("site")
    if site is not None and site not in sources:
        raise RefusalError(f"The site is {shortened(site)}; it must be one of {', '.join(sources)}.")
    settings: dict[str, float] = {} if site is None else {"pressure_source": sources[site]}
    seed = int(parts.get("seed", preset.patient.seed))
    return Scenario(preset.name, seed, catheter=parts.get("catheter", ""), fs_hz=float(parts.get("fs_hz", 500.0)), site=site or "root", settings=settings)


def written(text: str) -> Scenario:
    """A scenario from a file's text. Raises RefusalError for what is wrong with it."""
    where = Path("scenario")
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise RefusalError(f"The scenario is not valid TOML: {shortened(str(problem))}.") from None
    about = document.get("scenario")
    if not isinstance(about, dict) or not isinstance(about.get("patient"), str):
        raise RefusalError("The scenario has no section [scenario] that names a patient.")
    known(about["patient"])
    about.setdefault("fs_hz", 500.0)
    return check_scenario(parse_scenario(document, where), "scenario")


def until(scenario: Scenario, at: str) -> float:
    """From which second on a scenario is shown: once it has settled and before its first input, or at its end. Raises RefusalError for another word."""
    if at == "end":
        if scenario.seconds > LONGEST_S:
            raise RefusalError(f"The scenario lasts {scenario.seconds:g} s; one of up to {LONGEST_S:g} s can be opened at its end.")
        return scenario.seconds
    if at != "start":
        raise RefusalError(f"at is {shortened(at)}; it must be start or end.")
    return min([SETTLE_S, *(change.sample / scenario.fs_hz for change in scenario.inputs if change.sample > 0)])
