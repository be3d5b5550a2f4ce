"""Patients by name: TOML files of patient fields, what the patient should show with sources, and the balloon that fits.

Knows files and records; runs nothing. A user's own file has the same form as the presets beside this module.
"""

import math
import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from counterpulse.body.gas import DEFAULT_CATHETER
from counterpulse.body.patient import Patient
from counterpulse.record import sentence
from counterpulse.refusal import RefusalError

SECTIONS = ("preset", "patient", "pump", "catheter", "target", "calibration")
FIELDS = {
    "preset": ("name", "title", "about"), "catheter": ("size",), "calibration": ("free", "log_covariance"),
    "target": ("name", "value", "unit", "source", "certainty"),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A number that the patient should show without the pump, with where it comes from."""

    name: str
    value: float
    unit: str
    source: str
    certainty: str


@dataclass(frozen=True)
class Preset:
    """A patient with a name: the record, console settings that differ from the default, catheter, targets."""

    name: str
    title: str
    about: str
    patient: Patient
    pump: dict[str, float] = field(default_factory=dict)
    catheter: str = DEFAULT_CATHETER
    targets: tuple[Target, ...] = ()
    free: tuple[str, ...] = ()
    log_covariance: tuple[tuple[float, ...], ...] = ()  # of the logarithms of the free fields, where a fit has left it


def folder() -> Path:
    """Where the presets lie."""
    return Path(str(resources.files("counterpulse.cohort") / "presets"))


def names() -> list[str]:
    """Slugs of the presets."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def find(name: str) -> Path:
    """Path of a preset or of a user's own TOML. Raises RefusalError naming the presets there are."""
    return packaged_or_own(name, folder(), "preset", f"the presets are {', '.join(names())}")


def packaged_or_own(name: str, packaged: Path, kind: str, known: str) -> Path:
    """Path of a TOML file of a packaged folder by its slug, or of a user's own. Raises RefusalError; `known` says which are packaged."""
    if name in {path.stem for path in packaged.glob("*.toml")}:
        return packaged / f"{name}.toml"
    path = Path(name)
    try:
        there = path.suffix == ".toml" and path.is_file()
    except OSError as problem:
        raise RefusalError(f"{shortened(name)!r} cannot be opened: {problem.strerror}.") from None
    if there:
        return path
    raise RefusalError(f"{shortened(name)!r} is neither a {kind} nor a TOML file that exists; {known}.")


def shortened(text: str) -> str:
    """A text of the user's for a sentence: no longer than a line."""
    return text if len(text) <= 80 else f"{text[:77]}..."


def patient_of(values: dict[str, Any], where: str) -> Patient:
    """A checked patient from named values. Raises RefusalError naming a field that does not exist or a value out of range."""
    known = Patient.quantities()
    for name, value in values.items():
        if name not in known:
            raise RefusalError(f"{where}: the patient has no field {name!r}; `counterpulse run --help` lists them.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusalError(f"{where}: {name} is {shortened(repr(value))}; it must be a number{in_unit(known[name].unit)}.")
        if not known[name].low <= value <= known[name].high:
            raise RefusalError(f"{where}: {sentence(f'Patient.{name}', seen(value), known[name])}")
        if Patient.dtype[name].kind == "i" and value != int(value):
            raise RefusalError(f"{where}: {name} is {value:g}; it must be a whole number, {known[name].low:.10g} to {known[name].high:.10g}.")
    return Patient(**values)


def in_unit(unit: str) -> str:
    """' in mL' and the like, nothing for a pure number."""
    return "" if unit in ("", "1") else f" in {unit}"


def seen(value: float) -> float:
    """A number that can be printed: a whole number too large for a float becomes infinite."""
    return (math.inf if value > 0 else -math.inf) if abs(value) >= 1e300 else value


def load(name: str) -> Preset:
    """Read a preset or a user's TOML of the same form. Raises RefusalError in one sentence for whatever is wrong with it."""
    path = find(name)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusalError(f"{path} cannot be read: {problem}.") from None
    except (ValueError, RecursionError) as problem:
        raise RefusalError(f"{path} is not valid TOML: {shortened(str(problem))}.") from None
    check_form(document, path)
    return parse(document, path)


def check_form(document: dict[str, Any], path: Path) -> None:
    """Raise RefusalError for a section or a field that there is not, or one of the wrong kind. [patient] and [pump] have checks of their own."""
    for section, inside in document.items():
        if section not in SECTIONS:
            raise RefusalError(f"{path}: there is no section [{shortened(section)}]; the sections are {', '.join(SECTIONS)}.")
        several = section == "target"
        tables = inside if several and isinstance(inside, list) else [inside]
        if not all(isinstance(one, dict) for one in tables) or (several and tables is not inside):
            raise RefusalError(f"{path}: {section} is {shortened(repr(inside))}; it must be a section {'[[target]]' if several else f'[{section}]'}.")
        for one in tables:
            check_fields(section, one, path)


def check_fields(section: str, inside: dict[str, Any], path: Path) -> None:
    """Names and kinds of the fields of one section."""
    known = FIELDS.get(section, inside)
    for name, value in inside.items():
        if name not in known:
            raise RefusalError(f"{path}: [{section}] has no field {shortened(name)!r}; it has {', '.join(known)}.")
        if section in ("preset", "catheter", "target") and name != "value" and not isinstance(value, str):
            raise RefusalError(f"{path}: {name} in [{section}] is {shortened(repr(value))}; it must be text in quotes.")
    name = inside.get("name")
    if section == "preset" and name is not None and not re.fullmatch(r"\w[\w.-]*", name):
        raise RefusalError(f"{path}: name in [preset] is {shortened(name)!r}; it must be letters, digits, points and dashes: it names the result's folder.")
    if section == "target":
        check_target(inside, path)
    free = inside.get("free", [])
    if section == "calibration" and not (isinstance(free, list) and all(field in Patient.fields() for field in free)):
        raise RefusalError(f"{path}: free in [calibration] is {shortened(repr(free))}; it must be a list of fields of the patient.")
    check_covariance(inside.get("log_covariance", []), len(free) if section == "calibration" else 0, path)


def check_covariance(rows: Any, size: int, path: Path) -> None:
    """A square of finite numbers, as wide as there are free fields, or nothing."""
    number = lambda value: isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300  # noqa: E731
    square = isinstance(rows, list) and all(isinstance(row, list) and len(row) == size and all(map(number, row)) for row in rows)
    if rows and not (square and len(rows) == size):
        raise RefusalError(f"{path}: log_covariance in [calibration] must be {size} rows of {size} numbers, one for each free field.")


def check_target(inside: dict[str, Any], path: Path) -> None:
    """A target has all its fields, and a finite value."""
    for name in FIELDS["target"]:
        if name not in inside:
            raise RefusalError(f"{path}: a [[target]] has no {name}; it needs {', '.join(FIELDS['target'])}.")
    value = inside["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise RefusalError(f"{path}: value of [[target]] {inside['name']} is {shortened(repr(value))}; it must be a number.")


def parse(document: dict[str, Any], path: Path) -> Preset:
    """A preset from its parsed TOML."""
    about = document.get("preset", {})
    return Preset(
        about.get("name", path.stem),
        about.get("title", path.stem),
        about.get("about", "").strip(),
        patient_of(document.get("patient", {}), str(path)),
        document.get("pump", {}),
        document.get("catheter", {}).get("size", DEFAULT_CATHETER),
        tuple(Target(t["name"], float(t["value"]), t["unit"], t["source"], t["certainty"]) for t in document.get("target", [])),
        tuple(document.get("calibration", {}).get("free", ())),
        tuple(tuple(float(value) for value in row) for row in document.get("calibration", {}).get("log_covariance", ())),
    )


def changed(patient: Patient, values: dict[str, float]) -> Patient:
    """A copy of a patient with some fields set anew, checked."""
    copy = np.array(patient, Patient.dtype).view(np.recarray)
    merged = {name: copy[name].item() for name in Patient.fields()} | values
    return patient_of(merged, "patient")
