"""Opens a recording, runs the pump along it, judges it, prints and writes. Knows the order of these, and words; no method of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from counterpulse.bed.replay import replay as along
from counterpulse.cli.replay.options import SettingOptions, given, read_settings, settings_from
from counterpulse.pump.modes import by_lead
from counterpulse.pump.settings import Trigger
from counterpulse.recordings.annotations import annotations
from counterpulse.recordings.channels import Picked, pick
from counterpulse.recordings.judge import Beat, judge
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.recording import Recording
from counterpulse.recordings.samples import prepare
from counterpulse.refusal import RefusalError
from counterpulse.report.replay_page import WINDOWS, Replay, remarks, replay_page, summary
from counterpulse.signals.sample import Source
from counterpulse.whole import whole_folder

BEATS = dict(zip(Beat._fields, (float, float, float, float, int, str, float), strict=True))


@dataclass(kw_only=True)
class Reading:
    """Which part of which channels."""

    ecg: Annotated[str | None, Parameter(help="name of the ECG channel; up to three, separated by commas, the first is lead 0")] = None
    pressure: Annotated[str | None, Parameter(help="name of the arterial pressure channel")] = None
    start: Annotated[float, Parameter(name="--from", help="begin at this second of the recording, s")] = 0.0
    stop: Annotated[float | None, Parameter(name="--to", help="stop at this second, s (default: the end)")] = None
    fs: Annotated[float | None, Parameter(help="sampling rate of a table that tells none, Hz, 125 to 1000")] = None
    settings: Annotated[Path | None, Parameter(help="TOML file with the pump's settings; options override it")] = None


def replay(
    path: Annotated[str, Parameter(help="a recording: WFDB, EDF, CSV or Parquet file, or a PhysioNet name such as mitdb/100")],
    /,
    *,
    reading: Annotated[Reading | None, Parameter(name="*", group="Recording")] = None,
    out: Annotated[Path | None, Parameter(help="folder for report.html, beats.csv, replay.json (default out/replay-NAME)")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else; a folder only with --out")] = False,
    options: Annotated[SettingOptions | None, Parameter(name="*", group="Pump settings")] = None,  # pyright: ignore[reportInvalidTypeForm]
) -> int:
    """Run the pump along a recorded ECG and arterial pressure and write a report.

    PATH is a WFDB record (with or without .hea, .dat, .mat), an EDF or EDF+ file, a CSV or Parquet table, or a PhysioNet name such as
    mitdb/100. Research and education only: not a medical device, not for patient care.
    """
    told = _run(path, reading or Reading(), given(options))
    report = summary(told)
    folder = out or (None if as_json else Path("out") / f"replay-{told.recording.name}")
    if folder is not None:
        _write(told, report, folder)
    print(json.dumps(report, allow_nan=False) if as_json else _words(told, report, folder))  # noqa: T201
    return 0


def _run(path: str, reading: Reading, chosen: dict[str, Any]) -> Replay:
    _check_words(reading)
    recording = open_recording(path, reading.fs)
    beside = reading.settings or _beside(recording)
    values = {**(read_settings(beside) if beside else {"gas_watched": 0}), **chosen}
    source = Source(values["pressure_source"]) if "pressure_source" in values else None
    picked = pick(recording, reading.ecg, reading.pressure, source)
    settings = settings_from(values, picked.source)
    _check_trigger(recording, picked, settings)
    prepared = prepare(picked, reading.start, reading.stop)
    replayed = along(settings, prepared.samples, prepared.fs_hz)
    marks, problems = annotations(recording)
    told = (f"Settings were read from {beside.name}.",) if beside else ()
    judged = judge(replayed, settings, prepared.start_s, marks)
    return Replay(recording, picked, prepared, settings, replayed, judged, marks, (*told, *problems))


def _check_words(reading: Reading) -> None:
    for flag, value in (("--ecg", reading.ecg), ("--pressure", reading.pressure)):
        if value is not None and not value.strip():
            raise RefusalError(f"{flag} is empty; it must be the name of a channel.")
    if reading.fs is not None and not 125.0 <= reading.fs <= 1000.0:
        raise RefusalError(f"--fs is {reading.fs:g} Hz; it must lie in 125 to 1000 Hz.")


def _beside(recording: Recording) -> Path | None:
    """The settings that `recordings.export` wrote beside its samples."""
    place = Path(recording.path)
    file = place.with_name(f"{recording.name}.settings.toml")
    return file if file.exists() else None


def _check_trigger(recording: Recording, picked: Picked, settings: Any) -> None:
    lead, trigger = int(settings.ecg_lead), Trigger(int(settings.trigger))
    if by_lead(trigger) and lead >= len(picked.ecg):
        what = f"{len(picked.ecg)} ECG channel{'s' if len(picked.ecg) != 1 else ''} that {'are' if len(picked.ecg) != 1 else 'is'} known by name and unit"
        raise RefusalError(
            f"{recording.name} has {what}, and the ECG trigger reads lead {lead}; choose with --ecg, --ecg-lead, or --trigger pressure; "
            f"its channels are: {recording.listing()}."
        )
    if trigger == Trigger.PRESSURE and picked.source not in picked.arterial:
        raise RefusalError(f"{recording.name} has no arterial pressure for the pressure trigger; its channels are: {recording.listing()}.")


def _write(told: Replay, report: dict[str, Any], folder: Path) -> None:
    import polars as pl

    with whole_folder(folder) as draft:
        (draft / "report.html").write_text(replay_page(told), encoding="utf-8")
        (draft / "replay.json").write_text(json.dumps(report, allow_nan=False), encoding="utf-8")
        pl.DataFrame(told.judged.beats, schema=BEATS, orient="row").write_csv(draft / "beats.csv")


def _words(told: Replay, report: dict[str, Any], folder: Path | None) -> str:
    beats = [beat for beat in told.judged.beats if beat.known_s is not None]
    assisted = sum(beat.inflate_s is not None for beat in beats)
    lines = [*remarks(told), "", f"{len(beats)} beats, {assisted} assisted, {int(told.judged.times.aborted.sum())} aborted."]
    against = report["against"]
    if "r" in against:
        r = against["r"]
        lines += [
            f"R waves within {window} of {r['reference']}: Se {_percent(r[key]['se'])}, PPV {_percent(r[key]['ppv'])}." for key, window in WINDOWS
        ]
    if "inflation" in against and against["inflation"]["error_ms"]["n"]:
        e, notches = against["inflation"]["error_ms"], against["inflation"]["reference"]
        lines.append(f"Inflation against {notches}: mean {e['mean']:+.1f} ms, p95 {e['p95']:.1f} ms, {_percent(e['within_20_ms'])} within 20 ms.")
    lines += ["", f"Report: {folder / 'report.html'}"] if folder else []
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"
