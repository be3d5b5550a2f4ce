"""Oxygen: what the body is delivered, uses and sends back (Fick), what the heart uses (PVA) and gets, and what ischaemia takes from its force.

Delivery is systemic flow times content; consumption is the resting need until extraction ends; the venous blood mixes with a lag, so that SvO2 is a state.
Myocardial use is a line in pressure-volume area (Suga 1979 Am J Physiol 236:H498; numbers of pump.md 6.5, [M]); the bed's autoregulation aims at a flow that
follows it. What is missing from that flow, against what was missing at rest, lowers contractility and its return restores it: so rest is in balance.
mL/s of blood, mL/min of oxygen, g/dL, mmHg mL; saturations as a share.
"""

import math

from counterpulse.body.patient import Patient
from counterpulse.body.reflex import lag
from counterpulse.kernel import inline, kernel
from counterpulse.record import Record

CARRIED_mL_g = 1.34  # oxygen per gram of haemoglobin (Huefner; 1.34 to 1.39 in use)
ARTERIAL_SATURATION = 0.97  # assumed: breathing oxygen
CONSUMPTION_mL_min_m2 = 125.0  # assumed consumption at rest (the textbook value of the indirect Fick method)
EXTRACTION_MOST = 0.70  # share of delivery that tissues can take (critical extraction 0.6 to 0.7, Ronco 1993 JAMA 270:1724)
MIXING_mL = 1000.0  # venous blood that mixes before the pulmonary artery (assumed)
PVA_mL_mmHg_mL = 2.4e-5  # oxygen per pressure-volume area (pump.md 6.5, [M])
BASAL_mL_beat_100g = 0.014  # unloaded use, canine (Suga 1990 Physiol Rev 70:247; from memory)
LV_g_kg = 2.4  # left ventricle per body weight (assumed)
LOADED_SHARE = 0.5  # of the heart's resting flow serves the left ventricle's pressure-volume area; the rest is basal use and the right heart (assumed)
TOLERATED = 0.05  # shortfall of flow that costs no force (assumed; covers the ripple of autoregulation)
# Global force lost per share of flow missing. Perfusion and contraction match regionally, slope about 1 (Ross 1991 Circulation 83:1076), but muscle that is
# already lost does not come back: in calves with microspheres the pump left Ees as it was (Kawaguchi 1999, pump.md 5.1). 0.4 lies between (assumed).
FORCE_PER_SHORTFALL = 0.4
AUTOREGULATED = 0.65  # share of a change of pressure that the coronary bed keeps from its flow (Dole 1987 Prog Cardiovasc Dis 29:293; from memory)
FORCE_S = 20.0  # force follows shortfall and relief (assumed: seconds; no stunning is modelled)
FLOW_S = 8.0  # running means of flow and work


class Oxygen(Record):
    """Running oxygen balance of body and heart."""

    svo2: float = 0.65  # mixed venous saturation
    arterial_saturation: float = ARTERIAL_SATURATION
    delivery_mL_min: float = 0.0
    consumption_mL_min: float = 0.0
    debt_mL_min: float = 0.0  # need that is not met
    haemoglobin_g_dL: float = 0.0  # after dilution and loss; 0 before the first tick
    work_mmHg_mL_s: float = 0.0  # stroke work per second
    potential_mmHg_mL: float = 0.0  # potential energy of the last beat
    potential_mmHg_mL_s: float = 0.0  # running mean of it per second
    loaded_mL_min: float = 0.0  # myocardial use for pressure-volume area
    mvo2_mL_min: float = 0.0  # left ventricle
    coronary_mL_s: float = 0.0
    tone: float = 1.0  # running mean of the coronary bed's tone
    demand: float = 1.0  # flow that the heart's work asks for, factor on that at rest
    aim: float = 1.0  # flow that autoregulation aims at, the same plus what it lets a change of pressure pass
    met: float = 1.0  # coronary flow over the flow asked for
    force: float = 1.0  # factor on contractility


@inline
def carried_mL(haemoglobin_g_dL: float, saturation: float) -> float:
    """Oxygen in a mL of blood, bound only."""
    return CARRIED_mL_g * 0.01 * haemoglobin_g_dL * saturation


@inline
def resting_need_mL_min(patient: Patient) -> float:
    """Consumption at rest; body surface after Mosteller 1987 N Engl J Med 317:1098."""
    return CONSUMPTION_mL_min_m2 * math.sqrt(patient.height_cm * patient.weight_kg / 3600.0)


@kernel
def breathe_and_use(oxygen: Oxygen, patient: Patient, flows: tuple[float, float], dt_s: float) -> None:
    """One tick of the body's balance; `flows` are systemic flow and the part of it that a membrane lung oxygenated, mL/s."""
    total, bypassed = max(flows[0], 0.1), max(flows[1], 0.0)
    shunted = min(bypassed / total, 1.0)
    oxygen.arterial_saturation = ARTERIAL_SATURATION + (1.0 - ARTERIAL_SATURATION) * shunted
    need = resting_need_mL_min(patient)
    oxygen.delivery_mL_min = 60.0 * total * carried_mL(oxygen.haemoglobin_g_dL, oxygen.arterial_saturation)
    oxygen.consumption_mL_min = min(need, EXTRACTION_MOST * oxygen.delivery_mL_min)
    oxygen.debt_mL_min = need - oxygen.consumption_mL_min
    sent_back = oxygen.arterial_saturation * (1.0 - oxygen.consumption_mL_min / oxygen.delivery_mL_min)
    oxygen.svo2 = lag(oxygen.svo2, sent_back, dt_s, MIXING_mL / total)


@kernel
def use_in_heart(oxygen: Oxygen, patient: Patient, rr_s: float, dt_s: float) -> None:
    """What the left ventricle uses, from stroke work per second, the last beat's potential energy and the interval."""
    oxygen.potential_mmHg_mL_s = lag(oxygen.potential_mmHg_mL_s, oxygen.potential_mmHg_mL / rr_s, dt_s, FLOW_S)
    oxygen.loaded_mL_min = 60.0 * PVA_mL_mmHg_mL * max(oxygen.work_mmHg_mL_s + oxygen.potential_mmHg_mL_s, 0.0)
    oxygen.mvo2_mL_min = oxygen.loaded_mL_min + 60.0 / rr_s * BASAL_mL_beat_100g * 0.01 * LV_g_kg * patient.weight_kg


@inline
def force_left(met: float) -> float:
    """Share of its force that a heart keeps when this share of the flow aimed at arrives."""
    return max(1.0 - FORCE_PER_SHORTFALL * max(1.0 - TOLERATED - met, 0.0), 0.2)


@kernel
def balance(oxygen: Oxygen, rest: tuple[float, float, float], aim_mL_s: float, dt_s: float) -> None:
    """Supply against demand; `rest` is loaded use, share met and tone at rest, `aim_mL_s` the flow aimed at then.

    With a bed whose tone follows pressure to the power g, flow follows it to the power 1 - g: so what is aimed at grows by (1 - g) / g of what tone does.
    """
    rested, met, tone = rest
    if rested <= 0.0:
        return
    oxygen.demand = 1.0 + LOADED_SHARE * (oxygen.loaded_mL_min / rested - 1.0)
    let_through = 1.0 + (1.0 / AUTOREGULATED - 1.0) * (oxygen.tone / tone - 1.0)
    oxygen.aim = oxygen.demand * min(max(let_through, 0.5), 2.0)
    oxygen.met = oxygen.coronary_mL_s / (aim_mL_s * oxygen.demand)
    wanted = force_left(oxygen.met) / force_left(met)
    oxygen.force = lag(oxygen.force, wanted, dt_s, FORCE_S)


def body_surface_m2(patient: Patient) -> float:
    """Body surface (Mosteller 1987 N Engl J Med 317:1098)."""
    return float((patient.height_cm * patient.weight_kg / 3600.0) ** 0.5)


def mixed_venous_saturation(patient: Patient, co_L_min: float) -> float:
    """SvO2 as a share where output does not change (Fick), floored at what the most extraction leaves; for whoever has an output and no running state."""
    delivered = 1000.0 * co_L_min * carried_mL(float(patient.haemoglobin_g_dL), ARTERIAL_SATURATION)
    if delivered <= 0.0:
        return 0.0
    return ARTERIAL_SATURATION * (1.0 - min(CONSUMPTION_mL_min_m2 * body_surface_m2(patient) / delivered, EXTRACTION_MOST))
