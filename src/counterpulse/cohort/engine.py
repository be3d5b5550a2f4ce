"""Does many pieces of work once each and keeps what each gave in a file: restartable after a kill, the same on one process, many, or a Dask cluster.

A piece is a name, a function of this package and its argument; its result is bytes. Results are written whole by the one process that leads. Knows nothing
of patients. Workers are spawned, never forked: compiled code and threads do not survive a fork.
"""

import importlib
import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counterpulse.refusal import RefusalError
from counterpulse.whole import whole_file

AHEAD = 4  # pieces waiting on a cluster for each of its threads


@dataclass(frozen=True)
class Piece:
    """One piece of work: name of its file, `module:function` that does it, argument, how many patients it holds."""

    name: str
    does: str
    argument: Any
    size: int


@dataclass(frozen=True)
class Crew:
    """Who works: processes on this machine, or a Dask cluster by its address."""

    workers: int = 1
    cluster: str | None = None


def work(piece: Piece) -> tuple[Piece, bytes]:
    """Do one piece; runs in a worker."""
    module, function = piece.does.split(":")
    return piece, getattr(importlib.import_module(module), function)(piece.argument)


def execute(pieces: Sequence[Piece], parts: Path, crew: Crew, tell: Callable[[int], None] = lambda _: None) -> list[Path]:
    """Do what is not yet done, and give the files of all pieces in order. `tell` hears how many patients each piece had."""
    parts.mkdir(parents=True, exist_ok=True)
    for draft in parts.glob(".part-*"):  # what a killed run was writing
        draft.unlink(missing_ok=True)
    left = [piece for piece in pieces if not (parts / piece.name).is_file()]
    tell(sum(piece.size for piece in pieces) - sum(piece.size for piece in left))
    for piece, result in done(left, crew):
        with whole_file(parts / piece.name) as draft:
            draft.write_bytes(result)
        tell(piece.size)
    return [parts / piece.name for piece in pieces]


def done(pieces: Sequence[Piece], crew: Crew) -> Iterator[tuple[Piece, bytes]]:
    """Results as they come, in any order."""
    if not pieces:
        return
    if crew.cluster is not None:
        yield from on_cluster(pieces, crew.cluster)
    elif crew.workers <= 1:
        yield from map(work, pieces)
    else:
        with multiprocessing.get_context("spawn").Pool(min(crew.workers, len(pieces))) as pool:
            yield from pool.imap_unordered(work, pieces)


def on_cluster(pieces: Sequence[Piece], address: str) -> Iterator[tuple[Piece, bytes]]:
    """Results from a Dask cluster, with no more pieces sent ahead than keep it busy. Raises RefusalError where there is none."""
    try:
        from distributed import Client, as_completed  # noqa: PLC0415
    except ImportError:
        raise RefusalError("--cluster needs Dask: install counterpulse[cluster].") from None
    try:
        client: Any = Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as problem:
        raise RefusalError(f"No Dask scheduler answers at {address[:80]}: {' '.join(str(problem).split())[:120] or 'timed out'}.") from None
    with client:
        room = AHEAD * max(sum(client.nthreads().values()), 1)
        waiting = iter(pieces)
        running = as_completed([client.submit(work, piece, pure=False) for piece, _ in zip(waiting, range(room), strict=False)])
        for future in running:
            yield future.result()
            following = next(waiting, None)
            if following is not None:
                running.add(client.submit(work, following, pure=False))


def sweep(parts: Path) -> None:
    """Remove the parts once what they were for is written."""
    shutil.rmtree(parts, ignore_errors=True)
