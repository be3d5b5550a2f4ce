"""`counterpulse predict`: what the pump does in a fitted patient, with an interval; beside a recording, what its rest shows. Knows words and order."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.cli.fit.recorded import Reading, default_stop, stretch_of, traced
from counterpulse.refusal import RefusalError

TOLD = (
    "sbp_mmHg", "dbp_mmHg", "map_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg", "co_L_min", "sv_mL", "lv_ef", "pcwp_mmHg", "cvp_mmHg",
    "coronary_flow_mL_min", "stroke_work_mmHg_mL", "evr", "cpo_W",
)  # fmt: skip


def predict(
    patient: Annotated[Path | None, Parameter(help="a patient that `counterpulse fit` wrote, or OBSERVATIONS.toml to be fitted first")] = None,
    /,
    *,
    reading: Annotated[Reading | None, Parameter(name="*", group="Recording")] = None,
    samples: Annotated[int, Parameter(help="patients drawn from what the fit leaves open, 1 to 256")] = 24,
    site: Annotated[str, Parameter(help="where pressures are read: root, lumen, radial, femoral")] = "radial",
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """Predict the pump's effect in a patient known by numbers or by a recorded stretch, with a 90 % interval from the fit.

    The interval says what the observed numbers leave open within the model, not what the model leaves out. With --recording the rest of the recording is
    compared with the fit. Research and education only: not a medical device, not for patient care.
    """
    reading = reading or Reading()
    if (patient is None) == (reading.recording is None):
        raise RefusalError("Name either a file (a patient that `counterpulse fit` wrote, or observations) or --recording PATH, not both.")
    if not 1 <= samples <= 256:
        raise RefusalError(f"--samples is {samples}; it must lie in 1 to 256.")
    began = time.perf_counter()
    told = from_file(patient, samples, site) if patient is not None else from_recording(reading, samples)
    told["seconds"] = time.perf_counter() - began
    print(json.dumps(told, allow_nan=False) if as_json else words(told))  # noqa: T201
    return 0


def from_file(path: Path, samples: int, site: str) -> dict[str, Any]:
    """A patient's file: its own fields, and the posterior that the fit left in it; or observations, fitted first."""
    from counterpulse.bed.channels import SITES
    from counterpulse.cli.fit.reading import tells_observations
    from counterpulse.cohort.predict import forecast

    if site not in SITES:
        raise RefusalError(f"--site is {site!r}; it must be one of {', '.join(SITES)}.")
    name, rows, pump = (from_observations if tells_observations(path) else from_patient)(path, samples, site)
    return {"patient": name, "site": site, **as_json_of(forecast(rows, site, pump))}


def from_observations(path: Path, samples: int, site: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Name, patients that the numbers allow, and pump settings."""
    from counterpulse.cli.fit.reading import read_case
    from counterpulse.cohort.calibrate import calibrate
    from counterpulse.cohort.predict import allowed

    found = calibrate(read_case(path))
    return str(path), allowed(found.patient, found.free.names, found.covariance, samples, site), dict(found.preset.pump)


def from_patient(path: Path, samples: int, site: str) -> tuple[str, list[Any], dict[str, Any]]:
    """The same of a patient's file."""
    from counterpulse.cohort.predict import allowed
    from counterpulse.cohort.preset import load

    preset = load(str(path))
    if samples > 1 and not preset.log_covariance:
        raise RefusalError(f"{path} carries no posterior (log_covariance under [calibration]); fit it with `counterpulse fit`, or ask for --samples 1.")
    rows = allowed(preset.patient, preset.free, preset.log_covariance, samples, site) if samples > 1 else [preset.patient]
    return preset.name, rows, dict(preset.pump)


def from_recording(reading: Reading, samples: int) -> dict[str, Any]:
    """Fit a stretch, predict, and look at what the rest shows."""
    from counterpulse.cohort.predict import allowed, forecast

    found, stretch = traced(reading)
    rows = allowed(found.patient, found.free.names, found.covariance, samples, stretch.site)
    told = {"patient": str(reading.recording), "site": stretch.site, **as_json_of(forecast(rows, stretch.site, dict(found.preset.pump)))}
    told["fit"] = {"rms_mmHg": found.rms_mmHg, "beats": found.beat.beats, "preset": found.preset.name, "line": found.line}
    return told | {"rest": rest_of(reading, found)}


def rest_of(reading: Reading, found: Any) -> dict[str, Any] | None:
    """The recording after the stretch: the fitted wave against its unassisted beats, and pressures of assisted beats where a pump runs."""
    from counterpulse.cohort.recording_fit import rms
    from counterpulse.cohort.waveform import averaged

    try:
        later = stretch_of(replace(reading), (default_stop(reading), None))
        assisted = None if later.assisted is None else {key: value for key, value in later.assessment.numbers.items() if value is not None}
        beat = averaged(later.pressure, later.r_s, later.fs_hz, None if later.assisted is None else ~later.assisted)
    except RefusalError as refusal:
        return {"rms_mmHg": None, "why": str(refusal), "assisted": None}
    return {"rms_mmHg": rms(found.wave, beat.wave), "beats": beat.beats, "systolic_mmHg": float(beat.wave.max()), "assisted": assisted}


def as_json_of(found: Any) -> dict[str, Any]:
    """Quantiles as objects; absent is null."""
    one = lambda row: dict(zip(("low", "median", "high"), (value if value == value else None for value in row), strict=True))  # noqa: E731, PLR0124
    parts = {"without": found.without, "with": found.assisted, "change": found.change}
    told: dict[str, Any] = {name: {key: one(row) for key, row in part.items()} for name, part in parts.items()}
    return told | {"samples": found.used, "drawn": found.drawn, "interval": 0.9}


def words(told: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"{told['patient']}, pressures at the {told['site']}: median (90 % interval) of {told['samples']} patients that the fit allows.", ""]
    show = lambda row: f"{row['median']:.4g} ({row['low']:.4g} to {row['high']:.4g})"  # noqa: E731
    lines.append(f"{'':22s} {'without':>28s} {'with':>28s} {'change':>28s}")
    for key in TOLD:
        rows = [told[part].get(key) for part in ("without", "with", "change")]
        if all(row and row["median"] is not None for row in rows):
            lines.append(f"{key:22s} " + " ".join(f"{show(row):>28s}" for row in rows))
    if "fit" in told:
        lines += ["", f"Fitted wave: {told['fit']['rms_mmHg']:.2f} mmHg RMS over {told['fit']['beats']} beats."]
    rest = told.get("rest")
    if rest:
        lines.append(f"Rest of the recording: {rest['rms_mmHg']:.2f} mmHg RMS." if rest["rms_mmHg"] is not None else f"Rest of the recording: {rest['why']}")
        if rest["assisted"]:
            lines.append("Assisted beats seen there: " + ", ".join(f"{key} {value:.4g}" for key, value in rest["assisted"].items()) + ".")
    return "\n".join([*lines, "", "The interval knows what the fit leaves open, not what the model leaves out."])
