"""`counterpulse scenario` and `counterpulse scenarios`: play a scenario file and say whether what it expects came. Knows words, no physiology."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add both commands."""
    app.command(scenario, name="scenario")
    app.command(scenarios, name="scenarios")


def scenario(
    name: Annotated[str, Parameter(help="a packaged scenario (`counterpulse scenarios` lists them) or a TOML file of the same form")],
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
    seed: Annotated[int | None, Parameter(help="seed of every random draw, 0 to 4294967295 (default: the file's)")] = None,
    save: Annotated[Path | None, Parameter(help="write the scenario as it ran, to copy and edit, to this TOML file")] = None,
) -> int:
    """Play a scenario: a patient, a console, what happens when, and what is expected of the pump. Exit code 1 when an expectation fails.

    Research and education only: not a medical device, not for patient care.
    """
    from dataclasses import replace

    from counterpulse.cohort.scenario import check_scenario, read_scenario, write_scenario

    wanted = read_scenario(name)
    if seed is not None:
        wanted = check_scenario(replace(wanted, seed=seed), name)
    if save is not None:
        write_scenario(save, wanted)
    played = _played(wanted, quiet=as_json)
    print(json.dumps(_told(played), allow_nan=False) if as_json else _words(played))  # noqa: T201
    return 0 if played.passed else 1


def scenarios(
    name: Annotated[str | None, Parameter(help="the scenario to print; without it they are listed")] = None,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """List the scenarios that come with counterpulse, or print one as TOML to copy and edit."""
    from counterpulse.cohort.scenario import find_scenario, read_scenario, scenario_names

    if name is not None:
        text = find_scenario(name).read_text(encoding="utf-8")
        print(json.dumps({"scenario": read_scenario(name).name, "toml": text}) if as_json else text)  # noqa: T201
        return 0
    found = [read_scenario(one) for one in scenario_names()]
    if as_json:
        print(json.dumps({"scenarios": [{"scenario": one.name, "title": one.title, "patient": one.patient, "seconds": one.seconds} for one in found]}))  # noqa: T201
        return 0
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        print(f"{one.name:{width}s}  {one.title}")  # noqa: T201
    return 0


def _played(wanted: Any, quiet: bool) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from counterpulse.cohort.scenario import play

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(f"{wanted.name} (compiling first, the first time for a minute or more)", total=wanted.seconds)
        return play(wanted, lambda done: bar.update(task, advance=done, description=wanted.name))


def _told(played: Any) -> dict[str, Any]:
    from counterpulse import __version__

    wanted, rate = played.scenario, played.scenario.fs_hz
    expects = [
        {"kind": one.expect.kind, "name": one.expect.name or None, "from_s": one.expect.from_s, "state": one.state, "found": one.found,
         "sentence": one.sentence, "why": one.expect.why or None}
        for one in played.verdicts
    ]  # fmt: skip
    alarms = [{"alarm": one.name, "from_s": one.begins / rate, "to_s": one.ends / rate if one.ends >= 0 else None} for one in played.alarms]
    about = {"scenario": wanted.name, "title": wanted.title or None, "patient": wanted.patient, "seed": wanted.seed, "seconds": wanted.seconds}
    return {**about, "passed": played.passed, "expect": expects, "alarms": alarms, "version": __version__}


def _words(played: Any) -> str:
    wanted, rate = played.scenario, played.scenario.fs_hz
    lines = [f"{wanted.name}: {wanted.title or wanted.patient}, {wanted.seconds:g} s, seed {wanted.seed}", "", "Expected:"]
    lines += [f"  {one.state:6s} {one.sentence}{' (' + one.expect.why + ')' if one.expect.why else ''}" for one in played.verdicts] or ["  nothing"]
    lines += ["", "Alarms:"]
    lines += [f"  {one.begins / rate:9.2f} s to {_until(one.ends / rate)}  {one.name}" for one in played.alarms] or ["  none"]
    return "\n".join([*lines, "", "Research and education only: not a medical device, not for patient care."])


def _until(end_s: float) -> str:
    return f"{end_s:.2f} s" if end_s >= 0 else "the end"
