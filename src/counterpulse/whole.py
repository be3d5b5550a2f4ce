"""Files and folders that are there whole or not at all. Knows nothing of what is in them.

Both are written beside their place under a name that starts with `.part-` and moved there in one step when the block ends well. A folder
carries the marker `.counterpulse`; only a folder that has it, or an empty one, is ever replaced.
"""

import errno
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from counterpulse.refusal import RefusalError

MARKER = ".counterpulse"
UNWRITABLE = {errno.EACCES, errno.ENOENT, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENAMETOOLONG}
_numbers = itertools.count()


def _draft(target: Path) -> Path:
    """A free name beside the target, with the target's suffix, in a folder that is there and can be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise RefusalError(f"The folder {target.parent} cannot be made: {problem.strerror}; name another place.") from None
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise RefusalError(f"The folder {target.parent} cannot be written: permission denied; name another place.")
    return target.with_name(f".part-{os.getpid()}-{next(_numbers)}-{target.name}")


@contextmanager
def _refusing(target: Path, draft: Path) -> Iterator[None]:
    """Turn a disk's refusal of the draft into a sentence; other errors of the block are its own."""
    try:
        yield
    except OSError as problem:
        named = Path(os.fsdecode(problem.filename)) if isinstance(problem.filename, str | bytes) else draft
        if problem.errno not in UNWRITABLE or (draft != named and draft not in named.parents):
            raise
        raise RefusalError(f"{target} cannot be written: {problem.strerror}; name another place or make room.") from None


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary path to write; it takes the place of `target` when the block ends well and vanishes when it does not.

    Raises RefusalError when `target` is a folder or cannot be written.
    """
    target = Path(target).resolve()  # a link stays a link: what it points to is replaced
    if target.is_dir():
        raise RefusalError(f"{target} is a folder; name a file.")
    draft = _draft(target)
    try:
        with _refusing(target, draft):
            yield draft
            draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def check_ours(target: Path) -> None:
    """Raise RefusalError unless `target` is absent, an empty folder or one made by `whole_folder`."""
    if not target.exists():
        return
    if not target.is_dir():
        raise RefusalError(f"{target} is a file; name a folder.")
    try:
        foreign = not (target / MARKER).is_file() and any(target.iterdir())
    except OSError as problem:
        raise RefusalError(f"The folder {target} cannot be read: {problem.strerror}; name another.") from None
    if foreign:
        raise RefusalError(f"The folder {target} holds files that counterpulse did not make; name a new or empty folder.")


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it replaces `target` when the block ends well and vanishes when it does not.

    Raises RefusalError when `target` is a file, cannot be written, or is a folder with files that were not made here.
    """
    target = Path(target).resolve()
    check_ours(target)
    draft = _draft(target)
    try:
        with _refusing(target, draft):
            draft.mkdir()
            yield draft
            (draft / MARKER).write_text("Made by counterpulse, which replaces this folder as a whole when it writes the same result again.\n", encoding="utf-8")
            check_ours(target)  # somebody may have put files there meanwhile
            _exchange(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, target: Path) -> None:
    """Put `draft` in the place of `target`; when that fails half-way, put the old one back."""
    aside = draft.with_name(draft.name + ".old")
    try:
        if target.exists():
            target.replace(aside)
        draft.replace(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.replace(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
