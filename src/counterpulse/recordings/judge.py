"""Judges a replay: a verdict per beat, and scores against what others marked on the same recording.

Knows commands and annotations, not how the pump decided. The recordings' pressures come late by an unknown monitor delay, so timing is judged
after taking off the delay that the pump was told to assume; no flow was recorded, so deflation is only told relative to the next R wave.
Times in s of the recording; errors in ms, positive = late.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.replay import Replayed
from counterpulse.pump.modes import by_lead
from counterpulse.pump.settings import Settings
from counterpulse.recordings.annotations import Marks
from counterpulse.recordings.score import detection, match, percentiles_ms, spread_ms

CORRECT_INFLATION_ms = (-20.0, 40.0)  # this project's classifier; the 20 ms are those of Kantrowitz 1992, ASAIO J 38:M617 (from memory)
EC57_LEARNING_s = 300.0  # ANSI/AAMI EC57:2012: the first five minutes of a record are for learning (from memory)
SHORT_LEARNING_s = 10.0  # this project's own rule for records too short for that
LOOSE_s, TIGHT_s = 0.15, 0.02  # EC57's window, and the one that a pump needs
CAVEAT = (
    "the pressure comes late by an unknown monitor delay, and errors hold under the delay that the pump was told to assume; "
    "the pump aims at the valve's closure (the descent before the notch), the mark is the notch's minimum, so a constant lead is expected"
)


class Beat(NamedTuple):
    """One beat that the pump saw (or, where annotated, missed); absent is None."""

    r_s: float
    known_s: float | None
    inflate_s: float | None
    deflate_s: float | None
    ratio: int
    verdict: str
    inflation_error_ms: float | None = None


class Times(NamedTuple):
    """A replay's marks on the recording's own clock, s: beats, when they were known, commands to drive and to vacuum (NaN: none)."""

    r: NDArray[np.float64]
    known: NDArray[np.float64]
    drive: NDArray[np.float64]
    vacuum: NDArray[np.float64]
    aborted: NDArray[np.bool_]
    start: float
    stop: float


class Judged(NamedTuple):
    """Beats in order of time, the replay's times, and the scores."""

    beats: tuple[Beat, ...]
    times: Times
    against: dict[str, Any]


def judge(replayed: Replayed, settings: Settings, start_s: float, marks: Sequence[Marks]) -> Judged:
    """Judge a replay that began at `start_s` of the recording against `marks` (reference or silver)."""
    times = _times(replayed, start_s)
    given = {one.kind: one.between(times.start, times.stop) for one in marks}
    r, notch = given.get("r"), given.get("notch")
    error_ms = _inflation_errors(times, settings, notch)
    owned = replayed.stay_of_beat()
    beats = [_beat(times, k, int(stay), error_ms, int(settings.ratio)) for k, stay in enumerate(owned)]
    against: dict[str, Any] = {}
    if r is not None and by_lead(int(settings.trigger)):
        beats += _missed(times, r, int(settings.ratio))
        against["r"] = _r_scores(times, r)
    if r is not None and len(times.drive):
        against["emptied_after_r"] = _emptied(times, settings, r)
    if notch is not None:
        against["inflation"] = _inflation_scores(error_ms, notch, settings)
    return Judged(tuple(sorted(beats, key=lambda beat: beat.r_s)), times, against)


def _times(replayed: Replayed, start_s: float) -> Times:
    beats, stays = replayed.beats, replayed.stays
    marks = (beats.mark_at, beats.known_at, stays.drive_at, stays.vacuum_at)
    r, known, drive, vacuum = (replayed.seconds(at) + start_s for at in marks)
    return Times(r, known, drive, vacuum, stays.aborted > 0, start_s, start_s + replayed.duration_s)


def _beat(times: Times, k: int, stay: int, error_ms: NDArray[np.float64], ratio: int) -> Beat:
    r_s, known_s = float(times.r[k]), float(times.known[k])
    if stay < 0:
        return Beat(r_s, known_s, None, None, ratio, "not assisted")
    error, vacuum = float(error_ms[stay]), float(times.vacuum[stay])
    verdict = "aborted" if times.aborted[stay] else classed(error)
    stop = vacuum if np.isfinite(vacuum) else None
    return Beat(r_s, known_s, float(times.drive[stay]), stop, ratio, verdict, error if np.isfinite(error) else None)


def classed(error_ms: float) -> str:
    """The class of an inflation by its error; `assisted` where no notch says."""
    low, high = CORRECT_INFLATION_ms
    if not np.isfinite(error_ms):
        return "assisted"
    return "early" if error_ms < low else "late" if error_ms > high else "correct"


def _missed(times: Times, r: Marks, ratio: int) -> list[Beat]:
    seen = set(match(times.r, r.times_s, LOOSE_s).reference.tolist())
    return [Beat(float(time), None, None, None, ratio, "no trigger") for k, time in enumerate(r.times_s) if k not in seen]


def _r_scores(times: Times, marks: Marks) -> dict[str, Any]:
    learning = EC57_LEARNING_s if times.stop - times.start >= 2 * EC57_LEARNING_s else SHORT_LEARNING_s
    from_s = times.start + learning
    scored = times.r >= from_s
    mine, known, reference = times.r[scored], times.known[scored], marks.times_s[marks.times_s >= from_s]
    pairs = match(mine, reference, LOOSE_s)
    return {
        "reference": marks.origin,
        "silver": marks.silver,
        "scored_from_s": from_s,
        "beats": len(reference),
        "150_ms": detection(mine, reference, LOOSE_s),
        "20_ms": detection(mine, reference, TIGHT_s),
        "error_ms": spread_ms(mine[pairs.mark] - reference[pairs.reference]),
        "latency_ms": percentiles_ms(known[pairs.mark] - reference[pairs.reference]),
    }


def _inflation_errors(times: Times, settings: Settings, notch: Marks | None) -> NDArray[np.float64]:
    """Error in ms of each inflation with an annotated notch near; NaN for the others. Onset = command + assumed line delay."""
    errors = np.full(len(times.drive), np.nan)
    if notch is None:
        return errors
    onset = times.drive + settings.line_delay_ms / 1000
    target = notch.times_s - settings.source_delay_ms / 1000
    pairs = match(onset, target, 0.25)
    errors[pairs.mark] = 1000 * (onset[pairs.mark] - target[pairs.reference])
    return errors


def _inflation_scores(error_ms: NDArray[np.float64], notch: Marks, settings: Settings) -> dict[str, Any]:
    there = error_ms[np.isfinite(error_ms)]
    classes = [classed(error) for error in there]
    return {
        "reference": f"notches of {notch.origin}",
        "silver": notch.silver,
        "notches": len(notch.times_s),
        "error_ms": spread_ms(there / 1000),
        "median_ms": float(np.median(there)) if len(there) else None,
        "within_20_ms_of_median": float(np.mean(np.abs(there - np.median(there)) <= 20)) if len(there) else None,
        "classes": {name: classes.count(name) for name in ("early", "correct", "late")},
        "assumed_source_delay_ms": float(settings.source_delay_ms),
        "assumed_line_delay_ms": float(settings.line_delay_ms),
        "caveat": CAVEAT,
    }


def _emptied(times: Times, settings: Settings, r: Marks) -> dict[str, Any]:
    """When the balloon should have emptied, relative to the nearest annotated R wave; the stays that were not aborted."""
    empty = times.vacuum[~times.aborted] + settings.empty_s
    empty = empty[np.isfinite(empty)]
    pairs = match(empty, r.times_s, 0.4)
    return {"reference": r.origin, "silver": r.silver, "assumed_empty_s": float(settings.empty_s), **spread_ms(empty[pairs.mark] - r.times_s[pairs.reference])}
