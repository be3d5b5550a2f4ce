"""Every alarm in a closed loop: raised within its limit after its cause, latched or over as the list says, and not without cause."""

import heartbeat
import numpy as np
import pytest

from counterpulse.bed.live import Live
from counterpulse.bed.run import clock_of, make_bed
from counterpulse.body.gas import CATHETERS, catheter
from counterpulse.body.patient import Rhythm
from counterpulse.cohort.preset import load
from counterpulse.kernel import kernel
from counterpulse.pump.alarms import ALARMS, Alarm, named
from counterpulse.pump.control import control, start_pump
from counterpulse.pump.log import Kind, events
from counterpulse.pump.settings import Deflation, Mode, Settings, Trigger

FS = 250.0
CLOCK = clock_of(FS)
MADE = CATHETERS["40-7.5"]
KNOWN = {"volume_mL": 40.0, "balloon_mL": 40.0, "line_delay_ms": MADE.onset_ms, "empty_s": MADE.empty_ms / 1000.0}


class Ward:
    """One bed with a clock that is wound by hand."""

    def __init__(self, preset="hf-shock", seconds=0.0, **console):
        self.live = Live(make_bed([load(preset).patient], [catheter("40-7.5")], [Settings(**(KNOWN | console))], CLOCK), CLOCK)
        self.wait(seconds)

    @property
    def pump(self):
        return self.live.bed.pump[0]

    @property
    def now(self):
        return self.live.sample / FS

    def do(self, field, value, place=-1):
        self.live.change(field, value, place=place)
        return self

    def wait(self, seconds):
        pieces = self.live.advance(round(seconds * FS))
        self.valve = np.concatenate([piece.valve[:, 0] for piece in pieces]) if pieces else np.zeros(0)
        return self

    def on(self):
        return set(named(int(self.pump.alarms.mask)))

    def raised(self, since):
        """Alarms raised since a time: alarm -> s after it."""
        return {Alarm(event.code): event.at / FS - since for event in events(self.pump.log) if event.kind == Kind.ALARM_ON and event.at / FS >= since}


CAUSES = [  # alarm, what the console is set to, what happens, how long to wait
    (Alarm.BLOOD_IN_LINE, {}, [("fault.rupture", 2.0)], 10),
    (Alarm.RAPID_GAS_LOSS, {}, [("fault.leak", 0.1)], 10),
    (Alarm.CATHETER_RESTRICTION, {}, [("fault.kink", 2.0)], 8),
    (Alarm.DRIVE_STUCK, {}, [("fault.valve-stuck", 1.0)], 3),
    (Alarm.DRIVE_SILENT, {}, [("fault.no-drive", 1.0)], 5),
    (Alarm.BOARD_SILENT, {}, [("fault.board-silent", 1.0)], 3),
    (Alarm.OVER_TEMPERATURE, {}, [("fault.hot", 85.0)], 3),
    (Alarm.CASE_WARM, {}, [("fault.hot", 65.0)], 5),
    (Alarm.NO_PULSE, {}, [("tone.rhythm", Rhythm.VENTRICULAR_FIBRILLATION)], 12),
    (Alarm.NO_TRIGGER, {}, [("tone.rhythm", Rhythm.ASYSTOLE)], 8),
    (Alarm.ECG_IN_INTERNAL, {}, [("settings.trigger", Trigger.INTERNAL)], 4),
    (Alarm.BATTERY_CRITICAL, {}, [("fault.on-battery", 4.0)], 3),
    (Alarm.BATTERY_LOW, {}, [("fault.on-battery", 25.0)], 3),
    (Alarm.UNDOCKED, {}, [("fault.undocked", 1.0)], 3),
    (Alarm.ECG_LOST, {}, [("fault.lead-off", 1.0, 0)], 2),
    (Alarm.ECG_STUCK, {}, [("monitor.gain", 0.0, 0)], 4),
    (Alarm.LEAD_OFF, {}, [("fault.lead-off", 1.0, 1)], 3),
    (Alarm.PRESSURE_LOST, {}, [("fault.disconnected", 1.0, 0)], 3),
    (Alarm.PRESSURE_STUCK, {}, [("fault.flush", 1.0, 0)], 4),
    (Alarm.AUGMENTATION_LOW, {}, [("settings.augmentation_limit_mmHg", 200.0)], 20),
    (Alarm.GAS_GAIN, {}, [("fault.gas-warm", 10.0)], 60),
    (Alarm.TRIGGER_NOISE, {}, [("fault.ecg-noise", 1.0)], 15),
    (Alarm.HELIUM_LOW, {}, [("settings.cylinder_fills", 20)], 3),
    (Alarm.MANUAL_TIMING, {}, [("settings.mode", Mode.MANUAL), ("settings.inflation_trim_ms", -80.0)], 15),
    (Alarm.SETTINGS_CLASH, {}, [("settings.trigger", Trigger.PRESSURE), ("settings.deflation", Deflation.R_WAVE)], 10),
    (Alarm.PRESSURE_TRIGGER_IRREGULAR, {"trigger": Trigger.PRESSURE}, [("tone.rhythm", Rhythm.ATRIAL_FIBRILLATION), ("tone.rr_variability", 0.25)], 30),
    (Alarm.DIASTOLE_TOO_SHORT, {"empty_s": 0.3}, [("tone.heart_rate_per_min", 165.0)], 20),
]


@pytest.mark.parametrize(("alarm", "console", "causes", "seconds"), CAUSES, ids=[row[0].name.lower() for row in CAUSES])
def test_raised_in_time_and_latched_as_listed(alarm, console, causes, seconds):
    ward = Ward(seconds=22.0, **console)
    assert alarm not in ward.on()
    start = ward.now
    for cause in causes:
        ward.do(*cause)
    ward.wait(seconds)
    assert alarm in ward.raised(start), ward.raised(start)
    assert ward.raised(start)[alarm] <= ALARMS[alarm].limit_s
    if ALARMS[alarm].stops:
        assert ward.pump.alarms.stopped != Alarm.NONE
        ward.wait(2.0)
        assert (ward.valve < 1).all()


def test_a_fault_free_start_says_nothing():
    ward = Ward(seconds=60.0)
    assert ward.on() == set()
    assert ward.raised(0.0) == {}


def test_what_is_over_goes_by_itself_unless_it_latches():
    ward = Ward(seconds=20.0).do("fault.lead-off", 1.0, 0).wait(5)
    assert {Alarm.ECG_LOST, Alarm.NO_TRIGGER} <= ward.on()
    ward.do("fault.lead-off", 0.0, 0).wait(12)
    assert not {Alarm.ECG_LOST, Alarm.NO_TRIGGER} & ward.on()
    ward.do("fault.hot", 85.0).wait(2)
    ward.do("fault.hot", 0.0).wait(30)
    assert Alarm.OVER_TEMPERATURE in ward.on()
    ward.do("settings.acknowledge", 1).wait(2)
    assert Alarm.OVER_TEMPERATURE not in ward.on()
    assert (ward.wait(5).valve < 1).all()
    ward.do("settings.restart", 1).wait(15)
    assert (ward.valve > 0).any()


def test_after_a_kink_is_straightened_the_clinician_restarts():
    ward = Ward(seconds=20.0).do("fault.kink", 5.0).wait(8)
    assert ward.pump.alarms.stopped == Alarm.CATHETER_RESTRICTION
    ward.do("fault.kink", 0.0).wait(5)
    assert (ward.valve < 1).all()
    ward.do("settings.restart", 1).wait(30)
    assert ward.pump.alarms.stopped == Alarm.NONE
    assert (ward.valve > 0).any()
    assert ward.on() == set()


def test_a_kink_is_found_within_five_beats():
    """pump.md 10 item 5."""
    ward = Ward(seconds=20.0)
    beats, start = int(ward.pump.beat_number), ward.now
    ward.do("fault.kink", 1.0).wait(8)
    found = ward.raised(start)[Alarm.CATHETER_RESTRICTION]
    rate = float(ward.live.bed.tone[0].heart_rate_per_min)
    assert found * rate / 60.0 <= 5.5
    assert ward.pump.beat_number > beats


def test_height_is_corrected_and_no_alarm():
    """pump.md 10 item 7: 2,000 feet, here at once."""
    ward = Ward(seconds=20.0).do("fault.altitude", 54.0).wait(40)
    assert ward.raised(20.0) == {}
    assert abs(float(ward.pump.gas.baseline_mmHg - ward.pump.books.target_mmHg)) < 6.0
    assert (ward.valve > 0).any()


def test_another_volume_vents_and_does_not_alarm():
    ward = Ward(seconds=20.0).do("settings.volume_mL", 30.0).wait(20)
    assert ward.raised(20.0) == {}
    assert float(ward.pump.gas.baseline_mmHg) < 20.0


@pytest.mark.parametrize(("alarm", "values", "minutes"), [(Alarm.STANDBY_LONG, {"standby": 1}, 10), (Alarm.STANDBY_TOO_LONG, {"standby": 1}, 15)])
def test_standby_is_counted(alarm, values, minutes):
    ward = Ward(**values)
    ward.live.bed.pump[0].inflate_at = 1
    ward.live.bed.pump[0].count = round((60 * minutes - 2) * FS)
    ward.live.bed.pump[0].look_due = 0
    assert alarm not in ward.wait(1.5).on()
    assert alarm in ward.wait(3.0).on()


def test_resting_at_one_to_three_is_counted():
    ward = Ward(seconds=10.0, ratio=3)
    ward.live.bed.pump[0].lively_at -= round(3598 * FS)
    assert Alarm.THROMBOSIS_RISK not in ward.on()
    assert Alarm.THROMBOSIS_RISK in ward.wait(5.0).on()
    ward.do("settings.ratio", 1).wait(3)
    assert Alarm.THROMBOSIS_RISK not in ward.on()


def test_timing_that_is_never_seen_is_said():
    """The pressure has a pulse and no notch that can be found: a damped line."""
    ward = Ward(seconds=0.0)
    ward.do("fault.overdamped", 5.0, 0).do("monitor.natural_Hz", 1.0, 0).wait(75)
    assert Alarm.TIMING_NOT_FOUND in ward.raised(0.0)


def test_beats_that_cannot_be_assisted_are_told_of():
    """A radial pulse of a fast heart, of which no lead tells how late it is, seems to come when its own diastole is over: recalled consoles said nothing."""
    radial = {"trigger": Trigger.PRESSURE, "pressure_source": 2, "source_delay_ms": 175.0}
    ward = Ward(seconds=0.0, **radial).do("tone.heart_rate_per_min", 125.0).do("fault.lead-off", 1.0).wait(40)
    alarms = ward.raised(0.0)
    still_s = (ward.live.sample - max(int(ward.pump.deflate_at), 0)) / FS
    assert still_s > 20.0
    assert alarms[Alarm.UNASSISTED] <= 40.0 - still_s + ALARMS[Alarm.UNASSISTED].limit_s
    assert Alarm.NO_TRIGGER not in alarms
    ward.do("fault.lead-off", 0.0).do("settings.trigger", Trigger.ECG).wait(20)
    assert Alarm.UNASSISTED not in ward.on()


def test_a_slow_failing_heart_shows_its_closure():
    """It ejects some 60 ms longer than Weissler's regression says: the notch is looked for that long until one has been seen."""
    ward = Ward("myocarditis", seconds=0.0).do("tone.heart_rate_per_min", 50.0).wait(45)
    assert int(ward.pump.lessons) >= 5
    assert Alarm.TIMING_NOT_FOUND not in ward.raised(0.0)


def test_the_autopilot_comes_back_to_an_ecg_that_it_has_listened_to():
    """The detector of R waves runs on under the pressure trigger: no gap when a lead takes over, whatever the rate."""
    ward = Ward(seconds=0.0, trigger=Trigger.PRESSURE, mode=Mode.AUTOMATIC).do("tone.heart_rate_per_min", 52.0)
    seen = [(int(ward.wait(0.1).pump.choice.trigger), int(ward.pump.beat_at)) for _ in range(300)]
    changed = next(i for i in range(1, 300) if seen[i][0] != seen[i - 1][0])
    assert seen[changed][0] == Trigger.ECG
    first = next(at for _, at in seen[changed:] if at > seen[changed - 1][1])
    assert (first - seen[changed - 1][1]) / FS < 2.0
    assert Alarm.NO_TRIGGER not in ward.raised(0.0)


def test_a_shut_cylinder_shows_at_the_next_fill():
    """A leak too small for an alarm of its own asks for helium after about 20 s."""
    ward = Ward(seconds=20.0)
    start = ward.now
    ward.do("fault.cylinder-empty", 1.0).do("fault.leak", 0.0005).wait(80)
    assert ward.raised(start)[Alarm.AUTOFILL_FAILURE] <= ALARMS[Alarm.AUTOFILL_FAILURE].limit_s + 25.0
    assert Alarm.RAPID_GAS_LOSS not in ward.raised(start)


def test_a_slow_leak_is_found_in_the_books():
    ward = Ward(seconds=20.0).do("fault.leak", 0.0004)
    ward.wait(60 * 6)
    assert Alarm.SLOW_GAS_LOSS in ward.raised(20.0)
    assert float(ward.pump.books.lost_mL) < 10.0
    assert ward.pump.alarms.stopped == Alarm.NONE


@kernel
def under_a_high_baseline(settings, pump, rows):
    """A drive in order whose gas comes home to 35 mmHg, whatever is let out. Returns the sample of the alarm, -1 = none."""
    at = -1
    for i in range(rows.shape[0]):
        since = (pump.count - max(pump.inflate_at, pump.deflate_at)) / pump.fs_hz
        if pump.balloon == 1:
            rows[i].balloon_mmHg = 200.0 if since < 0.15 else 90.0
        else:
            rows[i].balloon_mmHg = -120.0 if since < 0.1 and pump.inflate_at >= 0 else 35.0
        control(settings, pump, rows[i])
        if at < 0 and pump.alarms.raised[Alarm.BASELINE_HIGH] >= 0:
            at = i
    return at


def test_a_baseline_that_letting_out_does_not_lower():
    rows, settings = heartbeat.bedside(heartbeat.beat_times(60, 0.8), 60, FS), Settings()
    pump = start_pump(settings, FS)
    at = under_a_high_baseline(settings, pump, rows)
    assert 0.0 < at / FS < 10.0 + ALARMS[Alarm.BASELINE_HIGH].limit_s  # pumping begins within 10 s
    assert pump.alarms.stopped == Alarm.BASELINE_HIGH


def test_every_alarm_is_tested():
    tested = {row[0] for row in CAUSES} | {
        Alarm.BASELINE_HIGH, Alarm.UNASSISTED, Alarm.STANDBY_LONG, Alarm.STANDBY_TOO_LONG, Alarm.THROMBOSIS_RISK, Alarm.TIMING_NOT_FOUND, Alarm.AUTOFILL_FAILURE, Alarm.SLOW_GAS_LOSS,
    }  # fmt: skip
    assert tested == set(Alarm) - {Alarm.NONE}
