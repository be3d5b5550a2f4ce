"""The first beats after the pump is switched on: for studies that compared beats seconds apart, before reflex and filling have settled.

Knows beds and comparisons; no study. Seconds, samples.
"""

import numpy as np

from counterpulse.bed.channels import Wave
from counterpulse.bed.compare import TWIN, WITH, WITHOUT, Outcome, Plan, arm_of, beds_of, drift, lock_time, rested
from counterpulse.bed.run import finite, run
from counterpulse.bed.tick import Trace
from counterpulse.bed.timing import timing

WAIT_S = 5.0  # until the first inflation: a console that has watched the patient for a minute needs a beat or two
FILLED = 0.5  # of the largest volume


def at_once(plan: Plan, seconds: float) -> Outcome:
    """Settle with the console watching (standby), switch the pump on, and keep `seconds` from the first inflation on."""
    plan = rested(plan)
    bed, clock = beds_of(plan, 0)
    for lane in (WITH, TWIN):
        bed.settings[lane].standby = 1
    lock = lock_time(bed, clock, plan)
    run(bed, clock, round(plan.settle_s * plan.fs_hz))
    for lane in (WITH, TWIN):
        bed.settings[lane].standby = 0
    trace = run(bed, clock, round((WAIT_S + seconds) * plan.fs_hz), kept=True)
    balloon = Wave(trace.signals[:, WITH], trace.beat[:, WITH], clock.sample_s).balloon_mL
    first = int(np.argmax(balloon > max(FILLED * float(balloon.max()), 1.0)))
    trace = Trace(*(part[first : first + round(seconds * plan.fs_hz)] for part in trace))
    without, assisted = (arm_of(trace, bed, lane, plan, None) for lane in (WITHOUT, WITH))
    twin = Wave(trace.signals[:, TWIN], trace.beat[:, TWIN], clock.sample_s)
    told = timing(assisted.wave, twin, int(plan.settings.ratio), lock)
    faults = [] if finite(bed).all() else ["the simulation left the range of numbers"]
    return Outcome(plan, clock, without, assisted, twin, trace, told, {"beat_to_beat": drift(assisted)}, faults, int(bed.pump[WITH].count))
