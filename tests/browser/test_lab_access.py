"""Accessibility of every page, panel and theme by axe-core's rules, focus that can be seen, and motion that is reduced when asked."""

from importlib.util import find_spec
from pathlib import Path

import pytest

# the script out of a maintained wheel; the driver that the wheel brings is not needed
AXE = (Path(find_spec("axe_playwright_python").origin).parent / "axe.min.js").read_text()
LOOK = """axe.run(document, { rules: { 'target-size': { enabled: true } } }).then((told) => ({
    found: told.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)), passed: told.passes.length,
    least: Math.min(...told.passes.filter((rule) => rule.id === 'color-contrast').flatMap((rule) => rule.nodes).flatMap((node) => node.any).map((one) => one.data?.contrastRatio || 99)) }))"""
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def check(page, where):
    if not page.see("Boolean(window.axe)"):
        page.see(AXE)
    told = page.see(LOOK)
    assert not told["found"], f"{where}:\n" + "\n".join(told["found"])
    assert told["passed"] > 20, where
    return told["least"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_console_and_its_panels(page_of, record_property, theme):
    page = page_of("instructor", media={"prefers_color_scheme": theme})
    assert page.see("document.documentElement.dataset.theme") == theme
    least = []
    for tab in ("pump", "patient", "physiology", "share"):
        page.click(f"#tab-{tab}")
        if tab == "physiology":
            page.wait("document.querySelectorAll('#before-after tbody tr').length", 30)
        page.see(OPEN_ALL)
        least.append(check(page, tab))
    page.see("__lab.link.send({type: 'set', field: 'monitor.lead_off', value: 1, place: 0})")
    page.click("#tab-pump")
    page.wait("__lab.state.alarms.length", 30)
    page.wait("document.querySelectorAll('#alarm-list li[data-code]').length", 30)
    least.append(check(page, "alarm"))
    page.press("f")
    least.append(check(page, "frozen"))
    page.press("Escape")
    page.see("__lab.link.send({type: 'do', what: 'nonsense'})")
    page.wait("!document.querySelector('#toast').hidden")
    least.append(check(page, "refusal"))
    record_property(f"lab: least contrast of any text, {theme}", round(min(least), 2))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_monitor_and_start(page_of, browser, lab, theme):
    check(page_of("monitor", media={"prefers_color_scheme": theme}), "monitor")
    start = browser.page(f"{lab.address}/lab/", prefers_color_scheme=theme)
    start.wait("document.querySelectorAll('#preset option').length && !document.querySelector('#open').disabled")
    check(start, "start")
    browser.end(start)


def test_a_lesson_with_its_explanation(page_of):
    page = page_of(lesson="late-deflation")
    page.see("[...document.querySelectorAll('#lesson button')].find((one) => one.textContent === 'Explain').click()")
    page.wait("document.querySelectorAll('#lesson .explained li').length > 0")
    check(page, "lesson")


def test_help_is_a_dialog_that_gives_the_focus_back(page_of):
    page = page_of()
    page.see("document.querySelector('#open-help').focus()")
    page.press("?")
    page.wait("document.querySelector('#help').open")
    check(page, "help")
    assert page.see("document.querySelector('#help').contains(document.activeElement)")
    page.press("Escape")
    page.wait("!document.querySelector('#help').open")
    assert page.see("document.activeElement.id") == "open-help"


def test_every_control_is_reached_by_tab_and_shows_it(page_of):
    page = page_of()
    order, seen = [], set()
    for _ in range(120):
        page.press("Tab")
        found = page.see("""(() => { const one = document.activeElement, shown = one.matches('.segments input') ? one.nextElementSibling : one, style = getComputedStyle(shown);
            const box = shown.getBoundingClientRect();
            return { key: one.id || (one.name ? one.name + one.value : one.textContent.slice(0, 20)), outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, body: one === document.body,
                inside: box.right > 0 && box.bottom > 0 }; })()""")
        if found["body"] or found["key"] in seen:
            break
        seen.add(found["key"])
        order.append(found)
    assert len(order) >= 20
    assert not [one["key"] for one in order if not one["outline"]], "focus is visible"
    names = [one["key"] for one in order]
    assert names.index("sound") < names.index("freeze") < names.index("tab-pump") < names.index("start"), names


def test_motion_is_reduced_when_asked(page_of):
    page = page_of(media={"prefers_reduced_motion": "reduce"})
    page.see("(() => { const line = document.querySelector('#alarm-line'); line.dataset.priority = 'high'; line.classList.remove('calm'); })()")
    assert page.see("getComputedStyle(document.querySelector('#alarm-line')).animationName") == "none"


def test_theme_switch_holds(page_of):
    page = page_of(media={"prefers_color_scheme": "light"})
    page.click("#theme")
    assert page.see("document.documentElement.dataset.theme") == "dark"
    page.call("Page.reload")
    page.wait("window.__lab && __lab.state", 60)
    assert page.see("document.documentElement.dataset.theme") == "dark"
    page.see("localStorage.clear()")


def test_priority_is_told_by_word_and_shape_too(page_of):
    page = page_of()
    signs, words = page.see("""(__lab.alarms.show([['high', 'a'], ['medium', 'b'], ['low', 'c']].map(([priority, code]) => ({ priority, code, sentence: `${code}.`, advice: '', since_s: 1, acknowledged: false, latched: false }))),
        [[...document.querySelectorAll('#alarm-list .sign')].map((one) => one.textContent),
         [...document.querySelectorAll('#alarm-list strong')].map((one) => one.textContent.split(':')[0])])""")
    assert len(set(signs)) == 3
    assert words == ["High", "Medium", "Low"]
