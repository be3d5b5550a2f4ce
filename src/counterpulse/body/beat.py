"""The state of the heart's clock: one record that `rhythm`, `intervals`, `chest` and `fibrillation` move on. Units: s, 1/min, mmHg; shares 0 to 1."""

from counterpulse.body.patient import Rhythm
from counterpulse.record import Record

NEVER_S = 1e9  # a clock that is not running
LONG_AGO_S = 1e3  # age of what has not happened yet

SINUS = int(Rhythm.SINUS)
AF = int(Rhythm.ATRIAL_FIBRILLATION)
PACED_VENTRICULAR = int(Rhythm.PACED_VENTRICULAR)
PACED_SEQUENTIAL = int(Rhythm.PACED_SEQUENTIAL)
VF = int(Rhythm.VENTRICULAR_FIBRILLATION)


class Beat(Record):
    """The heart's clock of one patient. The first block is for others to read; the rest is how the clock goes on."""

    atrial: float = 0.0  # activation, 0 to 1
    ventricular: float = 0.0  # activation, 0 to 1
    intrathoracic_mmHg: float = 0.0
    p_age_s: float = LONG_AGO_S  # since the last P wave began
    qrs_age_s: float = LONG_AGO_S  # since the last QRS began
    rr_s: float = 1.0  # R-R that led to the current beat
    force: float = 1.0  # share of full force the current beat has (restitution)
    breath: float = 0.0  # -1 inspired to 1 expired
    compression: float = 0.0  # chest compression, 0 to 1
    wave: float = 0.0  # fibrillation wave, -1 to 1
    af_level: float = 0.0  # how far the atria fibrillate, 0 to 1
    vf_level: float = 0.0  # how far the ventricles fibrillate, 0 to 1
    number: int = 0  # QRS complexes so far
    ectopic: int = 0  # current QRS is ventricular ectopic or paced
    wide: int = 0  # current QRS is wide: ectopic, paced or bundle branch block
    spike: int = 0  # pacing spike in this sample
    sample: int = 0
    # clocks
    rhythm: int = 0  # in force; Tone.rhythm is what is asked for
    until_p_s: float = NEVER_S
    until_qrs_s: float = NEVER_S
    until_ectopic_s: float = NEVER_S
    blocked: int = 0  # the next P is not conducted
    draws: int = 0
    breath_phase: float = 0.0
    compression_phase: float = 0.0
    compressing_per_min: float = 0.0
    compressing_mmHg: float = 0.0
    wave_from: float = 0.0
    wave_to: float = 0.0
    wave_phase: float = 1.0
    wave_per_s: float = 0.0
    wave_count: int = 0
    # two contractions of each chamber: time since they began, 1 / length, force
    v_age_s: float = LONG_AGO_S
    v_per_s: float = 1.0
    v_force: float = 0.0
    v_old_age_s: float = LONG_AGO_S
    v_old_per_s: float = 1.0
    v_old_force: float = 0.0
    a_age_s: float = LONG_AGO_S
    a_per_s: float = 1.0
    a_old_age_s: float = LONG_AGO_S
    a_old_per_s: float = 1.0
