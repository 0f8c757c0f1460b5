"""A small HTTP server that does exactly what a test says, and counts what arrives."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import ssl
import struct
import threading
from typing import Callable, Iterator, List, Optional

Behaviour = Callable[[int, socket.socket], bool]


def answer(connection: socket.socket, status: int = 200, body: bytes = b'{"data":{}}', *headers: str) -> bool:
    """Answers and keeps the connection."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return True


def break_off(connection: socket.socket) -> bool:
    """Resets the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


class Server:
    """Counts connections and requests; ``behaviour(number, connection)`` says whether to go on."""

    def __init__(self, behaviour: Behaviour, tls: Optional[ssl.SSLContext] = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        self.connections = 0
        self.requests: List[bytes] = []
        self.gone = threading.Event()
        self._lock = threading.Lock()
        self._threads: List[threading.Thread] = []
        self._open: List[socket.socket] = []

    @classmethod
    @contextlib.contextmanager
    def started(cls, behaviour: Behaviour, tls: Optional[ssl.SSLContext] = None) -> Iterator["Server"]:
        server = cls(behaviour, tls)
        accepting = threading.Thread(target=server._accept)
        accepting.start()
        try:
            yield server
        finally:
            server._close()
            accepting.join()

    def _close(self) -> None:
        socket.socket.shutdown(self._listener, socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            with self._lock:
                self.connections += 1
                self._open.append(connection)
                self._threads.append(thread)
            thread.start()

    def _serve(self, accepted: socket.socket) -> None:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            connection = stack.enter_context(accepted)
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(accepted, server_side=True))
            while True:
                request = _request(connection)
                if request is None:
                    break
                with self._lock:
                    self.requests.append(request)
                    number = len(self.requests)
                if not self._behaviour(number, connection):
                    break
        self.gone.set()


def _request(connection: socket.socket) -> Optional[bytes]:
    text = b""
    while b"\r\n\r\n" not in text:
        part = connection.recv(65536)
        if not part:
            return None
        text += part
    head, _, body = text.partition(b"\r\n\r\n")
    length = next((int(l.split(b":")[1]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def left_over() -> "tuple[int, int]":
    """Threads and open files of this process."""
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))
