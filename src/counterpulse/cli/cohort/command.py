"""`cohort draw` and `cohort run`: options, one progress bar, what was made in words or JSON. Knows order and words only."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.refusal import RefusalError

MOST = 10_000_000


@dataclass(kw_only=True)
class Working:
    """Who does the work."""

    workers: Annotated[int | None, Parameter(help="processes on this machine (default: one a core)")] = None
    cluster: Annotated[str | None, Parameter(help="address of a Dask scheduler, for example tcp://10.0.0.5:8786 (needs counterpulse[cluster])")] = None
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False


def draw(
    table: Annotated[str, Parameter(help="a published table: altshock-2")],
    /,
    *,
    count: Annotated[int, Parameter(name=["--count", "-n"], help="patients, 1 to 10000000")] = 1000,
    seed: Annotated[int, Parameter(help="seed of every draw, 0 to 4294967295")] = 1,
    out: Annotated[Path | None, Parameter(help="folder of the cohort (default out/cohort-TABLE)")] = None,
    working: Annotated[Working | None, Parameter(name="*", group="Work")] = None,
) -> int:
    """Draw and calibrate virtual patients from a published baseline table; goes on where it was stopped.

    Medians, quartiles and shares are the table's, both arms weighted by n; correlations and all else are assumptions, listed in cohort.toml and here.
    Research and education only: not a medical device, not for patient care.
    """
    if not 1 <= count <= MOST:
        raise RefusalError(f"-n is {count}; it must lie in 1 to {MOST}.")
    if not 0 <= seed < 2**32:
        raise RefusalError(f"--seed is {seed}; it must lie in 0 to {2**32 - 1}.")
    working = working or Working()
    crew = crew_of(working)
    from counterpulse.cohort.make import Order, make
    from counterpulse.cohort.table import table as known

    known(table)
    folder = out or Path("out") / f"cohort-{table}"
    with bar("Drawing and calibrating", count, quiet=working.as_json) as tell:
        told = make(Order(table, count, seed), folder, crew, tell)
    print(json.dumps({"folder": str(folder), **plain(told)}, allow_nan=False) if working.as_json else drawn_words(told, folder))  # noqa: T201
    return 0


def run(
    folder: Annotated[Path, Parameter(help="folder that `cohort draw` made")],
    /,
    *,
    arms: Annotated[str, Parameter(help="arms, separated by commas: without, with, with-1-2, with-1-3")] = "without,with",
    piece: Annotated[int, Parameter(help="patients of one piece of work, 8 to 4096; the result does not depend on it")] = 128,
    working: Annotated[Working | None, Parameter(name="*", group="Work")] = None,
) -> int:
    """Simulate every patient of a drawn cohort in every arm; goes on where it was stopped, with the same result.

    Writes summaries.parquet (patient, arm, the numbers of `run`, certificate) and run.toml into the folder. Research and education only.
    """
    if not 8 <= piece <= 4096:
        raise RefusalError(f"--piece is {piece}; it must lie in 8 to 4096.")
    working = working or Working()
    crew = crew_of(working)
    from counterpulse.cohort.arms import arms_of
    from counterpulse.cohort.run import run_cohort
    from counterpulse.cohort.store import read_patients

    chosen = arms_of(arms)
    total = len(read_patients(folder)[0])
    with bar(f"Running {len(chosen)} arms", total, quiet=working.as_json) as tell:
        told = run_cohort(folder, chosen, crew, tell, piece)
    print(json.dumps({"folder": str(folder), **plain(told)}, allow_nan=False) if working.as_json else run_words(told, folder))  # noqa: T201
    return 0


def crew_of(working: Working) -> Any:
    """Who works. Raises RefusalError for an impossible number of workers."""
    from counterpulse.cohort.engine import Crew

    workers = working.workers if working.workers is not None else os.cpu_count() or 1
    if not 1 <= workers <= 1024:
        raise RefusalError(f"--workers is {workers}; it must lie in 1 to 1024.")
    return Crew(workers, working.cluster)


@contextmanager
def bar(title: str, total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error that tells how long it still takes."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("patients"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(f"{title} (compiling first, the first time for a minute or more)", total=total)
        yield lambda done: progress.update(task, advance=done, description=title)


def plain(value: Any) -> Any:
    """Numbers of numpy as Python's, absent as null."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None
    return value.item() if hasattr(value, "item") else value


def drawn_words(told: dict[str, Any], folder: Path) -> str:
    """What was drawn, for a person."""
    about, calibrated = told["cohort"], told["calibration"]
    lines = [f"{about['patients']} patients of {about['draws']} draws, {about['title']} ({about['source']})."]
    lines.append(f"{100 * calibrated['within']:.1f} % calibrated: {calibrated['rule']}; {calibrated['not_within']} are not, and are marked so.")
    lines += [f"   outside by {name}: {count}" for name, count in told["outside_by_number"].items() if count]
    lines += ["", "Refused as impossible: " + (", ".join(f"{name} {count}" for name, count in told["refused"].items()) or "none") + "."]
    lines += [f"Of every {about['one_taken_of']} draws that passed the one was taken of whom the cohort had too few."]
    lines += ["", f"{'quartiles':24s} {'printed':>24s} {'drawn':>24s} {'shown':>24s}"]
    for name, row in told["quartiles_printed_drawn_shown"].items():
        parts = [" ".join(f"{value:7.4g}" for value in row[k : k + 3]) for k in range(0, len(row), 3)]
        lines.append(f"{name:24s} " + " ".join(f"{part:>24s}" for part in parts))
    lines += ["", *(f"{name:32s} printed {100 * a:5.1f} %   here {100 * b:5.1f} %" for name, (a, b) in told["shares_printed_and_found"].items())]
    lines += ["", "Assumptions:", *(f"- {one}" for one in told["assumptions"]["all"]), "", f"Cohort: {folder}"]
    return "\n".join(lines)


def run_words(told: dict[str, Any], folder: Path) -> str:
    """What was run, for a person."""
    certificate = told["certificate"]
    lines = [f"{certificate['rows']} rows ({', '.join(told['run']['arms'])}); {certificate['periodic']} settled and sure."]
    lines += [f"   {why}: {count}" for why, count in told["not_certified"].items()]
    lines.append(f"Half the step in {certificate['halved']} rows: means change by at most {100 * certificate['step_halving_worst']:.2g} %.")
    return "\n".join([*lines, "", f"Summaries: {folder / 'summaries.parquet'}"])
