"""`counterpulse score FOLDER`: detectors beside each other on annotated recordings. Knows words and the order of steps; no method of its own.

The bedside scores of the clinic are sub-commands of the same name; a folder is what the command takes by itself.
"""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

REMARKS = {
    "silver": "silver marks were made by a script (a vote of detectors) and not reviewed by a clinician",
    "onset": "no annotation of pressure onsets is at hand: one pulse is expected per R mark, at each detector's own median delay",
    "peers": "peers see the whole record at once, with their defaults; their latency is that of a trailing window of 10 s asked again and again",
    "scored": "the first five minutes of a record are not scored (EC57), the first 10 s of one shorter than ten minutes",
}


def register(app: App) -> None:
    """Give the group `score` its default."""
    app["score"].default(score)


def score(
    folder: Annotated[Path, Parameter(help="folder with annotated recordings: beside each an .atr, .qrs or .qrsm of the same name")],
    /,
    *,
    peers: Annotated[bool, Parameter(help="score the installed peers too (install the extra `peers` for the permissive ones)")] = True,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """Score detectors beat by beat on the annotated recordings under FOLDER: ours, causal, beside every installed peer.

    After ANSI/AAMI EC57:2012: matched one to one within 150 ms, the first five minutes not scored. Research and education only.
    """
    import json

    found = _run(folder, peers)
    print(json.dumps(found, allow_nan=False) if as_json else _words(found))  # noqa: T201
    return 0


def _run(folder: Path, with_peers: bool) -> dict[str, Any]:
    """Every detector along every recording, with a bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from counterpulse import __version__
    from counterpulse.recordings.annotated import Case, cases
    from counterpulse.recordings.board import OURS, blank, report, score_ours, score_peer
    from counterpulse.recordings.peers import installed
    from counterpulse.refusal import RefusalError

    files, opened = cases(folder)
    here, absent = installed()
    asked = here if with_peers else []
    tallies = {OURS: blank(), **{peer.name: blank() for peer in asked}}
    records, unread = [], []
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("records", total=len(files) * (1 + len(asked)))
        for case in opened:
            if not isinstance(case, Case):
                unread.append(case)
                bar.update(task, advance=1 + len(asked))
                continue
            records.append(_record(case))
            score_ours(case, tallies[OURS])
            bar.update(task, advance=1, description=f"{case.name} {OURS}")
            for peer in asked:
                bar.update(task, description=f"{case.name} {peer.name}")
                score_peer(peer, case, tallies[peer.name])
                bar.update(task, advance=1)
    if not records:
        raise RefusalError(f"None of the {len(files)} annotated recordings in {folder} can be scored; the first: {unread[0]}")
    rows = {name: report(tally, causal=name == OURS) for name, tally in tallies.items()}
    skipped = absent if with_peers else [peer.name for peer in here] + absent
    return {"records": records, "detectors": rows, "skipped": skipped, "not_read": unread, "remarks": REMARKS, "version": __version__}


def _record(case: Any) -> dict[str, Any]:
    marks = {one.kind: {"origin": one.origin, "silver": one.silver, "marks": len(one.times_s)} for one in (case.r, case.systole, case.notch) if one is not None}
    return {"name": case.name, "lead": case.lead_name or None, "duration_s": case.duration_s, "scored_from_s": case.from_s, "annotations": marks}


def _words(found: dict[str, Any]) -> str:
    silver = sum(one["annotations"].get("r", {}).get("silver", False) for one in found["records"])
    lines = [f"{len(found['records'])} recordings, R marks of {silver} of them silver.", ""]
    for kind, title in (("r", "R waves"), ("r_silver", "R waves, silver marks"), ("onset", "Starts of pulses (silver)"), *LATER):
        rows = [(name, row[kind], row) for name, row in found["detectors"].items() if row[kind]]
        if rows and not (kind == "r_silver" and silver == len(found["records"])):
            lines += [*_table(title, rows), ""]
    if found["skipped"]:
        lines.append(f"Not run: {', '.join(found['skipped'])}.")
    failed = [f"{name} ({row['failed_records']})" for name, row in found["detectors"].items() if row["failed_records"]]
    if failed:
        lines.append(f"Raised errors on some records (how many): {', '.join(failed)}.")
    if found["not_read"]:
        lines.append(f"Not read: {' '.join(found['not_read'])}")
    return "\n".join([*lines, *(f"- {text}" for text in found["remarks"].values()), "Research and education only: not a medical device."])


def _table(title: str, rows: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> list[str]:
    shares = "   Se %   PPV %  F1 150   F1 20"
    lines = [f"{title:32s} {'causal':6s} {'beats':>7s} {shares} {'error ms':>14s} {'late p50/p95':>13s} {'s per h':>8s}"]
    for name, row, whole in sorted(rows, key=lambda one: -(one[1]["f1_150_ms"] or 0.0)):
        error, late = row["jitter_ms"], row["latency_ms"]
        spread = f"{_number(error['mean'], '+.1f')} ± {_number(error['sd'], '.1f')}"
        shares = " ".join(f"{_number(row[key] and scale * row[key], form):>7s}" for key, scale, form in COLUMNS)
        delay = f"{_number(late['p50'], '.0f')}/{_number(late['p95'], '.0f')}"
        hour = _number(whole["seconds_per_hour"], ".2f")
        lines.append(f"{name:32s} {'yes' if whole['causal'] else 'no':6s} {row['beats']:7d} {shares} {spread:>14s} {delay:>13s} {hour:>8s}")
    return lines


LATER = (("systole", "Systolic peaks (silver)"), ("notch", "Notches (silver)"))
COLUMNS = (("se", 100, ".2f"), ("ppv", 100, ".2f"), ("f1_150_ms", 1, ".4f"), ("f1_20_ms", 1, ".4f"))


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
