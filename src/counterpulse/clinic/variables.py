"""The list of clinical variables: canonical names, units, plausible ranges, other names. Reads `variables.toml` once.

Knows how to turn `lactate_mg_dL`, `{"value": 27, "unit": "mg/dL"}` or an alias into the canonical number, by a UCUM library.
Does not know what a value means for a patient. Units: UCUM strings; canonical units stand in every variable's own name.
"""

import difflib
import functools
import importlib.resources
import math
import tomllib
from dataclasses import dataclass, field
from typing import Any

from counterpulse.refusal import RefusalError


@dataclass(frozen=True)
class Variable:
    """One clinical variable: name with its unit, meaning, UCUM unit, range, which end is worse ("low", "high", "true", "false" or "")."""

    name: str
    means: str
    unit: str = "1"
    accepts: list[str] = field(default_factory=list)
    loinc: str = ""
    low: float = -math.inf
    high: float = math.inf
    worse: str = ""
    aliases: list[str] = field(default_factory=list)
    molar_g_mol: float = 0.0
    fraction_below: float = 0.0
    flag: bool = False
    source: str = "project"
    certainty: str = "P"

    def extreme(self, *, worst: bool) -> float | bool | None:
        """The value that a missing one may hide: the worst end, or the most benign one; None when neither end is worse."""
        if self.flag:
            return (self.worse == "true") is worst
        ends = {"low": (self.low, self.high), "high": (self.high, self.low)}
        return ends[self.worse][0 if worst else 1] if self.worse else None


@functools.cache
def variables() -> dict[str, Variable]:
    """All variables by canonical name."""
    text = importlib.resources.files("counterpulse.clinic").joinpath("variables.toml").read_text("utf-8")
    return {name: Variable(name=name, **body) for name, body in tomllib.loads(text).items()}


def suffix(unit: str) -> str:
    """How a unit is written inside a name: `mm[Hg]` -> `mmhg`, `mg/dL` -> `mg_dl`, `/min` -> `per_min`, `10*9/L` -> `10_9_l`."""
    plain = unit.replace("[", "").replace("]", "").replace("*", "_").replace(".", "_")
    return ("per_" + plain[1:] if plain.startswith("/") else plain.replace("/", "_")).lower()


@functools.cache
def spellings() -> dict[str, tuple[str, str, bool]]:
    """Every accepted key in lower case -> (canonical name, UCUM unit it is in, whether the key left the unit out)."""
    known: dict[str, tuple[str, str, bool]] = {}
    for name, item in variables().items():
        own = suffix(item.unit)
        stem = name.lower().removesuffix("_" + own)
        stem = stem.removesuffix("_pct")
        for bare in {stem, *(alias.lower() for alias in item.aliases)}:
            for unit in (item.unit, *item.accepts):
                known.setdefault(f"{bare}_{suffix(unit)}", (name, unit, False))
            known.setdefault(bare, (name, item.unit, True))
        known[name.lower()] = (name, item.unit, False)
    return known


def find(key: str) -> tuple[str, str, bool] | None:
    """Canonical name and unit behind a key, or None. Raises RefusalError where the key looks like a slip of a known one."""
    known = spellings()
    lower = key.strip().lower().replace("mcg", "ug").replace("-", "_")
    if lower in known:
        return known[lower]
    near = difflib.get_close_matches(lower, known, n=1, cutoff=0.86)
    if near:
        raise RefusalError(f"The input {key!r} is not known; did you mean {known[near[0]][0]!r}?")
    return None


@functools.cache
def registry() -> Any:
    """The UCUM registry; building it takes about a second, so it is made only when a unit other than the canonical one is given."""
    from ucumvert import PintUcumRegistry  # noqa: PLC0415

    return PintUcumRegistry()


def ucum(value: float, unit: str, to: str, molar_g_mol: float = 0.0) -> float:
    """Convert by UCUM; `molar_g_mol` bridges mass and substance. Raises RefusalError for an unknown or foreign unit."""
    ours, theirs = (name.replace("mcg", "ug").replace("µ", "u") for name in (to, unit))
    if ours == theirs:
        return value
    units = registry()
    try:
        source, target = units.from_ucum(theirs), units.from_ucum(ours)
        amount = value * source
        if molar_g_mol and source.dimensionality != target.dimensionality:
            weight = molar_g_mol * units.from_ucum("g/mol")
            amount = amount / weight if "[mass]" in source.dimensionality else amount * weight
        converted = float(amount.to(target.units).magnitude / target.magnitude)
        return float(f"{converted:.10g}")  # a boundary stays a boundary whatever unit it came in
    except Exception as problem:  # noqa: BLE001 the parser and pint raise a dozen kinds; each means the same to the user
        raise RefusalError(f"The unit {unit!r} cannot be converted to {to!r} ({type(problem).__name__}).") from None


def canonical(name: str, value: Any, unit: str, *, bare: bool) -> float | bool | None:
    """One value in the canonical unit, checked against its plausible range. Raises RefusalError with one sentence."""
    item = variables()[name]
    if value is None:
        return None
    if item.flag:
        if isinstance(value, bool):
            return value
        raise RefusalError(f"{name} is {value!r}; it must be true, false or null.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusalError(f"{name} is {value!r}; it must be a number in {item.unit} or null.")
    number = float(value)
    if bare and item.fraction_below and number <= item.fraction_below:
        number *= 100.0
    elif unit != item.unit:
        number = ucum(number, unit, item.unit, item.molar_g_mol)
    if not item.low <= number <= item.high:
        given = "" if unit == item.unit else f" (given as {value:g} {unit})"
        raise RefusalError(f"{name} is {number:g} {item.unit}{given}; plausible is {item.low:g} to {item.high:g} {item.unit}.")
    return number
