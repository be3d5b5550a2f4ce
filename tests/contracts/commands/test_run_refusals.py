"""`counterpulse run` and `presets` refuse what cannot be run, in one sentence that names it, before anything is simulated."""

from pathlib import Path

import pytest

from counterpulse.cli import answer


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("patient = 3", "patient is 3"),
        ("[[patient]]\nheight_cm = 170", "must be a section [patient]"),
        ("pump = 3", "pump is 3"),
        ('pump = ["ratio"]', "must be a section [pump]"),
        ("[pump]\nfoo = 1", "no setting 'foo'"),
        ('[pump]\nratio = "two"', "ratio is 'two'"),
        ("[pump]\nratio = true", "ratio is True"),
        ("[pump]\nratio = 1.7", "ratio is 1.7"),
        ("[pump]\nratio = 99999999999999999999999", "must lie in 1 to 3"),
        ("[pump]\nratio = 2020-01-01", "must be a whole number"),
        ("[pump]\nvolume_mL = nan", "volume_mL is nan mL"),
        ("[pump]\npressure_source = 9", "must lie in 0 to 3"),
        ("[catheter]\nsize = 40", "size in [catheter] is 40"),
        ('[catheter]\nsize = ["40-7.5"]', "must be text"),
        ("[catheter]\nfoo = 1", "no field 'foo'"),
        ('[preset]\nname = "../../evil"', "names the result's folder"),
        ('[preset]\nname = ""', "names the result's folder"),
        ("[preset]\ntitle = 3", "title in [preset] is 3"),
        ('[[target]]\nname = "sbp_mmHg"\nvalue = "a"\nunit = ""\nsource = ""\ncertainty = ""', "value of [[target]] sbp_mmHg is 'a'"),
        ('[[target]]\nname = "x"', "has no value"),
        ("[calibration]\nfree = 3", "free in [calibration] is 3"),
        ("[patient]\nrhythm = 1.5", "rhythm is 1.5"),
        ("[patient]\nheight_cm = nan", "height_cm is nan cm"),
        (f"[patient]\nseed = {'9' * 400}", "seed is inf"),
        ("a = " + "[" * 5000 + "]" * 5000, "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(toml: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line, nothing on standard output."""
    file = tmp_path / "mine.toml"
    file.write_text(toml, encoding="utf-8")
    assert answer(["run", str(file), "--json", "--seconds", "5"]) == 2
    said = capsys.readouterr()
    assert named in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--ratio", "1.5"], '"1.5" is not a whole number'),
        (["--seed", "1.5"], '"1.5" is not a whole number'),
        (["--seed", "9" * 5000], "is not a whole number"),
        (["--catheter", ""], "The catheter is ''"),
        (["--fs", "nan"], "sampling rate is nan Hz"),
    ],
)
def test_a_wrong_option_is_named(options: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is rounded or replaced by a default in silence."""
    assert answer(["run", "hf-shock", "--json", *options]) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a" * 400 + ".toml", "x\x00.toml", "", "/"])
def test_an_impossible_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that no file can have."""
    assert answer(["run", name]) == 2
    assert answer(["presets", name]) == 2
    assert "fault" not in capsys.readouterr().err


def test_a_foreign_folder_is_refused_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An hour of simulation is not thrown away at its end."""
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    assert answer(["run", "hf-shock", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "did not make" in said
    assert "settling" not in said
