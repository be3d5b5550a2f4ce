"""Patients by name: TOML files of patient fields, what the patient should show with sources, and the balloon that fits.

Knows files and records; runs nothing. A user's own file has the same form as the presets beside this module.
"""

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


def folder() -> Path:
    """Where the presets lie."""
    return Path(str(resources.files("counterpulse.cohort") / "presets"))


def names() -> list[str]:
    """Slugs of the presets."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def find(name: str) -> Path:
    """Path of a preset or of a user's own TOML. Raises RefusalError naming the presets there are."""
    if name in names():
        return folder() / f"{name}.toml"
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return path
    known = ", ".join(names())
    raise RefusalError(f"{name!r} is neither a preset nor a TOML file that exists; the presets are {known}.")


def patient_of(values: dict[str, Any], where: str) -> Patient:
    """A checked patient from named values. Raises RefusalError naming a field that does not exist or a value out of range."""
    known = Patient.quantities()
    for name, value in values.items():
        if name not in known:
            raise RefusalError(f"{where}: the patient has no field {name!r}; `counterpulse run --help` lists them.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusalError(f"{where}: {name} is {value!r}; it must be a number in {known[name].unit}.")
        if not known[name].low <= value <= known[name].high:
            raise RefusalError(f"{where}: {sentence(f'Patient.{name}', value, known[name])}")
    return Patient(**values)


def load(name: str) -> Preset:
    """Read a preset or a user's TOML of the same form. Raises RefusalError in one sentence for whatever is wrong with it."""
    path = find(name)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusalError(f"{path} cannot be read: {problem}.") from None
    except tomllib.TOMLDecodeError as problem:
        raise RefusalError(f"{path} is not valid TOML: {problem}.") from None
    unknown = [key for key in document if key not in SECTIONS]
    if unknown:
        raise RefusalError(f"{path}: there is no section [{unknown[0]}]; the sections are {', '.join(SECTIONS)}.")
    try:
        return parse(document, path)
    except (KeyError, TypeError, AttributeError) as problem:
        raise RefusalError(f"{path}: a section lacks or misshapes {problem}; a preset shows the form.") from None


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
    )


def changed(patient: Patient, values: dict[str, float]) -> Patient:
    """A copy of a patient with some fields set anew, checked."""
    copy = np.array(patient, Patient.dtype).view(np.recarray)
    merged = {name: copy[name].item() for name in Patient.fields()} | values
    return patient_of(merged, "patient")
