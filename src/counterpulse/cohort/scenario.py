"""Scenario files: a patient, a console, what happens when, and what is expected. One form for faults, lessons, doses and saved live runs.

A scenario starts the same bed that runs live (`bed.live`) and gives the same bits, however it is sliced: times in the file are samples over `fs_hz`.
Knows files and the order of things; physiology and judgement stand below. s, Hz; units of a field as in its record.
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from counterpulse.bed.expect import Alarmed, Expect, Verdict, Watcher, checked
from counterpulse.bed.live import CHECKS, Input, Live, apply
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed
from counterpulse.bed.tick import Trace
from counterpulse.body.gas import Catheter, catheter
from counterpulse.body.patient import Patient
from counterpulse.cohort.console import console_of
from counterpulse.cohort.preset import Preset, changed, load, packaged_or_own, shortened
from counterpulse.pump.control import Pump
from counterpulse.pump.words import settings_in
from counterpulse.refusal import RefusalError
from counterpulse.whole import whole_file

SLICE_S = 0.1  # between two looks at what is expected
LONGEST_S = 86_400.0


@dataclass(frozen=True)
class Scenario:
    """What a scenario file says. `inputs` name samples at `fs_hz`; `person`, `hardware`, `settings`: fields that differ from preset and catheter."""

    patient: str
    seed: int = 1
    seconds: float = 60.0
    name: str = "scenario"
    title: str = ""
    task: str = ""
    catheter: str = ""
    fs_hz: float = 1000.0
    site: str = "root"
    person: dict[str, float] = field(default_factory=dict)
    hardware: dict[str, float] = field(default_factory=dict)
    settings: dict[str, float] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    expects: tuple[Expect, ...] = ()


@dataclass
class Played:
    """A scenario that has run: its bed, the alarms that came, and how each expectation fared."""

    scenario: Scenario
    live: Live
    verdicts: list[Verdict]
    alarms: list[Alarmed]

    @property
    def passed(self) -> bool:
        """True if no expectation failed."""
        return all(one.state == "met" for one in self.verdicts)


ABOUT = {"patient": str, "seed": int, "seconds": float, "title": str, "task": str, "catheter": str, "fs_hz": float, "site": str}
SECTIONS = ("scenario", "patient", "catheter", "settings", "input", "expect")
INPUT = {"at_s": float, "field": str, "value": float, "place": int}
EXPECT = {one.name: {str: str, float: float, int: int}[one.type] for one in fields(Expect)}  # pyright: ignore[reportArgumentType]


def folder() -> Path:
    """Where the packaged scenarios lie."""
    return Path(str(resources.files("counterpulse.cohort") / "scenarios"))


def scenario_names() -> list[str]:
    """Slugs of the packaged scenarios."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def find_scenario(name: str) -> Path:
    """Path of a packaged scenario or of a user's own TOML. Raises RefusalError naming the command that lists them."""
    return packaged_or_own(name, folder(), "packaged scenario", "`counterpulse scenarios` lists the packaged ones")


def read_scenario(name: str | Path) -> Scenario:
    """A scenario by slug or path, every field, value, fault and expectation checked. Raises RefusalError with the first that cannot be."""
    path = find_scenario(str(name))
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise RefusalError(f"{path} cannot be read as TOML: {shortened(str(problem))}.") from None
    return check_scenario(parse_scenario(document, path), str(path))


def parse_scenario(document: dict[str, Any], path: Path) -> Scenario:
    """A scenario from its parsed TOML; names and kinds of values are checked, ranges are not yet."""
    for section in document:
        if section not in SECTIONS:
            raise RefusalError(f"{path}: there is no section {shortened(section)!r}; the sections are {', '.join(SECTIONS)}.")
    about = typed(document.get("scenario", {}), ABOUT, f"{path}: [scenario]")
    if "patient" not in about:
        raise RefusalError(f"{path}: [scenario] names no patient; it needs a preset's name or a TOML file's path.")
    beside = path.parent / about["patient"]
    if about["patient"].endswith(".toml") and not Path(about["patient"]).is_file() and beside.is_file():
        about["patient"] = str(beside)
    fs_hz = about.get("fs_hz", 1000.0)
    inputs = [typed(one, INPUT, f"{path}: [[input]]", ("at_s", "field", "value")) for one in rows(document, "input", path)]
    expects = [typed(one, EXPECT, f"{path}: [[expect]]", ("kind",)) for one in rows(document, "expect", path)]
    return Scenario(
        **about, name=path.stem, person=numbers(document, "patient", path), hardware=numbers(document, "catheter", path),
        settings=settings_in(document.get("settings", {}), str(path), "[settings]"),
        inputs=tuple(Input(round(one["at_s"] * fs_hz), one["field"], one["value"], one.get("place", -1)) for one in inputs),
        expects=tuple(Expect(**one) for one in expects),
    )  # fmt: skip


def rows(document: dict[str, Any], section: str, path: Path) -> list[Any]:
    """The tables of a [[section]]."""
    found = document.get(section, [])
    if not isinstance(found, list):
        raise RefusalError(f"{path}: {section} is no list of tables; write [[{section}]].")
    return found


def typed(table: Any, kinds: dict[str, type], where: str, needed: Iterable[str] = ()) -> dict[str, Any]:
    """A table whose keys are known and whose values are of their kind; whole numbers pass as fractions. Raises RefusalError."""
    if not isinstance(table, dict):
        raise RefusalError(f"{where} is {table!r:.60}; it must be a table.")
    for name in needed:
        if name not in table:
            raise RefusalError(f"{where} has no {name}.")
    made = {}
    for name, value in table.items():
        if name not in kinds:
            raise RefusalError(f"{where} has no key {shortened(name)!r}; its keys are {', '.join(kinds)}.")
        made[name] = float(value) if kinds[name] is float and type(value) is int and abs(value) < 2**53 else value
        if type(made[name]) is not kinds[name]:
            words = {str: "a text", float: "a number", int: "a whole number"}
            raise RefusalError(f"{where}: {name} is {value!r:.60}; it must be {words[kinds[name]]}.")
    return made


def numbers(document: dict[str, Any], section: str, path: Path) -> dict[str, float]:
    """A section of named numbers."""
    table = document.get(section, {})
    if not isinstance(table, dict):
        raise RefusalError(f"{path}: {section} is no table; write [{section}].")
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusalError(f"{path}: [{section}] {shortened(name)} is {value!r:.60}; it must be a number.")
    return table


def check_scenario(scenario: Scenario, where: str = "scenario") -> Scenario:
    """The scenario, if it can be played. Raises RefusalError for a value out of range, an unknown field, fault, alarm or size."""
    if not 1.0 <= scenario.seconds <= LONGEST_S:
        raise RefusalError(f"{where}: seconds is {scenario.seconds:g} s; it must lie in 1 to {LONGEST_S:g} s.")
    if not 0 <= scenario.seed < 2**32:
        raise RefusalError(f"{where}: seed is {scenario.seed}; it must lie in 0 to {2**32 - 1}.")
    clock_of(scenario.fs_hz)
    who, hardware, console = parts_of(scenario)
    end = round(scenario.seconds * scenario.fs_hz)
    kinds: dict[str, Any] = {record: check.__self__ for record, check in CHECKS.items()}  # pyright: ignore[reportFunctionMemberAccess]
    probe: Any = SimpleNamespace(**{record: kind.many(1) for record, kind in kinds.items()}, pump=Pump.many(1))
    probe.catheter[0], probe.settings[0] = hardware, console
    Watcher((), probe, 1.0 / scenario.fs_hz, site=scenario.site)
    for one in scenario.inputs:
        if not 0 <= one.sample <= end:
            raise RefusalError(f"{where}: the input {one.field:.60} is at {one.sample / scenario.fs_hz:g} s; the scenario lasts {scenario.seconds:g} s.")
        apply(probe, 0, one)
    for one in scenario.expects:
        checked(replace(one, to_s=min(one.to_s, scenario.seconds)), probe)
        if one.from_s > scenario.seconds:
            raise RefusalError(f"{where}: something is expected from {one.from_s:g} s on; the scenario lasts {scenario.seconds:g} s.")
    del who
    return scenario


def preset_of(scenario: Scenario) -> Preset:
    """The preset the scenario's patient comes from."""
    return load(scenario.patient)


def parts_of(scenario: Scenario) -> tuple[Patient, Catheter, Any]:
    """Patient, catheter and console at the start. Raises RefusalError for what is out of range."""
    preset = preset_of(scenario)
    size = scenario.catheter or preset.catheter
    unknown = [name for name in scenario.hardware if name not in Catheter.quantities()]
    if unknown:
        raise RefusalError(f"The catheter has no field {unknown[0]!r:.60}; its fields are {', '.join(Catheter.quantities())}.")
    hardware = catheter(size, **scenario.hardware)
    return changed(preset.patient, {**scenario.person, "seed": scenario.seed}), hardware, console_of(preset, size, scenario.settings, scenario.patient)


def start(scenario: Scenario, **live: Any) -> Live:
    """The scenario's bed at sample 0, with the reflex of a patient whose rest is known, its inputs waiting; `live`: further fields of `Live`."""
    who, hardware, console = parts_of(scenario)
    clock = clock_of(scenario.fs_hz)
    run = Live(make_bed([who], [hardware], [console], clock, rests=rests_of([who], scenario.fs_hz, lanes=1)), clock, **live)
    for one in scenario.inputs:
        run.change(one.field, one.value, place=one.place, at=one.sample)
    return run


def watch(scenario: Scenario, live: Live) -> Watcher:
    """What judges the scenario's expectations along a live run of it: give each slice's pieces to `see`."""
    return Watcher([replace(one, to_s=min(one.to_s, scenario.seconds)) for one in scenario.expects], live.bed, live.clock.sample_s, site=scenario.site)


def play(scenario: Scenario, tell: Callable[[float], None] = lambda _: None, hear: Callable[[list[Trace]], None] = lambda _: None) -> Played:
    """Run a scenario to its end. `tell` hears how many seconds were done, `hear` gets what was kept, slice by slice."""
    live = start(scenario)
    watcher = watch(scenario, live)
    end, size = round(scenario.seconds * scenario.fs_hz), max(round(SLICE_S * scenario.fs_hz), 1)
    while live.sample < end:
        pieces = live.advance(min(size, end - live.sample))
        hear(pieces)
        watcher.see(pieces, last=live.sample >= end)
        tell(len(pieces) and sum(len(piece.valve) for piece in pieces) / scenario.fs_hz)
    return Played(scenario, live, watcher.verdicts, watcher.alarms)


def saved(scenario: Scenario, live: Live) -> Scenario:
    """The scenario with the inputs that a live run of it really got and the length it really had: played again it gives the same bits."""
    done = tuple(one for _, one in live.inputs)
    return replace(scenario, inputs=done, seconds=live.sample / scenario.fs_hz)


def write_scenario(path: Path, scenario: Scenario) -> None:
    """Write a scenario as TOML that reads back equal (the name is the file's). Raises RefusalError when the place cannot be written."""
    with whole_file(path) as draft:
        draft.write_text(text_of(scenario), encoding="utf-8")


def text_of(scenario: Scenario) -> str:
    """The scenario as TOML."""
    plain, bare = Scenario(scenario.patient), Expect("")
    about = {key: getattr(scenario, key) for key in ABOUT if key in ("patient", "seed", "seconds") or getattr(scenario, key) != getattr(plain, key)}
    parts = [section("[scenario]", about)]
    for name, table in (("patient", scenario.person), ("catheter", scenario.hardware), ("settings", scenario.settings)):
        parts += [section(f"[{name}]", table)] if table else []
    for one in scenario.inputs:
        place = {"place": one.place} if one.place >= 0 else {}
        parts.append(section("[[input]]", {"at_s": one.sample / scenario.fs_hz, "field": one.field, "value": one.value, **place}))
    for expect in scenario.expects:
        parts.append(section("[[expect]]", {key: value for key, value in asdict(expect).items() if value != getattr(bare, key)}))
    return "\n".join(parts)


def section(head: str, table: dict[str, Any]) -> str:
    """One table."""
    return "\n".join([head, *(f"{key} = {word(value)}" for key, value in table.items())]) + "\n"


def word(value: Any) -> str:
    """A value as TOML writes it; numbers keep every bit."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}" for char in escaped) + '"'
    number = value.item() if hasattr(value, "item") else value
    return repr(number)
