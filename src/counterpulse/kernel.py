"""The door to numba (how it compiles: `compiler`). Functions marked here run compiled, or plainly under NUMBA_DISABLE_JIT=1, with the same bits.

For the same bits: no fast-math, no SVML, no integer `**`, no numpy transcendentals in kernels, every division guarded.
numba looks only at a function's own file when it decides whether its cache is stale, and the physics lives in several: so the cache
folder carries the hash of every source below floor 3.
"""

import contextlib
import hashlib
import importlib.util
import os
import pickle
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")  # before numba is imported

import numba
import numba.core.config
from numba import types
from numba.core.caching import FunctionCache
from numba.core.cgutils import create_struct_proxy
from numba.extending import intrinsic

from counterpulse.compiler import ApartKernel, Kernel, PartCacheImpl, RareKernel, compiled
from counterpulse.refusal import RefusalError

try:
    import fcntl
except ImportError:  # Windows: without the lock two first starts at once may both compile
    fcntl = None

F = TypeVar("F", bound=Callable[..., Any])

ROOMS = ("signals", "body", "pump", "bed", "stats")
PACKAGE = Path(__file__).parent
CACHE_LINE_BYTES = 64


def source_hash() -> str:
    """Hash of every source of floors 0 to 2, sub-folders and their data too: tables read at import are constants of the compiled code."""
    files = sorted(PACKAGE.glob("*.py")) + [file for room in ROOMS for kind in ("*.py", "*.toml") for file in sorted((PACKAGE / room).rglob(kind))]
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for file in files:
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """The first of COUNTERPULSE_CACHE, the user's cache and a temporary folder of the user's own that can be written."""
    given = os.environ.get("COUNTERPULSE_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "counterpulse"  # noqa: PTH111  Path.expanduser raises without a home
    user = os.getuid() if hasattr(os, "getuid") else 0
    own = Path(tempfile.gettempdir()) / f"counterpulse-{user}"
    for place in ([Path(given)] if given else []) + [home, own]:
        folder = place / source_hash()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=folder):  # also marks the folder as used today
                if place != own or folder.stat().st_uid == user:  # compiled code of another user is not ours to run
                    return folder
    try:
        return Path(tempfile.mkdtemp(prefix="counterpulse-"))
    except OSError:
        raise RefusalError("No folder can be written for compiled code; set COUNTERPULSE_CACHE to one that can.") from None


def forget_old(folder: Path, days: float = 30) -> None:
    """Delete the caches beside `folder` that no process has started from for `days`."""
    for other in folder.parent.glob("[0-9a-f]" * 16):
        with contextlib.suppress(OSError):
            if other != folder and other.stat().st_mtime < time.time() - days * 86400:
                shutil.rmtree(other, ignore_errors=True)


CACHE = cache_folder()
forget_old(CACHE)
numba.core.config.CACHE_DIR = str(CACHE)  # pyright: ignore[reportAttributeAccessIssue]
COMPILED = not numba.core.config.DISABLE_JIT  # pyright: ignore[reportAttributeAccessIssue]

_thread_lock = threading.RLock()
_depth = 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep other threads and processes out of the cache folder; without file locks on this disk, only other threads."""
    global _depth  # noqa: PLW0603
    with _thread_lock, contextlib.ExitStack() as stack:
        if fcntl and _depth == 0:
            with contextlib.suppress(OSError):
                fcntl.flock(stack.enter_context((CACHE / "lock").open("w")), fcntl.LOCK_EX)
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1


class KernelCache(FunctionCache):
    """numba's cache of one function, used by one process at a time.

    numba lets two processes that compile different signatures at once give both the same file. A cache that cannot be read or written
    costs a compilation, never a result.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for these types before, or None."""
        with alone(), contextlib.suppress(Exception):  # a damaged file is compiled anew
            return super().load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; a full disk is no reason to stop."""
        with alone(), contextlib.suppress(OSError):
            try:
                super().save_overload(sig, data)
            except (pickle.UnpicklingError, EOFError):  # the index is damaged: start it anew
                self.flush()
                super().save_overload(sig, data)


class PartCache(KernelCache):
    """The same for a kernel as a part of others."""

    _impl_class = PartCacheImpl


def _cached(function: F, kind: type[Kernel] = Kernel, **options: Any) -> F:
    if not COMPILED:
        return function
    made = compiled(function, kind, nogil=True, **options)
    made.keep_in(KernelCache(function), PartCache(function) if kind is Kernel else None)
    return cast("F", made)


def kernel(function: F) -> F:
    """Compile a function that works on records and arrays; releases the interpreter lock."""
    return _cached(function)


def rare(function: F) -> F:
    """Compile what runs once a beat or less often: it is there once, small, and away from what runs each sample.

    Only records and numbers cross such a call: an array would cost more than it saves.
    """
    return _cached(function, RareKernel, forceinline=False)


def apart(function: F) -> F:
    """Compile what runs often, but not each sample, and is long: it is there once, as fast as any, and away from what runs each sample."""
    return _cached(function, ApartKernel, forceinline=False)


def inline(function: F) -> F:
    """Compile a small pure function on numbers and NamedTuples so that it melts into its caller."""
    return cast("F", compiled(function, forceinline=True)) if COMPILED else function


def fields_at(kind: Any, first: int, lanes: int) -> Callable[[Any, int], Any]:
    """`f(w, lane)` reads a lane's column of a flat buffer of rows x lanes as a NamedTuple of floats; its fields are the rows from `first` on.

    Compiled, nothing is loaded before a field is used, so that code with more fields than registers does not keep them all on the stack.
    """
    names: tuple[str, ...] = kind._fields
    if not COMPILED:
        return lambda w, lane: kind(*(w[(first + row) * lanes + lane] for row in range(len(names))))
    places = [(name, {"type": types.float64, "offset": 8 * lanes * (first + row), "alignment": None, "title": None}) for row, name in enumerate(names)]
    view: Any = types.Record(places, 8 * lanes * (first + len(names)), True)

    @intrinsic
    def column(_: Any, w: Any, lane: Any) -> Any:  # noqa: ARG001  its type is known
        def point(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data = create_struct_proxy(signature.args[0])(context, builder, value=given[0]).data
            return builder.bitcast(builder.gep(data, [given[1]]), context.get_value_type(view))

        return view(w, types.intp), point

    return cast("Any", column)


def among(kind: Any, names: tuple[str, ...]) -> Callable[[Any, int], Any]:
    """`f(record, k)` is the `k`-th of fields of a record that are records of one kind and lie side by side: code for them need be there only once.

    Raises TypeError for fields that are not alike or not neighbours.
    """
    parts = [kind.dtype.fields[name][:2] for name in names]
    inner, first = parts[0]
    if any(dtype != inner or place != first + k * inner.itemsize for k, (dtype, place) in enumerate(parts)):
        raise TypeError(f"The fields {', '.join(names)} of {kind.__name__} are not alike side by side.")
    if not COMPILED:
        return lambda record, k: record[names[k]]
    view: Any = numba.from_dtype(inner)

    @intrinsic
    def chosen(_: Any, record: Any, k: Any) -> Any:  # noqa: ARG001  its type is known
        def point(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
            whole = builder.bitcast(given[0], context.get_value_type(types.voidptr))
            place = builder.add(builder.mul(given[1], given[1].type(inner.itemsize)), given[1].type(first))
            return builder.bitcast(builder.gep(whole, [place]), context.get_value_type(view))

        return view(record, types.intp), point

    return cast("Any", chosen)


def _wide_stack() -> Callable[[], None]:
    if not COMPILED:
        return lambda: None

    @intrinsic
    def wide(_: Any) -> Any:
        def lay(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
            builder.function.attributes.add("nounwind")  # true of every kernel; without another attribute llvmlite leaves the alignment out
            builder.function.attributes.alignstack = CACHE_LINE_BYTES
            return context.get_dummy_value()

        return types.none(), lay

    return cast("Any", wide)


wide_stack = _wide_stack()
"""Called in a kernel: its frame begins on a cache line.

What does not fit into vector registers goes to the stack, which is aligned for scalars only: in three places out of four such a value lies across two lines
and takes twice as long to write and to read. A kernel that melts into its caller has the caller's frame.
"""


def generated(source: str, name: str) -> ModuleType:
    """Import `source` as a module from the cache folder (code made by exec cannot be cached, a module can)."""
    unique = f"{name}_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    with _thread_lock:
        if unique not in sys.modules:
            path = CACHE / f"{unique}.py"
            if not path.exists():  # several processes may start at once: each writes its own draft, the last one wins
                draft = path.with_suffix(f".{os.getpid()}.part")
                draft.write_text(source, encoding="utf-8")
                draft.replace(path)
            _import(unique, path)
        return sys.modules[unique]


def _import(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"The generated module {path} cannot be read.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
