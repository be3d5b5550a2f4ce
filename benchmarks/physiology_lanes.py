"""Many treatments of one patient side by side, without the balloon: what drugs, fluid and other support change against the same patient untreated."""

import numpy as np

from counterpulse.bed.beats import rows_of, summarise
from counterpulse.bed.channels import Wave
from counterpulse.bed.compare import slow_numbers
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.drugs import Dose, reach
from counterpulse.body.gas import no_catheter
from counterpulse.body.support import Support
from counterpulse.pump.settings import Settings
from plans import patient_of

CLOCK = clock_of(1000.0)
LANES = 8
SETTLE, TREATED, KEPT = 60_000, 90_000, 20_000


def treated(name, treatments, **fields):
    """Means of a patient untreated (first) and under each treatment, {field of Dose or Support: value}: drugs at once at their steady level, 90 s on."""
    patient = patient_of(name, **fields)
    rest = rests_of([patient])[0]
    means = []
    for first in range(0, len(treatments), LANES - 1):
        block = [{}, *treatments[first : first + LANES - 1]]
        means += lanes_of(patient, rest, block)[0 if first == 0 else 1 :]
    return means


def lanes_of(patient, rest, block):
    """One block: settle, treat, settle, keep."""
    bed = make_bed([patient] * LANES, [no_catheter()] * LANES, [Settings(standby=1)] * LANES, CLOCK, rests=[rest] * LANES)
    run(bed, CLOCK, SETTLE)
    for lane, treatment in enumerate(block):
        for field, value in treatment.items():
            (bed.dose if field in Dose.fields() else bed.support)[field][lane] = value
        Dose.check(bed.dose[lane]), Support.check(bed.support[lane])
        reach(bed.regulation[lane].drugs, bed.dose[lane], patient)
        bed.tone[lane].changed = 1
    run(bed, CLOCK, TREATED)
    trace = run(bed, CLOCK, KEPT, kept=True)
    return [means_of(trace, bed, lane, patient) for lane in range(len(block))]


def means_of(trace, bed, lane, patient):
    """The numbers of one lane; where the heart hardly ejects only what needs no beats."""
    wave = Wave(trace.signals[:, lane], trace.beat[:, lane], CLOCK.sample_s)
    cycles, rows = rows_of(wave, "root", float(patient.lv_v0_mL))
    mean = summarise(wave, rows, (cycles[0].opens, cycles[len(rows) - 1].ends)) if rows else {}
    plain = {"map_mmHg": "root", "pcwp_mmHg": "pv", "cvp_mmHg": "ra", "mean_pa_mmHg": "pa"}
    mean |= {key: float(getattr(wave, signal).mean()) for key, signal in plain.items()}
    mean |= slow_numbers(bed.regulation[lane], mean)
    mean["left_pump_flow_L_min"], mean["ecmo_flow_L_min"] = (float(getattr(wave, x).mean() * 0.06) for x in ("left_pump", "bypass"))
    mean["flow_L_min"] = float(np.mean(wave.aortic + wave.left_pump + wave.bypass) * 0.06)
    mean.setdefault("hr_per_min", 60.0 * float(trace.beat[-1, lane] - trace.beat[0, lane]) / (len(wave) * CLOCK.sample_s))
    mean["lv_volume_mL"], mean["pulse_mmHg"] = float(wave.lv_mL.max()), float(wave.root.max() - wave.root.min())
    mean["svr"] = (mean["map_mmHg"] - mean["cvp_mmHg"]) / max(mean["flow_L_min"], 0.1)
    return mean
