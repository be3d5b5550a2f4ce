"""The one place that knows numba. Functions marked here run compiled, or plainly under NUMBA_DISABLE_JIT=1, with the same bits.

For the same bits: no fast-math, no SVML, no integer `**`, no numpy transcendentals in kernels, every division guarded.
numba looks only at a function's own file when it decides whether its cache is stale, and the physics lives in several: so the cache
folder carries the hash of every source below floor 3.
"""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")

import numba  # noqa: E402  the line above must come first
import numba.core.config  # noqa: E402

F = TypeVar("F", bound=Callable[..., Any])

ROOMS = ("signals", "body", "pump", "bed")
PACKAGE = Path(__file__).parent


def source_hash() -> str:
    """Hash of every source of floors 0 to 2, sub-folders too."""
    files = sorted(PACKAGE.glob("*.py")) + [file for room in ROOMS for file in sorted((PACKAGE / room).rglob("*.py"))]
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for file in files:
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """The first of COUNTERPULSE_CACHE, the user's cache and a temporary folder of the user's own that can be written."""
    given = os.environ.get("COUNTERPULSE_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "counterpulse"
    own = Path(tempfile.gettempdir()) / f"counterpulse-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    for place in ([Path(given)] if given else []) + [home, own]:
        folder = place / source_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="counterpulse-"))


CACHE = cache_folder()
numba.core.config.CACHE_DIR = str(CACHE)  # pyright: ignore[reportAttributeAccessIssue]
COMPILED = not numba.core.config.DISABLE_JIT  # pyright: ignore[reportAttributeAccessIssue]


def kernel(function: F) -> F:
    """Compile a function that works on records and arrays; releases the interpreter lock."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


def inline(function: F) -> F:
    """Compile a small pure function on numbers and NamedTuples so that it melts into its caller."""
    return numba.njit(forceinline=True, error_model="numpy")(function)


def parallel_kernel(function: F) -> F:
    """Compile a function whose `numba.prange` loops run on several threads. Never in a web worker: spawn a process."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", parallel=True)(function)


def generated(source: str, name: str) -> ModuleType:
    """Import `source` as a module from the cache folder (code made by exec cannot be cached, a module can)."""
    unique = f"{name}_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    if unique in sys.modules:
        return sys.modules[unique]
    path = CACHE / f"{unique}.py"
    if not path.exists():  # several processes may start at once: each writes its own draft, the last one wins
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_text(source)
        draft.replace(path)
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"The generated module {path} cannot be read.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module
