"""Fibrillation of atria or ventricles: a small irregular wave that squeezes nothing and fills the electrocardiogram. Hz, shares 0 to 1."""

from counterpulse.body.beat import AF, VF, Beat
from counterpulse.body.patient import Patient
from counterpulse.kernel import apart, rare
from counterpulse.noise import uniform

F_WAVE_HZ = 6.0  # atrial fibrillation, 4 to 9 Hz; assumed
VF_WAVE_HZ = 5.0  # ventricular fibrillation, 4 to 7 Hz; assumed
FIBRILLATING_ATRIUM = 0.05  # largest activation of a fibrillating atrium; assumed
FIBRILLATING_VENTRICLE = 0.03  # the same of a ventricle; assumed
ONSET_PER_S = 4.0  # fibrillation comes and goes within 1/4 s; assumed

_STREAM_WAVE = 103


@rare
def next_wave(patient: Patient, beat: Beat) -> None:
    """The fibrillation wave turns: draw its next height, on the other side of zero, and how long it takes to get there."""
    u = uniform(int(patient.seed), _STREAM_WAVE, 2 * int(beat.wave_count))
    w = uniform(int(patient.seed), _STREAM_WAVE, 2 * int(beat.wave_count) + 1)
    beat.wave_count += 1
    beat.wave_from = beat.wave_to
    beat.wave_to = (0.3 + 0.7 * u) * (1.0 if beat.wave_from <= 0.0 else -1.0)
    beat.wave_per_s = 2.0 * (VF_WAVE_HZ if beat.rhythm == VF else F_WAVE_HZ) / (0.7 + 0.6 * w)
    beat.wave_phase -= 1.0


@apart
def fibrillate(patient: Patient, beat: Beat, dt_s: float) -> None:
    """Fibrillation waves of atria or ventricles: small, irregular, without a jump when they begin or end."""
    step = ONSET_PER_S * dt_s
    af = step if beat.rhythm == AF else -step
    vf = step if beat.rhythm == VF else -step
    beat.af_level = min(max(beat.af_level + af, 0.0), 1.0)
    beat.vf_level = min(max(beat.vf_level + vf, 0.0), 1.0)
    beat.wave_phase += beat.wave_per_s * dt_s
    if beat.wave_phase >= 1.0:
        next_wave(patient, beat)
    x = min(max(beat.wave_phase, 0.0), 1.0)
    beat.wave = beat.wave_from + (beat.wave_to - beat.wave_from) * x * x * (3.0 - 2.0 * x)
    height = 0.5 + 0.5 * beat.wave
    atria = FIBRILLATING_ATRIUM * max(beat.af_level, beat.vf_level) * height
    ventricles = FIBRILLATING_VENTRICLE * beat.vf_level * height
    beat.atrial = beat.atrial + atria - beat.atrial * atria
    beat.ventricular = beat.ventricular + ventricles - beat.ventricular * ventricles
