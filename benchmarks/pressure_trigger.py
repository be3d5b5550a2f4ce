"""The pressure trigger against a twin without inflation, by pressure source: share of beats assisted, errors of filling and emptying.

Usage: python benchmarks/pressure_trigger.py

Six presets at 60, 80 (five ectopics a minute) and 105 a minute, a minute each at 250 Hz, the source's delay as assumed at the start; from 15 s on. Errors in ms, late is positive.
"""

import numpy as np

from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.safety import AORTIC, THIRDS
from counterpulse.bed.timing import balloon_cycles, nearest
from counterpulse.cohort.scenario import Scenario, parts_of
from counterpulse.pump.settings import SOURCE_DELAY_ms, Trigger
from plans import table

FS_HZ, SECONDS, FROM_S, REACH_S = 250.0, 60.0, 15.0, 0.35
PRESETS = ("hf-shock", "high-risk-pci", "healthy", "ami-shock", "stiff-aorta", "aortic-regurgitation")
HEARTS = ((60.0, 0.0), (80.0, 5.0), (105.0, 0.0))
PLACES = ("root", "lumen", "radial", "femoral")


def timed(preset, source, heart, seed):
    """Beats, errors of filling and of emptying of one patient beside its twin."""
    person = {"heart_rate_per_min": heart[0], "ectopics_per_min": heart[1], "systole_variability": 0.04, "delay_variability_s": 0.004}
    console = {"pressure_source": source, "source_delay_ms": SOURCE_DELAY_ms[source], "trigger": int(Trigger.PRESSURE)}
    parts, clock = [parts_of(Scenario(preset, seed=seed, fs_hz=FS_HZ, person=person, settings=console))] * 2, clock_of(FS_HZ)
    patients, catheters, settings = ([one[k] for one in parts] for k in range(3))
    bed = make_bed(patients, catheters, settings, clock, [-1, 0], rests=rests_of(patients[:1], FS_HZ, lanes=1) * 2)
    signals = run(bed, clock, round(SECONDS * FS_HZ), kept=True).signals
    flow = signals[:, 1, AORTIC] > 1.0
    ups, downs = np.flatnonzero(~flow[:-1] & flow[1:]), np.flatnonzero(flow[:-1] & ~flow[1:])
    beats = [(up, downs[downs > up][0]) for up in ups if (downs > up).any() and downs[downs > up][0] - up > 0.08 * FS_HZ]
    opens, closes = (np.array(one, float) for one in zip(*beats, strict=True))
    cycles = [one for one in balloon_cycles(signals[:, 0, list(THIRDS)].sum(axis=1).astype(float)) if one[0] > FROM_S * FS_HZ]
    errors = lambda events, k: [nearest(events, one[k], REACH_S * FS_HZ) * 1000.0 / FS_HZ for one in cycles]  # noqa: E731
    return int((opens > FROM_S * FS_HZ).sum()), errors(closes, 0), errors(opens, 1)


def main():
    rows = []
    for source, place in enumerate(PLACES):
        found = [timed(preset, source, heart, 11 + k) for k, (preset, heart) in enumerate((p, h) for p in PRESETS for h in HEARTS)]
        filled, emptied = (np.array([error for one in found for error in one[k]]) for k in (1, 2))
        share = len(filled) / sum(one[0] for one in found)
        rows.append([place, f"{100 * share:.0f} %", f"{np.nanmean(filled):+.0f} ± {np.nanstd(filled):.0f}", f"{np.nanmean(emptied):+.0f}", f"{100 * np.mean(emptied > 20):.1f} %"])
    print(table(["pressure", "assisted", "filled, ms", "emptied, ms", "emptied over 20 ms late"], rows))


if __name__ == "__main__":
    main()
