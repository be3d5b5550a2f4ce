"""`counterpulse audit`: a published trial against its own numbers."""

import json
from typing import Annotated, Any

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add the command."""
    app.command(audit)


PaperFile = Annotated[str, Parameter(help="A PAPER.toml, or the slug of a paper that comes along: altshock-2, bcis-1-2013, van-t-hof-1999.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]


def audit(paper: PaperFile, *, json_: Json = False) -> int:
    """Check a published trial against its own numbers: every P under every test, denominators, ratios, sums, dates.

    Exit code 1 when something printed is inconsistent or not reproducible, 0 when nothing is.
    """
    from counterpulse.evidence.audit import audit as run
    from counterpulse.evidence.paper import open_paper

    found = run(open_paper(paper))
    print(json.dumps(found.as_dict(), ensure_ascii=False, allow_nan=False) if json_ else _text(found))  # noqa: T201
    return 1 if found.wrong else 0


def _text(found: Any) -> str:
    head = [f"{found.paper.id}: {found.paper.title}", ""]
    head += [f"  {verdict:<17}{n:>5}" for verdict, n in found.counts.items()]
    rows = ["", "Items (printed | recomputed | verdict | test)"]
    rows += [f"  {i.id:<52} {i.printed:>12} | {i.recomputed:<18} | {i.verdict:<16} | {i.test}" for i in found.items if i.check.startswith("p_")]
    rows += ["", f"Findings ({len(found.findings)})"]
    for finding in found.findings:
        rows += [f"  [{finding.kind}] {finding.id}", f"    {finding.sentence}", f"    {finding.arithmetic}"]
    rows += ["", "A finding is a reason to ask the authors. Research and education only."]
    return "\n".join([*head, *rows])
