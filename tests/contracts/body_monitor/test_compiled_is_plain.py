"""The clock and the bedside give the same bits compiled and with the compiler switched off."""

import hashlib
import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib
from counterpulse.body.monitor import Truth, adjust, show, start_monitor
from counterpulse.body.patient import Patient, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.signals.sample import Sample

digest = hashlib.sha256()
for rhythm in range(6):
    patient = Patient(rhythm=rhythm, rr_variability=0.15, ectopics_per_min=25.0, heart_rate_per_min=95.0, seed=4000000000 + rhythm)
    tone, beat, monitor, sample = resting_tone(patient), start_beat(patient), start_monitor(5, 250.0), Sample()
    for k in range(1500):
        if k == 500:
            tone.compressions_per_min = 100.0
            adjust(monitor, "noise_mV", 0.05)
            adjust(monitor, "noise_mmHg", 0.7)
            adjust(monitor, "mains_mV", 0.1)
            adjust(monitor, "cautery", 1)
            adjust(monitor, "damping", 1.3, 2)
        if k == 1000:
            tone.rhythm = (rhythm + 2) % 6
        advance(patient, tone, beat, 0.004)
        p = 70.0 + 50.0 * beat.ventricular
        show(monitor, beat, Truth(p, p - 1.0, p + 2.0, p + 3.0, 0.1 * p, 0.0), sample)
        digest.update(beat.tobytes() + monitor.tobytes() + sample.tobytes())
print(digest.hexdigest())
"""


def bits(**environment):
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=os.environ | environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_compiled_and_plain_give_the_same_bits():
    compiled, plain = bits(NUMBA_DISABLE_JIT="0"), bits(NUMBA_DISABLE_JIT="1")
    assert len(compiled) == hashlib.sha256().digest_size * 2
    assert compiled == plain
