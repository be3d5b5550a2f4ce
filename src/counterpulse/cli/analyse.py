"""`counterpulse analyse`: a trial by its locked plan."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add the command."""
    app.command(analyse)


PlanFile = Annotated[Path, Parameter(help="PLAN.toml: estimands, analyses, subgroups.")]
DataFolder = Annotated[Path, Parameter(help="The folder with subjects.parquet, events.parquet and, if there is one, screening.parquet.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]


@Parameter(name="*")
@dataclass
class Options:
    """How a plan is run: where things are and how the run is labelled."""

    out: Annotated[Path | None, Parameter(help="Where the report goes; default: analysis-<plan id> in the current folder.")] = None
    arms: Annotated[Path | None, Parameter(help="The arm key; default: arms.toml in the data folder, the folder above, or beside the plan.")] = None
    exploratory: Annotated[bool, Parameter(negative="", help="Run another plan than the locked one; everything is labelled exploratory.")] = False
    rehearse: Annotated[int | None, Parameter(help="A seed: deal made-up arms instead of opening the key, and write no lock.")] = None
    report: Annotated[bool, Parameter(help="Write the report; --no-report leaves it out.")] = True


PLAINLY = Options()


def analyse(plan: PlanFile, data: DataFolder, *, how: Options = PLAINLY, json_: Json = False) -> int:
    """Analyse a trial by its plan: the plan's SHA-256 is recorded before the arm key is opened; a plan changed after that is refused.

    Writes a report (HTML, and each figure as SVG, PDF and PNG) into a folder. Research and education only.
    """
    from counterpulse.trial.analysis import Way
    from counterpulse.trial.analysis import analyse as run

    beside = [folder / "arms.toml" for folder in (data, data.parent, plan.parent)]
    key = how.arms or next((path for path in beside if path.is_file()), beside[0])
    way = Way(key, data / "plan-lock.json", how.exploratory, how.rehearse)
    found = run(plan, data, way)
    answer = found.as_dict()
    if how.report:
        from counterpulse.report.trial_report import write

        folder = how.out or Path(f"analysis-{found.plan.id}")
        write(found, folder)
        answer["report"] = str(folder / "index.html")
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False) if json_ else _text(found, answer))  # noqa: T201
    return 0


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _text(found: Any, answer: dict[str, Any]) -> str:
    plan = answer["plan"]
    lines = [f"{plan['id']} {plan['version']}, {plan['label']}, plan SHA-256 {plan['sha256'][:16]}…"]
    lines += [f"  {name}: {arm['randomised']} randomised" for name, arm in answer["flow"]["arms"].items()]
    for title, rows in (("Planned analyses", answer["estimates"]), ("Side by side", answer["side_by_side"])):
        lines += ["", title]
        for row in rows:
            if row["problem"]:
                lines.append(f"  {row['id']} [{row['role']}]: {row['problem']}")
                continue
            span = f"{_number(row['estimate'])} ({_number(row['lower'])} to {_number(row['upper'])})"
            lines.append(f"  {row['id']} [{row['role']}] {row['measure']}: {span}, P {_number(row['p'])}")
            lines.append(f"      {row['made']}")
    lines += ["", *(f"Note: {warning}" for warning in found.warnings), f"Report: {answer.get('report', 'not written')}", "Research and education only."]
    return "\n".join(lines)
