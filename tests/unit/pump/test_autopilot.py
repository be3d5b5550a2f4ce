"""What the autopilot chooses, and that it says so once; who may change what at which console."""

import heartbeat
import numpy as np
import pytest

from counterpulse.pump.alarms import Alarm, named
from counterpulse.pump.control import start_pump
from counterpulse.pump.decisions import SENTENCES, Decision, sentence
from counterpulse.pump.log import Kind, events
from counterpulse.pump.profiles import CHOICES, PROFILES, change, may_change
from counterpulse.pump.settings import Deflation, Habit, Mode, Settings, Trigger
from counterpulse.refusal import RefusalError

FS = 250.0


def leads(times, seconds, scale=(1.0, 0.9, 0.8), sources=(0,), delay=0.0):
    """Three leads of one heart and the pressures named."""
    rows = heartbeat.bedside(times, seconds, FS)
    for lead, gain in enumerate(scale):
        rows.ecg_mV[:, lead] = gain * rows.ecg_mV[:, 0] if lead else rows.ecg_mV[:, 0]
    for source in sources:
        rows.arterial_mmHg[:, source] = heartbeat.pressure(times, seconds, FS, delay)
    return rows


def fly(rows, mode=Mode.AUTOMATIC, **values):
    """The console along rows: valve, pump, decisions as (time in s, decision, value)."""
    settings = Settings(mode=mode, **values)
    pump = start_pump(settings, FS)
    valve, _ = heartbeat.along(settings, pump, rows)
    told = [(event.at / FS, Decision(event.code), event.value) for event in events(pump.log) if event.kind == Kind.DECISION]
    return valve, pump, told


def test_nothing_to_decide_nothing_said():
    valve, pump, told = fly(leads(heartbeat.beat_times(70, 0.8, 0.02), 70))  # the first beats are at 1:2, some are left out as lessons
    assert told == []
    assert pump.inflations > 60
    plain, other, _ = fly(leads(heartbeat.beat_times(70, 0.8, 0.02), 70), Mode.SEMI_AUTOMATIC)
    assert np.array_equal(valve, plain)
    assert other.inflations == pump.inflations


def test_a_lost_lead_is_left_within_a_second_and_pumping_goes_on():
    rows = leads(heartbeat.beat_times(60, 0.8, 0.02), 60)
    rows.lead_off[int(30 * FS) :, 0] = 1
    rows.ecg_mV[int(30 * FS) :, 0] = np.nan
    valve, pump, told = fly(rows)
    assert [(decision, value) for _, decision, value in told] == [(Decision.LEAD_LOST, 1)]
    assert told[0][0] - 30 < 1.0
    up, _ = heartbeat.switches(valve)
    assert np.diff(up / FS).max() < 4.0
    assert set(named(int(pump.alarms.mask))) == {Alarm.LEAD_OFF}


def test_a_noisy_lead_is_left_after_the_hold():
    rows = leads(heartbeat.beat_times(90, 0.8, 0.02), 90)
    rows.ecg_mV[int(30 * FS) :, 0] += 0.35 * np.random.default_rng(1).standard_normal(len(rows) - int(30 * FS))
    _, _, told = fly(rows)
    assert [(decision, value) for _, decision, value in told if decision in (Decision.LEAD_BETTER, Decision.LEAD_LOST)] == [(Decision.LEAD_BETTER, 1)]
    assert 5.0 <= next(at for at, decision, _ in told if decision == Decision.LEAD_BETTER) - 30 < 20.0


def test_leads_that_are_alike_are_not_changed_for_each_other():
    rows = leads(heartbeat.beat_times(120, 0.8, 0.02), 120, (1.0, 1.0, 1.0))
    for lead in range(3):
        rows.ecg_mV[:, lead] += 0.05 * np.random.default_rng(lead).standard_normal(len(rows))
    assert fly(rows)[2] == []


def test_without_any_lead_the_pressure_triggers_and_the_ecg_comes_back():
    rows = leads(heartbeat.beat_times(120, 0.9, 0.02), 120)
    rows.ecg_mV[int(40 * FS) : int(70 * FS)] = np.nan
    valve, pump, told = fly(rows)
    assert [decision for _, decision, _ in told if decision in (Decision.ECG_UNUSABLE, Decision.ECG_BACK)] == [Decision.ECG_UNUSABLE, Decision.ECG_BACK]
    first = next(at for at, decision, _ in told if decision == Decision.ECG_UNUSABLE)
    assert first - 40 <= 5.0  # pump.md 2.3: next source within 5 s
    assert (valve[int(52 * FS) : int(70 * FS)] > 0).any()
    assert pump.choice.trigger == Trigger.ECG


def test_the_pressure_nearest_to_the_root_is_taken():
    rows = leads(heartbeat.beat_times(120, 0.8, 0.02), 120, sources=(0, 2))
    rows.arterial_mmHg[int(30 * FS) : int(60 * FS), 0] = np.nan
    _, pump, told = fly(rows)
    assert [(decision, value) for _, decision, value in told] == [(Decision.SOURCE_LOST, 2), (Decision.SOURCE_BACK, 0)]
    assert told[0][0] - 30 < 1.0
    assert 28 < told[1][0] - 60 < 40
    assert pump.choice.pressure_source == 0


def test_another_source_brings_its_own_delay():
    rows = leads(heartbeat.beat_times(60, 0.8, 0.02), 60, sources=(2,))
    rows.arterial_mmHg[int(20 * FS) :, 0] = np.nan
    _, pump, _ = fly(rows, source_delay_ms=3.0)
    assert pump.choice.pressure_source == 2
    assert pump.choice.source_delay_ms == 175.0


def test_irregular_rhythm_goes_to_the_r_wave_and_back():
    calm, wild = heartbeat.beat_times(60, 0.8, 0.02), heartbeat.beat_times(60, 0.8, 0.2, seed=5)
    times = np.concatenate([calm, 60 + wild, 120 + heartbeat.beat_times(60, 0.8, 0.02)])
    times = times[np.diff(times, prepend=-1) > 0.3]
    _, pump, told = fly(leads(times, 180))
    kinds = [decision for _, decision, _ in told]
    assert kinds[0] == Decision.IRREGULAR
    assert kinds[-1] == Decision.REGULAR
    assert told[0][0] - 60 < 10
    assert 20 < told[-1][0] - 120 < 40
    assert pump.choice.deflation == Deflation.PREDICTIVE


def test_a_fast_heart_is_assisted_every_other_beat_and_back():
    times = np.concatenate([heartbeat.beat_times(40, 0.8), 40 + heartbeat.beat_times(40, 0.33), 80 + heartbeat.beat_times(80, 0.8)])
    times = times[np.diff(times, prepend=-1) > 0.3]
    _, pump, told = fly(leads(times, 160), empty_s=0.15)
    kinds = [(decision, value) for _, decision, value in told if decision in (Decision.TOO_FAST, Decision.ROOM_AGAIN)]
    assert kinds == [(Decision.TOO_FAST, 2), (Decision.ROOM_AGAIN, 1)]
    assert pump.choice.ratio == 1


def test_internal_is_offered_and_never_taken():
    rows = leads(heartbeat.beat_times(30, 0.8), 60)
    rows.arterial_mmHg[int(30 * FS) :, 0] = 20.0 + 0.2 * np.sin(np.arange(len(rows) - int(30 * FS)))
    valve, pump, told = fly(rows)
    assert [decision for _, decision, _ in told].count(Decision.OFFER_INTERNAL) == 1
    assert pump.choice.trigger != Trigger.INTERNAL
    assert (valve[int(33 * FS) :] < 1).all()


def test_semi_automatic_leaves_all_to_the_clinician():
    rows = leads(heartbeat.beat_times(60, 0.8, 0.2, seed=3), 60, sources=(0, 2))
    rows.ecg_mV[int(30 * FS) :, 0] = np.nan
    rows.arterial_mmHg[int(30 * FS) :, 0] = np.nan
    _, pump, told = fly(rows, Mode.SEMI_AUTOMATIC)
    assert told == []
    assert (pump.choice.trigger, pump.choice.ecg_lead, pump.choice.pressure_source, pump.choice.deflation) == (0, 0, 0, Deflation.PREDICTIVE)


def test_manual_holds_the_timing_that_it_found():
    """The heart slows: automatic timing moves later, manual stays; the console warns when it is far off."""
    times = np.concatenate([heartbeat.beat_times(40, 0.6), 40 + heartbeat.beat_times(60, 1.2)])
    rows = leads(times, 100)
    settings = Settings()
    pump = start_pump(settings, FS)
    heartbeat.along(settings, pump, rows[: int(30 * FS)])
    settings.mode = Mode.MANUAL
    valve, _ = heartbeat.along(settings, pump, rows[int(30 * FS) :])
    up, _ = heartbeat.switches(valve)
    at = up / FS + 30
    after = np.array([at_ - times[times < at_][-1] for at_ in at])
    assert np.ptp(after[3:]) < 0.02
    assert Alarm.MANUAL_TIMING in named(int(pump.alarms.mask))
    settings.mode = Mode.SEMI_AUTOMATIC
    heartbeat.along(settings, pump, rows[: int(8 * FS)])
    assert pump.choice.close_s == 0.0


def test_every_decision_has_its_sentence():
    rows = leads(heartbeat.beat_times(60, 0.8), 60)
    rows.ecg_mV[int(30 * FS) :, 0] = np.nan
    _, pump, _ = fly(rows)
    assert "ECG lead 2 taken: the one before was lost." in [sentence(event) for event in events(pump.log)]
    assert set(SENTENCES) == set(Decision)


def test_profiles_say_who_may_trim():
    assert not may_change(Habit.ARROW, Mode.AUTOMATIC, "inflation_trim_ms")
    assert may_change(Habit.GETINGE, Mode.AUTOMATIC, "deflation_trim_ms")
    assert not may_change(Habit.GETINGE, Mode.AUTOMATIC, "inflation_trim_ms")
    for habit, profile in PROFILES.items():
        assert profile.start_mode in profile.ways
        assert all(may_change(habit, Mode.SEMI_AUTOMATIC, field) for field in CHOICES)
        assert all(may_change(habit, mode, "ratio") for mode in profile.ways)


@pytest.mark.parametrize(
    ("habit", "mode", "field", "value", "words"),
    [
        (Habit.ARROW, Mode.AUTOMATIC, "inflation_trim_ms", 20.0, "AutoPilot"),
        (Habit.ARROW, Mode.SEMI_AUTOMATIC, "mode", Mode.MANUAL, "has no manual mode"),
        (Habit.GETINGE, Mode.AUTOMATIC, "deflation_trim_ms", 80.0, "-50 to 50 ms"),
        (Habit.GETINGE, Mode.AUTOMATIC, "trigger", Trigger.PRESSURE, "Auto mode"),
        (Habit.OPEN, Mode.SEMI_AUTOMATIC, "ratio", 9, "Settings.ratio"),
    ],
)
def test_what_is_not_the_clinicians_is_refused(habit, mode, field, value, words):
    settings = Settings(habit=habit, mode=mode)
    before = settings.tobytes()
    with pytest.raises(RefusalError, match=words):
        change(settings, field, value)
    assert settings.tobytes() == before


def test_the_console_keeps_to_the_trims_of_its_mode():
    settings = Settings(habit=Habit.GETINGE, mode=Mode.AUTOMATIC, inflation_trim_ms=40.0, deflation_trim_ms=-90.0)
    pump = start_pump(settings, FS)
    assert (pump.choice.inflation_trim_ms, pump.choice.deflation_trim_ms) == (0.0, -50.0)
