"""Files and folders that are there whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterpulse.refusal import RefusalError


def _draft(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise RefusalError(f"The folder {target.parent} cannot be made: {problem.strerror}.") from None
    return target.with_name(f".{target.name}.{os.getpid()}.part")


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary path to write; it takes the place of `target` when the block ends well and vanishes when it does not."""
    draft = _draft(target)
    try:
        yield draft
        draft.replace(target)
    except PermissionError as problem:
        raise RefusalError(f"The file {target} cannot be written: {problem.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it replaces `target` when the block ends well and vanishes when it does not."""
    draft = _draft(target)
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield draft
        aside = draft.with_suffix(".old")
        if target.exists():
            target.replace(aside)
        draft.replace(target)
        shutil.rmtree(aside, ignore_errors=True)
    except PermissionError as problem:
        raise RefusalError(f"The folder {target} cannot be written: {problem.strerror}.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
