"""The compiled code's cache: where it is, what names it, several processes at once, and the same bits compiled and plain."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from counterpulse import kernel
from counterpulse.record import Record

STAIR = """
from counterpulse.kernel import kernel

@kernel
def stair(x, n):
    total = x - x
    for i in range(n):
        total += x * (i % 7)
    return total
"""

RUN = """
import sys
from counterpulse.kernel import CACHE, generated
import numpy as np
kind = {"i": np.int64, "f": np.float64, "g": np.float32, "h": np.int32}[sys.argv[1]]
value = generated(open(sys.argv[2]).read(), "stair").stair(kind(3), 1000)
assert value == 3 * sum(i % 7 for i in range(1000)), value
print(CACHE)
"""

PARTS = """
from counterpulse.kernel import apart, inline, kernel, rare

@rare
def seldom(x):
    return 3 * x

@apart
def lengthy(x):
    return seldom(x) + 1

@inline
def melts(x):
    return lengthy(x) + seldom(x)

@kernel
def top(x):
    return melts(x) + lengthy(x)
"""

CALL = """
import sys
from counterpulse.kernel import generated
parts = generated(open(sys.argv[1]).read(), "parts")
assert parts.top(2) == 20, parts.top(2)
code = parts.top.inspect_llvm(parts.top.signatures[0]) if sys.argv[2] == "inspect" else ""
made = [line.split("@", 1)[1].split("(")[0] for line in code.splitlines() if line.startswith("define")]
own = [line for line in code.splitlines() if line.startswith("define") and ("seldom" in line or "lengthy" in line) and "internal" not in line]
print(*(sum(name in one and "cpython" not in one for one in made) for name in ("seldom", "lengthy", "melts")), len(own), len(parts.lengthy.signatures), parts.seldom(2))
"""

CALLER = """
import sys
from counterpulse.kernel import generated
parts = generated(open(sys.argv[1]).read(), "parts")
source = "from counterpulse.kernel import kernel\\nfrom {parts} import top\\n@kernel\\ndef {name}(x):\\n    return top(x) + 1\\n"
caller = getattr(generated(source.format(parts=parts.__name__, name=sys.argv[2]), sys.argv[2]), sys.argv[2])
print(caller(2), sum(parts.top.part.stats.cache_hits.values()))
"""


def environment(**changes):
    return {**{k: v for k, v in os.environ.items() if k != "COUNTERPULSE_CACHE"}, **{k: str(v) for k, v in changes.items()}}


def start(program, *arguments, **changes):
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, env=environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def stair(tmp_path):
    path = tmp_path / "stair.txt"
    path.write_text(STAIR)
    return path


def test_a_part_is_there_once_and_machine_code_only_where_python_calls(tmp_path):
    path = tmp_path / "parts.txt"
    path.write_text(PARTS)
    assert finish(start(CALL, path, "inspect", COUNTERPULSE_CACHE=tmp_path)) == "1 1 0 0 0 6"  # internal: no other caller in the process may be bound to them
    assert finish(start(CALL, path, "again", COUNTERPULSE_CACHE=tmp_path)) == "0 0 0 0 0 6"  # out of the cache


def test_a_part_compiled_for_one_caller_is_there_for_the_next(tmp_path):
    path = tmp_path / "parts.txt"
    path.write_text(PARTS)
    assert finish(start(CALLER, path, "first", COUNTERPULSE_CACHE=tmp_path)) == "21 0"
    assert finish(start(CALLER, path, "second", COUNTERPULSE_CACHE=tmp_path)) == "21 1"


def test_the_cache_is_named_by_the_sources_of_the_lower_floors(monkeypatch, tmp_path):
    before = kernel.source_hash()
    package = tmp_path / "counterpulse"
    for name in ("record.py", "signals/deep/er.py", "bed/tick.py", "clinic/scores.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("x = 1\n")
    monkeypatch.setattr(kernel, "PACKAGE", package)
    first = kernel.source_hash()
    assert first != before
    for name, counts in (("record.py", True), ("signals/deep/er.py", True), ("bed/tick.py", True), ("clinic/scores.py", False)):
        (package / name).write_text("x = 2\n")
        assert (kernel.source_hash() != first) == counts, name
        first = kernel.source_hash()
    (package / "bed" / "tick.py").rename(package / "bed" / "tock.py")
    assert kernel.source_hash() != first


def test_an_unwritable_home_falls_back_to_a_folder_of_the_users_own(tmp_path, stair):
    home = tmp_path / "home"
    home.write_text("a file, so that nothing can be made below it, not even by root")
    out = finish(start(RUN, "f", stair, HOME=home, XDG_CACHE_HOME=home / "cache", TMPDIR=tmp_path))
    user = os.getuid() if hasattr(os, "getuid") else 0
    assert Path(out).parent == tmp_path / f"counterpulse-{user}"
    assert list(Path(out).rglob("*.nbc"))


def test_nowhere_to_write_is_refused_in_one_sentence(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("COUNTERPULSE_CACHE", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(kernel.tempfile, "gettempdir", lambda: str(blocked))
    monkeypatch.setattr(kernel.tempfile, "tempdir", str(blocked))
    with pytest.raises(kernel.RefusalError, match=r"^No folder can be written for compiled code; set COUNTERPULSE_CACHE to one that can\.$"):
        kernel.cache_folder()


def test_several_processes_start_at_once_with_different_types(tmp_path, stair):
    for _ in range(2):  # once into an empty cache, once from the full one
        processes = [start(RUN, kind, stair, COUNTERPULSE_CACHE=tmp_path / "cache") for kind in "ifgh"]
        folders = {finish(process) for process in processes}
        assert len(folders) == 1
    data = list(Path(folders.pop()).rglob("*.nbc"))
    assert len(data) == 4  # one file for each of the four types: none took another's


def test_a_damaged_cache_is_compiled_anew(tmp_path, stair):
    folder = Path(finish(start(RUN, "f", stair, COUNTERPULSE_CACHE=tmp_path)))
    for file in [*folder.rglob("*.nbc"), *folder.rglob("*.nbi")]:
        file.write_bytes(file.read_bytes()[:40])
    assert finish(start(RUN, "f", stair, COUNTERPULSE_CACHE=tmp_path)) == str(folder)


def test_caches_nobody_uses_any_more_are_forgotten(tmp_path):
    mine, fresh, old, other = (tmp_path / name for name in ("0" * 16, "1" * 16, "2" * 16, "notes"))
    for folder in (mine, fresh, old, other):
        folder.mkdir()
    for folder in (mine, old, other):
        os.utime(folder, (time.time() - 40 * 86400,) * 2)
    kernel.forget_old(mine)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [mine.name, fresh.name, other.name]


def test_a_generated_module_that_fails_is_not_kept():
    with pytest.raises(ZeroDivisionError):
        kernel.generated("x = 1 / 0\n", "broken")
    assert not [name for name in sys.modules if name.startswith("broken_")]


def test_generated_modules_of_the_same_source_are_one():
    assert kernel.generated("x = 41 + 1\n", "answer") is kernel.generated("x = 41 + 1\n", "answer")
    assert kernel.generated("x = 43\n", "answer").x == 43


def test_one_of_several_fields_alike_is_reached_by_number():
    class Inner(Record):
        x: float = 0.0
        n: int = 0

    class Outer(Record):
        before: float = 1.0
        a: Inner
        b: Inner
        c: Inner
        odd: float = 2.0

    inner = kernel.among(Outer, ("a", "b", "c"))

    @kernel.kernel
    def mark(outer, k):
        inner(outer, k).x += 1.0 + k

    row = Outer()
    for k in (2, 0, 2):
        mark(row, k)
    assert (row.before, row.a.x, row.b.x, row.c.x, row.odd) == (1.0, 1.0, 0.0, 6.0, 2.0)
    with pytest.raises(TypeError, match="not alike side by side"):
        kernel.among(Outer, ("a", "c"))


def test_a_wide_stack_begins_on_a_cache_line(tmp_path):
    source = "from counterpulse.kernel import kernel, wide_stack\\n@kernel\\ndef lies(x):\\n    wide_stack()\\n    return x + 1.0\\n"
    program = f"from counterpulse.kernel import generated; f = generated('{source}', 'lies').lies; f(1.0); print(*f.inspect_llvm().values())"
    compiled = {**os.environ, "COUNTERPULSE_CACHE": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    made = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=compiled).stdout
    assert "alignstack(64)" in made
    plain = {**compiled, "NUMBA_DISABLE_JIT": "1"}
    told = subprocess.run([sys.executable, "-c", program.replace("print(*f.inspect_llvm().values())", "print(f(1.0))")], check=True, capture_output=True, text=True, env=plain).stdout
    assert float(told) == 2.0
