"""`counterpulse validate`: published effects beside the simulation. Knows the order of steps and words; no method of its own."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add the command."""
    app.command(validate)


def validate(
    *,
    effects: Annotated[Path | None, Parameter(help="TOML file of published effects (default: the packaged one; its head tells the form)")] = None,
    out: Annotated[Path | None, Parameter(help="folder for report.html and validate.json (default out/validate)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else; a folder only with --out")] = False,
) -> int:
    """Set every published effect of the pump beside the simulation: hit, near or miss, with the distance.

    A pump that does nothing and a balloon of prescribed volume are scored beside this one. Research and education only: not a medical device, not for
    patient care.
    """
    import json

    from counterpulse.cohort.published import read_effects
    from counterpulse.cohort.validate import report
    from counterpulse.report.validate_page import validate_page, words
    from counterpulse.whole import check_ours, whole_folder

    folder = out or (None if as_json else Path("out") / "validate")
    if folder is not None:
        check_ours(folder)
    found = report(_run(read_effects(effects), quiet=as_json))
    if folder is not None:
        with whole_folder(folder) as draft:
            (draft / "report.html").write_text(validate_page(found), encoding="utf-8")
            (draft / "validate.json").write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    print(json.dumps(found, allow_nan=False) if as_json else words(found, folder))  # noqa: T201
    return 0


def _run(effects: list[Any], quiet: bool) -> list[Any]:
    """Every row, with a bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from counterpulse.cohort.validate import arms_of, validate

    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("simulated arms", total=arms_of(effects))
        return validate(effects, lambda: bar.update(task, advance=1))
