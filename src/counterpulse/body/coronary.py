"""The coronary bed: arteries, a wall in three layers that the contracting ventricle squeezes shut (a waterfall), its veins, and autoregulation of its tone.

Each layer carries a third of the bed; its vessels close where their pressure falls to that of the tissue around them, which is highest under the endocardium
(Downey and Kirk 1975 Circ Res 36:753), or to a closing pressure of their own. So flow is had in diastole and deep layers have none in systole. Blood that has
passed lies in squeezed veins (Spaan 1985 Circ Res 56:293). Knows its own resistances and the demand it is told; no oxygen. mmHg, mL, s.
"""

from counterpulse.kernel import inline

ARTERY_COMPLIANCE = 0.004  # mL/mmHg, epicardial arteries (assumed)
BED_COMPLIANCE = 0.10  # mL/mmHg, squeezed veins (assumed; Spaan 1985: 0.05-0.15 mL/mmHg/100 g)
ARTERY_RESISTANCE = 2.0  # mmHg s/mL, epicardial arteries without disease (assumed)
VENOUS_SHARE = 0.28  # of the bed's resting resistance lies again between squeezed volume and sinus (assumed)
CLOSING_MMHG = 20.0  # flow stops here in diastole: 10 to 20 dilated, 30 to 45 with tone (Bellamy 1978 Circ Res 43:92, Klocke 1985 Circ Res 56:310; from memory)
REFERENCE_MMHG = 80.0  # arterial pressure in diastole at which a bed of tone 1 passes its demand (assumed)
DEEP, SHALLOW = 1.5, 0.5  # squeeze under the endocardium and under the epicardium over the wall's mean (linear through the wall: Downey 1975)
TONE_RATE = 0.2  # 1/s: tone follows a lack of flow with about 5 s (Dankelman 1989 J Physiol 408:295: half-times 2-6 s; certainty low)
TONE_MOST = 3.0  # constriction beyond rest is limited (assumed)
FULL_RESERVE = 4.0  # at which it has that limit; a bed whose reserve is spent does not constrict either (Gould 1974 Am J Cardiol 33:87 for the reserve)


@inline
def resting_resistance(demand: float) -> float:
    """Resistance of the whole bed at tone 1, mmHg s/mL, from the flow it should pass, mL/s."""
    return max((REFERENCE_MMHG - CLOSING_MMHG) / demand - ARTERY_RESISTANCE, 1.0)


@inline
def tone_most(reserve: float) -> float:
    """How far a bed can constrict: as far as `TONE_MOST` with a full reserve, not at all with none."""
    return 1.0 + (TONE_MOST - 1.0) * min((1.0 - 1.0 / reserve) / (1.0 - 1.0 / FULL_RESERVE), 1.0)


@inline
def drive(arterial: float, squeeze: float, venous: float) -> float:
    """Mean over the layers of what drives blood through them; `squeeze` is the mean tissue pressure; all without what surrounds the heart."""
    least = max(CLOSING_MMHG, venous)
    deep = arterial - max(DEEP * squeeze, least)
    middle = arterial - max(squeeze, least)
    shallow = arterial - max(SHALLOW * squeeze, least)
    return 0.3333333333333333 * (max(deep, 0.0) + max(middle, 0.0) + max(shallow, 0.0))


@inline
def autoregulate(tone: float, excess: float, rate: float, least: float, most: float) -> float:
    """Resistance factor one step on: too much flow constricts, too little dilates, down to the end of the reserve."""
    moved = tone * (1.0 + rate * (excess if excess < 2.0 else 2.0))
    moved = moved if moved > least else least
    return moved if moved < most else most
