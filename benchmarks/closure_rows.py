"""What `signals.closure` sees of drawn patients, row by row, with what was so: the material of benchmarks/closure_prior.py. Units: s."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from closure_patients import EVERY, Seen
from counterpulse.body.gas import CATHETERS
from counterpulse.kernel import inline, kernel
from counterpulse.pump.beat import HALF_STEP_S, LONG_EMPTY_S
from counterpulse.pump.ping import LISTEN_S
from counterpulse.signals.closure import PAST, begin_closure, closure_predictor, end_closure, fill_terms, listen_to, predict
from counterpulse.signals.closure_prior import FEATURES
from counterpulse.signals.closure_state import PLACES

NOISE_mmHg = 0.05  # SD added to a working sample, so that no weight hangs on more than a transducer can show (assumed)
BASE_SD_S = 0.006  # the expectation before the beat is off by so much for a patient (assumed)
KNOWN_AFTER_S = 0.04  # an R wave is known so long after it
LEAST_BEATS = 50
STEP_S = 0.001 * EVERY


@dataclass
class Rows:
    """One patient as one source shows it."""

    away: Any  # rows x features, as they are (no scale)
    time_s: Any  # of a row, from the horizon before the expected closure
    late_s: Any  # closure less what was expected
    beat: Any
    horizon_s: float


@inline
def time_of(k):
    """When working sample `k` was seen, s."""
    return (EVERY * k + 0.5 * (EVERY - 1)) * 0.001


@inline
def due(beats, beat, at):
    """Whether the beat after `beat` is known at a time."""
    return beat + 1 < beats.shape[0] and at >= beats[beat + 1, 0] + KNOWN_AFTER_S


@inline
def begin(c, beats, beat):
    """Let the predictor begin with a beat."""
    c.rr_s, c.rr_before_s = beats[beat, 4], beats[beat, 5]
    begin_closure(c, beats[beat, 1], beats[beat, 2], beats[beat, 3])


@inline
def step(c, mmHg, beats, beat, at):
    """One working sample; true once there is a beat to predict."""
    if beat < 0:
        c.past[c.now & PAST] = mmHg
        c.now += 1
        return False
    predict(c, mmHg, at - beats[beat, 0])
    return True


@kernel
def watch(c, shown, beats, rows):
    """Run the predictor along; `beats`: mark, base, horizon, extra, R-R, the one before, closure, clear until. Returns how many rows were kept."""
    kept = 0
    beat = -1
    for k in range(shown.shape[0]):
        at = time_of(k)
        if due(beats, beat, at):
            if beat >= 0:
                for place in range(c.place + 1):
                    age = c.rows_s[place]
                    if age >= 0.0 and c.seen[place] >= 3 and age < beats[beat, 7]:
                        fill_terms(c, place)
                        for i in range(FEATURES):
                            rows[kept, i] = c.rows[place, i] - c.usual[place, i]
                        rows[kept, FEATURES] = age - c.base_s + c.horizon_s
                        rows[kept, FEATURES + 1] = beats[beat, 6] - c.base_s
                        rows[kept, FEATURES + 2] = beat
                        kept += 1
                end_closure(c, beats[beat, 6], False)
            beat += 1
            begin(c, beats, beat)
        step(c, shown[k], beats, beat, at)
    return kept


def beats_of(one: Seen) -> Any:
    """Mark, R-R, the one before, closure after the mark, drive after the mark, balloon told to empty before the mark, onset after the mark; s."""
    found = []
    r = one.r.astype(float)
    for k in range(2, len(r) - 1):
        j = int(np.searchsorted(one.closes, r[k] + 120.0))
        if j >= len(one.closes) or one.closes[j] - r[k] > 600.0 or one.closes[j] > r[k + 1] + 60.0 or not r[k] - 30.0 < one.opens[j] < one.closes[j]:
            continue
        drive, onset = (next(iter(times[(times > r[k]) & (times < r[k + 1] + 100.0)]), np.inf) for times in (one.drives, one.onsets))
        emptied = one.vacuums[(one.vacuums <= r[k] + 40.0)]
        found.append((r[k], r[k] - r[k - 1], r[k - 1] - r[k - 2], one.closes[j] - r[k], drive - r[k], r[k] - emptied[-1] if len(emptied) else 1e6, onset - r[k]))
    return 0.001 * np.array(found).reshape(-1, 7)


def ping(one: Seen, source: int) -> float:
    """How late the source shows the balloon's rise: median over the inflations, s."""
    if source == 0 or not len(one.onsets):
        return 0.0
    rise = one.shown[4:, source] - one.shown[:-4, source]
    found = []
    for onset in one.onsets:
        first, last = int((onset + 8.0) / EVERY), int((onset + 1000.0 * LISTEN_S[source]) / EVERY)
        if last + 4 < len(rise):
            found.append((int(np.argmax(rise[first:last])) + first + 4) * EVERY + 1.5 - onset - 8.0)
    return 0.001 * float(np.median(found)) if found else np.nan


def rows_of(one: Seen, source: int, seed: int) -> Rows | None:
    """Run the predictor along one source; None with too few beats or no inflation."""
    b = beats_of(one)
    late_s = ping(one, source)
    if len(b) < LEAST_BEATS or not np.isfinite(late_s):
        return None
    r = np.random.default_rng([seed, int(one.drawn.patient.seed), source])
    base = np.polyval(np.polyfit(b[:, 1], b[:, 3], 1), b[:, 1]) + r.normal(0.0, BASE_SD_S)
    horizon = 0.001 * CATHETERS[one.drawn.size].onset_ms + HALF_STEP_S + late_s
    clear = np.minimum(b[:, 6] - 0.005, b[:, 3] + 0.03) + late_s
    table = np.c_[b[:, 0], base + late_s, np.full(len(b), horizon), np.clip(b[:, 5], 0.0, LONG_EMPTY_S), b[:, 1], b[:, 2], b[:, 3] + late_s, clear]
    shown = np.ascontiguousarray(one.shown[:, source] + r.normal(0.0, NOISE_mmHg, len(one.shown)))
    rows = np.empty((len(b) * PLACES, FEATURES + 3))
    c = closure_predictor(1.0 / STEP_S)
    listen_to(c, source)
    rows = rows[: watch(c, shown, table, rows)]
    return Rows(rows[:, :FEATURES], rows[:, FEATURES], rows[:, FEATURES + 1], rows[:, FEATURES + 2].astype(int), horizon)
