"""Still copies of the embedded store's file, for analysts' queries that run in a child process."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.stores.ladybug_file import need_space

#: Runs its argument while the store's file does not change.
Still = Callable[[Callable[[], None]], None]


class Snapshots:
    """Copies beside the store, one a data version; an older one goes as soon as nobody reads it."""

    def __init__(self, store_path: Path) -> None:
        self._store_path = store_path
        self._folder = store_path.with_name("snapshots")
        self._making = threading.Lock()
        self._readers: dict[Path, int] = {}
        self._latest: Path | None = None

    @contextmanager
    def current(self, version: int, still: Still) -> Iterator[Path]:
        """The copy of this data version, made now when there is none; it stays until the block ends."""
        with self._making:
            path = self._folder / f"{version:012d}.lbug"
            if path != self._latest:
                self._make(path, still)
            self._readers[path] = self._readers.get(path, 0) + 1
        try:
            yield path
        finally:
            with self._making:
                self._readers[path] -= 1
                self._sweep()

    def _make(self, path: Path, still: Still) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._latest is None:
            self._clear_folder()  # left behind by a process that was killed
        need_space(self._store_path, self._store_path.stat().st_size)
        draft = path.with_suffix(".draft")

        def copy() -> None:
            shutil.copyfile(self._store_path, draft)

        still(copy)
        draft.chmod(0o600)
        draft.replace(path)
        self._latest = path
        self._sweep()

    def _sweep(self) -> None:
        for path in [path for path, readers in self._readers.items() if not readers]:
            del self._readers[path]
            if path != self._latest:
                path.unlink(missing_ok=True)
        for path in self._folder.glob("*.lbug"):
            if path != self._latest and path not in self._readers:
                path.unlink(missing_ok=True)

    def _clear_folder(self) -> None:
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all copies."""
        with self._making:
            self._latest = None
            if self._folder.is_dir():
                self._clear_folder()
