"""`counterpulse fit`: reads observations (or a stretch of a recording), finds the patient, writes the file, tells what it shows. Knows words and order."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.cli.fit.recorded import Reading, traced
from counterpulse.refusal import RefusalError


def fit(
    observations: Annotated[Path | None, Parameter(help="TOML file with [patient] and [[observed]] name, value, unit, sd, source")] = None,
    /,
    *,
    reading: Annotated[Reading | None, Parameter(name="*", group="Recording")] = None,
    out: Annotated[Path | None, Parameter(help="file for the patient found (default out/fit-NAME.toml)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """Find the patient that shows given numbers and write it as a file that `counterpulse run` takes.

    Any subset of pressures, output, saturations, volumes and rate; what they do not determine stays as in the nearest preset and is listed.
    Research and education only: not a medical device, not for patient care.
    """
    reading = reading or Reading()
    if (observations is None) == (reading.recording is None):
        raise RefusalError("Name either a file of observations or --recording PATH; `counterpulse fit --help` tells their forms.")
    source = observations or Path(str(reading.recording))
    place = out or Path("out") / f"fit-{source.stem}.toml"
    if place.suffix != ".toml":
        raise RefusalError(f"--out is {place}; it must be a file that ends in .toml.")
    if observations is None:
        return _recorded(reading, place, as_json)
    from counterpulse.cli.fit.reading import read_case
    from counterpulse.cohort.calibrate import calibrate
    from counterpulse.cohort.written import write

    found = calibrate(read_case(observations))
    write(found, place)
    report = report_of(found, place)
    print(json.dumps(report, allow_nan=False) if as_json else words(found, report))  # noqa: T201
    return 0


def _recorded(reading: Reading, place: Path, as_json: bool) -> int:
    """Fit to a stretch of a recording."""
    from counterpulse.cohort.written import write_traced

    found, stretch = traced(reading)
    write_traced(found, place, str(reading.recording))
    names = {"sbp_mmHg": float(found.beat.wave.max()), "dbp_mmHg": float(found.beat.wave.min()), "map_mmHg": float(found.beat.wave.mean())}
    shown = {"sbp_mmHg": float(found.wave.max()), "dbp_mmHg": float(found.wave.min()), "map_mmHg": float(found.wave.mean())}
    report = {
        "patient": str(place),
        "fitted": [{"name": name, "observed": value, "simulated": shown[name], "sd": None} for name, value in names.items()],
        "undetermined": found.undetermined,
        "seconds": found.seconds,
        "rms_mmHg": found.rms_mmHg,
        "line": found.line,
        "line_doubts": found.doubts,
        "beats": {"used": found.beat.beats, "of": found.beat.of, "spread_mmHg": found.beat.spread_mmHg}
        | {"hr_per_min": 60.0 / found.beat.rr_s, "from": stretch.origin},
        "site": stretch.site,
        "preset": found.preset.name,
    }
    print(json.dumps(report, allow_nan=False) if as_json else recorded_words(report))  # noqa: T201
    return 0


def recorded_words(report: dict[str, Any]) -> str:
    """The answer for a person."""
    beats, line = report["beats"], report["line"]
    return "\n".join(
        [
            f"{beats['used']} of {beats['of']} beats at {beats['hr_per_min']:.0f}/min averaged (R waves: {beats['from']}); pressure at the {report['site']}.",
            f"The fitted wave lies {report['rms_mmHg']:.2f} mmHg (RMS) from the recorded one; started from {report['preset']}; {report['seconds']:.1f} s.",
            f"Line: delay {1000 * line['delay_s']:.0f} ms, natural frequency {line['natural_Hz']:.1f} Hz, damping {line['damping']:.2f}.",
            *(f"Doubtful: {doubt}." for doubt in report["line_doubts"]),
            f"Not determined by a pressure alone: {', '.join(report['undetermined']) or 'nothing'}.",
            "",
            f"Patient: {report['patient']}",
        ]
    )


def number(value: float) -> float | None:
    """A number for JSON; absent is null."""
    return float(value) if value == value and abs(value) < 1e300 else None  # noqa: PLR0124


def report_of(found: Any, place: Path) -> dict[str, Any]:
    """The answer in CONTRACTS' form, and what stands beside it."""
    rows = [
        {"name": one.name, "observed": one.value * one.scale, "simulated": number(found.shown(one)), "sd": one.sd * one.scale}
        | {"source": one.source, "fitted": one.fitted}
        for one in found.case.observed
    ]
    left = found.shares
    posterior = [{"field": name, "value": float(found.patient[name]), "prior_sd_left": left[name]} for name in found.free.names]
    return {
        "patient": str(place),
        "fitted": rows,
        "undetermined": found.undetermined,
        "seconds": found.seconds,
        "missed": found.misses(),
        "preset": found.preset.name,
        "site": found.case.site,
        "posterior": posterior,
    }


def words(found: Any, report: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"Started from {found.preset.name}; arterial pressure at the {found.case.site}; {found.seconds:.2f} s.", ""]
    lines.append(f"{'':24s} {'observed':>10s} {'simulated':>10s} {'error sd':>10s}")
    for row in report["fitted"]:
        shown = "none" if row["simulated"] is None else f"{row['simulated']:.4g}"
        lines.append(f"{row['name']:24s} {row['observed']:10.4g} {shown:>10s} {row['sd']:10.2g}{'' if row['fitted'] else '   reported, not fitted'}")
    missed = [f"Missed by more than 5 % and two SDs: {', '.join(report['missed'])}."] if report["missed"] else []
    lines += ["", *missed, f"Not determined by these numbers: {', '.join(report['undetermined']) or 'nothing'}.", "", f"Patient: {report['patient']}"]
    return "\n".join(lines)
