"""Every bedside score by name, from JSON of one patient. Knows which room computes it; does not know a formula or a band itself."""

from collections.abc import Mapping
from typing import Any

from counterpulse.clinic import infarct, jeopardy, points, vasoactive
from counterpulse.clinic.patient import read
from counterpulse.clinic.table import Verdict, data
from counterpulse.refusal import RefusalError

NAMES = (*vasoactive.FORMULAS, *points.TABLES, "bcis-1-js", "duke", "unsatisfactory", "ldhq72", "haemodynamics")


def score(name: str, raw: Mapping[str, Any], *, missing_zero: bool = False, weights: str = "project") -> Verdict:
    """Compute one score. Raises RefusalError for a name or an input that is not known."""
    if not isinstance(raw, Mapping):
        raise RefusalError(f"A patient is one JSON object of named values, not a {type(raw).__name__}.")
    if name in vasoactive.FORMULAS:
        return vasoactive.inotropic(read(raw), name)
    if name in points.TABLES:
        return _days(name, raw["days"], missing_zero) if "days" in raw else points.score(read(raw), name, missing_zero=missing_zero)
    if name in jeopardy.SOURCES:
        return jeopardy.jeopardy(raw, name)
    if name == "unsatisfactory":
        return infarct.unsatisfactory(raw, weights)
    if name == "ldhq72":
        return infarct.ldhq72(raw)
    if name == "haemodynamics":
        return haemodynamics(raw)
    raise RefusalError(f"The score {name!r} is not known; known are {', '.join(NAMES)}.")


def _days(name: str, days: Any, missing_zero: bool) -> Verdict:
    if name not in ("sofa", "sofa-2") or not isinstance(days, list) or not days:
        raise RefusalError("days is a list of at least one patient per day, for sofa and sofa-2 only.")
    return points.highest([points.score(read(day), name, missing_zero=missing_zero) for day in days])


def haemodynamics(raw: Mapping[str, Any]) -> Verdict:
    """Every derived number that the values allow, with formula, unit, reference and certainty; the verdict is the number of them."""
    patient, book = read(raw), data("haemodynamics")
    found = {
        name: {"value": patient.values[name], "unit": book[name]["unit"], "formula": how, "means": book[name]["means"],
               "reference": book[name].get("reference"), "certainty": book[name]["certainty"], "source": book[name]["source"]}
        for name, how in patient.derived.items()
    }
    missing = [name for name in book if name not in found and patient.values.get(name) is None]
    sources = [item["source"] for item in found.values()]
    return Verdict(len(found), "formulas of data/haemodynamics.toml", missing, None, None, sources, list(patient.notes), {"numbers": found})
