"""Lessons, a run begun again, and recordings, as a person meets them in the browser."""

import json


def test_a_lesson_is_listed_opened_answered_and_explained(page_of, lab, browser):
    start = browser.page(f"{lab.address}/lab/")
    start.wait("document.querySelectorAll('#lessons button').length > 10")
    names = start.see("[...document.querySelectorAll('#lessons strong')].map((one) => one.textContent)")
    assert len(set(names)) == len(names)
    browser.end(start)
    page = page_of(lesson="late-deflation")
    page.wait("document.querySelector('#tab-lesson').getAttribute('aria-selected') === 'true'")
    text = page.see("document.querySelector('#lesson').innerText")
    assert "Explain" in text
    assert "Sources" not in text, "no explanation before it is asked for"
    checks = page.see("document.querySelectorAll('#lesson .checks li').length")
    assert checks >= 1
    assert page.see("document.querySelectorAll('#lesson .checks li[data-state=met]').length") < checks, "not solved from the start"
    late = page.see("[...document.querySelectorAll('#lesson .answers button')].findIndex((one) => one.textContent.includes('late deflation'))")
    page.see(f"document.querySelectorAll('#lesson .answers button')[{late}].click()")
    page.wait("document.querySelector('#lesson .verdict')?.textContent.startsWith('Right')")
    assert page.see(f"document.querySelectorAll('#lesson .answers button')[{late}].getAttribute('aria-pressed')") == "true"
    page.see("[...document.querySelectorAll('#lesson button')].find((one) => one.textContent === 'Explain').click()")
    page.wait("document.querySelectorAll('#lesson .explained li').length > 0")
    assert page.see("[...document.querySelectorAll('#lesson .explained li')].every((one) => one.textContent.length > 10)")


def test_a_lesson_is_solved_by_the_controls(page_of):
    page = page_of(lesson="late-deflation")
    trim = page.see("__lab.controls.get('settings.deflation_trim_ms').value")
    assert trim > 0
    page.see("__lab.link.send({type: 'do', what: 'speed', value: 4})")
    page.see("__lab.controls.set('settings.deflation_trim_ms', 0)")
    page.wait("document.querySelectorAll('#lesson .checks li[data-state=met]').length >= 1", 60)


def test_a_run_begins_again(page_of):
    page = page_of()
    page.press("3")
    page.wait("__lab.state.numerics.ratio === 3")
    opened = page.see("__lab.state.time_s")
    page.wait(f"__lab.state.time_s > {opened} + 2")
    page.see("document.querySelector('#again').click()")
    page.wait(f"__lab.state.time_s < {opened} + 1 && __lab.state.numerics.ratio === 1", 60)
    head = page.see("__lab.monitor.head")
    page.wait(f"__lab.monitor.started && __lab.monitor.head !== {head}")
    assert page.see("document.querySelectorAll('#alarm-list li[data-code]').length") == len(page.see("__lab.state.alarms"))


def test_a_recording_is_played_with_the_pump_along_it(page_of, lab, recordings):
    found = [one["recording"] for one in json.loads(lab.ask("recordings"))["recordings"]]
    wanted = next(one for one in found if "abp_ecg" in one)
    page = page_of(recording=wanted)
    assert page.see("document.body.dataset.mode") == "recording"
    assert page.see("document.querySelector('[data-tab=physiology]').hidden")
    page.see("__lab.link.send({type: 'do', what: 'speed', value: 4})")
    page.wait("__lab.monitor.strip('ecg').marks.length > 6", 60)
    page.wait("__lab.monitor.landmarks.spans.length > 2", 60)
    page.wait("__lab.monitor.shown.every((one) => __lab.monitor.ring.extremes(one.index, __lab.monitor.ring.first, __lab.monitor.ring.next)[0] < Infinity)", 20)
    page.wait("__lab.monitor.arterial().marks.length > 3", 30)
    words = {mark["text"][0] for mark in page.see("__lab.monitor.arterial().marks.filter((one) => one.text)")}
    assert words <= {"SYS", "DIA"}, "the pump helped nobody in a recording"
    assert page.see("document.querySelector('#pump-state').textContent").startswith("ALONG A RECORDING")
    page.see("__lab.controls.set('settings.ratio', 2)")
    page.wait("__lab.state.numerics.ratio === 2")
