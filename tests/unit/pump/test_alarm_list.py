"""The list of alarms, and how they wait, latch, are acknowledged and paused."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.alarms import ALARMS, Alarm, Priority, named
from counterpulse.pump.annunciator import Alarms, announce, heed_clinician, sounding
from counterpulse.pump.log import ROOM, Kind, Log, events, write
from counterpulse.pump.settings import Settings

FS = 100.0


@kernel
def look(settings, alarms, log, count):
    """What the lookout does around its causes."""
    restarted = heed_clinician(settings, alarms, log, count, FS)
    announce(alarms, log, count, FS)
    return restarted


@kernel
def heard(alarms, count):
    return sounding(alarms, count)


class Bench:
    """Alarms that are looked at every 40 ms."""

    def __init__(self):
        self.settings, self.alarms, self.log, self.count = Settings(), Alarms(), Log(), 0

    def hold(self, seconds, *causes):
        self.alarms.cause[:] = 0
        for cause in causes:
            self.alarms.cause[cause] = 1
        for _ in range(round(seconds / 0.04)):
            self.count += 4
            look(self.settings, self.alarms, self.log, self.count)
        return named(int(self.alarms.mask))


@pytest.mark.parametrize("alarm", [alarm for alarm in Alarm if alarm])
def test_every_alarm_is_whole(alarm):
    about = ALARMS[alarm]
    assert about.priority > Priority.NONE
    assert about.sentence.endswith(".")
    assert about.advice.endswith(".")
    assert about.source
    assert about.wait_s < about.limit_s
    if about.stops:
        assert about.latches
        assert about.priority == Priority.HIGH


def test_list_and_table_agree():
    assert set(ALARMS) == set(Alarm)
    assert list(Alarm) == list(range(len(Alarm)))
    ranks = [ALARMS[alarm].priority for alarm in list(Alarm)[1:]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(Alarm) <= 62  # bits of the mask


def test_a_cause_must_hold_before_it_is_raised():
    bench = Bench()
    assert bench.hold(4.8, Alarm.TRIGGER_NOISE) == []
    assert bench.hold(0.4, Alarm.TRIGGER_NOISE) == [Alarm.TRIGGER_NOISE]
    assert bench.hold(4.8) == [Alarm.TRIGGER_NOISE]
    assert bench.hold(0.4) == []
    assert [event.kind for event in events(bench.log)] == [Kind.ALARM_ON, Kind.ALARM_OVER]


def test_short_interruptions_do_not_repeat_the_alarm():
    bench = Bench()
    for _ in range(20):
        bench.hold(0.4, Alarm.NO_TRIGGER)
        bench.hold(0.6)
    assert bench.log.number == 1


def test_a_latched_alarm_waits_for_acknowledgement_and_for_its_cause_to_go():
    bench = Bench()
    bench.hold(1, Alarm.SLOW_GAS_LOSS)
    assert bench.hold(60) == [Alarm.SLOW_GAS_LOSS]
    bench.settings.acknowledge += 1
    assert bench.hold(2) == []
    bench.hold(1, Alarm.SLOW_GAS_LOSS)
    bench.settings.acknowledge += 1
    assert bench.hold(2, Alarm.SLOW_GAS_LOSS) == [Alarm.SLOW_GAS_LOSS]
    assert bench.hold(2) == []


def test_what_stops_the_pump_waits_for_the_clinician():
    bench = Bench()
    bench.hold(1, Alarm.RAPID_GAS_LOSS)
    assert bench.alarms.stopped == Alarm.RAPID_GAS_LOSS
    bench.settings.acknowledge += 1
    assert bench.hold(5) == []
    assert bench.alarms.stopped == Alarm.RAPID_GAS_LOSS
    bench.settings.restart += 1
    bench.hold(1)
    assert bench.alarms.stopped == Alarm.NONE


def test_a_restart_that_cures_nothing_stops_and_sounds_again():
    bench = Bench()
    bench.hold(1, Alarm.OVER_TEMPERATURE)
    bench.settings.acknowledge += 1
    bench.hold(1, Alarm.OVER_TEMPERATURE)
    assert heard(bench.alarms, bench.count) == Priority.NONE
    bench.settings.restart += 1
    bench.hold(0.1, Alarm.OVER_TEMPERATURE)
    assert bench.alarms.stopped == Alarm.OVER_TEMPERATURE
    assert heard(bench.alarms, bench.count) == Priority.HIGH


def test_silence_lasts_two_minutes_and_yields_to_a_new_high_alarm():
    bench = Bench()
    bench.hold(1, Alarm.AUGMENTATION_LOW)
    assert heard(bench.alarms, bench.count) == Priority.MEDIUM
    bench.settings.silence += 1
    bench.hold(119, Alarm.AUGMENTATION_LOW)
    assert heard(bench.alarms, bench.count) == Priority.NONE
    bench.hold(2, Alarm.AUGMENTATION_LOW)
    assert heard(bench.alarms, bench.count) == Priority.MEDIUM
    bench.settings.silence += 1
    bench.hold(1, Alarm.AUGMENTATION_LOW)
    bench.hold(1, Alarm.AUGMENTATION_LOW, Alarm.NO_TRIGGER)
    assert heard(bench.alarms, bench.count) == Priority.HIGH


def test_the_gravest_comes_first():
    bench = Bench()
    bench.hold(2, Alarm.HELIUM_LOW, Alarm.ECG_LOST, Alarm.BLOOD_IN_LINE, Alarm.NO_TRIGGER)
    assert bench.alarms.first == Alarm.BLOOD_IN_LINE
    assert named(int(bench.alarms.mask)) == [Alarm.BLOOD_IN_LINE, Alarm.NO_TRIGGER, Alarm.ECG_LOST, Alarm.HELIUM_LOW]


def test_the_log_keeps_the_last_events():
    log = Log()
    for i in range(ROOM + 10):
        write(log, i, Kind.ALARM_ON, Alarm.NO_TRIGGER, i)
    kept = events(log)
    assert [event.at for event in kept] == list(range(10, ROOM + 10))
    assert kept[-1].code == Alarm.NO_TRIGGER
    assert np.all(log.kind == Kind.ALARM_ON)
