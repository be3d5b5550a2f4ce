"""The report of a replay: what the pump saw, what it did, and how that compares with what others marked. One page, one JSON object.

Knows words and pictures; every number comes from `recordings.judge` and the console's own record.
"""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np

from counterpulse import __version__
from counterpulse.bed.replay import Replayed
from counterpulse.pump.alarms import ALARMS, Alarm, named
from counterpulse.pump.settings import Deflation, Settings, Trigger
from counterpulse.recordings.annotations import Marks
from counterpulse.recordings.channels import Picked
from counterpulse.recordings.judge import CAVEAT, Beat, CORRECT_INFLATION_ms, Judged
from counterpulse.recordings.recording import Recording
from counterpulse.recordings.samples import Prepared
from counterpulse.report import figures, tables, waves
from counterpulse.report.page import page, sentences
from counterpulse.report.tables import Cell, number
from counterpulse.signals.sample import Source

SILVER = "silver: made by machine, not reviewed by a clinician"
DELAY_WARNING = (
    "The pressure of a bedside monitor comes late by an unknown time (line, transducer, filters, display), and the site is not always named. "
    "The pump takes off the delay that it was told to assume. Read inflation and deflation below as timed under that assumption, not as physiology."
)
OPEN_LOOP = "The recorded patient does not feel this pump: nothing it does changes the traces. Where a real pump was running, its waves are in them."


WINDOWS = (("150_ms", "150 ms"), ("20_ms", "20 ms"))


class Replay(NamedTuple):
    """Everything that one replay left."""

    recording: Recording
    picked: Picked
    prepared: Prepared
    settings: Settings
    replayed: Replayed
    judged: Judged
    marks: tuple[Marks, ...]
    problems: tuple[str, ...]


def summary(told: Replay) -> dict[str, Any]:
    """The JSON object of `counterpulse replay --json`; absent is None."""
    return {
        "record": told.recording.name,
        "channels": {
            "ecg": [channel.name for channel in told.picked.ecg],
            "arterial": {source.name.lower(): channel.name for source, channel in told.picked.arterial.items()},
            "balloon": told.picked.balloon.name if told.picked.balloon else None,
            "fs_hz": told.prepared.fs_hz,
        },
        "beats": [_beat(beat) for beat in told.judged.beats],
        "against": told.judged.against,
        "stopped_at_s": told.recording.stopped_at_s,
        "from_s": told.judged.times.start,
        "to_s": told.judged.times.stop,
        "settings": {name: getattr(told.settings, name).item() for name in Settings.fields()},
        "faults": [
            {"alarm": alarm.name.lower(), "priority": ALARMS[alarm].priority.name.lower(), "sentence": ALARMS[alarm].sentence, "from_s": start, "to_s": stop}
            for alarm, start, stop in faults(told)
        ],
        "notes": remarks(told),
        "version": __version__,
    }


def _beat(beat: Beat) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in beat._asdict().items()}


def remarks(told: Replay) -> list[str]:
    """What a reader must know, one sentence each."""
    silver = [f"{one.origin} is {SILVER}." for one in told.marks if one.silver]
    timing = [_own_first(CAVEAT) + "."] if "inflation" in told.judged.against else [DELAY_WARNING] if told.picked.arterial else []
    return [*told.picked.sentences, *told.prepared.sentences, *told.recording.notes, *told.problems, *silver, OPEN_LOOP, *timing]


def faults(told: Replay) -> list[tuple[Alarm, float, float]]:
    """Spans in which the console had something to say: alarm, from, to in s of the recording; gravest first, then by time."""
    masks = told.replayed.alarms
    fs_hz, begin = told.replayed.fs_hz, told.judged.times.start
    spans = []
    for alarm in named(int(np.bitwise_or.reduce(masks))):
        edges = np.flatnonzero(np.diff(masks >> alarm & 1, prepend=0, append=0))
        spans += [(alarm, begin + a / fs_hz, begin + b / fs_hz) for a, b in edges.reshape(-1, 2)]
    return spans


def replay_page(told: Replay) -> str:
    """The whole page as text."""
    lasted = f"{number(told.judged.times.start, 1)} to {number(told.judged.times.stop, 1)} s"
    lead = f"The console's own code along a real recording, {lasted}, {told.prepared.fs_hz:g} samples a second."
    warning = f"<p class='warning'>{escape(DELAY_WARNING)}</p>" if told.picked.arterial else ""
    stopped = "".join(f"<p class='warning'>{escape(note)}</p>" for note in told.recording.notes) if told.recording.stopped_at_s is not None else ""
    parts = [
        ("", stopped + warning + _key(told)),
        ("ECG, pressure and balloon", waves.section(_waves(told)) + _hint()),
        ("What the pump saw and was set to", _facts(told)),
        ("What the console said", _said(told)),
        ("Against annotations", _scores(told)),
        (f"Beats ({len(told.judged.beats)})", _beats(told.judged.beats)),
        ("Notes", sentences(remarks(told))),
    ]
    return page(f"Replay of {told.recording.name}", lead, [part for part in parts if part[1]])


def _waves(told: Replay) -> waves.Waves:
    rows, fs_hz, times = told.prepared.samples, told.prepared.fs_hz, told.judged.times
    given = {one.kind: one for one in told.marks}
    panels = []
    pump_r = waves.Dots("beat of the pump", times.r, "r", "triangle-down", at=0.97)
    begins, ends = _effect(told)
    moves = (
        waves.Dots("command to inflate", times.drive, "inflate", "triangle-up", at=0.05),
        waves.Dots("command to deflate", times.vacuum[np.isfinite(times.vacuum)], "deflate", "triangle-down", at=0.05),
    )
    emptied = waves.Dots("emptied, expected here", ends[np.isfinite(ends)], "deflate", "circle")
    effects = (waves.Dots("filling expected here", begins, "inflate", "circle"), emptied)
    if told.picked.ecg:
        r = given.get("r")
        dots = [pump_r] + ([waves.Dots(f"annotated beat ({r.origin})", r.times_s, "reference", "circle-open")] if r else [])
        alone = not told.picked.arterial
        trace = waves.Line(told.picked.ecg[0].name, rows.ecg_mV[:, 0], fs_hz, "ecg", times.start, marked=alone)
        panels.append(waves.Panel(f"ECG {told.picked.ecg[0].name}", "mV", [trace], (*dots, *moves), 0.8))
    for source, channel in told.picked.arterial.items():
        main = source == told.picked.source
        line = waves.Line(channel.name, rows.arterial_mmHg[:, int(source)], fs_hz, "pressure", times.start, marked=main)
        marks = given.get("notch")
        notch = [waves.Dots(f"annotated notch ({marks.origin})", marks.times_s, "reference", "diamond-open")] if marks else []
        own = () if told.picked.ecg else (pump_r, *moves)
        panels.append(waves.Panel(channel.name, "mmHg", [line], (*effects, *notch, *own) if main else (), 1.2))
    return waves.Waves(panels, np.column_stack([begins, np.where(np.isfinite(ends), ends, times.stop)]), 8.0, _first_view(told))


def _effect(told: Replay) -> tuple[Any, Any]:
    """Where filling begins and emptying ends on the trace, under the assumed delays of line, balloon and pressure source, s."""
    s, times = told.settings, told.judged.times
    late_s = s.source_delay_ms / 1000 if told.picked.arterial else 0.0
    return times.drive + s.line_delay_ms / 1000 + late_s, times.vacuum + s.empty_s + late_s


def _first_view(told: Replay) -> float:
    """Begin where the pump has learned and assists: 30 s in, or what the recording allows."""
    times = told.judged.times
    later = times.drive[times.drive > times.start + 30]
    return float(later[0]) - 1 if len(later) else times.start


def _hint() -> str:
    return (
        "<p class='legend'>Drag to move, wheel to zoom, arrows and + − on the strip below the traces. Triangles: commands, when given. "
        "Blue: where the filled balloon would show in this trace, under the assumed delays.</p>"
    )


def _key(told: Replay) -> str:
    beats = [beat for beat in told.judged.beats if beat.known_s is not None]
    assisted = sum(beat.inflate_s is not None for beat in beats)
    against = told.judged.against
    shown = [("beats of the pump", str(len(beats))), ("assisted", _share(assisted, len(beats))), ("aborted", str(int(told.judged.times.aborted.sum())))]
    if "r" in against:
        scores = against["r"]
        for key, window in WINDOWS:
            shown.append((f"R within {window}: Se / PPV", f"{_percent(scores[key]['se'])} / {_percent(scores[key]['ppv'])}"))
        shown.append(("R known after, median", f"{number(scores['latency_ms']['p50'])} ms"))
    if "inflation" in against:
        shown.append(("inflation within 20 ms of notch", _percent(against["inflation"]["error_ms"]["within_20_ms"])))
    return "<dl class='key'>" + "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in shown) + "</dl>"


def _facts(told: Replay) -> str:
    s, drive = told.settings, told.judged.times.drive
    source = Source(int(s.pressure_source)).name.lower()
    deflation = Deflation(int(s.deflation)).name.lower().replace("_", "-")
    unseen = "no balloon pressure in this recording: gas watch and leak alarms have nothing to see"
    rows = [
        ("recording", f"{told.recording.name}: {told.recording.listing()}"),
        ("shown to the pump", " ".join((*told.picked.sentences, *told.prepared.sentences))),
        ("trigger", f"{Trigger(int(s.trigger)).name}, lead {int(s.ecg_lead)}; ratio 1:{int(s.ratio)}; deflation {deflation}"),
        ("assumed delays", f"{source} pressure {s.source_delay_ms:g} ms behind the root; from command to 10 % full {s.line_delay_ms:g} ms"),
        ("", f"from command to vacuum to 10 % left {1000 * s.empty_s:g} ms"),
        ("trims", f"inflation {s.inflation_trim_ms:+g} ms, deflation {s.deflation_trim_ms:+g} ms; {s.volume_mL:g} mL in a {s.balloon_mL:g} mL balloon"),
        ("first assistance", f"{number(float(drive[0]) - told.judged.times.start, 1)} s after the start" if len(drive) else "none"),
        ("learned by the end", _learned(told.replayed.pump.expect)),
        ("helium line", "balloon pressure recorded" if told.picked.balloon else unseen),
    ]
    return tables.listing(("", ""), rows, "facts")


def _learned(learned: Any) -> str:
    closes, opens = "not learned: population formula in use", "not learned"
    if learned.close_n:
        closes = f"{number(1000 * float(learned.close_mean_s))} ms (from {int(learned.close_n)} notches, the assumed delay taken off)"
    if learned.open_n:
        opens = f"{number(1000 * float(learned.open_mean_s))} ms ({int(learned.open_n)} upstrokes)"
    return f"R-R {number(1000 * float(learned.median_s))} ms; mark to valve closure {closes}; to opening {opens}"


def _said(told: Replay) -> str:
    spans = faults(told)
    if not spans:
        return "<p>Nothing: signals good, no alarm from start to end.</p>"
    rows = []
    for alarm in dict.fromkeys(alarm for alarm, _, _ in spans):
        mine = [(start, stop) for kind, start, stop in spans if kind == alarm]
        first = Cell(f"{number(mine[0][0], 1)} s", at_s=mine[0][0])
        what = f"{ALARMS[alarm].sentence} ({ALARMS[alarm].priority.name.lower()})"
        rows.append((what, f"{len(mine)} ×", f"{number(sum(stop - start for start, stop in mine), 1)} s", first))
    return tables.listing(("", "times", "in all", "first at"), rows)


def _scores(told: Replay) -> str:
    against = told.judged.against
    if not against:
        return "<p>No annotation lies beside this recording (.atr, .qrsm, silver_beats.csv), so nothing can be scored.</p>"
    parts = [tables.listing(("", "reference", "n", "mean", "SD", "95 % of sizes", "within 20 ms"), _spreads(against))]
    if "r" in against:
        r, late = against["r"], against["r"]["latency_ms"]
        rows = [
            (f"R wave within {window}", _label(r), *(str(r[key][k]) for k in ("tp", "fp", "fn")), _percent(r[key]["se"]), _percent(r[key]["ppv"]))
            for key, window in WINDOWS
        ]
        parts.append(tables.listing(("", "reference", "found", "extra", "missed", "Se", "PPV"), rows))
        known = f"{number(late['p50'])} ms (median; 95 %: {number(late['p95'])} ms)"
        parts.append(f"<p>Scored from {number(r['scored_from_s'], 0)} s on. The pump knew of an R wave {known} after it.</p>")
    if "inflation" in against:
        parts.append(_inflation(told))
    return "".join(parts)


def _spreads(against: dict[str, Any]) -> list[Sequence[str]]:
    found = []
    if "inflation" in against:
        found.append(("inflation onset against notch, ms", against["inflation"], against["inflation"]["error_ms"]))
    if "emptied_after_r" in against:
        found.append(("balloon emptied after nearest R, ms", against["emptied_after_r"], against["emptied_after_r"]))
    if "r" in against:
        found.append(("R mark against annotation, ms", against["r"], against["r"]["error_ms"]))
    return [(name, _label(where), str(e["n"]), *_spread(e)) for name, where, e in found]


def _spread(e: dict[str, Any]) -> tuple[str, ...]:
    return number(e["mean"], 1, signed=True), number(e["sd"], 1), number(e["p95"], 1), _percent(e["within_20_ms"])


def _inflation(told: Replay) -> str:
    low, high = CORRECT_INFLATION_ms
    scores = told.judged.against["inflation"]
    classes = ", ".join(f"{count} {name}" for name, count in scores["classes"].items())
    shown = [(beat.inflate_s, beat.inflation_error_ms) for beat in told.judged.beats if beat.inflation_error_ms is not None]
    steady = f"{_percent(scores['within_20_ms_of_median'])} lie within 20 ms of their own median ({number(scores['median_ms'], signed=True)} ms)"
    text = f"<p>Inflation: {classes} (correct: {number(low)} to {number(high, signed=True)} ms); {steady}. {escape(_own_first(CAVEAT))}.</p>"
    if not shown:
        return text
    at, error = np.array(shown, np.float64).T
    return text + figures.errors(at, error, CORRECT_INFLATION_ms, "error", "inflation-errors")


def _beats(beats: Sequence[Beat]) -> str:
    rows = (
        (
            Cell(number(beat.r_s, 3), at_s=beat.r_s),
            _after(beat.known_s, beat.r_s),
            _after(beat.inflate_s, beat.r_s),
            _after(beat.deflate_s, beat.r_s),
            f"1:{beat.ratio}",
            number(beat.inflation_error_ms, 0, signed=True),
            Cell(beat.verdict, beat.verdict.replace(" ", "-")),
        )
        for beat in beats
    )
    head = ("beat at, s", "known after, ms", "inflate after, ms", "deflate after, ms", "ratio", "error to notch, ms", "verdict")
    return f"<div class='scroll'>{tables.listing(head, rows)}</div>"


def _after(at_s: float | None, r_s: float) -> str:
    return tables.DASH if at_s is None else number(1000 * (at_s - r_s))


def _label(scores: dict[str, Any]) -> str:
    return scores["reference"] + (" (silver)" if scores["silver"] else "")


def _share(part: int, whole: int) -> str:
    return _percent(part / whole if whole else None)


def _percent(share: float | None) -> str:
    return tables.DASH if share is None else f"{number(100 * share, 1)} %"


def _own_first(text: str) -> str:
    return text[:1].upper() + text[1:]
