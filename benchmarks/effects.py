"""The pump's effect on each patient beside the ranges of pump.md section 10; the simpler forms, the ratios and a soft aorta beside it.

Usage: python benchmarks/effects.py       (no constant is tuned here; a miss is printed with its distance)
"""

import sys

import numpy as np

from counterpulse.cohort.measures import augmentation
from plans import FORMS, outcome_of, table

PATIENTS = ("hf-shock", "chronic-hf", "ami-shock", "high-risk-pci", "healthy", "aortic-regurgitation", "stiff-aorta")
SHARES = ("sv_mL", "map_mmHg", "sbp_mmHg", "pva_mmHg_mL", "ea_mmHg_mL", "lv_edp_mmHg", "dpti_mmHg_s", "tti_mmHg_s", "coronary_flow_mL_min", "stroke_work_mmHg_mL", "evr")
DIFFERENCES = ("co_L_min", "hr_per_min", "mean_pa_mmHg", "pcwp_mmHg")
ISCHAEMIC = {  # pump.md 10, ischaemic heart failure at 1:1 and 40 mL against off
    "sv": ("SV, %", 5.0, 20.0),
    "pva": ("PVA, %", -12.0, -3.0),
    "ea": ("Ea, %", -25.0, -10.0),
    "lv_edp": ("LVEDP, %", -25.0, 0.0),
    "augmentation": ("augmentation over native diastole, mmHg", 8.0, 35.0),
    "aedp": ("end-diastolic, mmHg", -15.0, -3.0),
    "sbp": ("peak systolic, %", -20.0, -5.0),
    "dpti": ("DPTI, %", 15.0, 40.0),
    "tti": ("SPTI (TTI), %", -30.0, -15.0),
    "co": ("CO, L/min", 0.2, 1.0),
    "hr": ("HR, 1/min", -5.0, 0.0),
    "coronary": ("coronary flow, % (+-5 if autoregulated, +15 to +40 if not)", -5.0, 40.0),
}
NORMAL = {"sv": ("SV, %", -5.0, 5.0), "map": ("MAP, %", -5.0, 5.0)}


def regurgitated(arm) -> float:
    """Blood that flows back through the aortic valve in a beat, mL."""
    flow, span = arm.wave.aortic, slice(arm.cycles[0].opens, arm.cycles[len(arm.rows) - 1].ends)
    return float(-np.minimum(flow[span], 0.0).sum() * arm.wave.sample_s / len(arm.rows))


def effects_of(outcome) -> dict[str, float]:
    """Changes by the pump: % for shares, units for differences."""
    off, on = outcome.without.mean, outcome.assisted.mean
    key = lambda name: name.split("_")[0] if name not in ("lv_edp_mmHg", "mean_pa_mmHg", "stroke_work_mmHg_mL") else name.rsplit("_", 2 if name.startswith("stroke") else 1)[0]  # noqa: E731
    found = {key(name): 100.0 * (on[name] / off[name] - 1.0) for name in SHARES} | {key(name): on[name] - off[name] for name in DIFFERENCES}
    back = [regurgitated(arm) for arm in (outcome.without, outcome.assisted)]
    return found | {
        "augmentation": augmentation(outcome, "on"),
        "aedp": on["end_diastolic_mmHg"] - off["end_diastolic_mmHg"],
        "paug_over_psp": on["augmented_peak_mmHg"] - off["sbp_mmHg"],
        "regurgitated_off": back[0],
        "regurgitated": back[1] - back[0],
        "total_sv": 100.0 * ((on["sv_mL"] + back[1]) / (off["sv_mL"] + back[0]) - 1.0),
    }


def verdict(value: float, low: float, high: float) -> str:
    """Hit, or miss with the distance."""
    if low <= round(value, 1) <= high:
        return f"{value:+.1f} hit"
    return f"{value:+.1f} MISS by {low - value if value < low else value - high:.1f}"


def against(names, ranges, all_effects):
    """Patients beside ranges, as a table."""
    rows = [[label, f"{low:+g} to {high:+g}", *(verdict(all_effects[name][key], low, high) for name in names)] for key, (label, low, high) in ranges.items()]
    return table(["against pump off", "pump.md 10", *names], rows)


def forms_table(name):
    """The full pneumatics beside the two published simpler forms."""
    found = {form: effects_of(outcome_of(name, hardware={"form": number})) for form, number in FORMS.items()}
    rows = [[label, f"{low:+g} to {high:+g}", *(f"{found[form][key]:+.1f}" for form in FORMS)] for key, (label, low, high) in ISCHAEMIC.items()]
    return table([f"{name}, 1:1", "pump.md 10", *FORMS], rows)


def ratio_effects(name):
    """Mean effects at 1:1, 1:2 and 1:3."""
    return {ratio: effects_of(outcome_of(name, console={"ratio": ratio}, seconds=60.0)) for ratio in (1, 2, 3)}


def ratios_table(name):
    """Mean effects at 1:2 and 1:3 over those at 1:1."""
    found = ratio_effects(name)
    rows = [[key, *(f"{found[r][key]:+.2f}" for r in (1, 2, 3)), *(f"{found[r][key] / found[1][key]:.2f}" for r in (2, 3))] for key in ("sv", "map", "dpti", "aedp", "pcwp")]
    return table([name, "1:1", "1:2", "1:3", "1:2 over 1:1", "1:3 over 1:1"], rows)


def compliance_effects(name):
    """Effects with the patient's own aorta and one twice as soft; nothing else is changed."""
    from counterpulse.cohort.preset import load

    own = float(load(name).patient.aortic_compliance_mL_mmHg)
    return {factor: effects_of(outcome_of(name, patient={"aortic_compliance_mL_mmHg": own * factor})) for factor in (1.0, 2.0)}


def compliance_table(name):
    """Augmentation over native diastole with the aorta twice as soft."""
    found = compliance_effects(name)
    rows = [[key, f"{found[1.0][key]:+.1f}", f"{found[2.0][key]:+.1f}", f"{found[2.0][key] / found[1.0][key]:.2f}"] for key in ("augmentation", "aedp", "sv", "dpti")]
    return table([name, "own C", "2 C", "2 C over own"], rows)


def regurgitation_table(names):
    """What the pump does to blood that leaks back."""
    head = ["mL, mmHg, %", "leak off, mL", "leak change, mL", "forward SV", "total SV", "MAP", "PCWP, mmHg", "LVEDP", "SW", "EVR"]
    rows = []
    for name in names:
        e = effects_of(outcome_of(name))
        rows.append(
            [name, f"{e['regurgitated_off']:.1f}", f"{e['regurgitated']:+.1f}"] + [f"{e[k]:+.1f}" for k in ("sv", "total_sv", "map", "pcwp", "lv_edp", "stroke_work", "evr")]
        )
    return table(head, rows)


def main() -> int:
    """Print all tables."""
    found = {name: effects_of(outcome_of(name)) for name in PATIENTS}
    heart_failure = [name for name in PATIENTS if name not in ("healthy", "aortic-regurgitation", "stiff-aorta")]
    print(against(heart_failure, ISCHAEMIC, found), "\n\n", against(["healthy"], NORMAL, found), sep="")
    print("\n" + against(["healthy", "stiff-aorta", "aortic-regurgitation"], ISCHAEMIC, found))
    print("\n" + regurgitation_table(["aortic-regurgitation", "chronic-hf", "hf-shock", "healthy"]))
    print("\n" + forms_table("hf-shock"))
    for name in ("hf-shock", "chronic-hf"):
        print("\n" + ratios_table(name) + "\n\n" + compliance_table(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
