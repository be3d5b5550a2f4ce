"""Files and folders are written whole or not at all, and nobody's own folder is ever replaced."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from counterpulse.refusal import RefusalError
from counterpulse.whole import MARKER, whole_file, whole_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(folder, text="new"):
    with whole_folder(folder) as draft:
        (draft / "report.html").write_text(text)


def break_off(whole, target, part, error):
    with whole(target) as draft:
        (draft / part).write_text("half")
        raise error


def write_while_another_does(target):
    with whole_folder(target):
        target.mkdir()
        (target / "mine.txt").write_text("x")


def test_a_file_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "deep" / "er" / "waves.csv"
    with whole_file(target) as draft:
        assert draft.suffix == ".csv"  # writers choose their format by it
        draft.write_text("1")
        assert not target.exists()
    assert target.read_text() == "1"
    assert names(target.parent) == ["waves.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
@pytest.mark.parametrize("there", [True, False])
def test_a_broken_block_leaves_what_was_there(tmp_path, error, there):
    file, folder = tmp_path / "a.txt", tmp_path / "out"
    if there:
        file.write_text("old")
        write(folder, "old")
    before = names(tmp_path)
    for whole, target, part in ((whole_file, file, ""), (whole_folder, folder, "report.html")):
        with pytest.raises(error):
            break_off(whole, target, part, error)
    assert names(tmp_path) == before
    if there:
        assert (file.read_text(), (folder / "report.html").read_text()) == ("old", "old")


def test_a_result_folder_is_replaced_as_a_whole(tmp_path):
    with whole_folder(tmp_path / "out") as draft:
        (draft / "old.csv").write_text("x")
    write(tmp_path / "out")
    assert names(tmp_path / "out") == [MARKER, "report.html"]
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_may_be_filled(tmp_path):
    write(tmp_path)
    assert names(tmp_path) == [MARKER, "report.html"]


def test_a_folder_of_somebody_elses_files_is_never_replaced(tmp_path, monkeypatch):
    (tmp_path / "thesis.tex").write_text("years of work")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for target in (tmp_path, Path(), Path("~").expanduser(), Path("/")):
        with pytest.raises(RefusalError, match=r"holds files that counterpulse did not make; name a new or empty folder\.$"):
            write(target)
    assert names(tmp_path) == ["thesis.tex"]


def test_files_that_came_while_the_work_ran_are_kept(tmp_path):
    target = tmp_path / "out"
    with pytest.raises(RefusalError, match="did not make"):
        write_while_another_does(target)
    assert names(tmp_path) == ["out"]
    assert names(target) == ["mine.txt"]


def test_file_and_folder_are_not_confused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusalError, match=r"is a folder; name a file\.$"), whole_file(tmp_path):
        pass
    with pytest.raises(RefusalError, match=r"is a file; name a folder\.$"), whole_folder(tmp_path / "file"):
        pass
    with pytest.raises(RefusalError, match="cannot be made"), whole_file(tmp_path / "file" / "below" / "a.txt"):
        pass


def test_an_unwritable_parent_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    for whole in (whole_file, whole_folder):
        with pytest.raises(RefusalError, match="cannot be written: permission denied"), whole(tmp_path / "x"):
            pytest.fail("the work must not start")


def test_a_full_disk_is_one_sentence(tmp_path):
    with pytest.raises(RefusalError, match=r"x cannot be written: No space left on device; name another place or make room\.$"), whole_file(tmp_path / "x"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not names(tmp_path)


def test_errors_of_the_block_about_other_files_stay_what_they_are(tmp_path):
    with pytest.raises(PermissionError), whole_folder(tmp_path / "out"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "input.csv"))
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "out"):
        (tmp_path / "input.csv").read_text()


def test_a_failed_exchange_puts_the_old_folder_back(tmp_path, monkeypatch):
    target = tmp_path / "out"
    write(target, "old")
    replace = Path.replace

    def interrupted(self, to):
        if to == target and not self.name.endswith(".old"):
            raise KeyboardInterrupt
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(target)
    assert (target / "report.html").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_a_link_to_a_result_folder_stays_a_link(tmp_path):
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "report.html").read_text() == "new"
    assert names(tmp_path) == ["link", "real"]


INTERRUPTED = """
import sys, time
from pathlib import Path
from counterpulse.cli import guarded
from counterpulse.whole import whole_file, whole_folder
def work():
    with whole_folder(Path(sys.argv[1]) / "out") as folder, whole_file(Path(sys.argv[1]) / "file.txt") as file:
        (folder / "a").write_text("half"), file.write_text("half")
        print("started", flush=True)
        time.sleep(60)
sys.exit(guarded(work))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(tmp_path, number):
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Interrupted; nothing was left half-written.\n"
    assert not names(tmp_path)
