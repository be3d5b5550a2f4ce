"""Which fields a room of the clinic asks for, and a patient read back from a filled form. Knows names and units; no rule, no HTTP."""

from collections.abc import Mapping
from typing import Any

from counterpulse.clinic import logic
from counterpulse.clinic.patient import dose_columns
from counterpulse.clinic.points import TABLES
from counterpulse.clinic.table import data, table
from counterpulse.clinic.variables import Variable, variables
from counterpulse.clinic.vasoactive import FORMULAS
from counterpulse.refusal import RefusalError

FORM_SCORES = (*FORMULAS, *TABLES, "haemodynamics")
PRESSURES = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "cvp_mmHg", "pas_mmHg", "pad_mmHg", "pcwp_mmHg", "co_L_min", "hr_per_min", "svo2_pct", "sao2_pct", "hb_g_dL",
             "height_cm", "weight_kg", "lvef_pct", "lvedv_mL", "lvesv_mL", "mitral_e_cm_s", "e_septal_cm_s", "e_lateral_cm_s", "pao2_mmHg", "fio2")


def _conditions(room: str, choice: str) -> list[str]:
    if room == "stage":
        body = data(choice)
        return [*body["flags"].values(), *(rule["when"] for rule in body["rule"]), body["table"].get("modifier", "cardiac_arrest or arrest_coma")]
    if room == "goals":
        texts = [item["when"] for item in (*data("goals")["goal"], *data("goals")["advice"])]
        return [*texts, *(c["when"] for item in data("weaning")["set"] for c in item["criteria"]), "inotropic_score or support_h", " or ".join(dose_columns())]
    if room == "eligible":
        staged = _conditions("stage", "cswg-2022") if table(f"protocol-{choice}").body["table"].get("stage") else []
        return [*(body["when"] for body in data(f"protocol-{choice}")["criterion"]), *staged]
    if choice in TABLES:
        return [*data(choice).get("flags", {}).values(), *(band["when"] for item in data(choice)["item"] for band in item["bands"])]
    return [" or ".join(dose_columns() if choice in FORMULAS else PRESSURES)]


def fields(room: str, choice: str) -> list[Variable]:
    """The variables a form asks for, derived ones replaced by what they follow from, in order of first use."""
    known, formulas, found = variables(), data("haemodynamics"), []
    queue = [name for text in _conditions(room, choice) for name in logic.names(text)]
    seen: set[str] = set()
    while queue:
        name = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in known:
            found.append(known[name])
        if name in formulas and name not in ("map_mmHg", "co_L_min", "sv_mL", "urine_mL_h", "bsa_m2", "lvef_pct"):
            queue += logic.names(formulas[name]["formula"])
    return found


def patient_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """A patient from form fields: empty means unknown, `NAME__unit` names the unit. Raises RefusalError for a text that is no number."""
    raw: dict[str, Any] = {}
    for name, text in given.items():
        value = str(text).strip()
        if not value or name.endswith("__unit") or name in ("choice", "key"):
            continue
        if name not in variables():
            if name == "sex":
                raw[name] = value
            continue
        if variables()[name].flag:
            raw[name] = value == "yes"
            continue
        try:
            number = float(value.replace(",", "."))
        except ValueError:
            raise RefusalError(f"{name} is {value!r}; it must be a number.") from None
        raw[name] = {"value": number, "unit": str(given.get(f"{name}__unit") or variables()[name].unit)}
    return raw
