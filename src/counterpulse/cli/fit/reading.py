"""OBSERVATIONS.toml: names, units and ranges by the clinic's list of variables, then a `Case` for calibration. Knows the file's form; fits nothing."""

import math
import tomllib
from pathlib import Path
from typing import Any

from counterpulse.clinic.variables import canonical, find
from counterpulse.cohort.observations import PERSON, Case, Observed, default_sd, kinds
from counterpulse.cohort.preset import shortened
from counterpulse.refusal import RefusalError

PATIENT = ("height_cm", "weight_kg", "age_years", "haemoglobin_g_dL", "sex", "preset", "site", "rhythm")
OBSERVED = ("name", "value", "unit", "sd", "source")
RHYTHMS = {"sinus": 0, "af": 1, "paced": 2}
SITES = ("root", "lumen", "radial", "femoral")
OWN_RANGES = {"rvef_pct": (2.0, 90.0), "lvedp_mmHg": (0.0, 80.0), "esp_mmHg": (0.0, 300.0), "pulse_mmHg": (1.0, 250.0)}  # what the clinic's list does not have
OWN_NAMES = {name.lower(): name for name in OWN_RANGES} | {  # in lower case
    "rv_ef": "rvef_pct", "rvef": "rvef_pct", "lv_edp_mmhg": "lvedp_mmHg", "lvedp": "lvedp_mmHg", "esp": "esp_mmHg", "pulse_pressure": "pulse_mmHg",
}  # fmt: skip
SPELLINGS = {"mmHg": "mm[Hg]", "1/min": "/min", "bpm": "/min", "beats/min": "/min", "min-1": "/min", "l/min": "L/min", "ml": "mL", "l/min/m2": "L/min/m2"}
SHARES = ("1", "share", "fraction")
AS_PERSON = {"height_cm": "height_cm", "weight_kg": "weight_kg", "age_years": "age_years", "hb_g_dL": "haemoglobin_g_dL"}


def tells_observations(path: Path) -> bool:
    """True of a TOML file with [[observed]] numbers; False of whatever else, which its own reader then judges."""
    try:
        return "observed" in tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False


def read_case(path: Path) -> Case:
    """Read a file of observations. Raises RefusalError in one sentence for whatever is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusalError(f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}.") from None
    except (ValueError, RecursionError) as problem:
        raise RefusalError(f"{path} is not valid TOML: {shortened(str(problem))}.") from None
    for section in document:
        if section not in ("patient", "observed"):
            raise RefusalError(f"{path}: there is no section [{shortened(section)}]; there are [patient] and [[observed]].")
    about, rows = document.get("patient", {}), document.get("observed", [])
    if not isinstance(about, dict) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RefusalError(f"{path}: [patient] is one section and [[observed]] a list of them.")
    return case_of(about, rows, str(path))


def case_of(about: dict[str, Any], rows: list[dict[str, Any]], where: str) -> Case:
    """A case from the two sections."""
    _known(about, PATIENT, f"{where}: [patient]")
    person = {name: _person(name, about[name], where) for name in PERSON if name in about}
    observed: list[Observed] = []
    for row in rows:
        _known(row, OBSERVED, f"{where}: [[observed]]")
        kind, value, scale = _value(row, where)
        if kind in AS_PERSON:
            person[AS_PERSON[kind]] = value
        elif any(one.kind == kind for one in observed):
            raise RefusalError(f"{where}: {row['name']} is given twice; give it once.")
        else:
            observed.append(_observed(row, (kind, value, scale), where))
    both = {"lvef_pct", "lvedv_mL"} <= {one.kind for one in observed}
    told = tuple(_reported(one) if both and one.kind == "lvesv_mL" else one for one in observed)
    return Case(person, told, _choice(about, "site", SITES, "root", where), str(about.get("preset", "")), _rhythm(about, where))


def _reported(one: Observed) -> Observed:
    """End-systolic volume beside EF and end-diastolic volume: they say it already, and tables often disagree with themselves."""
    return Observed(one.name, one.kind, one.value, one.sd, one.source, fitted=False, scale=one.scale)


def _known(inside: dict[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in inside:
        if name not in names:
            raise RefusalError(f"{where} has no field {shortened(name)!r}; it has {', '.join(names)}.")


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusalError(f"{what} is {shortened(repr(value))}; it must be a number.")
    return float(value)


def _person(name: str, value: Any, where: str) -> float:
    kind = {"haemoglobin_g_dL": "hb_g_dL"}.get(name, name)
    found = find(kind)
    _number(value, f"{where}: {name}")
    number = canonical(kind, value, found[1] if found else "1", bare=False)
    return float(number or 0.0)


def _value(row: dict[str, Any], where: str) -> tuple[str, float, float]:
    """Kind, value in the table's unit, and the factor back to the caller's unit."""
    if not isinstance(row.get("name"), str) or "value" not in row:
        raise RefusalError(f"{where}: an [[observed]] needs a name and a value; unit, sd and source may follow.")
    name, value = row["name"], _number(row["value"], f"{where}: value of {row['name']}")
    unit = row.get("unit", "")
    if not isinstance(unit, str):
        raise RefusalError(f"{where}: unit of {name} is {shortened(repr(unit))}; it must be text.")
    own = OWN_NAMES.get(name.lower(), "")
    if own:
        number = _own(own, name, value, unit)
    else:
        own, number = _clinical(name, value, SPELLINGS.get(unit, SPELLINGS.get(unit.lower(), unit)), where)
    if own not in kinds() and own not in AS_PERSON:
        raise RefusalError(f"{where}: {name} cannot be fitted; these can: {', '.join([*kinds(), *AS_PERSON])}.")
    return own, number, value / number if number else 1.0


def _own(kind: str, name: str, value: float, unit: str) -> float:
    low, high = OWN_RANGES[kind]
    number = value * 100.0 if kind.endswith("_pct") and (unit in SHARES or (not unit and value <= 1.0)) else value
    if not low <= number <= high:
        raise RefusalError(f"{name} is {value:g} {unit}; it must lie in {low:g} to {high:g}{' %' if kind.endswith('_pct') else ' mmHg'}.")
    return number


def _clinical(name: str, value: float, unit: str, where: str) -> tuple[str, float]:
    found = find(name)
    if found is None:
        raise RefusalError(f"{where}: the observed {shortened(name)!r} is not known; these are: {', '.join([*kinds(), *AS_PERSON])}.")
    kind, own_unit, bare = found
    if unit in SHARES and kind.endswith("_pct"):
        value, unit = value * 100.0, own_unit
    try:
        number = canonical(kind, value, unit or own_unit, bare=(bare or kind.endswith("_pct")) and not unit)
    except RefusalError as problem:
        raise RefusalError(f"{where}: {problem}" if name in str(problem) else f"{where}: {name}: {problem}") from None
    return kind, float(number or 0.0)


def _observed(row: dict[str, Any], told: tuple[str, float, float], where: str) -> Observed:
    kind, value, scale = told
    sd = default_sd(kind, value)
    source = f"default: {kinds()[kind]['source']}"
    if "sd" in row:
        sd = _number(row["sd"], f"{where}: sd of {row['name']}") / scale
        source = "given"
        if not sd > 0.0:
            raise RefusalError(f"{where}: sd of {row['name']} is {row['sd']:g}; it must be above 0.")
    return Observed(row["name"], kind, value, sd, str(row.get("source", source)), scale=scale)


def _choice(about: dict[str, Any], name: str, allowed: tuple[str, ...], default: str, where: str) -> str:
    value = about.get(name, default)
    if value not in allowed:
        raise RefusalError(f"{where}: {name} is {shortened(repr(value))}; it must be one of {', '.join(allowed)}.")
    return str(value)


def _rhythm(about: dict[str, Any], where: str) -> dict[str, float]:
    """The rhythm's fields; fibrillation brings its usual R-R variation."""
    if "rhythm" not in about:
        return {}
    chosen = RHYTHMS[_choice(about, "rhythm", tuple(RHYTHMS), "sinus", where)]
    return {"rhythm": chosen, "rr_variability": 0.2 if chosen == RHYTHMS["af"] else 0.03}
