"""What is known of one patient: JSON in, canonical numbers out, everything unknown left unknown.

Knows the variables, drug and device names, doses per kilogram, and which values follow from others. Does not know any rule.
A value that is not there is absent from the patient (never 0, never NaN).
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterpulse.clinic import variables as var
from counterpulse.clinic.derived import derive
from counterpulse.clinic.table import data
from counterpulse.refusal import RefusalError

LABELS = {"id", "label", "name", "note", "notes", "patient", "sex", "at", "time", "scheme", "protocol"}


@dataclass(frozen=True)
class Patient:
    """Canonical values by name (given and derived), which of them were derived and how, and remarks on what was read."""

    values: dict[str, Any]
    derived: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    labels: dict[str, Any] = field(default_factory=dict)


def read(raw: Mapping[str, Any]) -> Patient:
    """Read one patient. Raises RefusalError for a value that is no number, implausible, contradictory, or a misspelt name."""
    if not isinstance(raw, Mapping):
        raise RefusalError(f"A patient is one JSON object of named values, not a {type(raw).__name__}.")
    values: dict[str, Any] = {}
    notes: list[str] = []
    labels: dict[str, Any] = {}
    for key, value in raw.items():
        if key in ("drugs", "devices") and isinstance(value, list):
            continue
        if key in LABELS:
            labels[key] = value
            continue
        _take(key, value, values, notes)
    if isinstance(raw.get("drugs"), list):
        _drugs(raw["drugs"], values, notes)
    if isinstance(raw.get("devices"), list):
        _devices(raw["devices"], values, notes)
    _count_doses(raw, values, notes)
    _contradictions(values)
    added, how = derive(values)
    return Patient({**values, **added}, how, tuple(notes), labels)


def _take(key: str, value: Any, values: dict[str, Any], notes: list[str]) -> None:
    found = var.find(key)
    if found is None:
        notes.append(f"The input {key!r} is not known here and was not used.")
        return
    name, unit, bare = found
    if isinstance(value, Mapping):
        if "value" not in value:
            raise RefusalError(f'{key} must be a number or {{"value": …, "unit": …}}.')
        unit, bare, value = str(value.get("unit", unit)), False, value["value"]
    number = var.canonical(name, value, unit, bare=bare)
    if number is None:
        return
    if name in values and values[name] != number:
        raise RefusalError(f"{name} is given twice, as {values[name]} and as {number}; give it once.")
    values[name] = number


@functools.cache
def agents() -> dict[str, dict[str, Any]]:
    """Every spelling of a drug or device -> its entry, with `key` the canonical name."""
    known: dict[str, dict[str, Any]] = {}
    for kind in ("drug", "device"):
        for key, body in data("agents")[kind].items():
            for spelling in (key, *body.get("aliases", [])):
                known[spelling.lower()] = {"key": key, "kind": kind, **body}
    return known


def _agent(item: Any, kind: str) -> tuple[dict[str, Any], Mapping[str, Any]]:
    body = {"name": item} if isinstance(item, str) else item
    if not isinstance(body, Mapping) or not isinstance(body.get("name"), str):
        raise RefusalError(f'A {kind} is a name or {{"name": …, "dose": …, "unit": …}}, not {item!r}.')
    found = agents().get(body["name"].strip().lower())
    if found is None or found["kind"] != kind:
        known = ", ".join(sorted(data("agents")[kind]))
        raise RefusalError(f"The {kind} {body['name']!r} is not known; known are {known}.")
    return found, body


def _drugs(items: list[Any], values: dict[str, Any], notes: list[str]) -> None:
    counted = set()
    for item in items:
        found, body = _agent(item, "drug")
        dose = body.get("dose")
        if dose == 0:
            continue
        if found["counts"]:
            counted.add(found["key"])
        else:
            notes.append(f"{found['key']} is {found['class']} and is not counted as a vasoactive agent (assumption of this project).")
        column = found.get("column")
        if dose is not None and column:
            values[column] = _dose(column, dose, str(body.get("unit", found["unit"])), values)
    unknown = {_agent(item, "drug")[0].get("column") for item in items}
    for column in dose_columns():
        if column not in unknown:
            values.setdefault(column, 0.0)
    values["drugs"] = float(len(counted))


def dose_columns() -> tuple[str, ...]:
    """Names of the dose variables, in the order of the agents."""
    return tuple(body["column"] for body in data("agents")["drug"].values() if "column" in body)


def _dose(column: str, dose: Any, unit: str, values: Mapping[str, Any]) -> float:
    item = var.variables()[column]
    if isinstance(dose, bool) or not isinstance(dose, int | float) or dose < 0:
        raise RefusalError(f"The dose of {column} is {dose!r}; it must be a number of 0 or more with a unit.")
    number, plain = float(dose), unit.replace("mcg", "ug").replace("IU", "U").replace("units", "U")
    if "/kg" not in plain:
        weight = values.get("weight_kg")
        if not weight:
            raise RefusalError(f"The dose {dose:g} {unit} of {column} has no kilogram in its unit and weight_kg is missing; give one of them.")
        number, plain = number / weight, plain.replace("/", "/kg/", 1)
    amount = var.ucum(number, plain, item.unit)
    return float(var.canonical(column, amount, item.unit, bare=False) or 0.0)


def _devices(items: list[Any], values: dict[str, Any], notes: list[str]) -> None:
    names = set()
    for item in items:
        found, _ = _agent(item, "device")
        names.add(found["key"])
    values["devices"] = float(len(names))
    values.setdefault("iabp_running", "iabp" in names)
    values.setdefault("ecmo", "va-ecmo" in names)
    if "iabp" in names and "sbp_mmHg" in values:
        notes.append("With a balloon pump running, sbp_mmHg must be the assisted systole, never the augmented diastolic peak.")


def _count_doses(raw: Mapping[str, Any], values: dict[str, Any], notes: list[str]) -> None:
    """Agents nobody mentioned count as not running once one dose is given, or the number of drugs is 0; a dose given as null stays unknown."""
    unknown = {found[0] for key, value in raw.items() if value is None and (found := var.find(key))}
    given = [column for column in dose_columns() if column in values]
    if given or values.get("drugs") == 0:
        for column in dose_columns():
            if column not in unknown and not isinstance(raw.get("drugs"), list):
                values.setdefault(column, 0.0)
    running = [column for column in given if values[column]]
    if "drugs" not in values and "drugs" not in unknown and given and not unknown & set(dose_columns()):
        values["drugs"] = float(len(running))
        notes.append(f"drugs was counted from the doses given: {len(running)}; an agent without a dose here is taken as not running.")
    elif "drugs" in values and len(running) > values["drugs"]:
        raise RefusalError(f"drugs is {values['drugs']:g} but {len(running)} doses above zero are given; they must agree.")


def _contradictions(values: Mapping[str, Any]) -> None:
    for low, high in (("dbp_mmHg", "sbp_mmHg"), ("pad_mmHg", "pas_mmHg"), ("lvesv_mL", "lvedv_mL")):
        if low in values and high in values and values[low] > values[high]:
            raise RefusalError(f"{low} is {values[low]:g}, above {high} at {values[high]:g}; it cannot be.")
