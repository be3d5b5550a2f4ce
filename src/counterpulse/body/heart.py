"""The chambers: pressure from volume and activation, the septum between the ventricles, the pericardium around all four.

Knows no rhythm (activation comes in) and no vessels. mmHg, mL, s. Straight-line code for vector lanes: selects, no branches, no libm.
"""

from counterpulse.kernel import inline

KNEE = 5.0  # of an exponential wall: beyond it (148 times its scale; no plausible heart gets there) stiffness stays where an explicit step can follow it


@inline
def exponential(x: float) -> float:
    """exp(x) for -8 <= x <= KNEE, constant below, a straight line beyond; relative error below 1e-7: seven terms at x/64, then six squarings."""
    beyond = x - KNEE
    beyond = beyond if beyond > 0.0 else 0.0
    x = x if x < KNEE else KNEE
    x = x if x > -8.0 else -8.0
    y = x * 0.015625
    e = 1.0 + y * (1.0 + y * (0.5 + y * (0.16666666666666666 + y * (0.041666666666666664 + y * (0.008333333333333333 + y * 0.001388888888888889)))))
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    return e * e * (1.0 + beyond)


EJECTION_LOSS = 0.0006  # s/mL: shortening muscle bears less pressure (Shroff 1985 AJP 249:H358: about 0.0005 to 0.0015 in dogs; certainty low)
LEAST_KEPT = 0.2  # no flow takes more (beyond 1,300 mL/s; keeps a heart that no one has from gaining force by ejecting)


@inline
def ventricle(volume: float, activation: float, outflow: float, ees: float, a: float, b: float) -> float:
    """Wall pressure of a ventricle: elastance (Suga 1973 Circ Res 32:314) on an exponential EDPVR, less what ejection costs; `volume` counts from V0."""
    passive = a * (exponential(b * volume) - 1.0)
    kept = max(1.0 - EJECTION_LOSS * max(outflow, 0.0), LEAST_KEPT)
    return passive + activation * (ees * volume * kept - passive)


@inline
def atrium(volume: float, activation: float, emin: float, active: float) -> float:
    """Wall pressure of an atrium; `active` is Emax - Emin, `volume` counts from V0."""
    return (emin + active * activation) * volume


@inline
def pericardium(heart_volume: float, scale: float, reference: float) -> float:
    """Pericardial pressure, exponential in the volume of all four chambers (Smith 2004 Med Eng Phys 26:131; 30 mL per e-fold)."""
    return scale * exponential((heart_volume - reference) * 0.03333333333333333)


SEPTAL_RATE = 10.0  # mL/s per mmHg: a viscous septum (assumed) in place of an implicit solve


@inline
def septum(shift: float, transseptal: float, push: float, elastance: float) -> float:
    """Volume that the septum has moved from left to right, one step on; `push` is SEPTAL_RATE step / (1 + SEPTAL_RATE step elastance)."""
    return shift + push * (transseptal - elastance * shift)
