"""Sets up a patient, a catheter and a console, compares without and with, prints and writes. Knows the order and words; no physiology."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.cli.replay.options import SettingOptions, given
from counterpulse.cli.run.options import PatientOptions, given_fields
from counterpulse.refusal import RefusalError
from counterpulse.whole import check_ours


@dataclass(kw_only=True)
class Running:
    """How to run."""

    seconds: Annotated[float, Parameter(help="length kept of each arm after settling, s, 5 to 3600")] = 30.0
    site: Annotated[str, Parameter(help="where pressures are read: root, lumen, radial, femoral")] = "root"
    catheter: Annotated[str | None, Parameter(help="balloon and catheter as mL-French, for example 40-7.5 (default: the preset's)")] = None
    form: Annotated[str, Parameter(help="balloon model: pneumatic (full), source or annulus (published simpler forms)")] = "pneumatic"
    fs: Annotated[float, Parameter(help="samples a second of monitor and console, Hz, 125 to 1000")] = 1000.0
    certify: Annotated[bool, Parameter(help="run again with half the step and report the change")] = True


def run(
    patient: Annotated[str, Parameter(help="a preset (`counterpulse presets` lists them) or a TOML file of the same form")],
    /,
    *,
    running: Annotated[Running | None, Parameter(name="*", group="Run")] = None,
    out: Annotated[Path | None, Parameter(help="folder for report.html, run.json, beats.csv, patient.toml (default out/NAME)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else; a folder only with --out")] = False,
    options: Annotated[SettingOptions | None, Parameter(name="*", group="Pump settings")] = None,  # pyright: ignore[reportInvalidTypeForm]
    person: Annotated[PatientOptions | None, Parameter(name="*", group="Patient (overrides the preset)")] = None,  # pyright: ignore[reportInvalidTypeForm]
) -> int:
    """Simulate a patient without and with the balloon pump and write a report.

    Research and education only: not a medical device, not for patient care.
    """
    running = running or Running()
    plan, preset = _plan(patient, running, given(options), given_fields(person))
    folder = out or (None if as_json else Path("out") / preset.name)
    if folder is not None:
        check_ours(folder)
    from counterpulse.report.run_page import told_of, words, write

    told = told_of(preset, *_simulate(plan, f"{preset.title}, without and with the pump", running.certify, quiet=as_json))
    if folder is not None:
        write(told, folder)
    print(json.dumps(told.report, allow_nan=False) if as_json else words(told, folder))  # noqa: T201
    return 0


def _simulate(plan: Any, title: str, certified: bool, quiet: bool) -> tuple[Any, dict[str, float]]:
    """The comparison and its certificate, with a bar on standard error that tells how long it still takes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from counterpulse.bed.compare import certify, check, compare

    check(plan)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        samples = round((plan.settle_s + plan.seconds) * plan.fs_hz)
        task = bar.add_task(f"{title} (compiling first, the first time for a minute or more)", total=samples * (2 if certified else 1))
        tell = lambda done: bar.update(task, advance=done, description=title)  # noqa: E731
        outcome = compare(plan, 0, tell)
        return outcome, certify(outcome, tell) if certified else outcome.certificate


def _plan(name: str, running: Running, settings: dict[str, Any], fields: dict[str, float]) -> tuple[Any, Any]:
    from counterpulse.bed.compare import Plan
    from counterpulse.body.gas import Form, catheter
    from counterpulse.cohort.console import console_of
    from counterpulse.cohort.preset import changed, load

    preset = load(name)
    forms = {form.name.lower(): int(form) for form in Form}
    if running.form not in forms:
        raise RefusalError(f"The form is {running.form!r}; it must be one of {', '.join(forms)}.")
    size = preset.catheter if running.catheter is None else running.catheter
    hardware = catheter(size, form=forms[running.form])
    chosen = console_of(preset, size, settings, name)
    plan = Plan(changed(preset.patient, fields), hardware, chosen, running.seconds, running.site, running.fs)
    return plan, replace(preset, catheter=size)
