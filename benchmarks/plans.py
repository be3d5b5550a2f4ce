"""What the scripts and tests here run: a preset with a catheter and a console that knows it, alone or without and with the pump."""

from counterpulse.bed.compare import Outcome, Plan, compare
from counterpulse.body.gas import CATHETERS, Form, catheter
from counterpulse.body.patient import Patient
from counterpulse.cohort.preset import changed, load
from counterpulse.pump.settings import Settings

FORMS = {form.name.lower(): form for form in Form}


def settings_of(size: str, **values: float) -> Settings:
    """A console that knows the catheter of that size, as `counterpulse run` sets it up."""
    made = CATHETERS[size]
    known = {"volume_mL": made.nominal_mL, "balloon_mL": made.nominal_mL, "line_delay_ms": made.onset_ms, "empty_s": made.empty_ms / 1000.0}
    return Settings.check(Settings(**{**known, **values}))


def patient_of(name: str, **fields: float) -> Patient:
    """A preset's patient, with fields changed."""
    return changed(load(name).patient, fields)


def plan_of(name: str, console: dict | None = None, hardware: dict | None = None, patient: dict | None = None, **run: float) -> Plan:
    """A preset as `counterpulse run` would run it, with settings, hardware and patient fields changed. `size` and `seconds` in `run`."""
    preset = load(name)
    size = run.pop("size", preset.catheter)
    return Plan(
        changed(preset.patient, patient or {}), catheter(size, **(hardware or {})), settings_of(size, **{**preset.pump, **(console or {})}), **run
    )


def outcome_of(name: str, **changes: dict) -> Outcome:
    """Run a preset without and with the pump."""
    return compare(plan_of(name, **changes))


def row(cells: list, widths: list[int]) -> str:
    """One line of a table in markdown."""
    return "| " + " | ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True)) + " |"


def table(head: list[str], rows: list[list]) -> str:
    """A table in markdown; every cell is text already."""
    widths = [max(len(str(line[i])) for line in [head, *rows]) for i in range(len(head))]
    return "\n".join([row(head, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *(row(line, widths) for line in rows)])
