"""The coronary bed: arteries, a bed that the contracting ventricle squeezes (Spaan 1985 Circ Res 56:293), and autoregulation of its tone.

Knows its own resistances and the demand it is told; no oxygen yet. mmHg, mL, s.
"""

from counterpulse.kernel import inline

ARTERY_COMPLIANCE = 0.004  # mL/mmHg, epicardial arteries (assumed)
BED_COMPLIANCE = 0.10  # mL/mmHg, squeezed bed (assumed; Spaan 1985: 0.05-0.15 mL/mmHg/100 g)
ARTERY_RESISTANCE = 2.0  # mmHg s/mL, epicardial arteries without disease (assumed)
INFLOW_SHARE = 0.72  # of the bed's resting resistance lies before the squeezed volume (assumed)
TONE_RATE = 0.2  # 1/s: tone follows a lack of flow with about 5 s (Dankelman 1989 J Physiol 408:295: half-times 2-6 s; certainty low)
TONE_MOST = 3.0  # constriction beyond rest is limited (assumed)


@inline
def autoregulate(tone: float, excess: float, rate: float, least: float) -> float:
    """Resistance factor one step on: too much flow constricts, too little dilates, down to the end of the reserve."""
    moved = tone * (1.0 + rate * (excess if excess < 2.0 else 2.0))
    moved = moved if moved > least else least
    return moved if moved < TONE_MOST else TONE_MOST
