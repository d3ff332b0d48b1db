"""A disk that forgets, when the power is cut, what nobody made it sync.

A file system of FUSE that keeps its files in memory. At a cut each file goes back to what it was
when it was last synced, with some of the later writes, or none: those that had got there by
themselves. It needs root, the package `mfusepy` and the library `libfuse3` (or 2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import stat
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
CUT = "power-cut"
"""Who makes a folder of this name on the disk cuts its power."""
PATIENCE = 20.0
_DETACH = 2


class LazyDisk(AbstractContextManager["LazyDisk"]):
    """A mounted disk, whose power can be cut and comes back at once."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.mount = folder / "disk"
        self.platter = folder / "platter"
        self.mount.mkdir()
        self.platter.mkdir()
        self.rng = random.Random(f"disk {seed}")
        self.process = self._turned_on()

    def cut(self) -> None:
        """Lose what was not synced, wholly or in part, and be there again."""
        (self.mount / CUT).mkdir()
        self._turn_off()
        self.process = self._turned_on()

    def __exit__(self, *_: object) -> None:
        self._turn_off()

    def _turned_on(self) -> subprocess.Popen[bytes]:
        share = self.rng.choice((0.0, 0.0, 0.5))
        words = (str(self.mount), str(self.platter), str(share), str(self.rng.random()))
        command = (sys.executable, "-m", "tests.soak.lazy_disk", *words)
        process = subprocess.Popen(command, cwd=CHECKOUT)
        limit = time.monotonic() + PATIENCE
        while not self.mount.is_mount():
            assert process.poll() is None and time.monotonic() < limit, "the disk cannot be mounted"
            time.sleep(0.01)
        return process

    def _turn_off(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.umount2(os.fsencode(self.mount), _DETACH)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _File:
    """What a file holds, what of it is synced, and every write since."""

    def __init__(self, content: bytes, mode: int, *, is_synced: bool) -> None:
        self.now = bytearray(content)
        self.synced = bytes(content) if is_synced else None
        self.since: list[tuple[int, bytes | None]] = []
        self.mode = mode

    def write(self, offset: int, data: bytes | None) -> None:
        """Write at an offset; no data means that it ends there."""
        _put(self.now, offset, data)
        self.since.append((offset, data))

    def sync(self) -> None:
        """Make sure of all of it."""
        self.synced = bytes(self.now)
        self.since.clear()

    def after_cut(self, rng: random.Random, share: float) -> bytes | None:
        """What is there after a cut; None when the file never got there."""
        if self.synced is None and rng.random() >= share:
            return None
        left = bytearray(self.synced or b"")
        for offset, data in self.since:
            if rng.random() < share:
                _put(left, offset, data)
        return bytes(left)


def _put(content: bytearray, offset: int, data: bytes | None) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if data is None:
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


def _serve(mount: str, platter: Path, share: float, seed: str) -> None:
    import mfusepy

    class Disk(mfusepy.Operations):
        """What the kernel asks of the disk."""

        use_ns = True

        def __init__(self) -> None:
            self.rng = random.Random(seed)
            self.is_off = False
            self.gone: dict[str, _File] = {}
            self.files = {
                f"/{path.name}": _File(path.read_bytes(), 0o644, is_synced=True)
                for path in platter.iterdir()
            }

        def _file(self, path: str) -> _File:
            if self.is_off:
                raise mfusepy.FuseOSError(errno.EIO)
            if path not in self.files:
                raise mfusepy.FuseOSError(errno.ENOENT)
            return self.files[path]

        def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
            """What kind of file it is, and how long."""
            if path == "/" or (self.is_off and path == f"/{CUT}"):
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, "st_ino": 1}
            file = self._file(path)
            return {"st_mode": stat.S_IFREG | file.mode, "st_nlink": 1, "st_size": len(file.now)}

        def readdir(self, path: str, fh: int) -> list[str]:
            """The names on the disk."""
            return [".", "..", *(name[1:] for name in self.files)]

        def create(self, path: str, mode: int, fi: Any = None) -> int:
            """A new file, of which nothing is synced."""
            if self.is_off:
                raise mfusepy.FuseOSError(errno.EIO)
            self.files[path] = _File(b"", stat.S_IMODE(mode), is_synced=False)
            return 0

        def open(self, path: str, flags: int) -> int:
            """Any file may be opened by anybody."""
            self._file(path)
            return 0

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            """A part of a file."""
            return bytes(self._file(path).now[offset : offset + size])

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            """Keep data in memory."""
            self._file(path).write(offset, bytes(data))
            return len(data)

        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            """Let a file end there."""
            file = self._file(path)
            file.write(length, None)
            return 0

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            """Make sure of a file, and that it is there; names gone before are gone for good."""
            self._file(path).sync()
            self.gone.clear()
            return 0

        def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
            """Make sure of the names."""
            self.gone.clear()
            return 0

        def unlink(self, path: str) -> int:
            """Take a name away, which a cut may bring back."""
            self.gone[path] = self._file(path)
            del self.files[path]
            return 0

        def chmod(self, path: str, mode: int) -> int:
            """Change who may what."""
            self._file(path).mode = stat.S_IMODE(mode)
            return 0

        def chown(self, path: str, uid: int, gid: int) -> int:
            """Nobody cares."""
            return 0

        def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
            """Nobody cares."""
            return 0

        def mkdir(self, path: str, mode: int) -> int:
            """The one folder that can be made is the cut."""
            if path != f"/{CUT}":
                raise mfusepy.FuseOSError(errno.EPERM)
            self.is_off = True
            for old in platter.iterdir():
                old.unlink()
            for name, file in {**self.gone, **self.files}.items():
                left = file.after_cut(self.rng, share)
                if left is not None:
                    (platter / name[1:]).write_bytes(left)
            return 0

    mfusepy.FUSE(Disk(), mount, foreground=True, nothreads=True, fsname="lazy")


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
