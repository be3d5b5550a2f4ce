"""What a patient shows at rest: a minute without pump, drugs and reflex, then weighted means over many beats. The reference of `body.regulation`.

Means are weighted by a window that starts and ends at nothing (Hann), so that a beat more or less at its ends does not matter. Knows beds; no files.
"""

from collections.abc import Sequence

import numpy as np

from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.tick import Bed, Clock
from counterpulse.body.gas import no_catheter
from counterpulse.body.lanes import LANES
from counterpulse.body.patient import Patient
from counterpulse.body.regulation import Rest
from counterpulse.body.state import AT
from counterpulse.pump.settings import Settings

SETTLE_S = 60.0
WINDOW_S = 20.0
PIECES = 40
SEEN = {"map_mmHg": "root", "cvp_mmHg": "ra", "coronary": "coronary"}
TOTALS = {"map_mmHg": AT.total_root, "cvp_mmHg": AT.total_ra, "coronary": AT.total_coronary}


def rests_of(patients: Sequence[Patient], fs_hz: float = 1000.0, settle_s: float = SETTLE_S, lanes: int = LANES) -> list[Rest]:
    """Run patients at rest, `lanes` side by side, and return what each shows."""
    clock = clock_of(fs_hz)
    rests: list[Rest] = []
    for first in range(0, len(patients), lanes):
        block = list(patients[first : first + lanes])
        bed = resting_bed(block, clock, lanes)
        run(bed, clock, round(settle_s * fs_hz))
        rests += measure(bed, clock)[: len(block)]
    return rests


def resting_bed(patients: Sequence[Patient], clock: Clock, lanes: int) -> Bed:
    """Patients alone, lanes filled up with the first."""
    full = [*patients, *[patients[0]] * (lanes - len(patients))]
    return make_bed(full, [no_catheter()] * lanes, [Settings(standby=1)] * lanes, clock)


def measure(bed: Bed, clock: Clock) -> list[Rest]:
    """Run a settled bed on for WINDOW_S and return what each lane shows at rest."""
    piece = round(WINDOW_S / PIECES / clock.sample_s)
    rows = list(TOTALS.values())
    seen, used = [bed.w[rows].copy()], []
    for _ in range(PIECES):
        run(bed, clock, piece)
        seen.append(bed.w[rows].copy())
        used.append(bed.regulation.oxygen.loaded_mL_min.copy())
    weight = np.hanning(PIECES + 2)[1:-1]
    rates = np.diff(np.array(seen, np.float64), axis=0) / float(piece * clock.sample_s)
    mean = dict(zip(TOTALS, np.average(rates, axis=0, weights=weight), strict=True))
    loaded = np.average(np.array(used), axis=0, weights=weight)
    return [rest_of(bed, lane, {name: float(values[lane]) for name, values in mean.items()}, float(loaded[lane])) for lane in range(len(bed.patient))]


def rest_seen(bed: Bed, lane: int, wave: Wave) -> Rest:
    """What a settled lane without a pump showed at rest in a stretch that was kept and has just ended."""
    weight = np.hanning(len(wave) + 2)[1:-1]
    mean = {name: float(np.average(getattr(wave, channel), weights=weight)) for name, channel in SEEN.items()}
    return rest_of(bed, lane, mean, float(bed.regulation[lane].oxygen.loaded_mL_min))


def rest_of(bed: Bed, lane: int, mean: dict[str, float], loaded: float) -> Rest:
    """One lane's rest."""
    aim = float(bed.patient[lane].coronary_demand_mL_min) / 60.0
    slow = bed.regulation[lane]
    return Rest(
        known=1,
        map_mmHg=mean["map_mmHg"],
        cvp_mmHg=mean["cvp_mmHg"],
        loaded_mL_min=loaded,
        met=mean["coronary"] / aim,
        coronary_tone=slow.oxygen.tone,
        svo2=slow.oxygen.svo2,
        lactate_mmol_L=slow.perfusion.lactate_settles_mmol_L,
    )
