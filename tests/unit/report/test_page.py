"""Pages are whole, need no network, escape what they are told, and carry their waves within a line's width."""

import base64
import json
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from counterpulse.report import figures, tables, waves
from counterpulse.report.page import page


def test_page_is_self_contained_and_escapes():
    html = page("<script>alert(1)</script>", "a & b", [("<b>", "<p>kept</p>")])
    assert "<script>alert(1)" not in html
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html
    assert "<p>kept</p>" in html
    assert "not for patient care" in html
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)=", html)
    assert 'data-theme="dark"' in html


@given(values=st.lists(st.one_of(st.floats(-400, 400), st.just(float("nan"))), max_size=50))
def test_packed_waves_keep_gaps_and_half_a_level(values):
    given_values = np.array(values, float)
    told = waves.packed(given_values)
    whole = np.frombuffer(base64.b64decode(told["data"]), "<i2")
    assert np.array_equal(whole == -32768, np.isnan(given_values))
    there = ~np.isnan(given_values)
    assert np.all(np.abs(told["offset"] + told["scale"] * whole[there] - given_values[there]) <= 0.51 * told["scale"])


def test_wave_section_holds_lawful_json_with_nothing_there():
    line = waves.Line("ABP", np.full(10, np.nan), 250.0)
    text = waves.section(waves.Waves([waves.Panel("ABP", "mmHg", [line], [waves.Dots("</script>", np.array([0.1]), "r")])]))
    data = json.loads(re.search(r"<script type='application/json'[^>]*>(.*)</script>", text)[1])
    assert data["panels"][0]["dots"][0]["name"] == "</script>"
    assert text.count("</script>") == 1


def test_numbers_for_reading():
    assert tables.number(None) == tables.number(float("nan")) == "–"
    assert tables.number(-1.25, 1) == "−1.2"
    assert tables.number(-0.04, 1, signed=True) == "0.0"
    assert tables.change(tables.Row("MAP", "mmHg", 60.0, 66.0)) == "+6 (+10 %)"
    assert tables.change(tables.Row("CVP", "mmHg", 0.0, 2.0)) == "+2"
    assert tables.change(tables.Row("x", "", None, 2.0)) == "–"


def test_comparison_and_listing_escape_and_group():
    rows = [tables.Row("a<b", "mmHg", 1, 2, 0, "Pressures"), tables.Row("c", "L/min", 1, None, 1, "Flow")]
    text = tables.comparison(rows)
    assert "a&lt;b" in text
    assert text.count("class='group'") == 2
    assert "data-at='1.500'" in tables.listing(("t",), [(tables.Cell("x", at_s=1.5),)])


def test_figures_have_null_for_nan():
    text = figures.loops([figures.Loop("with", np.array([1.0, np.nan]), np.array([2.0, 3.0]), "with")])
    assert "[1.0,null]" in text
