"""`counterpulse replay` refuses names, pieces and headers that cannot be used, in one sentence."""

from pathlib import Path

import numpy as np
import pytest

from counterpulse.cli import answer


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Ten seconds of an ECG and an arterial pressure as CSV."""
    t = np.arange(2500) / 250.0
    phase = t % 0.8
    rows = np.column_stack([t, (phase < 0.02).astype(float), 80 + 30 * np.exp(-(((phase - 0.2) / 0.1) ** 2))])
    file = tmp_path / "ten.csv"
    np.savetxt(file, rows, delimiter=",", header="time_s,II (mV),ABP (mmHg)", comments="", fmt="%.4f")
    return file


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--to", "nan"], "--to is nan s"),
        (["--from", "5", "--to", "5.0001"], "no whole sample"),
        (["--ecg", ""], "--ecg is empty"),
        (["--pressure", " "], "--pressure is empty"),
        (["--fs", "nan"], "--fs is nan Hz"),
        (["--ratio", "1.5"], "is not a whole number"),
    ],
)
def test_a_wrong_option_is_named(options: list[str], named: str, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and one line."""
    assert answer(["replay", str(table), "--json", *options]) == 2
    said = capsys.readouterr()
    assert named in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("name", "named"),
    [("", "is empty"), ("/", "is a folder"), (".", "is a folder"), ("a" * 400 + ".csv", "too long"), ("https://a.example/x.csv", "address of the web")],
)
def test_a_name_that_is_no_recording_is_refused(name: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback for what a shell may hand over."""
    assert answer(["replay", name, "--json"]) == 2
    assert named in capsys.readouterr().err


def test_a_header_cut_after_its_first_line_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It promises signals and describes none."""
    (tmp_path / "cut.hea").write_text("cut 3 250 100\n", encoding="ascii")
    assert answer(["replay", str(tmp_path / "cut"), "--json"]) == 2
    assert "promises 3 signals and describes 0" in capsys.readouterr().err


def test_settings_too_deep_to_read_are_refused(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that exhausts the reader is a bad file."""
    deep = tmp_path / "deep.toml"
    deep.write_text("a = " + "[" * 5000 + "]" * 5000, encoding="ascii")
    assert answer(["replay", str(table), "--json", "--settings", str(deep)]) == 2
    assert "cannot be read" in capsys.readouterr().err
