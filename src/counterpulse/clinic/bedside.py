"""A bedside's numbers as OBSERVATIONS.toml, so that the simulator can be fitted to this patient once it can.

Knows which clinical variables the simulator observes, under which name, and an assumed measurement error for each. Writes only what was
measured: derived numbers stay out, the model derives them itself. Does not know the simulator. Units: in every name.
"""

from collections.abc import Mapping
from typing import Any

from counterpulse.clinic.patient import Patient, read
from counterpulse.refusal import RefusalError

# clinical name -> (name in the simulator, unit there, factor, assumed standard deviation in that unit)
OBSERVED: dict[str, tuple[str, str, float, float]] = {
    "sbp_mmHg": ("sbp_mmHg", "mm[Hg]", 1.0, 5.0),
    "dbp_mmHg": ("dbp_mmHg", "mm[Hg]", 1.0, 4.0),
    "map_mmHg": ("map_mmHg", "mm[Hg]", 1.0, 4.0),
    "augmented_peak_mmHg": ("augmented_peak_mmHg", "mm[Hg]", 1.0, 6.0),
    "hr_per_min": ("hr_per_min", "/min", 1.0, 3.0),
    "cvp_mmHg": ("cvp_mmHg", "mm[Hg]", 1.0, 2.0),
    "pcwp_mmHg": ("pcwp_mmHg", "mm[Hg]", 1.0, 3.0),
    "mpap_mmHg": ("mean_pa_mmHg", "mm[Hg]", 1.0, 3.0),
    "co_L_min": ("co_L_min", "L/min", 1.0, 0.4),
    "sv_mL": ("sv_mL", "mL", 1.0, 5.0),
    "svo2_pct": ("svo2", "1", 0.01, 0.03),
    "lvef_pct": ("lv_ef", "1", 0.01, 0.05),
    "lvedv_mL": ("lv_edv_mL", "mL", 1.0, 20.0),
    "lvesv_mL": ("lv_esv_mL", "mL", 1.0, 20.0),
}
PERSON = ("height_cm", "weight_kg", "age_years")


def observations(raw: Mapping[str, Any]) -> str:
    """OBSERVATIONS.toml as text. Raises RefusalError when nothing that the simulator observes was measured, or sex is no known word."""
    patient = read(raw)
    rows = [name for name in OBSERVED if name in patient.values and name not in patient.derived]
    if not rows:
        raise RefusalError(f"No measured value can be given to the simulator; it observes {', '.join(OBSERVED)}.")
    lines = ["# Bedside values for the simulator. sd: assumed measurement error of this project (certainty P), not of this patient's devices.", "[patient]"]
    lines += [f"{name} = {_number(patient.values[name])}" for name in PERSON if name in patient.values and name not in patient.derived]
    lines += _sex(patient)
    for name in rows:
        theirs, unit, factor, sd = OBSERVED[name]
        value = _number(patient.values[name] * factor)
        lines += ["", "[[observed]]", f'name = "{theirs}"', f"value = {value}", f'unit = "{unit}"', f"sd = {sd}", 'source = "bedside"']
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return repr(float(f"{value:.10g}"))


def _sex(patient: Patient) -> list[str]:
    sex = patient.labels.get("sex")
    if sex is None:
        return []
    if sex not in ("male", "female"):
        raise RefusalError(f"sex is {sex!r}; the simulator takes male or female.")
    return [f'sex = "{sex}"']
