"""The state in which a paper says its patients were before the pump, and the patient of a preset brought to it by this project's own fit.

One rule for every study: what is printed is shown within 1 %, everything else stays as near to the preset as the fit's prior keeps it. What the pump did is
never among the numbers. Knows fits; no verdict. Units as in `tables/measurement.toml`.
"""

from dataclasses import dataclass, field
from typing import Any

from counterpulse.body.patient import Patient
from counterpulse.cohort.calibrate import calibrate
from counterpulse.cohort.observations import Case, Observed, kinds
from counterpulse.cohort.preset import Preset
from counterpulse.refusal import RefusalError

CLOSE = 0.01  # share of a printed mean that counts as its error: a population's mean is meant, not one reading


@dataclass(frozen=True)
class Baseline:
    """Printed means before the pump by kind of observation, their SD between patients where printed, fields of the patient that the paper tells."""

    name: str
    observed: dict[str, float]
    sd: dict[str, float] = field(default_factory=dict)
    patient: dict[str, float] = field(default_factory=dict)
    text: str = ""


def baselines(document: dict[str, Any], where: str) -> dict[str, Baseline]:
    """The `[baselines]` of a file of effects. Raises RefusalError for a number that cannot be observed."""
    found = {}
    for name, row in document.get("baselines", {}).items():
        observed = dict(row.get("observed", {}))
        unknown = [kind for kind in observed if kind not in kinds()]
        if unknown or not observed:
            wrong = f"names {unknown[0]!r}" if unknown else "names no number under observed"
            raise RefusalError(f"{where}: baseline {name} {wrong}; what can be observed is {', '.join(kinds())}.")
        found[name] = Baseline(name, observed, dict(row.get("sd", {})), dict(row.get("patient", {})), row.get("text", ""))
    return found


def shifted(baseline: Baseline, by_sd: float) -> Baseline:
    """The same baseline so many SDs from its mean: a patient at the edge of what the paper prints."""
    moved = {kind: value + by_sd * baseline.sd.get(kind, 0.0) for kind, value in baseline.observed.items()}
    return Baseline(f"{baseline.name} {by_sd:+g} SD", moved, baseline.sd, baseline.patient, baseline.text)


def brought(preset: Preset, start: Patient, known: dict[str, float], baseline: Baseline) -> Patient:
    """The patient that the fit finds near `start` and that shows the printed numbers at the aortic root; `known` fields stay as they are.

    So does the rate where none is printed: it is no hidden property, and a small stroke must not be made good by a rate that nobody saw.
    """
    rate = {} if "hr_per_min" in baseline.observed else {"heart_rate_per_min": float(start.heart_rate_per_min)}
    told = tuple(Observed(kind, kind, value, CLOSE * abs(value), baseline.name) for kind, value in baseline.observed.items())
    return calibrate(Case({}, told, "root", preset.name, rate | known | baseline.patient), start).patient
