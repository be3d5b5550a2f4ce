"""What the slow loop of a simulated patient tells of oxygen, organs and legs, as a bedside would see it: blood gases, urine, Doppler.

Knows the records of `body.regulation`; no wave and no console. Flows are means over some seconds.
"""

from typing import Any

S_PER_MIN = 60.0


def organs(regulation: Any) -> dict[str, float]:
    """SvO2 (share), lactate (mmol/L), urine (mL/kg/h), and the flow to the leg behind the sheath and to the other (mL/min) of a lane's `Regulation`."""
    perfusion = regulation.perfusion
    legs, share = float(perfusion.leg_mL_s) * S_PER_MIN, float(perfusion.sheath_share)
    return {
        "svo2": float(regulation.oxygen.svo2),
        "lactate_mmol_L": float(perfusion.lactate_mmol_L),
        "urine_mL_kg_h": float(perfusion.urine_mL_kg_h),
        "sheathed_leg_flow_mL_min": legs * share,
        "other_leg_flow_mL_min": legs * (1.0 - share),
    }
