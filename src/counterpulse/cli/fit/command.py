"""`counterpulse fit`: reads observations (or a stretch of a recording), finds the patient, writes the file, tells what it shows. Knows words and order."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.refusal import RefusalError


def fit(
    observations: Annotated[Path | None, Parameter(help="TOML file with [patient] and [[observed]] name, value, unit, sd, source")] = None,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="file for the patient found (default out/fit-NAME.toml)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """Find the patient that shows given numbers and write it as a file that `counterpulse run` takes.

    Any subset of pressures, output, saturations, volumes and rate; what they do not determine stays as in the nearest preset and is listed.
    Research and education only: not a medical device, not for patient care.
    """
    if observations is None:
        raise RefusalError("Name a file of observations; `counterpulse fit --help` tells its form.")
    from counterpulse.cli.fit.reading import read_case
    from counterpulse.cohort.calibrate import calibrate
    from counterpulse.cohort.written import write

    place = out or Path("out") / f"fit-{observations.stem}.toml"
    if place.suffix != ".toml":
        raise RefusalError(f"--out is {place}; it must be a file that ends in .toml.")
    found = calibrate(read_case(observations))
    write(found, place)
    report = report_of(found, place)
    print(json.dumps(report, allow_nan=False) if as_json else words(found, report))  # noqa: T201
    return 0


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
