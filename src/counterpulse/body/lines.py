"""From an artery to what is shown of it: line, zero and level error, noise, rails, steps.

A line is a second-order system (natural frequency, damping), solved exactly for one sample.

The pressure at the line's mouth is taken as straight between samples; the solution of p'' + 2 z w p' + w^2 p = w^2 u for that is exact, hence
stable at any sampling rate and any stiffness, and a steady pressure comes through unchanged. Hz, s, mmHg. Knows no artery.
"""

import math

from counterpulse.body.bedside import Monitor, Truth
from counterpulse.kernel import apart, inline, kernel, rare
from counterpulse.noise import draw, uniform
from counterpulse.signals.sample import Sample

TWO_PI = 6.283185307179586
COLUMN_mmHg_PER_CM = 0.7356  # 1 cm of water
BAG_mmHg = 300.0  # pressure bag behind the flush valve
BALLOON_RANGE_mmHg = 500.0  # the console's own transducer, either way; assumed
STREAM_PRESSURE, STREAM_CAUTERY = 202, 203
CAUTERY_BURST_S = 0.5  # cautery is on or off for this long at a time; assumed
CAUTERY_SHARE = 0.7  # share of bursts that are on; assumed
CAUTERY_mmHg = 2.0  # SD of what it puts on a pressure; assumed
PER_SD_8 = 1.0 / 73.9  # eight random bits, 0 to 255 about 127.5, have SD 73.9
ROUND = 6755399441055744.0  # 1.5 * 2**52: adding and taking it off rounds to a whole number


@inline
def decay(natural_Hz: float, damping: float, dt_s: float) -> tuple[float, float]:
    """exp(-z w dt) times (cosine part, sine part / its frequency) of the free motion; hyperbolic ones when overdamped."""
    w = TWO_PI * natural_Hz
    s = damping * w * dt_s
    x = (1.0 - damping * damping) * (w * dt_s) * (w * dt_s)  # (damped frequency times dt) squared, negative when overdamped
    if x > 1e-3:
        g = math.sqrt(x)
        fall = math.exp(-s)
        return fall * math.cos(g), fall * math.sin(g) / g * dt_s
    if x < -1e-3:
        g = math.sqrt(-x)
        slow, fast = math.exp(g - s), math.exp(-g - s)
        return 0.5 * (slow + fast), 0.5 * (slow - fast) / g * dt_s
    fall = math.exp(-s)  # near critical damping: series, next term below 1e-13
    cosine = 1.0 - x / 2.0 * (1.0 - x / 12.0 * (1.0 - x / 30.0))
    sine = 1.0 - x / 6.0 * (1.0 - x / 20.0 * (1.0 - x / 42.0))
    return fall * cosine, fall * sine * dt_s


@kernel
def transition(natural_Hz: float, damping: float, dt_s: float) -> tuple[float, float, float, float, float]:
    """The four numbers that carry (p - u, p') one sample on, and the lag 2 z / w in s behind a steady slope."""
    w = TWO_PI * natural_Hz
    c, s = decay(natural_Hz, damping, dt_s)
    side = damping * w * s
    return c + side, s, -w * w * s, c - side, 2.0 * damping / max(w, 1e-9)


@inline
def to_steps(value: float, per_unit: float, step: float) -> float:
    """Rounded to whole steps (`step` is 1 / `per_unit`). Doing it twice changes nothing."""
    return (value * per_unit + ROUND - ROUND) * step


@inline
def clip(value: float, low: float, high: float) -> float:
    """Between the rails; NaN stays."""
    value = low if value < low else value
    return high if value > high else value


@rare
def refresh_lines(monitor: Monitor) -> None:
    """Coefficients of the lines for one sample: (p - u, p') from themselves and from the step of u, and the sum of the errors."""
    noisy = monitor.cautery
    plain = 1
    for i in range(4):
        a, b, c, d, lag = transition(monitor.natural_Hz[i], monitor.damping[i], monitor.dt_s)
        monitor.from_off[0, i], monitor.from_off[1, i] = a, c
        monitor.from_slope[0, i], monitor.from_slope[1, i] = b, d
        # with u rising by s a second (p - u) settles at -lag s: the deviation from that is what moves freely
        monitor.from_mouth[0, i], monitor.from_mouth[1, i] = (a * lag - b - lag) * monitor.per_s, (c * lag - d + 1.0) * monitor.per_s
        monitor.error_mmHg[i] = monitor.zero_mmHg[i] + COLUMN_mmHg_PER_CM * monitor.level_cm[i]
        if monitor.noise_mmHg[i] > 0.0:
            noisy = 1
        if monitor.connected[i] == 0 or monitor.flush[i] != 0:
            plain = 0
    monitor.noisy_lines = noisy
    monitor.plain_lines = 0 if noisy else plain
    monitor.running = 0


@inline
def through_line(monitor: Monitor, i: int, mouth: float) -> float:
    """Carry line `i` one sample on, its mouth moving straight to `mouth`; returns what the transducer makes of it."""
    step = mouth - monitor.mouth_mmHg[i]
    off, slope = monitor.off_mmHg[i], monitor.slope_mmHg_s[i]
    now = monitor.from_off[0, i] * off + monitor.from_slope[0, i] * slope + monitor.from_mouth[0, i] * step
    monitor.slope_mmHg_s[i] = monitor.from_off[1, i] * off + monitor.from_slope[1, i] * slope + monitor.from_mouth[1, i] * step
    monitor.off_mmHg[i] = now
    monitor.mouth_mmHg[i] = mouth
    return mouth + now + monitor.error_mmHg[i]


@inline
def show_pressures(monitor: Monitor, truth: Truth, sample: Sample) -> None:
    """All four arterial lines and the console's balloon transducer."""
    per_unit, step, low, high = monitor.pressure_steps_per_mmHg, monitor.mmHg_per_step, monitor.pressure_low_mmHg, monitor.pressure_high_mmHg
    total = truth.root + truth.lumen + truth.radial + truth.femoral
    if monitor.running and total == total:  # noqa: PLR0124  NaN is no pressure
        # one by one: a loop over the four takes a fifth longer
        sample.arterial_mmHg[0] = to_steps(clip(through_line(monitor, 0, truth.root), low, high), per_unit, step)
        sample.arterial_mmHg[1] = to_steps(clip(through_line(monitor, 1, truth.lumen), low, high), per_unit, step)
        sample.arterial_mmHg[2] = to_steps(clip(through_line(monitor, 2, truth.radial), low, high), per_unit, step)
        sample.arterial_mmHg[3] = to_steps(clip(through_line(monitor, 3, truth.femoral), low, high), per_unit, step)
    else:
        show_troubled_lines(monitor, truth, sample)
    shown = to_steps(clip(truth.balloon + monitor.balloon_zero_mmHg, -BALLOON_RANGE_mmHg, BALLOON_RANGE_mmHg), per_unit, step)
    sample.balloon_mmHg = shown if monitor.balloon_connected else math.nan


@apart
def show_troubled_lines(monitor: Monitor, truth: Truth, sample: Sample) -> None:
    """The lines one by one: first samples, missing pressures, flush, noise. A line that is not connected rests."""
    per_unit, step, low, high = monitor.pressure_steps_per_mmHg, monitor.mmHg_per_step, monitor.pressure_low_mmHg, monitor.pressure_high_mmHg
    bits = draw(int(monitor.seed), STREAM_PRESSURE, int(monitor.sample)) if monitor.noisy_lines else 0
    extra = CAUTERY_mmHg if cauterised(monitor) else 0.0
    monitor.running = monitor.plain_lines
    for i in range(4):
        mouth = BAG_mmHg if monitor.flush[i] else truth[i]
        sample.arterial_mmHg[i] = math.nan
        if monitor.connected[i] == 0:
            monitor.mouth_mmHg[i] = math.nan
        if monitor.connected[i] == 0 or mouth != mouth:  # noqa: PLR0124  NaN: no true pressure
            monitor.running = 0
            continue
        if monitor.mouth_mmHg[i] != monitor.mouth_mmHg[i]:
            monitor.mouth_mmHg[i], monitor.off_mmHg[i], monitor.slope_mmHg_s[i] = mouth, 0.0, 0.0
        value = through_line(monitor, i, mouth)
        if monitor.noisy_lines:
            value += (((bits >> (8 * i)) & 0xFF) - 127.5) * PER_SD_8 * (monitor.noise_mmHg[i] + extra)
        sample.arterial_mmHg[i] = to_steps(clip(value, low, high), per_unit, step)


@inline
def cauterised(monitor: Monitor) -> bool:
    """Whether a cautery burst is on in this sample."""
    if monitor.cautery == 0:
        return False
    burst = int(monitor.sample * monitor.dt_s * (1.0 / CAUTERY_BURST_S))
    return uniform(int(monitor.seed), STREAM_CAUTERY, burst) < CAUTERY_SHARE
