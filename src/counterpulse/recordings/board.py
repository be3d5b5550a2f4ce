"""The score board: every detector along every annotated recording, beat by beat, gross over records (as ANSI/AAMI EC57:2012 sums them).

R waves: matched one to one within 150 ms and within 20 ms. Onsets: one pulse per R mark, at that detector's own median delay on that record, within
150 ms; beats whose pressure is missing are left out. Systolic peaks, notches: within 40 ms, mean absolute error of the matched.
Latency of ours: from the reference mark to the sample at which the mark is known; how far ahead a notch was foretold
(`lead_ms`, median) and how well, within 150 ms. Of peers: the first delay at which a trailing window of 10 s that
ends there shows the beat, for good. Knows no file. Times in s inside, ms in what is printed.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.foretold import notches_foretold
from counterpulse.recordings.annotated import Case
from counterpulse.recordings.peers import Peer, ask
from counterpulse.recordings.score import match, percentiles_ms
from counterpulse.signals.along import notches, pulse_onsets, r_waves, systoles

Floats = NDArray[np.float64]
OURS = "counterpulse"
LOOSE_s, TIGHT_s, NOTCH_s = 0.15, 0.02, 0.04
PULSE_WITHIN_s = 0.8  # the pressure of a beat must be there for so long after its R mark
WINDOW_s = 10.0
DELAYS_s = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
PROBED = 3  # beats a record whose latency is probed in a peer: each costs a run of the peer per delay


class Tally:
    """What one detector did on one kind of mark, summed over records."""

    def __init__(self) -> None:
        self.hits = self.tight = self.marks = self.beats = self.records = self.failed = 0
        self.errors: list[Floats] = []
        self.latency: list[Floats] = []
        self.never = 0
        self.foretold: list[Floats] = []  # of each beat: how far ahead, and by how much it was wrong, s
        self.spent_s = self.heard_s = 0.0

    def add(self, marks: Floats, reference: Floats, loose: float = LOOSE_s) -> NDArray[np.int64]:
        """Count marks against references, both rising, in s; returns the index pairs, shape (hits, 2)."""
        pairs = match(marks, reference, loose)
        self.hits += len(pairs.mark)
        self.tight += len(match(marks, reference, TIGHT_s).mark)
        self.marks += len(marks)
        self.beats += len(reference)
        self.records += 1
        self.errors.append(marks[pairs.mark] - reference[pairs.reference])
        return np.stack([pairs.mark, pairs.reference], axis=1)

    def row(self) -> dict[str, Any] | None:
        """Shares, error and latency; None where nothing was scored."""
        if not self.records:
            return None
        ms = 1000 * np.concatenate(self.errors)
        there = len(ms) > 1
        both = self.marks + self.beats
        return {
            "records": self.records, "beats": self.beats, "found": self.marks,
            "se": _share(self.hits, self.beats), "ppv": _share(self.hits, self.marks),
            "f1_150_ms": _share(2 * self.hits, both), "f1_20_ms": _share(2 * self.tight, both),
            "jitter_ms": {
                "mean": float(ms.mean()) if there else None, "sd": float(ms.std(ddof=1)) if there else None,
                "p95": float(np.percentile(np.abs(ms), 95)) if there else None,
            },
            "mae_ms": float(np.abs(ms).mean()) if there else None,
            "latency_ms": self.delay(),
        }  # fmt: skip

    def delay(self) -> dict[str, Any]:
        """Median and 95th percentile of the latency, and how many probed beats never showed; nulls where none was measured."""
        delays = np.concatenate(self.latency) if self.latency else np.zeros(0)
        told = percentiles_ms(delays)
        return {"p50": told["p50"], "p95": told["p95"], "beats": len(delays), "never": self.never}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class Scored(NamedTuple):
    """Tallies of one detector: R against reference marks, R against silver marks, onsets, systolic peaks, notches."""

    r: Tally
    r_silver: Tally
    onset: Tally
    systole: Tally
    notch: Tally


def blank() -> Scored:
    """Nothing scored yet."""
    return Scored(*(Tally() for _ in Scored._fields))


def score_ours(case: Case, scored: Scored) -> None:
    """Our streaming detectors along one recording."""
    if case.lead is not None and case.r is not None:
        (lead, fs_hz), tally = case.lead, scored.r_silver if case.r.silver else scored.r
        _count(tally, case, _timed(tally, case, r_waves, lead, fs_hz) / fs_hz, case.r.times_s, LOOSE_s)
    if case.pressure is not None and case.r is not None:
        pressure, fs_hz = case.pressure
        _count_pulses(scored.onset, case, _timed(scored.onset, case, pulse_onsets, pressure, fs_hz) / fs_hz)
    for tally, marks, work in ((scored.systole, case.systole, systoles), (scored.notch, case.notch, notches)):
        if case.pressure is not None and marks is not None:
            pressure, fs_hz = case.pressure
            _count(tally, case, _timed(tally, case, work, pressure, fs_hz) / fs_hz, marks.times_s, NOTCH_s)
    if case.lead is not None and case.pressure is not None and case.notch is not None and case.lead[1] == case.pressure[1]:
        (lead, fs_hz), (pressure, _) = case.lead, case.pressure
        _foretell(scored.notch, case, notches_foretold(lead, pressure, fs_hz) / fs_hz, case.notch.times_s)


def _foretell(tally: Tally, case: Case, told_s: Floats, reference_s: Floats) -> None:
    """Notches said before they came, against the reference."""
    told_s, reference_s = told_s[told_s[:, 0] >= case.from_s], reference_s[reference_s >= case.from_s]
    order = np.argsort(told_s[:, 0])
    told_s = told_s[order]
    pairs = match(told_s[:, 0], reference_s, LOOSE_s)
    true = reference_s[pairs.reference]
    tally.foretold.append(np.stack([true - told_s[pairs.mark, 1], told_s[pairs.mark, 0] - true], axis=1))


def score_peer(peer: Peer, case: Case, scored: Scored) -> None:
    """One peer along one recording; it sees all of it at once."""
    channel = case.lead if peer.kind == "r" else case.pressure
    if channel is None or case.r is None:
        return
    signal, fs_hz = channel
    tally = scored.onset if peer.kind == "onset" else scored.r_silver if case.r.silver else scored.r
    marks = _timed(tally, case, lambda x, hz: ask(peer, x, hz), signal, fs_hz)
    if marks is None:
        tally.failed += 1
        return
    both = np.stack([marks, np.full(len(marks), np.nan)], axis=1) / fs_hz
    if peer.kind == "onset":
        _count_pulses(tally, case, both)
    else:
        _count(tally, case, both, case.r.times_s, LOOSE_s)
        _probe(peer, case, tally)


def _timed(tally: Tally, case: Case, work: Callable[[Floats, float], Any], signal: Floats, fs_hz: float) -> Any:
    if tally.heard_s == 0.0:
        work(signal[: int(WINDOW_s * fs_hz)], fs_hz)  # imports and compilation are nobody's speed
    start = time.process_time()
    found = work(signal, fs_hz)
    tally.spent_s += time.process_time() - start
    tally.heard_s += case.duration_s
    return found


def _count(tally: Tally, case: Case, found_s: Floats, reference_s: Floats, loose: float) -> None:
    found_s = found_s[found_s[:, 0] >= case.from_s]
    reference_s = reference_s[reference_s >= case.from_s]
    pairs = tally.add(found_s[:, 0], reference_s, loose)
    late = found_s[pairs[:, 0], 1] - reference_s[pairs[:, 1]]
    if np.isfinite(late).any():
        tally.latency.append(late)


def _count_pulses(tally: Tally, case: Case, found_s: Floats) -> None:
    """One pulse per R mark, where the pressure is there."""
    signal, fs_hz = case.pressure  # pyright: ignore[reportGeneralTypeIssues, reportOptionalIterable]
    r = case.r.times_s  # pyright: ignore[reportOptionalMemberAccess]
    whole = [np.isfinite(signal[int(t * fs_hz) : int((t + PULSE_WITHIN_s) * fs_hz)]).all() for t in r]
    r = r[np.array(whole, bool) & (r >= case.from_s)]
    found_s = found_s[found_s[:, 0] >= case.from_s]
    after = np.searchsorted(found_s[:, 0], r)
    delays = (found_s[np.minimum(after, len(found_s) - 1), 0] - r) if len(found_s) else np.zeros(0)
    near = delays[(delays > 0) & (delays < PULSE_WITHIN_s)]
    delay = float(np.median(near)) if len(near) else 0.0
    heard = np.array([np.isfinite(signal[int(at * fs_hz)]) for at in found_s[:, 0]], bool) if len(found_s) else np.zeros(0, bool)
    pairs = tally.add(found_s[heard, 0], r + delay)
    late = found_s[heard, 1][pairs[:, 0]] - found_s[heard, 0][pairs[:, 0]]
    if np.isfinite(late).any():
        tally.latency.append(late)


def _probe(peer: Peer, case: Case, tally: Tally) -> None:
    """How long after a beat the peer would show it, asked again with every delay on the last 10 s."""
    signal, fs_hz = case.lead  # pyright: ignore[reportGeneralTypeIssues, reportOptionalIterable]
    r = case.r.times_s  # pyright: ignore[reportOptionalMemberAccess]
    r = r[(r >= max(case.from_s, WINDOW_s)) & (r < case.duration_s - DELAYS_s[-1])]
    for beat in r[np.linspace(0, len(r) - 1, PROBED).astype(int)] if len(r) else ():
        seen = [_shows(peer, signal, fs_hz, beat, delay) for delay in DELAYS_s]
        if not seen[-1]:
            tally.never += 1
            continue
        first = len(seen) - next((k for k, one in enumerate(reversed(seen)) if not one), len(seen))
        tally.latency.append(np.array([DELAYS_s[first]]))


def _shows(peer: Peer, signal: Floats, fs_hz: float, beat_s: float, delay_s: float) -> bool:
    stop = int((beat_s + delay_s) * fs_hz)
    start = max(stop - int(WINDOW_s * fs_hz), 0)
    marks = ask(peer, signal[start:stop], fs_hz)
    return marks is not None and len(marks) > 0 and bool(np.abs((marks + start) / fs_hz - beat_s).min() <= LOOSE_s)


def foretold(tally: Tally) -> dict[str, Any]:
    """How far ahead of the notch its prediction was made (median), and how far off that was; nulls where nothing was foretold."""
    both = 1000 * np.concatenate(tally.foretold) if tally.foretold else np.zeros((0, 2))
    if not len(both):
        return {"lead_ms": None, "foretold": None}
    size = np.abs(both[:, 1])
    return {"lead_ms": float(np.median(both[:, 0])), "foretold": {"beats": len(both), "mae_ms": float(size.mean()), "p95_ms": float(np.percentile(size, 95))}}


def report(scored: Scored, *, causal: bool) -> dict[str, Any]:
    """The rows of one detector; null where it was not scored."""
    spent = sum(one.spent_s for one in scored)
    heard = sum(one.heard_s for one in scored)
    rows = {name: tally.row() for name, tally in scored._asdict().items()}
    for name, row in rows.items():
        if row is not None:
            row["silver"] = name != "r"
    if rows["notch"] is not None:
        rows["notch"] |= foretold(scored.notch)
    if rows["r"] is None and rows["r_silver"] is not None:
        rows["r"] = rows["r_silver"]
    failed = sum(one.failed for one in scored)
    return {"causal": causal, **rows, "failed_records": failed, "seconds_per_hour": 3600 * spent / heard if heard else None}
