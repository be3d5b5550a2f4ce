"""`counterpulse qualify`: every estimator against R's numbers, and a report to file."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter


def qualify(
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
    report: Annotated[
        Path | None, Parameter(help="write a dated folder to file: report.html, report.json with versions and SHA-256 of every source and reference")
    ] = None,
) -> int:
    """Recompute every statistic against the shipped numbers of R and print the largest difference of each."""
    from counterpulse.stats import qualification

    lines, about = qualification.qualify(), qualification.circumstances()
    passed = all(line.passed for line in lines)
    record = {"passed": passed, "functions": [_row(line) for line in lines], "made": about}
    if report is not None:
        _file(report, record)
    if as_json:
        _print_json(record)
    else:
        _print_lines(record, report)
    return 0 if passed else 1


def _row(line: Any) -> dict[str, Any]:
    import dataclasses
    import math

    row = dataclasses.asdict(line)
    return row | {"largest": row["largest"] if math.isfinite(row["largest"]) else None}


def _print_json(record: dict[str, Any]) -> None:
    import json

    print(json.dumps(record, allow_nan=False))  # noqa: T201


def _size(row: dict[str, Any]) -> str:
    return "absent on one side" if row["largest"] is None else f"{row['largest']:.1e}"


def _print_lines(record: dict[str, Any], report: Path | None) -> None:
    for row in record["functions"]:
        verdict = "ok  " if row["passed"] else "FAIL"
        where = "" if row["passed"] else f"  worst in set {row['worst_set']}, {row['refused']} refused"
        print(f"{verdict} {row['function']:36} {_size(row):>18}  {row['sets']:3} sets {row['numbers']:5} numbers  {row['package']} {row['version']}{where}")  # noqa: T201
    count = sum(row["passed"] for row in record["functions"])
    print(f"{count} of {len(record['functions'])} functions within {record['made']['goal_relative']:g} of R, relative.")  # noqa: T201
    if report is not None:
        print(f"Report: {report}")  # noqa: T201


def _file(folder: Path, record: dict[str, Any]) -> None:
    import json

    from counterpulse.whole import whole_folder

    with whole_folder(folder) as draft:
        (draft / "report.json").write_text(json.dumps(record, indent=1, allow_nan=False))
        (draft / "report.html").write_text(_page(record))


def _page(record: dict[str, Any]) -> str:
    from html import escape

    made = record["made"]
    head = "".join(f"<th>{name}</th>" for name in ("function", "verdict", "largest difference", "sets", "skipped", "numbers", "package", "R call"))
    body = "".join(
        f"<tr><td>{escape(row['function'])}</td><td>{'pass' if row['passed'] else 'FAIL'}</td><td>{_size(row)}</td><td>{row['sets']}</td>"
        f"<td>{row['skipped']}</td><td>{row['numbers']}</td>"
        f"<td>{escape(row['package'])} {escape(row['version'])}</td><td><code>{escape(row['call'])}</code></td></tr>"
        for row in record["functions"]
    )
    digests = [pair for part in ("references", "sources") for pair in made[f"{part}_sha256"].items()]
    hashes = "".join(f"<tr><td>{escape(name)}</td><td><code>{digest}</code></td></tr>" for name, digest in digests)
    versions = ", ".join(f"{name} {number}" for name, number in made["packages"].items())
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Qualification of counterpulse {escape(made["counterpulse"])}</title>
<style>body{{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ccc}}
table{{border-collapse:collapse}}code{{overflow-wrap:anywhere}}</style>
<h1>Qualification of the statistics</h1>
<p>Research and education only: not a medical device, not for patient care.</p>
<p>Result: <strong>{"passed" if record["passed"] else "FAILED"}</strong>. counterpulse {escape(made["counterpulse"])},
Python {escape(made["python"])}, {escape(versions)},
{escape(made["machine"])}, {escape(made["date_utc"])}. Goal: relative difference at most {made["goal_relative"]:g}.</p>
<h2>Functions</h2><table><tr>{head}</tr>{body}</table>
<h2>SHA-256</h2><table>{hashes}</table>
<p>Reviewed by: ____________________ Date: ____________</p></html>
"""


def register(app: App) -> None:
    """Add the command."""
    app.command(qualify)
