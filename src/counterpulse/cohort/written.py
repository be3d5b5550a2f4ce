"""A fitted patient as a TOML file in the presets' form, with the posterior that `predict` draws from. Knows files; runs nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from counterpulse.body.patient import Patient
from counterpulse.cohort.calibrate import Fitted
from counterpulse.cohort.recording_fit import Traced
from counterpulse.whole import whole_file


def quoted(text: str) -> str:
    """A TOML string on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else " " for char in escaped) + '"'


def fields(patient: Any) -> list[str]:
    """Lines of the fields that differ from the default, with unit and meaning."""
    lines = []
    default: Any = Patient()
    for name, q in Patient.quantities().items():
        value = patient[name].item()
        if value != default[name].item():
            number = f"{value:d}" if isinstance(value, int) else f"{value:.12g}"
            lines.append(f"{name} = {number}  # {q.meaning}{', ' + q.unit if q.unit not in ('', '1') else ''}")
    return lines


def matrix(rows: Any) -> str:
    """A list of lists of numbers."""
    return "[" + ", ".join("[" + ", ".join(f"{value:.6g}" for value in row) + "]" for row in np.asarray(rows)) + "]"


def text_of(fitted: Fitted, name: str) -> str:
    """The file's text."""
    preset, pump = fitted.preset, fitted.preset.pump
    left = ", ".join(fitted.undetermined) or "nothing"
    lines = [
        "# A patient found by `counterpulse fit`. Run it: counterpulse run FILE.toml    Predict: counterpulse predict FILE.toml",
        "", "[preset]", f"name = {quoted(name)}", f"title = {quoted(f'Fitted to {len(fitted.case.observed)} observed numbers')}",
        f"about = {quoted(f'Started from {preset.name}; not determined by the numbers: {left}.')}",
        "", "[patient]", *fields(fitted.patient),
        *(["", "[pump]", *(f"{key} = {value}" for key, value in pump.items())] if pump else []),
        "", "[catheter]", f"size = {quoted(preset.catheter)}",
        "", "[calibration]  # free fields, and the covariance of their logarithms after the fit",
        f"free = [{', '.join(map(quoted, fitted.free.names))}]", f"log_covariance = {matrix(fitted.covariance)}",
    ]  # fmt: skip
    return "\n".join([*lines, *targets(fitted), ""])


def write_traced(traced: Traced, path: Path, source: str) -> None:
    """A patient found from a recorded wave, in the same form."""
    left = ", ".join(traced.undetermined) or "nothing"
    preset = traced.preset
    line = traced.line
    told = f"Started from {preset.name}; line: delay {1000 * line['delay_s']:.0f} ms, {line['natural_Hz']:.1f} Hz, damping {line['damping']:.2f}."
    lines = [
        "# A patient found by `counterpulse fit --recording`. Run: counterpulse run FILE.toml    Predict: counterpulse predict FILE.toml",
        "", "[preset]", f"name = {quoted(path.stem)}", f"title = {quoted(f'Fitted to a recorded pressure, {traced.rms_mmHg:.2f} mmHg RMS')}",
        f"about = {quoted(f'{told} Recording: {source}. Not determined by it: {left}.')}",
        "", "[patient]", *fields(traced.patient), "", "[catheter]", f"size = {quoted(preset.catheter)}",
        "", "[calibration]  # free fields, and the covariance of their logarithms after the fit",
        f"free = [{', '.join(map(quoted, traced.free.names))}]", f"log_covariance = {matrix(traced.covariance)}", "",
    ]  # fmt: skip
    with whole_file(path) as draft:
        draft.write_text("\n".join(lines), encoding="utf-8")


def targets(fitted: Fitted) -> Sequence[str]:
    """What was observed, in the presets' form."""
    lines: list[str] = []
    surface = fitted.case.surface_m2 or 1.0
    for one in fitted.case.observed:
        shares = one.kind.endswith("_pct")
        value = one.value / 100.0 if shares else one.value * surface if one.kind == "ci_L_min_m2" else one.value
        unit = "1" if shares else {"hr_per_min": "1/min", "co_L_min": "L/min", "ci_L_min_m2": "L/min"}.get(one.kind, one.kind.rsplit("_", 1)[-1])
        lines += ["", "[[target]]", f"name = {quoted(one.key)}", f"value = {value:.8g}", f"unit = {quoted(unit)}"]
        lines += [f"source = {quoted(one.source or 'given')}", f"certainty = {quoted('observed' if one.fitted else 'observed, not fitted')}"]
    return lines


def write(fitted: Fitted, path: Path) -> None:
    """Write the patient's file, whole or not at all."""
    with whole_file(path) as draft:
        draft.write_text(text_of(fitted, path.stem), encoding="utf-8")
