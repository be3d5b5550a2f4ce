"""Published effects: how a file is read, when a number is a hit, and that the simulation is what is judged."""

import json
import math

import pytest

from counterpulse.cli import answer
from counterpulse.cohort.published import PACKAGED, judge, read_effects
from counterpulse.refusal import RefusalError

ROW = """
[sources]
a = { name = "A paper", certainty = "abstract" }
[populations]
p = { name = "somebody", presets = ["healthy"] }
[[effect]]
id = "one"
source = "a"
population = "p"
quantity = "sv_mL"
measure = "percent"
"""


def one(tmp_path, text, base=ROW):
    file = tmp_path / "effects.toml"
    file.write_text(base + text, encoding="utf-8")
    return read_effects(file)[0]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ('kind = "mean"\nmean = 10.0\n', 7.0, 13.0),
        ('kind = "mean"\nmean = 10.0\nsd = 5.0\nn = 25\n', 8.04, 11.96),
        ('kind = "mean"\nmean = -10.0\ninterval = [-12, -1]\n', -12.0, -1.0),
        ('kind = "none"\ninterval = [-5, 5]\n', -5.0, 5.0),
        ('kind = "sign"\nmean = -1.0\n', -math.inf, -0.5),
    ],
)
def test_where_a_hit_lies(tmp_path, text, low, high):
    effect = one(tmp_path, text)
    assert (effect.low, effect.high) == pytest.approx((low, high))


@pytest.mark.parametrize(("value", "verdict"), [(10.0, "hit"), (13.1, "near"), (16.1, "miss"), (-1.0, "miss"), (None, "miss"), (math.nan, "miss")])
def test_hit_near_and_miss(tmp_path, value, verdict):
    assert judge(one(tmp_path, 'kind = "mean"\nmean = 10.0\n'), value)[0] == verdict


def test_no_change_does_not_pass_for_an_effect(tmp_path):
    wide = one(tmp_path, 'kind = "mean"\nmean = 1.0\ninterval = [-5, 7]\n')
    assert judge(wide, 0.0)[0] != "hit"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('kind = "often"\nmean = 1.0\n', "must be one of mean, none, sign, order"),
        ('kind = "mean"\n', "needs a mean or an interval"),
        ('kind = "none"\ninterval = [5, -5]\n', "the lower first"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(tmp_path, text, named):
    with pytest.raises(RefusalError, match=named):
        one(tmp_path, text)


def test_the_packaged_rows_have_sources_and_their_own_names():
    effects = read_effects(PACKAGED)
    assert len(effects) >= 75
    assert all(effect.source and effect.certainty for effect in effects)


def test_a_file_is_simulated_and_judged(tmp_path, capsys):
    file = tmp_path / "effects.toml"
    file.write_text(ROW + 'kind = "sign"\nmean = 1.0\n', encoding="utf-8")
    assert answer(["validate", "--effects", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["hit"], found["null_pump_hit"]) == (1, 0)
    assert found["rows"][0]["simulated"] > 0.5
    assert found["rows"][0]["high"] is None


def test_a_file_that_is_none_is_refused(tmp_path, capsys):
    assert answer(["validate", "--effects", str(tmp_path / "nothing.toml"), "--json"]) == 2
    assert "cannot be read as a file of effects" in capsys.readouterr().err
