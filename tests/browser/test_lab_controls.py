"""Each control changes the trace as physiology says, in a real browser on the real server. Directions are asserted, and sizes only where they could not be noise."""

import itertools
import statistics

import pytest

PACE = 4  # times real time: settled sooner, the same bits


@pytest.fixture
def page(page_of):
    one = page_of(preset="hf-shock")
    one.see(f"__lab.link.send({{type: 'do', what: 'speed', value: {PACE}}})")
    one.wait(f"__lab.state.speed === {PACE}")
    return one


def beats(page, count=8, last_s=90):
    """That many beats from now on."""
    start = page.see("__lab.beats.length ? __lab.beats[__lab.beats.length - 1].number : -1")
    page.wait(f"__lab.beats.filter((one) => one.number > {start}).length >= {count}", last_s)
    return page.see(f"__lab.beats.filter((one) => one.number > {start})")


def settled(page, count=8, skip=8):
    """Beats after those in which a change takes its effect."""
    return beats(page, count + skip)[skip:]


def put(page, field, value, place=-1):
    """Set a field as the page's controls do, and wait until the server says that it holds."""
    key = f"{field}@{place}" if place >= 0 else field
    assert page.see(f"__lab.controls.all.has({key!r})"), f"no control for {key}"
    page.see(f"__lab.controls.set({key!r}, {value})")
    page.wait(f"Math.abs(__lab.controls.get({key!r}).value - {value}) < 1e-6")


def mean(rows, name, keep=lambda one: True):
    found = [one[name] for one in rows if keep(one) and one[name] is not None]
    assert found, f"no {name}"
    return statistics.fmean(found)


def inflated_share(page, seconds=3):
    share, there = page.see(f"""(() => {{ const m = __lab.monitor, k = m.index.inflated; let on = 0, there = 0, n = Math.round({seconds} * m.fs);
        for (let s = m.ring.next - n; s < m.ring.next; s++) {{ const v = m.ring.at(k, s); on += v > 0.5; there += !Number.isNaN(v); }} return [on / there, there / n]; }})()""")
    assert there > 0.5, "most samples have come"
    return share


def swing(page, channel, seconds=2):
    low, high = page.see(f"__lab.monitor.ring.extremes(__lab.monitor.index[{channel!r}], __lab.monitor.ring.next - {seconds} * __lab.monitor.fs, __lab.monitor.ring.next)")
    return high - low


def test_ratio_two_shows_alternate_beats(page):
    page.press("2")
    page.wait("__lab.state.numerics.ratio === 2")
    rows = settled(page)
    assisted = [one["assisted"] for one in rows]
    assert all(a != b for a, b in itertools.pairwise(assisted)), assisted
    after = [one["after_assisted"] for one in rows[1:]]
    assert after == assisted[:-1], "a systole is an assisted one exactly when the diastole before it was"
    assert mean(rows, "end_diastolic_mmHg", lambda one: one["assisted"]) < mean(rows, "end_diastolic_mmHg", lambda one: not one["assisted"]) - 3
    share = inflated_share(page, 6)
    assert 0.05 < share < 0.35, share
    page.press("1")
    page.wait("__lab.state.numerics.ratio === 1")
    assert all(one["assisted"] for one in settled(page))


def test_late_deflation_raises_end_diastole(page):
    # teaching pages and pump.md 3.5: BAEDP near or above the unassisted one
    before = mean(settled(page, 16), "end_diastolic_mmHg")
    for _ in range(20):
        page.press("D", 8)
    page.wait("__lab.controls.get('settings.deflation_trim_ms').value === 100")
    rows = settled(page, 16, 12)
    assert mean(rows, "end_diastolic_mmHg") > before + 5
    assert mean(rows, "deflation_error_ms") > 20
    page.press("z", 2)
    page.wait("__lab.controls.get('settings.deflation_trim_ms').value === 0", 10)
    assert mean(settled(page, 8, 12), "end_diastolic_mmHg") < before + 5, "undo brings the timing back"


def test_inflation_trim_moves_the_inflation(page):
    before = mean(settled(page), "inflation_error_ms")
    put(page, "settings.inflation_trim_ms", 80)
    assert mean(settled(page), "inflation_error_ms") > before + 50
    put(page, "settings.inflation_trim_ms", -60)
    assert mean(settled(page), "inflation_error_ms") < before - 30


def test_less_volume_augments_less(page):
    before = settled(page)
    put(page, "settings.volume_mL", 15)
    after = settled(page)
    assert mean(after, "augmented_peak_mmHg") < mean(before, "augmented_peak_mmHg") - 5
    assert mean(after, "end_diastolic_mmHg") > mean(before, "end_diastolic_mmHg") + 2


def test_standby_keeps_the_balloon_flat_and_start_drives_again(page):
    page.press("s")
    page.wait("__lab.controls.get('settings.standby').value === 1")
    assert page.see("document.querySelector('#pump-state').textContent").startswith("STANDBY")
    assert not any(one["assisted"] for one in settled(page))
    assert inflated_share(page) == 0
    page.click("#start")
    page.wait("__lab.controls.get('settings.standby').value === 0")
    assert any(one["assisted"] for one in settled(page))


def test_leads_off_raise_an_alarm_and_the_balloon_stays_flat(page):
    pumping = swing(page, "balloon")
    for lead in range(3):
        put(page, "monitor.lead_off", 1, lead)
    page.wait("document.querySelector('#alarm-line').dataset.priority !== 'none'", 40)
    page.wait("__lab.state.alarms.length && document.querySelectorAll('#alarm-list li[data-code]').length === __lab.state.alarms.length")
    assert page.see("document.querySelector('#alarm-urgent').textContent").strip()
    assert page.see("document.querySelector('#alarm-line .sentence').textContent") == page.see("__lab.alarms.alarms[0].sentence")
    since = page.see("__lab.state.time_s")
    page.wait(f"__lab.state.time_s > {since} + 6")
    assert inflated_share(page) == 0
    assert swing(page, "balloon") < 0.2 * pumping
    assert page.see("document.querySelector('#pump-state').textContent").startswith(("NOT PUMPING", "STOPPED"))


def test_the_patient_answers(page):
    # first what the heart does by itself: the pump would answer too
    page.press("s")
    rest = settled(page)
    put(page, "tone.heart_rate_per_min", 120)
    assert mean(settled(page), "rr_s") < mean(rest, "rr_s") - 0.05
    put(page, "tone.heart_rate_per_min", 94)
    put(page, "tone.systemic_resistance", 1.6)
    assert mean(settled(page, 8, 25), "mean_mmHg") > mean(rest, "mean_mmHg") + 5
    put(page, "tone.systemic_resistance", 1.0)
    put(page, "tone.lv_contractility", 1.8)
    assert mean(settled(page, 8, 25), "systolic_mmHg") > mean(rest, "systolic_mmHg") + 3


def test_the_heart_fibrillates(page):
    rhythm = next(one for one in page.see("__lab.controls.all.get('tone.rhythm').field.choices") if "atrial fib" in one["label"])
    put(page, "tone.rhythm", rhythm["value"])
    put(page, "tone.rr_variability", 0.2)
    rows = settled(page, 12)
    assert statistics.stdev(one["rr_s"] for one in rows) > 0.05


def test_a_fault_comes_and_goes_by_its_switch_and_drugs_are_scored(page):
    switch = "document.querySelector('[data-field=\"fault.balloon-transducer-lost\"] button')"
    page.click("#tab-patient")
    page.see("document.querySelectorAll('#panel-patient details').forEach((one) => { one.open = true; })")
    page.see(f"{switch}.click()")
    page.wait("__lab.state.alarms.length", 40)
    page.wait("Number.isNaN(__lab.monitor.ring.at(__lab.monitor.index.balloon, __lab.monitor.ring.next - 1))")
    page.see(f"{switch}.click()")
    page.wait("!Number.isNaN(__lab.monitor.ring.at(__lab.monitor.index.balloon, __lab.monitor.ring.next - 1))")
    assert page.see(f"{switch}.getAttribute('aria-pressed')") == "false"
    put(page, "dose.dobutamine_ug_kg_min", 7.5)
    page.wait("__lab.state.numerics.inotropic_score === 7.5")
    assert "7.5" in page.see("document.querySelector('#measured [data-numeric=inotropic_score]').textContent")
