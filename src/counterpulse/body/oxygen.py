"""Oxygen, as far as it is there yet: mixed venous saturation from delivery and consumption (Fick). Supply, demand and ischaemia follow.

L/min, g/dL, mL/min; saturation as a share.
"""

from counterpulse.body.patient import Patient

CARRIED_mL_g = 1.34  # oxygen per gram of haemoglobin (Huefner; 1.34 to 1.39 in use)
ARTERIAL_SATURATION = 0.97  # assumed: breathing oxygen
CONSUMPTION_mL_min_m2 = 125.0  # assumed consumption at rest (the textbook value of the indirect Fick method)


def body_surface_m2(patient: Patient) -> float:
    """Body surface (Mosteller 1987 N Engl J Med 317:1098)."""
    return float((patient.height_cm * patient.weight_kg / 3600.0) ** 0.5)


def mixed_venous_saturation(patient: Patient, co_L_min: float) -> float:
    """SvO2 as a share, floored at 0; consumption and arterial saturation are assumed."""
    used = CONSUMPTION_mL_min_m2 * body_surface_m2(patient)
    carried = CARRIED_mL_g * float(patient.haemoglobin_g_dL) * 10.0 * co_L_min
    return max(ARTERIAL_SATURATION - used / carried, 0.0) if carried > 0.0 else 0.0
