"""The fields of a run that a page may change, read from the records themselves: a new field or record appears by itself.

Knows units, ranges, words for numbers that stand for a choice, and which lanes a change concerns; no browser.
"""

from enum import IntEnum
from functools import cache
from textwrap import shorten
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from counterpulse.bed.compare import TWIN, WITH, WITHOUT
from counterpulse.bed.faults import FAULTS
from counterpulse.bed.live import CHECKS, Input, apply
from counterpulse.body.patient import Rhythm
from counterpulse.pump.settings import Deflation, Habit, Inflation, Mode, Trigger
from counterpulse.record import Q
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

GROUPS = {"settings": "pump", "tone": "patient", "monitor": "bedside", "catheter": "balloon"}
HARDWARE = ("settings", "catheter", "fault")  # concerns the pump alone: a patient without one has none of it
FIXED = ("catheter.form", "catheter.nominal_mL", "settings.balloon_mL")  # a balloon is chosen when it is placed
LEADS = ("II", "V5", "aVL")
LED = ("monitor.lead_off", "monitor.gain", "monitor.noise_mV")  # one number a lead; other fields of several have one a pressure source
CHOICES: dict[str, type[IntEnum]] = {
    "settings.mode": Mode,
    "settings.habit": Habit,
    "settings.trigger": Trigger,
    "settings.inflation": Inflation,
    "settings.deflation": Deflation,
    "settings.pressure_source": Source,
    "tone.rhythm": Rhythm,
}
LABELS = {
    "settings.mode": "Mode",
    "settings.trigger": "Trigger",
    "settings.ecg_lead": "ECG lead",
    "settings.pressure_source": "Pressure source",
    "settings.inflation": "Inflation by",
    "settings.deflation": "Deflation",
    "settings.ratio": "Ratio 1:",
    "settings.volume_mL": "Volume",
    "settings.inflation_trim_ms": "Inflation trim",
    "settings.deflation_trim_ms": "Deflation trim",
    "settings.internal_rate_per_min": "Internal rate",
    "settings.standby": "Standby",
    "tone.heart_rate_per_min": "Heart rate",
    "tone.rhythm": "Rhythm",
    "tone.rr_variability": "Irregularity",
    "tone.ectopics_per_min": "Ectopic beats",
    "tone.compressions_per_min": "Chest compressions",
    "tone.lv_contractility": "LV contractility",
    "tone.rv_contractility": "RV contractility",
    "tone.systemic_resistance": "Systemic resistance",
    "tone.pulmonary_resistance": "Pulmonary resistance",
    "tone.venous_shift_mL": "Venous pooling",
    "tone.aortic_leak_cm2": "Aortic regurgitation",
    "tone.mitral_leak_cm2": "Mitral regurgitation",
    "monitor.lead_off": "Lead off",
    "monitor.zero_mmHg": "Zero error",
    "monitor.level_cm": "Transducer below heart",
    "monitor.flush": "Flush",
    "catheter.leak_mL_s_mmHg": "Helium leak",
    "catheter.line_resistance_mmHg_s_mL": "Line resistance (kink)",
}


class Control(NamedTuple):
    """One number that may be changed: field, place of an array (-1: none), quantity."""

    field: str
    place: int
    quantity: Q
    whole: bool


def quantities(record: str) -> dict[str, Q]:
    """Unit, range and meaning of every field of a record that a page may change."""
    found: dict[str, Q] = CHECKS[record].__self__.quantities()  # pyright: ignore[reportFunctionMemberAccess]
    return {name: q for name, q in found.items() if f"{record}.{name}" not in FIXED}


@cache
def controls(records: tuple[str, ...] = tuple(CHECKS)) -> tuple[Control, ...]:
    """Every number that may be changed, in the order of the records."""
    found = []
    for record in records:
        for name, q in quantities(record).items():
            kind = CHECKS[record].__self__.dtype[name]  # pyright: ignore[reportFunctionMemberAccess]
            places = range(kind.shape[0]) if kind.shape else (-1,)
            found += [Control(f"{record}.{name}", place, q, kind.base.kind == "i") for place in places]
    return tuple(found)


def faults(now: dict[tuple[str, int], float] | None) -> list[dict[str, Any]]:
    """What a page is told of the faults that may be brought about; severity 0 ends one. None where there are none."""
    found = []
    if now is None:
        return found
    for name, one in FAULTS.items():
        placed = next((effect for effect in one.effects if effect.placed), None)
        names = [] if placed is None else LEADS if placed.field in LED else [source.name.lower() for source in Source]
        found.append(
            {
                "field": f"fault.{name}", "place": -1, "label": one.meaning.split(":")[0], "unit": "" if one.unit == "1" else one.unit, "low": one.low,
                "high": one.high, "typical": one.typical, "value": now.get((f"fault.{name}", -1), 0.0), "group": "fault",
                "help": f"{one.meaning} ({one.source})", "whole": False, "places": list(names),
            }
        )  # fmt: skip
    return found


def value_of(bed: Any, control: Control) -> float | int:
    """What a field holds now."""
    return value_in(getattr(bed, control.field.partition(".")[0])[WITH], control)


def value_in(row: Any, control: Control) -> float | int:
    """What a field holds in its record."""
    value = row[control.field.partition(".")[2]]
    return (value if control.place < 0 else value[control.place]).item()


def key_of(control: Control) -> str:
    """The name of a field's number in `state.values`."""
    return control.field if control.place < 0 else f"{control.field}@{control.place}"


def told(bed: Any, control: Control) -> dict[str, Any]:
    """What a page is told of a field."""
    q, record = control.quantity, control.field.partition(".")[0]
    choices = [{"value": int(one), "label": word(one)} for one in CHOICES[control.field]] if control.field in CHOICES else None
    if control.field == "settings.ecg_lead":
        choices = [{"value": k, "label": name} for k, name in enumerate(LEADS)]
    return {
        "field": control.field,
        "place": control.place,
        "label": LABELS.get(control.field, shorten(q.meaning.split(";")[0].split(",")[0], 48, placeholder=" …")) + placed(control),
        "unit": "" if q.unit == "1" else q.unit,
        "low": q.low,
        "high": q.high,
        "value": value_of(bed, control),
        "group": GROUPS.get(record, record),
        "help": q.meaning,
        "whole": control.whole,
        **({"choices": choices} if choices else {}),
    }


def placed(control: Control) -> str:
    """', radial' and the like for a field of several numbers."""
    return "" if control.place < 0 else placed_at(control.field, control.place)


def placed_at(field: str, place: int) -> str:
    """The place of one number of a field, after a comma."""
    names = LEADS if field in LED else [source.name.lower() for source in Source]
    return f", {names[place]}" if place < len(names) else f", {place + 1}"


def word(one: IntEnum) -> str:
    """An enumeration's name as people write it."""
    return one.name.lower().replace("_", " ")


def lanes(field: str) -> tuple[int, ...]:
    """Lanes of the bed that a change concerns: the patient's are for all, the pump's for those with one."""
    return (WITH, TWIN) if field.partition(".")[0] in HARDWARE else (WITHOUT, WITH, TWIN)


def check(bed: Any, change: Input) -> None:
    """Raise RefusalError in one sentence unless `change` may be made; nothing is changed."""
    record, _, name = change.field.partition(".")
    trial: Any = SimpleNamespace(**{record: np.array(getattr(bed, record)[WITH : WITH + 1], copy=True, subok=True) for record in CHECKS})
    if record == "fault":
        if change.place >= 0 and name in FAULTS and not any(effect.placed for effect in FAULTS[name].effects):
            raise RefusalError(f"The fault {name} has no places; {change.place} is none.")
        apply(trial, 0, change)
        return
    if record not in CHECKS or name not in quantities(record):
        hint = "is decided when the balloon is placed" if change.field in FIXED else "is not one that may be changed"
        raise RefusalError(f"The field {change.field[:60]!r} {hint}; fields are RECORD.FIELD with RECORD one of {', '.join(CHECKS)}, or fault.NAME.")
    if not getattr(bed, record).dtype[name].shape and change.place >= 0:
        raise RefusalError(f"{change.field} is one number; it has no place {change.place}.")
    nominal = float(bed.catheter[WITH].nominal_mL)
    if change.field == "settings.volume_mL" and change.value > nominal:
        raise RefusalError(f"The volume is {change.value:g} mL; the balloon holds {nominal:g} mL.")
    apply(trial, 0, change)


def words(bed: Any, field: str, value: float, place: int) -> str:
    """A change in words for the log."""
    record, _, name = field.partition(".")
    if record == "fault":
        meaning = FAULTS[name].meaning.split(":")[0]
        return f"{meaning[0].upper()}{meaning[1:]}: {'over' if value == 0.0 else f'{value:g} {FAULTS[name].unit}'.removesuffix(' 1')}."
    told_of = told(bed, next(one for one in controls((record,)) if one.field == field and one.place == place))
    shown = next((one["label"] for one in told_of.get("choices", []) if one["value"] == value), f"{value:g} {told_of['unit']}".strip())
    label = told_of["label"][0].upper() + told_of["label"][1:]
    return f"{label}{'' if label.endswith(':') else ': '}{shown}."
