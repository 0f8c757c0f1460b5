"""Calls that survive a crash: key and body are on disk before the first byte leaves.

A call leaves the outbox when its fate is known. After a crash, ``client.resume_outbox()``
sends what is left with the same keys; a server that keeps its keys does nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Final, List, NamedTuple, Optional, Union

from .plan import Plan

_SUFFIX: Final = ".call.json"
# These bodies hold a payer's code or a PIN in clear: only their key is kept.
_SECRET_MEMBERS: Final = (b'"pin":', b'"otp":', b'"avs":', b'"security_answer":')
_SECRET_ROUTES: Final = ("/payment-sessions/{id}/authorize",)


class Kept(NamedTuple):
    """A call in the outbox. Without a body it can only be asked about, not sent again."""

    key: str
    method: str
    route: str
    target: str
    body: Optional[bytes]


class Outbox:
    """A directory of calls whose fate is not known. Several processes may share it."""

    def __init__(self, directory: Union[str, "os.PathLike[str]"]) -> None:
        """Makes the directory, for its owner only. Raises OSError."""
        self._directory = Path(directory)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, plan: Plan) -> None:
        """Puts the call on disk, durably. Raises OSError: then nothing must be sent."""
        body = None if _holds_secrets(plan) else base64.b64encode(plan.body).decode("ascii")
        kept = {"key": plan.key, "method": plan.method, "route": plan.route, "target": plan.target, "body": body}
        path = self._path(plan.key or "")
        draft = path.with_suffix(f".{os.getpid()}.draft")
        _write_durably(draft, json.dumps(kept).encode("utf-8"))
        os.replace(draft, path)
        _sync_directory(self._directory)

    def drop(self, key: str) -> None:
        """Takes a call out whose fate is known."""
        self._path(key).unlink(missing_ok=True)

    def pending(self) -> List[Kept]:
        """The calls whose fate is not known, oldest first."""
        paths = sorted(self._directory.glob("*" + _SUFFIX), key=lambda path: path.stat().st_mtime_ns)
        return [_read(path) for path in paths]

    def _path(self, key: str) -> Path:
        # Keys may hold any printable character; file names may not.
        return self._directory / (hashlib.sha256(key.encode("utf-8")).hexdigest() + _SUFFIX)


def _holds_secrets(plan: Plan) -> bool:
    return plan.route in _SECRET_ROUTES or any(member in plan.body for member in _SECRET_MEMBERS)


def _read(path: Path) -> Kept:
    kept = json.loads(path.read_bytes())
    body = kept["body"]
    return Kept(
        kept["key"], kept["method"], kept["route"], kept["target"], None if body is None else base64.b64decode(body)
    )


def _write_durably(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(file, "wb", closefd=False) as out:
            out.write(content)
        os.fsync(file)
    finally:
        os.close(file)


def _sync_directory(directory: Path) -> None:
    """The name of a new file is durable only when its directory is."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
