"""Opens a console from what a page asks for: a preset, a lesson, a scenario's text or a recording. Knows the request's parts, no HTTP."""

import time
from pathlib import Path
from typing import Any

from counterpulse.cohort.preset import load, names
from counterpulse.refusal import RefusalError
from counterpulse.service.bedside import SETTLE_S, SHARED_S, Bedside, Start
from counterpulse.service.console import Console
from counterpulse.service.protocol import number, shortened

TEXTS = ("preset", "catheter", "site", "lesson", "scenario", "recording", "at")
NUMBERS = {"seed": (0.0, 2.0**32 - 1), "fs_hz": (250.0, 1000.0), "speed": (0.1, 20.0)}
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
    del recordings
    preset = parts["preset"]
    if preset not in names():  # never a path from a browser
        raise RefusalError(f"There is no preset {shortened(preset)}; the presets are {', '.join(names())}.")
    start = Start(load(preset), parts.get("seed"), parts.get("catheter"), parts.get("site", "root"), float(parts.get("fs_hz", 500.0)))
    bedside = Bedside(start)
    console = Console(bedside, time.monotonic(), float(parts.get("speed", 1.0)))
    settle(console, SETTLE_S)
    return console


def settle(console: Console, until_s: float) -> None:
    """Let a run pass at once up to a time, and begin to show it from there."""
    fs_hz = console.source.fs_hz
    while console.source.sample < until_s * fs_hz:
        console.pass_by(min(round(SHARED_S * fs_hz), round(until_s * fs_hz) - console.source.sample))
    console.begin(time.monotonic())
