"""What the nets of `signals.uneven` and `signals.closed` are shown of drawn patients' root pressure, with what was so. For benchmarks/closure_nets.py. Units: s.

The pressure is that of each beat as it would have gone on without its inflation (`closure_patients`), so that it shows every closure whole.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from closure_patients import Seen
from closure_rows import BASE_SD_S, LEAST_BEATS, STEP_S, NOISE_mmHg, beats_of, begin, due, step, time_of
from counterpulse.body.gas import CATHETERS
from counterpulse.kernel import kernel
from counterpulse.pump.beat import HALF_STEP_S, LONG_EMPTY_S
from counterpulse.signals.closed import LEAST_FALL_mmHg, note_fall
from counterpulse.signals.closure import TOLD_S, closure_predictor, end_closure, latest_notch_s, listen_to
from counterpulse.signals.closure_nets import INPUTS, MARK_INPUTS
from counterpulse.signals.closure_state import PLACES
from counterpulse.signals.uneven import note_inputs

SLOPE_SD = 0.05  # what is expected before a beat is off by so much for a patient per second of R-R (assumed)


@dataclass
class Shown:
    """One patient."""

    inputs: Any  # rows x what `uneven.note_inputs` shows
    time_s: Any  # of a row, from the horizon before the expected closure
    late_s: Any  # closure less what was expected
    beat: Any
    falls: Any  # beats x what `closed.note_fall` shows
    off_s: Any  # closure less the fall
    horizon_s: float


@kernel
def watch(c, shown, beats, rows, falls):
    """Run the predictor along; `beats`: mark, base, horizon, extra, R-R, the one before, closure. Returns how many rows were kept."""
    kept = 0
    beat = -1
    told = True
    for k in range(shown.shape[0]):
        at = time_of(k)
        if due(beats, beat, at):
            end_closure(c, c.closes_s, False)
            beat += 1
            told = False
            c.uneven = 1
            begin(c, beats, beat)
        if not step(c, shown[k], beats, beat, at):
            continue
        age = at - beats[beat, 0]
        if c.fresh != 0 and age < beats[beat, 6]:
            note_inputs(c, shown[k], age)
            for i in range(INPUTS):
                rows[kept, i] = c.terms[i]
            rows[kept, INPUTS] = age - c.base_s + c.horizon_s
            rows[kept, INPUTS + 1] = beats[beat, 6] - c.base_s
            rows[kept, INPUTS + 2] = beat
            kept += 1
        if not told and age > latest_notch_s(c) + TOLD_S:
            told = True
            if c.steepest_s > 0.0 and c.rise_s > 0.0 and c.steepest_mmHg < -LEAST_FALL_mmHg:
                note_fall(c)
                for i in range(MARK_INPUTS):
                    falls[beat, i] = c.terms[i]
                falls[beat, MARK_INPUTS] = beats[beat, 6] - c.steepest_s
    return kept


def shown_of(one: Seen, seed: int) -> Shown | None:
    """Run the predictor along; None with too few beats."""
    b = beats_of(one)
    if len(b) < LEAST_BEATS:
        return None
    r = np.random.default_rng([seed, int(one.drawn.patient.seed)])
    base = np.polyval(np.polyfit(b[:, 1], b[:, 3], 1), b[:, 1]) + r.normal(0.0, BASE_SD_S) + r.normal(0.0, SLOPE_SD) * (b[:, 1] - b[:, 1].mean())
    horizon = 0.001 * CATHETERS[one.drawn.size].onset_ms + HALF_STEP_S
    table = np.c_[b[:, 0], base, np.full(len(b), horizon), np.clip(b[:, 5], 0.0, LONG_EMPTY_S), b[:, 1], b[:, 2], b[:, 3]]
    rows, falls = np.empty((len(b) * PLACES, INPUTS + 3)), np.full((len(b), MARK_INPUTS + 1), np.nan)
    c = closure_predictor(1.0 / STEP_S)
    listen_to(c, 0)
    c.lessons = 1  # the notch is looked for where it is expected
    rows = rows[: watch(c, np.ascontiguousarray(one.alone + r.normal(0.0, NOISE_mmHg, len(one.alone))), table, rows, falls)]
    falls = falls[np.isfinite(falls[:, MARK_INPUTS])]
    return Shown(rows[:, :INPUTS], rows[:, INPUTS], rows[:, INPUTS + 1], rows[:, INPUTS + 2].astype(int), falls[:, :MARK_INPUTS], falls[:, MARK_INPUTS], horizon)
