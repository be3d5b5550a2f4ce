"""Observed numbers of one patient: what each is compared with, how well it was measured, and which sets of numbers no circulation can show.

Knows the table of measurement errors and arithmetic (Fick, volumes); runs nothing. mmHg, L/min, mL; percentages as such.
"""

import math
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from counterpulse.body.oxygen import ARTERIAL_SATURATION, CARRIED_mL_g
from counterpulse.refusal import RefusalError

APART = 3.0  # standard errors beyond which two numbers contradict each other
CONSUMPTION_LOW, CONSUMPTION_HIGH = 60.0, 300.0  # mL/min/m2: cooled and sedated to septic and shivering (assumed bounds)
PERSON = ("height_cm", "weight_kg", "age_years", "haemoglobin_g_dL")


@dataclass(frozen=True)
class Observed:
    """One number: `name` as the caller calls it, `kind` as the table does, value and SD in the table's unit, whether it is fitted or only reported."""

    name: str
    kind: str
    value: float
    sd: float
    source: str
    fitted: bool = True
    scale: float = 1.0  # from the table's unit to the caller's

    @property
    def key(self) -> str:
        """Which number of `run` it is compared with."""
        return str(kinds()[self.kind]["key"])


@dataclass(frozen=True)
class Case:
    """A patient as observed: fields known of the person, numbers, where the arterial pressure was taken, preset to start from (empty: the nearest).

    `fixed`: fields that are known and that no fit moves.
    """

    person: dict[str, float]
    observed: tuple[Observed, ...]
    site: str = "root"
    preset: str = ""
    fixed: dict[str, float] = field(default_factory=dict)

    def value(self, kind: str) -> Observed | None:
        """The observation of a kind, or None."""
        return next((one for one in self.observed if one.kind == kind), None)

    @property
    def surface_m2(self) -> float | None:
        """Body surface (Mosteller 1987), where height and weight are known."""
        if "height_cm" in self.person and "weight_kg" in self.person:
            return math.sqrt(self.person["height_cm"] * self.person["weight_kg"] / 3600.0)
        return None


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """The table of what can be observed."""
    text = (resources.files("counterpulse.cohort") / "tables" / "measurement.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def default_sd(kind: str, value: float) -> float:
    """The measurement's SD by the table: the larger of the absolute and the relative one."""
    entry = kinds()[kind]
    return max(float(entry.get("sd", 0.0)), float(entry.get("rel", 0.0)) * abs(value))


def shown_value(one: Observed, mean: dict[str, float], surface_m2: float | None) -> float:
    """What a simulated patient shows of an observation, in the table's unit."""
    entry = kinds()[one.kind]
    value = mean.get(str(entry["key"]), float("nan")) * float(entry.get("scale", 1.0))
    return value / (surface_m2 or float("nan")) if entry.get("per") == "body surface" else value


def check(case: Case) -> None:
    """Raise RefusalError for numbers that no patient can show together, naming them."""
    if not any(one.fitted for one in case.observed):
        raise RefusalError("There is no [[observed]] number to fit; give at least one, for example sbp_mmHg.")
    if case.value("ci_L_min_m2") and case.surface_m2 is None:
        raise RefusalError("A cardiac index needs height_cm and weight_kg under [patient].")
    for test in (_pressures, _lungs, _outputs, _volumes, _oxygen):
        test(case)


def _phrase(one: Observed) -> str:
    return f"{one.name} {one.value * one.scale:g}"


def _above(case: Case, upper: str, lower: str, why: str, strict: bool = False) -> None:
    """Refuse when `upper` lies below `lower` by more than the errors allow (`strict`: at all)."""
    high, low = case.value(upper), case.value(lower)
    if not high or not low:
        return
    allowed = 0.0 if strict else APART * math.hypot(high.sd, low.sd)
    if high.value + allowed < low.value or (strict and high.value <= low.value):
        raise RefusalError(f"{_phrase(high)} and {_phrase(low)} mmHg cannot be in one patient: {why}.")


def _pressures(case: Case) -> None:
    _above(case, "sbp_mmHg", "dbp_mmHg", "systolic pressure lies above diastolic", strict=True)
    _above(case, "sbp_mmHg", "map_mmHg", "mean pressure lies below systolic", strict=True)
    _above(case, "map_mmHg", "dbp_mmHg", "mean pressure lies above diastolic", strict=True)
    for arterial in ("map_mmHg", "sbp_mmHg", "dbp_mmHg"):
        _above(case, arterial, "cvp_mmHg", "blood flows from the arteries to the veins, so the central venous pressure lies below the arterial", strict=True)


def _lungs(case: Case) -> None:
    _above(case, "pas_mmHg", "pad_mmHg", "systolic pressure lies above diastolic", strict=True)
    _above(case, "pas_mmHg", "mpap_mmHg", "mean pressure lies below systolic")
    _above(case, "mpap_mmHg", "pad_mmHg", "mean pressure lies above diastolic")
    _above(case, "mpap_mmHg", "pcwp_mmHg", "blood flows from the pulmonary artery to the left atrium, so the wedge pressure lies lower")


def _outputs(case: Case) -> None:
    """Output, index, stroke volume and rate must agree with each other."""
    co, sv, hr, ci = (case.value(kind) for kind in ("co_L_min", "sv_mL", "hr_per_min", "ci_L_min_m2"))
    if co and ci:
        _agree((co, ci), co.value, ci.value * (case.surface_m2 or 1.0), "the index times the body surface is the output")
    if co and sv and hr:
        _agree((co, sv, hr), co.value, sv.value * hr.value / 1000.0, "output is stroke volume times rate")


def _volumes(case: Case) -> None:
    """What the ventricle ejects in a minute, EF x EDV x rate, against the output."""
    ef, edv, hr = (case.value(kind) for kind in ("lvef_pct", "lvedv_mL", "hr_per_min"))
    output = _output(case)
    if ef and edv and hr and output:
        ejected = ef.value / 100.0 * edv.value * hr.value / 1000.0
        why = f"EF x EDV x rate is {ejected:.2g} L/min, which is not the output beyond the errors of measurement"
        _agree((ef, edv, hr, output[0]), ejected, output[1], why)


def _output(case: Case) -> tuple[Observed, float] | None:
    """The observation that tells the output, and the output in L/min."""
    co, ci, sv, hr = (case.value(kind) for kind in ("co_L_min", "ci_L_min_m2", "sv_mL", "hr_per_min"))
    if co:
        return co, co.value
    if ci and case.surface_m2:
        return ci, ci.value * case.surface_m2
    return (sv, sv.value * hr.value / 1000.0) if sv and hr else None


def _agree(parts: tuple[Observed, ...], a: float, b: float, why: str) -> None:
    spread = math.sqrt(sum((one.sd / max(abs(one.value), 1e-9)) ** 2 for one in parts))
    if min(a, b) <= 0.0 or abs(math.log(a / b)) > APART * spread:
        raise RefusalError(f"{', '.join(map(_phrase, parts))} cannot be in one patient: {why}.")


def _oxygen(case: Case) -> None:
    """SvO2, output and haemoglobin imply an oxygen consumption; one that no resting adult has is refused."""
    svo2, output, surface = case.value("svo2_pct"), _output(case), case.surface_m2
    if svo2 and svo2.value >= 100.0 * ARTERIAL_SATURATION:
        raise RefusalError(f"{_phrase(svo2)} cannot be: it must lie below the arterial saturation, taken as {100 * ARTERIAL_SATURATION:g} %.")
    haemoglobin = case.person.get("haemoglobin_g_dL")
    if not (svo2 and output and surface and haemoglobin):
        return
    used = lambda saturation, flow: CARRIED_mL_g * haemoglobin * 10.0 * flow * (ARTERIAL_SATURATION - saturation / 100.0) / surface  # noqa: E731
    wide = lambda sign: used(svo2.value - sign * svo2.sd, output[1] * (1.0 + sign * output[0].sd / output[0].value))  # noqa: E731
    if wide(2.0) < CONSUMPTION_LOW or wide(-2.0) > CONSUMPTION_HIGH:
        parts = f"{_phrase(svo2)}, {_phrase(output[0])} and haemoglobin {haemoglobin:g} g/dL"
        bounds = f"a resting adult uses {CONSUMPTION_LOW:g} to {CONSUMPTION_HIGH:g}"
        raise RefusalError(f"{parts} cannot be in one patient: they imply {used(svo2.value, output[1]):.0f} mL/min/m2 of oxygen used; {bounds}.")
