"""What each drug does to a patient in heart failure, beside published ranges (from memory of the sources, certainty low to moderate).

    python benchmarks/physiology_drugs.py
"""

from physiology_lanes import treated
from plans import table

PATIENT = "chronic-hf"
# dose; published change of output %, MAP %, PCWP mmHg, HR % (low, high); None where the source gives none
EXPECTED = {
    "dobutamine": ({"dobutamine_ug_kg_min": 7.5}, (15, 60), (-10, 10), (-12, 0), (0, 20), "Leier 1978: 7.5 ug/kg/min in low-output failure"),
    "dopamine": ({"dopamine_ug_kg_min": 6.0}, (5, 50), (0, 20), (-4, 6), (0, 20), "Leier 1978: 4 to 6 ug/kg/min, wedge does not fall"),
    "epinephrine": ({"epinephrine_ug_kg_min": 0.1}, (10, 70), (-5, 25), (-8, 6), (0, 25), "Stratton 1985, Levy 2018"),
    "norepinephrine": ({"norepinephrine_ug_kg_min": 0.2}, (-10, 15), (8, 40), (-2, 8), (-15, 10), "Levy 2018, Tarvasmaki 2016"),
    "milrinone": ({"milrinone_ug_kg_min": 0.5}, (15, 60), (-20, 0), (-12, -3), (0, 15), "Baim 1983, Colucci 1986"),
    "enoximone": ({"enoximone_ug_kg_min": 8.0}, (15, 60), (-20, 0), (-12, -3), (0, 15), "Uretsky 1983"),
    "levosimendan": ({"levosimendan_ug_kg_min": 0.2}, (15, 50), (-15, 0), (-12, -3), (0, 15), "Slawsky 2000"),
    "vasopressin": ({"vasopressin_U_min": 0.04}, (-30, 0), (8, 40), (0, 10), (-15, 5), "Landry 1997"),
    "nitroprusside": ({"nitroprusside_ug_kg_min": 1.5}, (15, 60), (-25, -5), (-15, -4), (-5, 15), "Guiha 1974, Mullens 2008"),
    "nitroglycerin": ({"nitroglycerin_ug_min": 100.0}, (-10, 20), (-15, 0), (-12, -3), (-5, 12), "Elkayam 1987"),
    "esmolol": ({"esmolol_ug_kg_min": 100.0}, (-35, -5), (-20, 0), (0, 8), (-25, -5), "Iskandrian 1986"),
    "fluid 500 mL": ({"fluid_mL": 500.0, "fluid_mL_min": 500.0}, (0, 15), (0, 10), (1, 8), (-8, 2), "Guyton's curves; flat in failure"),
}


def changes():
    """Change of output, MAP, PCWP, HR by each drug, in the order of EXPECTED."""
    base, *others = treated(PATIENT, [one[0] for one in EXPECTED.values()])
    share = lambda mean, key: 100.0 * (mean[key] / base[key] - 1.0)  # noqa: E731
    return {
        drug: (share(mean, "flow_L_min"), share(mean, "map_mmHg"), mean["pcwp_mmHg"] - base["pcwp_mmHg"], share(mean, "hr_per_min"))
        for drug, mean in zip(EXPECTED, others, strict=True)
    }


def inside(value, span):
    """Whether a change lies in its range."""
    return span[0] <= value <= span[1]


def main():
    rows = []
    for drug, found in changes().items():
        spans = EXPECTED[drug][1:5]
        cells = [f"{value:+.1f} ({low:+d} to {high:+d}){'' if inside(value, (low, high)) else ' MISS'}" for value, (low, high) in zip(found, spans, strict=True)]
        dose = ", ".join(f"{value:g} {field}" for field, value in EXPECTED[drug][0].items())
        rows.append([drug, dose, *cells, EXPECTED[drug][5]])
    print(table([PATIENT, "dose", "output, %", "MAP, %", "PCWP, mmHg", "HR, %", "source"], rows))


if __name__ == "__main__":
    main()
