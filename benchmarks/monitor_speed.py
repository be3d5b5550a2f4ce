"""What the bedside costs: ns a sample of `monitor.show` beyond the heart's clock, at 1 kHz, clean and noisy. Limit: 20 ns clean."""

import time

from counterpulse.body.monitor import Truth, adjust, show, start_monitor
from counterpulse.body.patient import Patient, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.kernel import kernel
from counterpulse.signals.sample import Sample

LIMIT_ns = 20.0
SAMPLES, REPEATS = 8_000, 400  # the shortest of many short stretches: other processes then disturb least
FAULTS = {"clean": {}, "noise on all": {"noise_mV": 0.1, "noise_mmHg": 2.0}, "cautery": {"cautery": 1}}


@kernel
def along(heart, monitor, sample, n, seen):
    patient, tone, beat = heart
    total = 0.0
    p = 80.0
    for k in range(n):
        advance(patient, tone, beat, 0.001)
        p += 0.01 if k & 512 else -0.01
        if seen:
            show(monitor, beat, Truth(p, p + 1.0, p + 2.0, p + 3.0, p - 20.0, 0.0), sample)
            total += sample.ecg_mV[0] + sample.arterial_mmHg[2]
    return total


def cost_ns(settings, seen):
    who = Patient()
    tone, beat, monitor, sample = resting_tone(who), start_beat(who), start_monitor(1, 1000.0), Sample()
    for name, value in settings.items():
        adjust(monitor, name, value)
    along((who, tone, beat), monitor, sample, 1000, seen)
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        along((who, tone, beat), monitor, sample, SAMPLES, seen)
        best = min(best, time.perf_counter() - begin)
    return best / SAMPLES * 1e9


def main():
    clock = cost_ns({}, False)
    print(f"heart's clock alone       {clock:6.1f} ns a sample")
    for name, settings in FAULTS.items():
        shown = cost_ns(settings, True) - clock
        print(f"bedside, {name:16s} {shown:6.1f} ns a sample, {shown / LIMIT_ns:.2f} of the limit of {LIMIT_ns:g} ns")


if __name__ == "__main__":
    main()
