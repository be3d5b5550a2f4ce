"""Drugs: dose -> effect site (onset, offset) -> factors on rate, contractility, resistances and a shift of venous volume. Fluid given, water and blood taken.

Knows the numbers of `data/drugs.toml` (each with source and certainty) and the doses set. A dose counts from the patient's resting state: what ran when the
patient was described is part of the patient. ug/kg/min, U/min, mL, s; effects are natural logarithms of factors, venous volume in mL.
"""

import math
import tomllib
from importlib import resources
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.patient import Patient
from counterpulse.kernel import kernel
from counterpulse.record import Many, Q, Record

TARGETS = ("rate", "contractility", "resistance", "lungs", "venous_mL")


class Dose(Record):
    """What runs into the patient, beyond what ran when the resting state was measured."""

    dobutamine_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 40, "dobutamine")] = 0.0
    dopamine_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 40, "dopamine")] = 0.0
    epinephrine_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 2, "epinephrine")] = 0.0
    norepinephrine_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 3, "norepinephrine base")] = 0.0
    milrinone_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 1.5, "milrinone after a loading dose")] = 0.0
    enoximone_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 30, "enoximone after a loading dose")] = 0.0
    levosimendan_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 0.6, "levosimendan")] = 0.0
    vasopressin_U_min: Annotated[float, Q("U/min", 0, 0.2, "vasopressin")] = 0.0
    nitroprusside_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 10, "sodium nitroprusside")] = 0.0
    nitroglycerin_ug_min: Annotated[float, Q("ug/min", 0, 500, "nitroglycerin")] = 0.0
    esmolol_ug_kg_min: Annotated[float, Q("ug/(kg min)", 0, 400, "esmolol")] = 0.0
    fluid_mL: Annotated[float, Q("mL", 0, 5000, "fluid still to be given; counts down")] = 0.0
    fluid_mL_min: Annotated[float, Q("mL/min", 0, 500, "how fast fluid is given")] = 50.0
    diuresis_mL_min: Annotated[float, Q("mL/min", 0, 50, "net water taken from the blood by diuretic or filter, refill counted")] = 0.0
    bleeding_mL_min: Annotated[float, Q("mL/min", 0, 1000, "whole blood lost")] = 0.0
    transfusion_mL_min: Annotated[float, Q("mL/min", 0, 500, "whole blood of the patient's own haemoglobin given")] = 0.0


def table() -> dict[str, dict[str, Any]]:
    """The drugs with effects, sources and certainty."""
    return tomllib.loads((resources.files("counterpulse.body") / "data" / "drugs.toml").read_text(encoding="utf-8"))["drug"]


DRUGS = table()
NAMES = tuple(DRUGS)
COUNT = len(NAMES)
_EFFECTS = [(NAMES.index(name), TARGETS.index(one["on"]), one["most"], one["half"], one["hill"]) for name in NAMES for one in DRUGS[name]["effect"]]
_DRUG, _TARGET = np.array([e[0] for e in _EFFECTS]), np.array([e[1] for e in _EFFECTS])
_MOST, _HALF, _HILL = (np.array([float(e[i]) for e in _EFFECTS]) for i in (2, 3, 4))
_ONSET, _OFFSET = (np.array([drug[key] for drug in DRUGS.values()]) for key in ("onset_s", "offset_s"))
_BETA = np.array([1 if drug["beta"] else 0 for drug in DRUGS.values()])


class Drugs(Record):
    """What the drugs do now: level of each at its effect site (in the unit of its dose), log factors, and blood volume given and taken so far."""

    level: Annotated[NDArray[np.float64], Many(COUNT)]
    rate: float = 0.0
    contractility: float = 0.0
    resistance: float = 0.0
    lungs: float = 0.0
    venous_mL: float = 0.0
    running: int = 0
    given_mL: float = 0.0
    taken_mL: float = 0.0


@kernel
def dose_of(dose: Dose, k: int) -> float:
    """Dose of the k-th drug, in the order of `data/drugs.toml`."""
    if k < 6:
        if k < 3:
            return dose.dobutamine_ug_kg_min if k == 0 else (dose.dopamine_ug_kg_min if k == 1 else dose.epinephrine_ug_kg_min)
        return dose.norepinephrine_ug_kg_min if k == 3 else (dose.milrinone_ug_kg_min if k == 4 else dose.enoximone_ug_kg_min)
    if k < 9:
        return dose.levosimendan_ug_kg_min if k == 6 else (dose.vasopressin_U_min if k == 7 else dose.nitroprusside_ug_kg_min)
    return dose.nitroglycerin_ug_min if k == 9 else dose.esmolol_ug_kg_min


@kernel
def follow_doses(drugs: Drugs, dose: Dose, dt_s: float) -> None:
    """Effect sites one step on; a level that has all but gone is gone."""
    drugs.running = 0
    for k in range(COUNT):
        wanted, level = dose_of(dose, k), drugs.level[k]
        level += (wanted - level) * min(dt_s / (_ONSET[k] if wanted > level else _OFFSET[k]), 1.0)
        drugs.level[k] = level if level > 1e-9 else 0.0
        if drugs.level[k] > 0.0:
            drugs.running = 1


@kernel
def work_out_effects(drugs: Drugs, patient: Patient) -> None:
    """Log factors and venous shift from the levels (Emax with Hill exponent)."""
    drugs.rate = drugs.contractility = drugs.resistance = drugs.lungs = drugs.venous_mL = 0.0
    for e in range(len(_MOST)):
        level = drugs.level[_DRUG[e]]
        if level <= 0.0:
            continue
        share = 1.0 / (1.0 + math.exp(_HILL[e] * math.log(_HALF[e] / level)))
        share *= _MOST[e]
        target = _TARGET[e]
        if target < 2 and _BETA[_DRUG[e]] == 1:
            share *= patient.beta_response
        if target == 0:
            drugs.rate += math.log(1.0 + share)
        elif target == 1:
            drugs.contractility += math.log(1.0 + share)
        elif target == 2:
            drugs.resistance += math.log(1.0 + share)
        elif target == 3:
            drugs.lungs += math.log(1.0 + share)
        else:
            drugs.venous_mL += share


@kernel
def act(drugs: Drugs, dose: Dose, patient: Patient, dt_s: float) -> None:
    """One step of all drugs; idle as long as none runs or lingers."""
    was = drugs.running
    follow_doses(drugs, dose, dt_s)
    if drugs.running + was > 0:
        work_out_effects(drugs, patient)


@kernel
def volumes(drugs: Drugs, dose: Dose, dt_s: float) -> tuple[float, float, float]:
    """Water, whole blood given and blood volume lost in a step, mL, booked; the first may be negative (diuresis)."""
    minutes = dt_s / 60.0
    fluid = min(dose.fluid_mL_min * minutes, dose.fluid_mL)
    dose.fluid_mL -= fluid
    diuresis, bled, blood = dose.diuresis_mL_min * minutes, dose.bleeding_mL_min * minutes, dose.transfusion_mL_min * minutes
    drugs.given_mL += fluid + blood
    drugs.taken_mL += diuresis + bled
    return fluid - diuresis, blood, bled


def reach(drugs: Drugs, dose: Dose, patient: Patient) -> None:
    """Put every drug where a steady dose ends: for whoever does not want to wait out the onset."""
    for k in range(COUNT):
        drugs.level[k] = dose_of(dose, k)
    drugs.running = 1
    work_out_effects(drugs, patient)
