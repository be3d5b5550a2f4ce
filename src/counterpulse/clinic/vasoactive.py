"""Inotropic score, vasoactive-inotropic score and its labelled extensions, from doses.

Knows the coefficients of `data/vasoactive.toml`. Does not know a cut-off for a verdict; the 20 of Altshock-2 lives with its goals.
Units: ug/kg/min, vasopressin U/kg/min. Norepinephrine is base (1 mg base is about 2 mg bitartrate).
"""

from collections.abc import Mapping
from typing import Any

from counterpulse.clinic.patient import Patient
from counterpulse.clinic.table import Verdict, data
from counterpulse.clinic.variables import variables
from counterpulse.refusal import RefusalError

FORMULAS = ("inotropic", "vis", "vis-altshock", "vis-extended")


def total(values: Mapping[str, Any], formula: str) -> float | None:
    """The sum, or None when a dose of the formula is unknown. Raises RefusalError for an unknown formula."""
    if formula not in FORMULAS:
        raise RefusalError(f"The inotropic formula {formula!r} is not known; known are {', '.join(FORMULAS)}.")
    parts = [_points(values, drug) for drug in data("vasoactive")["formula"][formula]["terms"]]
    return None if None in parts else float(f"{sum(part for part in parts if part is not None):.10g}")


def _points(values: Mapping[str, Any], drug: str) -> float | None:
    term = data("vasoactive")["coefficient"][drug]
    dose = values.get(term["column"])
    return None if dose is None else term["value"] * dose


def inotropic(patient: Patient, formula: str = "vis") -> Verdict:
    """The score of one patient with the points of every drug, the bounds when doses are missing, and what the formula leaves out."""
    verdict = total(patient.values, formula)
    item = data("vasoactive")["formula"][formula]
    points = {drug: _points(patient.values, drug) for drug in item["terms"]}
    columns = {drug: data("vasoactive")["coefficient"][drug]["column"] for drug in item["terms"]}
    missing = [columns[drug] for drug, part in points.items() if part is None]
    known = sum(part for part in points.values() if part is not None)
    highest = {name: variables()[name].high for name in missing}
    worst = known + sum(data("vasoactive")["coefficient"][drug]["value"] * highest[columns[drug]] for drug in points if columns[drug] in highest)
    left_out = [drug for drug, term in data("vasoactive")["coefficient"].items() if drug not in item["terms"] and patient.values.get(term["column"])]
    notes = [*patient.notes, f"Formula: {item['title']}. Norepinephrine as base."]
    notes += [f"{drug} is running and is not part of this formula." for drug in left_out]
    if missing:
        notes.append("A dose that is not known leaves only bounds; the upper bound takes the highest plausible dose.")
    more = {"score": formula, "items": points, "certainty": item["certainty"], "incomplete": bool(missing), "disputed": data("vasoactive")["disputed"]}
    return Verdict(verdict, item["title"], missing, known, worst, item["sources"], notes, more)
