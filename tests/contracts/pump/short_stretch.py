"""Runs the console along a short hard stretch and prints a hash of all it commanded and remembers: the same compiled and plain."""

import hashlib
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import heartbeat

from counterpulse.pump.control import start_pump
from counterpulse.pump.settings import Settings

digest = hashlib.sha256()
for trigger in range(8):
    for fs in (125.0, 500.0):
        rows = heartbeat.bedside(heartbeat.beat_times(14, 0.6, 0.1), 14, fs, trigger=trigger)
        rows.ecg_mV[int(8.5 * fs) : int(8.7 * fs), 0] = np.nan
        rows.arterial_mmHg[int(9.5 * fs) : int(9.7 * fs), 0] = 300.0
        settings = Settings(trigger=trigger, deflation=int(fs > 200))
        pump = start_pump(settings, fs)
        valve, beats = heartbeat.along(settings, pump, rows)
        digest.update(valve.tobytes() + beats.tobytes() + pump.tobytes())
        assert pump.inflations > 1, (trigger, fs)
sys.stdout.write(digest.hexdigest())
