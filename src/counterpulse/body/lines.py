"""What lies between an artery and its transducer: a second-order system (natural frequency, damping), solved exactly for one sample.

The pressure at the line's mouth is taken as straight between samples; the solution of p'' + 2 z w p' + w^2 p = w^2 u for that is exact, hence
stable at any sampling rate and any stiffness, and a steady pressure comes through unchanged. Hz, s, mmHg. Knows no artery and no noise.
"""

import math

from counterpulse.kernel import inline, kernel

TWO_PI = 6.283185307179586


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
