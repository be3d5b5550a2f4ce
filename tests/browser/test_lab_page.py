"""The pages of the lab: what they say, keys, calipers, strips, sound, lost connections, and who may do what."""

import base64
import itertools
import tomllib

import pytest


def test_nothing_is_asked_of_another_machine(page_of, lab):
    page = page_of()
    assert {address.split("/")[2] for address in page.asked()} == {lab.address.split("/")[2]}
    body = page.see("document.body.innerText")
    assert "not a medical device" in body
    assert page.see("[...document.scripts].every((one) => one.src)"), "no inline script"


def test_start_page_opens_a_console(browser, lab):
    page = browser.page(f"{lab.address}/lab/")
    page.wait("document.querySelectorAll('#preset option').length > 5")
    assert "not a medical device" in page.see("document.body.innerText")
    page.see("document.querySelector('#preset').value = 'healthy'")
    page.see("document.querySelector('#preset').dispatchEvent(new Event('change'))")
    page.see("document.querySelector('#seed').value = '7'")
    page.click("#open")
    page.wait("location.pathname.startsWith('/lab/console/')", 60)
    page.wait("window.__lab && __lab.state", 60)
    assert page.see("__lab.link.key").strip()
    assert not page.said
    browser.end(page)


def test_first_paint(browser, lab, record_property):
    page = browser.page(f"{lab.address}/lab/")
    page.wait("performance.getEntriesByName('first-contentful-paint').length")
    record_property("lab: first contentful paint of the start page, ms", round(page.see("performance.getEntriesByName('first-contentful-paint')[0].startTime")))
    browser.end(page)


def test_the_first_trace_is_there_at_once(page_of, record_property):
    page = page_of()
    record_property("lab: first trace after the page was asked for, ms", round(page.see("__lab.first_trace_ms")))
    filled = page.see("(() => { const c = __lab.monitor.shown[1].canvas, d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                      " const columns = new Set(); for (let k = 3; k < d.length; k += 4) if (d[k]) columns.add(((k - 3) / 4) % c.width); return columns.size / c.width; })()")
    assert filled > 0.85, "the screen is full from the start, but for the erase bar"


def test_only_new_columns_are_drawn(page_of):
    page = page_of()
    page.wait("__lab.monitor.gauge.frames > 30")
    before = page.see("(__lab.reset(), __lab.monitor.paints)")
    head = page.see("__lab.monitor.head")
    page.wait(f"__lab.monitor.head > {head} + 3 * __lab.monitor.fs", 30)
    assert page.see("__lab.monitor.paints") - before <= 1, "a scale may be fitted anew; nothing else draws the whole"
    assert page.see("__lab.report().frames") > 10


def test_a_sweep_leaves_what_drawing_anew_would(page_of):
    page = page_of()
    head = page.see("__lab.monitor.head")
    page.wait(f"__lab.monitor.head > {head} + 2 * __lab.monitor.fs")
    # a leap, as after a stall of the machine: what stood there before must not stay
    page.see("__lab.monitor.head -= 100")
    page.wait(f"__lab.monitor.head > {head} + 5 * __lab.monitor.fs")
    shares = page.see("""__lab.monitor.shown.map((strip) => {
        const area = () => { const copy = document.createElement('canvas'); copy.width = strip.wide; copy.height = strip.high_px;
            const pen = copy.getContext('2d', { willReadFrequently: true }); pen.drawImage(strip.canvas, 0, 0); return pen.getImageData(0, 0, strip.wide, strip.high_px).data; };
        const inked = (data) => { let n = 0; for (let k = 3; k < data.length; k += 4) n += data[k] > 128; return n; };
        const marks = strip.marks;
        const swept = area();
        strip.redraw(strip.drawn);
        const anew = area();
        let apart = 0;
        for (let k = 3; k < swept.length; k += 4) apart += (swept[k] > 128) !== (anew[k] > 128);
        return [apart / inked(anew), marks.length];
    })""")
    # captions find other places when all are set at once; lines and shades do not
    assert all(share < 0.12 for share, _ in shares), shares


def test_keys_and_undo(page_of):
    page = page_of()
    ratio = "__lab.controls.get('settings.ratio').value"
    page.press("3")
    page.wait(f"{ratio} === 3")
    page.press("i", 8)
    page.press("i", 8)
    trim = "__lab.controls.get('settings.inflation_trim_ms').value"
    page.wait(f"{trim} === 10")
    assert not page.see("document.querySelector('#undo').disabled")
    page.press("z", 2)
    page.wait(f"{trim} === 0")
    page.press("z", 2)
    page.wait(f"{ratio} === 1")
    page.see("document.querySelector('#keys-on').click()")
    page.press("2")
    assert page.see(ratio) == 1, "single keys are off"
    page.press("?")
    assert page.see("document.querySelector('#help').open")
    page.press("Escape")
    page.wait("!document.querySelector('#help').open")


def test_a_slider_moves_by_keyboard(page_of):
    page = page_of()
    page.see("document.querySelector('[data-field=\"settings.volume_mL\"] input[type=range]').focus()")
    before = page.see("__lab.controls.get('settings.volume_mL').value")
    page.press("ArrowLeft")
    page.wait(f"__lab.controls.get('settings.volume_mL').value < {before}")
    page.wait(f"__lab.state.numerics.volume_mL < {before}")


def test_a_refusal_is_told_and_the_control_goes_back(page_of):
    page = page_of()
    page.see("__lab.controls.change({field: 'settings.volume_mL', place: -1}, 49)")
    page.wait("!document.querySelector('#toast').hidden")
    assert "mL" in page.see("document.querySelector('#toast').textContent")
    assert page.see("__lab.state.numerics.volume_mL") <= 40


def test_frozen_traces_stand_still_and_calipers_measure(page_of):
    page = page_of()
    page.press("f")
    head = page.see("__lab.monitor.head")
    page.wait(f"__lab.monitor.ring.next > {head} + 50")
    assert page.see("__lab.monitor.head") == head
    gap = page.see("document.querySelector('#calipers .gap').textContent")
    assert "1000 ms" in gap
    for _ in range(5):
        page.press("ArrowLeft")
    page.press("ArrowLeft", 8)
    assert "Δt 940 ms" in page.see("document.querySelector('#calipers .gap').textContent"), "15 samples of 4 ms less"
    cells = page.see("[...document.querySelectorAll('#calipers tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
    assert len(cells) == page.see("__lab.monitor.shown.length")
    name, a, b, difference, unit = cells[1]
    assert unit == "mmHg"
    assert abs(int(b.replace("−", "-")) - int(a.replace("−", "-")) - int(difference.replace("−", "-"))) <= 1, name
    page.press("Escape")
    page.wait(f"__lab.monitor.head > {head} + 50")


def test_speed_gain_and_traces(page_of):
    page = page_of()
    page.press(".")
    assert page.see("__lab.monitor.speed") == 50
    span = page.see("(__lab.monitor.paint(), __lab.monitor.span)")
    page.press(",")
    assert page.see("(__lab.monitor.paint(), __lab.monitor.span)") == pytest.approx(2 * span)
    high = page.see("__lab.monitor.arterial().high")
    page.press("g")
    assert page.see("__lab.monitor.arterial().high") < high
    count = page.see("__lab.monitor.shown.length")
    page.see("document.querySelector('#traces input[value=pa]').click()")
    assert page.see("__lab.monitor.shown.length") == count + 1
    page.see("document.querySelector('#traces input[value=true_lv]').click()")
    assert page.see("document.querySelectorAll('.strip[data-channel=true_lv] canvas').length") == 3


def test_strips(page_of, lab):
    page = page_of()
    page.wait("__lab.state.time_s > 1")
    data = page.see("__lab.sheet.picture().toDataURL('image/png')")
    assert base64.b64decode(data.split(",")[1])[:4] == b"\x89PNG"
    to = page.see("__lab.monitor.ring.next / __lab.monitor.fs")
    for form, start in (("csv", None), ("parquet", b"PAR1"), ("wfdb", b"PK")):
        answer = lab.ask(f"consoles/{page.made['console']}/strip?from_s={to - 4}&to_s={to}&format={form}", page.made["view_key"])
        assert len(answer) > 1000
        assert start is None or answer.startswith(start)
    page.see("document.querySelector('#save-samples').click()")
    page.wait("document.querySelector('#toast').textContent.startsWith('Saved')", 30)


def test_a_saved_run_opens_again(page_of, lab):
    page = page_of()
    page.press("2")
    page.wait("__lab.state.numerics.ratio === 2")
    text = lab.ask(f"consoles/{page.made['console']}/scenario", page.made["key"]).decode()
    assert any(one["field"] == "settings.ratio" for one in tomllib.loads(text)["input"])
    again = page_of(scenario=text)
    again.wait("__lab.controls.get('settings.ratio').value === 2 || __lab.state.numerics.ratio === 2", 60)


def test_a_lost_connection_comes_back_and_continues(page_of):
    page = page_of()
    page.see("__lab.link.socket.close()")
    page.wait("__lab.link.drops > 0")
    newest = page.see("__lab.link.newest")
    page.wait(f"__lab.link.open && __lab.link.newest > {newest} + 100", 30)
    page.wait("document.querySelector('#link').hidden")
    head = page.see("__lab.monitor.head")
    page.wait(f"__lab.monitor.head > {head} + 100", 30)


def test_a_console_that_has_ended_says_so(page_of, lab):
    page = page_of()
    lab.end(page.made)
    page.wait("__lab.link.over", 30)
    assert page.see("document.querySelector('#link .sentence').textContent").strip()
    assert not page.see("document.querySelector('#home-link').hidden")


def test_who_only_looks_on_sees_no_controls_and_no_truth(page_of):
    steering = page_of("instructor")
    page = page_of("monitor", made=steering.made)
    assert page.see("document.querySelectorAll('#tabs, #start, .control').length") == 0
    assert not page.see("Object.keys(__lab.monitor.index).some((id) => id.startsWith('true_') || id.startsWith('without_'))")
    steering.press("2")
    page.wait("__lab.state.numerics.ratio === 2", 20)
    page.wait("__lab.beats.length > 2", 30)
    assert all("inflation_error_ms" not in one or one["inflation_error_ms"] is None for one in page.see("__lab.beats"))
    assert page.made["view_key"] in steering.see("document.querySelector('#view-link').value")
    assert page.made["key"] not in steering.see("document.querySelector('#view-link').value")


def test_physiology_is_off_until_asked_for(page_of):
    page = page_of()
    assert page.see("__lab.physiology.latest") is None
    page.click("#tab-physiology")
    page.wait("document.querySelectorAll('#before-after tbody tr').length > 12", 30)
    page.wait("__lab.physiology.errors.length > 2", 30)
    drawn = page.see("['loop-lv', 'loop-rv', 'timing'].map((id) => { const c = document.getElementById(id); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0); })")
    assert drawn == [True, True, True]
    rows = dict(page.see("[...document.querySelectorAll('#before-after tbody tr')].map((one) => [one.dataset.key, [...one.cells].map((cell) => cell.textContent)])"))
    def number(text):
        return float(text.replace("−", "-"))
    assert number(rows["augmented_peak_mmHg"][3]) > number(rows["augmented_peak_mmHg"][2]), "the pump augments"
    assert rows["sbp_mmHg"][1] == "–"
    page.click("#mark-before")
    page.wait("document.querySelector('#before-after tr[data-key=sbp_mmHg]').cells[1].textContent !== '–'")
    page.click("#tab-pump")
    assert page.see("__lab.physiology.on") is False


def test_alarm_sound_follows_priority_and_its_silence_ends(page_of):
    page = page_of()
    told = page.see("""(async () => {
        const { Sound } = await import('/static/lab/sound.js'), one = new Sound(), pulses = [];
        one.context = { currentTime: 0 };
        one.on = true;
        one.pulse = (at) => pulses.push(at);
        const count = (priority, now) => { pulses.length = 0; one.follow(priority, now); return pulses.length; };
        const found = [count('high', 0), count('high', 1000), count('medium', 2000), count('low', 3000), count(null, 4000)];
        one.silence(500, 10000);
        found.push(one.left(10000), count('high', 20000), count('high', 129999), count('high', 130001));
        one.on = false;
        found.push(count('medium', 200000));
        return found;
    })()""")
    assert told == [10, 0, 3, 1, 0, 120, 0, 0, 10, 0], "bursts of 10, 3 and 1 pulses; 120 s at most; nothing while off"
    assert page.see("__lab.alarms.sound.on") is False, "off until somebody asks"
    page.click("#sound")
    page.wait("__lab.alarms.sound.on && document.querySelector('#sound').textContent === 'Sound on'")
    page.press("a")
    page.wait("/Silenced \\d+ s/.test(document.querySelector('#silence').textContent)")


def test_tabs_are_moved_by_arrow_keys(page_of):
    page = page_of()
    page.see("document.querySelector('#tab-pump').focus()")
    page.press("ArrowRight")
    assert page.see("document.activeElement.id") == "tab-patient"
    assert page.see("document.querySelector('#panel-pump').hidden")
    page.press("ArrowLeft")
    assert not page.see("document.querySelector('#panel-pump').hidden")


def test_two_pages_steer_one_patient(page_of):
    one = page_of()
    other = page_of(made=one.made)
    one.press("3")
    other.wait("__lab.controls.get('settings.ratio').value === 3", 20)
    checked = other.see("[...document.querySelectorAll('[data-field=\"settings.ratio\"] input')].map((each) => each.checked)")
    assert checked == [False, False, True]


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160), (810, 1080)])
def test_nothing_is_cut_off(page_of, size):
    page = page_of(size=size)
    wide = page.see("document.documentElement.scrollWidth")
    assert wide <= size[0]
    cut = page.see("""[...document.querySelectorAll('.tile:not([hidden]) .value, .tile:not([hidden]) .mean, .bar > *:not([hidden]), .tools > *')]
        .filter((one) => { const b = one.getBoundingClientRect(), h = one.closest('#numerics, .bar, .top').getBoundingClientRect();
            return b.right > h.right + 1 || b.bottom > h.bottom + 1 || b.left < h.left - 1 || b.top < h.top - 1; }).map((one) => one.outerHTML.slice(0, 80))""")
    assert not cut, cut
    tiles = page.see("[...document.querySelectorAll('.tile:not([hidden])')].map((one) => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })")
    for a, b in itertools.combinations(tiles, 2):
        assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1, "numbers overlap"
    heart = page.see("parseFloat(getComputedStyle(document.querySelector('[data-numeric=hr] .value')).fontSize)")
    assert heart >= 0.055 * min(size), "readable from afar: numerals of one eighteenth of the screen's smaller side"
