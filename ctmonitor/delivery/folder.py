"""Messages as files in a folder: for trying things out, and for programs that fetch mails there."""

from __future__ import annotations

import os
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from ctmonitor.errors import DeliveryFailed


def keep(message: EmailMessage, folder: Path, key: str, made_at: datetime) -> Path:
    """Write the message as `<made_at>-<key>.eml`, whole or not at all; a repeat overwrites."""
    name = f"{made_at:%Y%m%dT%H%M%SZ}-{key[:12]}.eml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = next(folder.glob(f"*-{key[:12]}.eml"), folder / name)
        _write_whole(path, message.as_bytes())
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "the folder cannot be written to"
        raise DeliveryFailed(f"file:{folder}", reason, permanent=False) from problem
    return path


def _write_whole(path: Path, payload: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can open folders at all."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
