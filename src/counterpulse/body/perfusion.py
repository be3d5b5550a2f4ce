"""What organs and limbs get, and two slow numbers that follow from it: urine and lactate. Simple stated models, not physiology of kidney or liver.

The visceral bed is shared between kidneys and gut in a fixed proportion; the arm is the bed behind the wrist; the leg is one of two, the one with the sheath
apart. Urine: 1 mL/kg/h, falling in a line to nothing as renal perfusion pressure falls from 75 to 40 mmHg. Lactate: constant production plus oxygen debt,
cleared by the splanchnic flow. mL/s, mmHg, mmol/L, mL/(kg h).
"""

from counterpulse.body.reflex import lag
from counterpulse.kernel import kernel
from counterpulse.record import Record

RENAL_SHARE = 0.42  # of the visceral bed: 20 of 48 % of output (after Williams and Leggett 1989 Clin Phys Physiol Meas 10:187)
URINE_mL_kg_h = 1.0  # at full pressure (0.5 to 1.5 is usual; assumed)
URINE_NONE_mmHg, URINE_FULL_mmHg = 40.0, 75.0  # perfusion pressure, MAP less CVP (autoregulation ends near 75 to 80 mmHg; line assumed)
LACTATE_mmol_L = 1.0  # with a normal splanchnic flow (assumed)
SPLANCHNIC_NORMAL_mL_s_kg = 0.55  # visceral flow per body weight that clears it (assumed: 0.48 of 5.2 L/min at 75 kg)
LACTATE_PER_DEBT = 0.06  # mmol/L at equilibrium per mL/min of oxygen debt (assumed)
CLEARANCE_S = 1200.0  # half-time 14 min with a normal flow (10 to 20 min; assumed)
MEAN_S = 4.0


class Perfusion(Record):
    """Running means of flows, and what follows."""

    visceral_mL_s: float = 0.0
    arm_mL_s: float = 0.0
    leg_mL_s: float = 0.0  # both legs
    sheath_share: float = 0.5  # of the flow of both legs goes to the one with the sheath
    urine_mL_kg_h: float = 0.0
    lactate_mmol_L: float = 0.0  # 0 before the first tick
    lactate_settles_mmol_L: float = 0.0  # where it is going


@kernel
def perfuse(perfusion: Perfusion, weight_kg: float, drop_mmHg: float, debt_mL_min: float, dt_s: float) -> None:
    """Urine and lactate one tick on; `drop_mmHg` is arterial less venous pressure."""
    share = (drop_mmHg - URINE_NONE_mmHg) / (URINE_FULL_mmHg - URINE_NONE_mmHg)
    perfusion.urine_mL_kg_h = URINE_mL_kg_h * min(max(share, 0.0), 1.0)
    cleared = max(perfusion.visceral_mL_s / (SPLANCHNIC_NORMAL_mL_s_kg * weight_kg), 0.05)
    perfusion.lactate_settles_mmol_L = (LACTATE_mmol_L + LACTATE_PER_DEBT * debt_mL_min) / cleared
    if perfusion.lactate_mmol_L <= 0.0:
        perfusion.lactate_mmol_L = perfusion.lactate_settles_mmol_L
    perfusion.lactate_mmol_L = lag(perfusion.lactate_mmol_L, perfusion.lactate_settles_mmol_L, dt_s, CLEARANCE_S / cleared)
