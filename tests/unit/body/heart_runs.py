"""Long runs of the heart's clock, compiled, and what was seen in them."""

import numpy as np

from counterpulse.body.patient import Patient, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.kernel import kernel

COLUMNS = ("ventricular", "atrial", "number", "rr_s", "ectopic", "intrathoracic", "p_age", "qrs_age", "spike", "force")


@kernel
def follow(patient, tone, beat, dt_s, seen):
    for k in range(len(seen)):
        advance(patient, tone, beat, dt_s)
        seen[k, 0], seen[k, 1], seen[k, 2], seen[k, 3], seen[k, 4] = beat.ventricular, beat.atrial, beat.number, beat.rr_s, beat.ectopic
        seen[k, 5], seen[k, 6], seen[k, 7], seen[k, 8], seen[k, 9] = beat.intrathoracic_mmHg, beat.p_age_s, beat.qrs_age_s, beat.spike, beat.force


class Run:
    """A patient followed for some seconds; columns by name, beats by index."""

    def __init__(self, seconds, fs_hz=1000.0, tone=None, **patient):
        self.patient = Patient(**patient)
        self.tone = resting_tone(self.patient)
        for name, value in (tone or {}).items():
            self.tone[name] = value
        self.beat = start_beat(self.patient)
        self.fs_hz = fs_hz
        self.go(seconds)

    def go(self, seconds):
        self.seen = np.zeros((round(seconds * self.fs_hz), len(COLUMNS)))
        follow(self.patient, self.tone, self.beat, 1.0 / self.fs_hz, self.seen)
        return self

    def __getattr__(self, name):
        return self.seen[:, COLUMNS.index(name)]

    @property
    def beats(self):
        """Samples at which a QRS begins, the first left out."""
        return np.flatnonzero(np.diff(self.number) > 0) + 1

    @property
    def rr(self):
        return self.rr_s[self.beats][1:]
