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
from counterpulse.recordings.annotations import Marks
from counterpulse.recordings.score import detection, match, percentiles_ms, spread_ms

CORRECT_INFLATION_ms = (-20.0, 40.0)  # the project's classifier, reference pump.md 3.6 [P]; the 20 ms are Kantrowitz 1992, ASAIO J 38:M617
EC57_LEARNING_s = 300.0  # ANSI/AAMI EC57:2012: the first five minutes of a record are for learning
SHORT_LEARNING_s = 10.0  # this project's own rule for records too short for that
DELAYS = "pressure comes late by an unknown monitor delay; the error is told after taking off the delay that the pump assumed"


class Beat(NamedTuple):
    """One beat that the pump saw (or, where annotated, missed); absent is None."""

    r_s: float
    known_s: float | None
    inflate_s: float | None
    deflate_s: float | None
    ratio: int
    verdict: str
    inflation_error_ms: float | None = None


class Judged(NamedTuple):
    """Beats in order of time, and the scores."""

    beats: tuple[Beat, ...]
    against: dict[str, Any]


def judge(replayed: Replayed, settings: Any, start_s: float, marks: Sequence[Marks]) -> Judged:
    """Judge a replay that began at `start_s` of the recording against `marks` (reference or silver)."""
    stop_s = start_s + len(replayed.valve) / replayed.fs_hz
    inside = {one.kind: one.between(start_s, stop_s) for one in marks}
    r_s, known_s = replayed.r_s + start_s, replayed.known_s + start_s
    rows = replayed.assisted_by_beat()
    error_ms = _inflation_errors(replayed, settings, start_s, inside.get("notch"))
    beats = [_beat(k, replayed, int(settings.ratio), start_s, rows[k], error_ms) for k in range(len(r_s))]
    against: dict[str, Any] = {}
    if "r" in inside:
        beats += _missed(r_s, inside["r"].times_s, int(settings.ratio))
        against["r"] = _r_scores(r_s, known_s, inside["r"], stop_s - start_s, start_s)
        against["emptied_to_next_r_ms"] = _emptied(replayed, settings, start_s, inside["r"].times_s)
    if "notch" in inside:
        against["inflation"] = _inflation_scores(error_ms, inside["notch"], settings)
    return Judged(tuple(sorted(beats, key=lambda beat: beat.r_s)), against)


def _beat(k: int, replayed: Replayed, ratio: int, start_s: float, inflation: int, error_ms: NDArray[np.float64]) -> Beat:
    r_s, known_s = float(replayed.r_s[k]) + start_s, float(replayed.known_s[k]) + start_s
    if inflation < 0:
        return Beat(r_s, known_s, None, None, ratio, "not assisted")
    stop = float(replayed.deflate_s[inflation])
    error = float(error_ms[inflation]) if np.isfinite(error_ms[inflation]) else None
    verdict = "aborted" if replayed.aborted[inflation] else _class(error)
    return Beat(r_s, known_s, float(replayed.inflate_s[inflation]) + start_s, stop + start_s if np.isfinite(stop) else None, ratio, verdict, error)


def _class(error_ms: float | None) -> str:
    if error_ms is None:
        return "assisted"
    low, high = CORRECT_INFLATION_ms
    return "early" if error_ms < low else "late" if error_ms > high else "correct"


def _missed(r_s: NDArray[np.float64], reference_s: NDArray[np.float64], ratio: int) -> list[Beat]:
    seen = set(match(r_s, reference_s, 0.15).reference.tolist())
    return [Beat(float(time), None, None, None, ratio, "no trigger") for k, time in enumerate(reference_s) if k not in seen]


def _r_scores(r_s: NDArray[np.float64], known_s: NDArray[np.float64], marks: Marks, length_s: float, start_s: float) -> dict[str, Any]:
    learning = EC57_LEARNING_s if length_s >= 2 * EC57_LEARNING_s else SHORT_LEARNING_s
    from_s = start_s + learning
    late = r_s >= from_s
    mine, known, reference = r_s[late], known_s[late], marks.times_s[marks.times_s >= from_s]
    pairs = match(mine, reference, 0.15)
    return {
        "reference": marks.origin,
        "silver": marks.silver,
        "scored_from_s": from_s,
        "beats": len(reference),
        "150_ms": detection(mine, reference, 0.15),
        "20_ms": detection(mine, reference, 0.02),
        "error_ms": spread_ms(mine[pairs.mark] - reference[pairs.reference]),
        "latency_ms": percentiles_ms(known[pairs.mark] - reference[pairs.reference]),
    }


def _inflation_errors(replayed: Replayed, settings: Any, start_s: float, notch: Marks | None) -> NDArray[np.float64]:
    """Error in ms of each inflation whose beat has an annotated notch; NaN for the others."""
    errors = np.full(len(replayed.inflate_s), np.nan)
    if notch is None:
        return errors
    onset_s = replayed.inflate_s + start_s + float(settings.line_delay_ms) / 1000
    target_s = notch.times_s - float(settings.source_delay_ms) / 1000
    pairs = match(onset_s, target_s, 0.25)
    errors[pairs.mark] = 1000 * (onset_s[pairs.mark] - target_s[pairs.reference])
    errors[replayed.aborted] = np.nan
    return errors


def _inflation_scores(error_ms: NDArray[np.float64], notch: Marks, settings: Any) -> dict[str, Any]:
    there = error_ms[np.isfinite(error_ms)]
    low, high = CORRECT_INFLATION_ms
    classes = {"early": int(np.sum(there < low)), "correct": int(np.sum((there >= low) & (there <= high))), "late": int(np.sum(there > high))}
    return {
        "reference": f"{notch.origin} notch",
        "silver": notch.silver,
        "notches": len(notch.times_s),
        "error_ms": spread_ms(there / 1000),
        "classes": classes,
        "assumed_delay_ms": float(settings.source_delay_ms),
        "assumed_line_delay_ms": float(settings.line_delay_ms),
        "caveat": DELAYS,
    }


def _emptied(replayed: Replayed, settings: Any, start_s: float, reference_s: NDArray[np.float64]) -> dict[str, Any]:
    """When the balloon should be empty, relative to the nearest annotated R wave."""
    empty_s = replayed.deflate_s[~replayed.aborted] + start_s + float(settings.empty_s)
    empty_s = empty_s[np.isfinite(empty_s)]
    pairs = match(empty_s, reference_s, 0.4)
    return spread_ms(empty_s[pairs.mark] - reference_s[pairs.reference])
