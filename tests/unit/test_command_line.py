"""The command line's manners: exit codes, one sentence for every mistake, no traceback."""

import os
import re
import subprocess
import sys

import pytest

from counterpulse import cli
from counterpulse.refusal import RefusalError


def command(*arguments, **more):
    return subprocess.run([sys.executable, "-m", "counterpulse", *arguments], capture_output=True, text=True, check=False, timeout=120, **more)


def failing(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RefusalError("Patient.heart_rate is 400 1/min; it must lie in 30 to 220 1/min."), 2, "Patient.heart_rate is 400 1/min; it must lie in 30 to 220 1/min.\n"),
        (KeyboardInterrupt(), 130, "Interrupted; nothing was left half-written.\n"),
        (KeyError("tt_s"), 1, "This is a fault of counterpulse, not of yours: KeyError, 'tt_s'; COUNTERPULSE_DEBUG=1 shows where it happened.\n"),
    ],
)
def test_every_end_has_its_code_and_sentence(error, code, said, capsys, monkeypatch):
    monkeypatch.delenv("COUNTERPULSE_DEBUG", raising=False)
    assert cli.guarded(failing(error)) == code
    assert capsys.readouterr() == ("", said)


def test_debug_shows_where(monkeypatch):
    monkeypatch.setenv("COUNTERPULSE_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.guarded(failing(KeyError("x")))


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1), ("text", 0)])
def test_a_command_gives_its_exit_code(result, code):
    assert cli.guarded(lambda: result) == code


@pytest.mark.parametrize("line", [["rn"], ["--bad"], ["run"], ["run", "healthy", "--secnds", "3"], ["run", "healthy", "--seconds", "abc"], ["run", "a", "b", "c"]])
def test_a_mistyped_line_is_one_sentence_that_ends_with_what_is_allowed(line, capsys):
    assert cli.answer(line) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(r"the commands are .+\.$|; `counterpulse.* --help` lists what is allowed\.$", err.strip()), err


def test_help_and_version_answer():
    for flag, word in (("--help", "Research and education only"), ("--version", ".")):
        answer = command(flag)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert word in answer.stdout


def test_a_closed_pipe_is_no_error():
    program = "import sys; from counterpulse.cli import guarded; sys.exit(guarded(lambda: print('x' * 10 ** 7)))"
    reading, writing = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", program], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    os.close(reading)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
