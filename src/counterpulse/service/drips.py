"""Scores of the drugs that run into a simulated patient, by the clinic's own formulas.

Knows doses and weight. What ran before the run's start is not in them.
"""

from typing import Any

from counterpulse.clinic.vasoactive import total

SCORES = {"inotropic_score": "inotropic", "vis": "vis"}


def scores(dose: Any, weight_kg: float) -> dict[str, float | None]:
    """Inotropic and vasoactive-inotropic score of a `Dose`."""
    values = {name: float(dose[name]) for name in dose.dtype.names}
    values["vasopressin_U_kg_min"] = values["vasopressin_U_min"] / weight_kg
    return {key: total(values, formula) for key, formula in SCORES.items()}
