"""The way down to the socket: how much time an attempt has left, and its cancel.

httpcore gives every read and write the same time, and has no cancel for threads. Here
every read and write of an attempt gets what is left of its time, and a cancel shuts the
connection that it uses, which wakes the thread at once.

Tasks can be cancelled as they are; there it is only noted whether an attempt has begun to
write, for before that nothing can have been sent.
"""

from __future__ import annotations

import contextvars
import socket
import ssl
import threading
import time
from typing import Any, Final, Optional

import anyio
import httpcore


class Line:
    """An attempt under way: its end in time, and the connection that it uses now."""

    def __init__(self, timeout_s: float) -> None:
        self._ends = time.monotonic() + timeout_s
        self._lock = threading.Lock()
        self._stream: Optional[httpcore.NetworkStream] = None
        self.is_cut = False

    def left(self) -> float:
        """Seconds left; a little above zero at the end, for zero means "never" to sockets."""
        return max(self._ends - time.monotonic(), 0.000_001)

    def use(self, stream: httpcore.NetworkStream) -> None:
        """The attempt is about to read from or write to this connection."""
        if self._stream is stream and not self.is_cut:
            return
        with self._lock:
            self._stream = stream
            if self.is_cut:
                raise httpcore.ReadError("cancelled")

    def cut(self) -> None:
        """Wakes the thread that reads or writes, from another thread."""
        with self._lock:
            self.is_cut = True
            if self._stream is not None:
                _shut(self._stream.get_extra_info("socket"))


def _shut(sock: socket.socket) -> None:
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's, which would first take TLS away
    except OSError:
        pass  # closed already


class _Here(threading.local):
    line: Optional[Line] = None


here: Final = _Here()


class _Stream(httpcore.NetworkStream):
    """A connection that heeds the attempt of the thread that uses it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        return self._inner.read(max_bytes, self._timeout(timeout))

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        self._inner.write(buffer, self._timeout(timeout))

    def _timeout(self, usual: Optional[float]) -> Optional[float]:
        line = here.line
        if line is None:
            return usual
        line.use(self._inner)
        return line.left()

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: Optional[str] = None, timeout: Optional[float] = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._timeout(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class CuttableBackend(httpcore.NetworkBackend):
    """Opens such connections."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Optional[float] = None,
        local_address: Optional[str] = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        line = here.line
        within = timeout if line is None else line.left()
        return _Stream(self._inner.connect_tcp(host, port, within, local_address, socket_options))


class Progress:
    """How far an attempt of the async client has come."""

    writing = False


#: The attempt of this task.
current: "Final[contextvars.ContextVar[Optional[Progress]]]" = contextvars.ContextVar("attempt", default=None)


class _WatchedStream(httpcore.AsyncNetworkStream):
    """A connection that notes when an attempt begins to write."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        progress = current.get()
        if progress is not None:
            progress.writing = True
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: Optional[str] = None, timeout: Optional[float] = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _WatchedStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # httpcore leaves the connection open when the task is cancelled here
            with anyio.CancelScope(shield=True):
                await self._inner.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class WatchedBackend(httpcore.AsyncNetworkBackend):
    """Opens such connections."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Optional[float] = None,
        local_address: Optional[str] = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        return _WatchedStream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))
