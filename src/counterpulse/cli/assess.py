"""`counterpulse assess`: what an ECG and a pressure show of a balloon pump. Knows the order of steps and words; no method of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter


@dataclass(kw_only=True)
class Channels:
    """Which part of which channels."""

    ecg: Annotated[str | None, Parameter(help="name of the ECG channel")] = None
    pressure: Annotated[str | None, Parameter(help="name of the arterial pressure channel")] = None
    start: Annotated[float, Parameter(name="--from", help="begin at this second of the recording, s")] = 0.0
    stop: Annotated[float | None, Parameter(name="--to", help="stop at this second, s (default: the end)")] = None


def register(app: App) -> None:
    """Add the command."""
    app.command(assess)


def assess(
    path: Annotated[str, Parameter(help="a recording: WFDB, EDF, CSV or Parquet file, or a PhysioNet name such as mghdb/mgh001")],
    /,
    *,
    channels: Annotated[Channels | None, Parameter(name="*", group="Recording")] = None,
    out: Annotated[Path | None, Parameter(help="folder for report.html and assess.json (default out/assess-NAME)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else; a folder only with --out")] = False,
) -> int:
    """Tell from an ECG and an arterial pressure whether a balloon pump is running, at what ratio, and how each beat is timed.

    R waves are found by the pump's own detector. Exit 0 whatever is found. Research and education only: not a medical device, not for patient care.
    """
    import json

    from counterpulse.bed.replay import replay
    from counterpulse.pump.settings import Settings
    from counterpulse.recordings.assess import assess as judged
    from counterpulse.recordings.channels import pick
    from counterpulse.recordings.open import open_recording
    from counterpulse.recordings.samples import prepare
    from counterpulse.refusal import RefusalError
    from counterpulse.report.assess_page import assess_page
    from counterpulse.whole import whole_folder

    chosen = channels or Channels()
    recording = open_recording(path)
    picked = pick(recording, chosen.ecg, chosen.pressure)
    if not picked.ecg or picked.source not in picked.arterial:
        raise RefusalError(f"{recording.name} needs an ECG and an arterial pressure to be assessed; its channels are: {recording.listing()}.")
    prepared = prepare(picked, chosen.start, chosen.stop)
    r_s = replay(Settings(standby=1), prepared.samples, prepared.fs_hz).beats.mark_at / prepared.fs_hz
    found = judged(prepared.samples.arterial_mmHg[:, int(picked.source)], r_s, prepared.fs_hz, picked.source)
    report = {"record": recording.name, "from_s": prepared.start_s, **found.as_json()}
    folder = out or (None if as_json else Path("out") / f"assess-{recording.name}")
    if folder is not None:
        with whole_folder(folder) as draft:
            (draft / "report.html").write_text(assess_page(recording.name, picked, prepared, found), encoding="utf-8")
            (draft / "assess.json").write_text(json.dumps(report, allow_nan=False), encoding="utf-8")
    print(json.dumps(report, allow_nan=False) if as_json else "\n".join((*found.sentences, *([f"Report: {folder / 'report.html'}"] if folder else []))))  # noqa: T201
    return 0
