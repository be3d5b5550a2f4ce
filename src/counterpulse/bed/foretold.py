"""The notch of a recording told before it comes: R waves and notches as the detectors find them, the prediction as the console makes it. For scores.

Each beat teaches once its notch has passed; nothing is known of it before. Knows no file and no reference. Units: mV, mmHg, Hz; marks are samples.
"""

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import kernel
from counterpulse.pump.settings import Trigger
from counterpulse.pump.timing import Expectation, expect_rr, expected_close, learn_close
from counterpulse.pump.trigger import Senses, sense_ecg, sense_pressure, senses
from counterpulse.signals.closure import DECIDED_LATE_S, begin_closure, end_closure, predict

Floats = NDArray[np.float64]
SHORTEST_N = 20  # no two beats lie nearer than this many samples
AHEAD_S = 0.048  # 40 ms and two working samples


def notches_foretold(lead_mV: Floats, pressure_mmHg: Floats, fs_hz: float, ahead_s: float = AHEAD_S) -> Floats:
    """Where each beat's notch was expected when that was `ahead_s` away, and the sample at which it was said; shape (beats, 2)."""
    n = min(len(lead_mV), len(pressure_mmHg))
    found = np.zeros((n // SHORTEST_N + 2, 2))
    lead, pressure = (np.ascontiguousarray(one[:n], np.float64) for one in (lead_mV, pressure_mmHg))
    return found[: _along(senses(fs_hz), Expectation(), lead, pressure, (fs_hz, ahead_s), found)]


@kernel
def _along(s: Senses, e: Expectation, lead: Floats, pressure: Floats, times: tuple[float, float], found: Floats) -> int:
    fs, ahead_s = times
    c = s.closure
    n, beat, said = 0, -1, 0
    for i in range(lead.shape[0]):
        sense_ecg(s, i, lead[i], 0, 0, Trigger.ECG)
        sense_pressure(s, i, pressure[i])
        if s.r_at >= 0:
            end_closure(c, c.closes_s, False)
            if beat >= 0:
                expect_rr(e, (s.r_at - beat) / fs)
            beat, said = s.r_at, 0
            begin_closure(c, expected_close(e, False), ahead_s, 0.0)
        if s.onset.new == 0 or beat < 0:
            continue
        predict(c, s.onset.thin.total, (i - 0.5 * (s.onset.thin.every - 1) - beat) / fs)
        if said == 0 and c.open_beat != 0 and c.decided_s >= 0.0 and e.close_n > 0:
            found[n, 0], found[n, 1], said = beat + (c.decided_s - DECIDED_LATE_S) * fs, i, 1
            n += 1
        if s.notch_at > beat and learn_close(e, (s.notch_at - beat) / fs, False):
            end_closure(c, (s.notch_at - beat) / fs, True)
    return n
