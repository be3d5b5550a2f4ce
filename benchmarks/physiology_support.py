"""Other support than the balloon in shock: flows against the published curves, unloading or loading of the left ventricle, oxygen.

    python benchmarks/physiology_support.py
"""

from physiology_lanes import treated
from plans import table

PATIENT = "hf-shock"
TREATMENTS = {
    "axial P-4": {"axial_level": 4.0},
    "axial P-8": {"axial_level": 8.0},
    "axial P-9": {"axial_level": 9.0},
    "LVAD 4,800": {"lvad_per_min": 4800.0},
    "LVAD 5,400": {"lvad_per_min": 5400.0},
    "ECMO 2,500": {"ecmo_per_min": 2500.0},
    "ECMO 3,500": {"ecmo_per_min": 3500.0},
}
KEYS = (
    "left_pump_flow_L_min", "ecmo_flow_L_min", "flow_L_min", "map_mmHg", "pulse_mmHg", "pcwp_mmHg", "cvp_mmHg", "lv_volume_mL",
    "svo2", "mvo2_mL_min", "lactate_settles_mmol_L", "urine_mL_kg_h",
)  # fmt: skip


def means():
    """Means untreated and under each support."""
    base, *others = treated(PATIENT, list(TREATMENTS.values()))
    return {"none": base} | dict(zip(TREATMENTS, others, strict=True))


def main():
    rows = [[name, *(f"{mean[key]:.2f}" for key in KEYS)] for name, mean in means().items()]
    print(table([PATIENT, *KEYS], rows))


if __name__ == "__main__":
    main()
