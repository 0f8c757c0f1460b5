"""One attempt over HTTP, and nothing beyond: no retries, no redirects, no decisions.

The way it goes is httpx's own engine, httpcore: the call's whole time and its cancel
reach down to the socket, which ``httpx.Client`` does not offer. A transport of httpx can
be put in its place (a proxy of your own, a mock): see :class:`Adapted`.
"""

from __future__ import annotations

import socket
import ssl
import urllib.request
import zlib
from typing import Any, Dict, Final, Iterable, List, Mapping, NamedTuple, Optional, Protocol, Tuple

import anyio
import httpcore
import httpx

from .cancel import Cancel
from .line import CuttableBackend, Line, Progress, WatchedBackend, current, here

Headers = List[Tuple[bytes, bytes]]

BODY_BYTES_MAX: Final = 64 * 1024 * 1024
CONNECTIONS_MAX: Final = 100
KEPT_ALIVE_MAX: Final = 20
KEPT_ALIVE_S: Final = 30.0


class Server(NamedTuple):
    """Where requests go."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """``https://api.example``; the port only where it is not the usual one."""
        usual = {"http": 80, "https": 443}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != usual else "")


class Outgoing(NamedTuple):
    """One request. ``target`` is path and query; ``timeout_ms`` is for the whole attempt."""

    method: str
    target: str
    headers: Headers
    body: bytes
    timeout_ms: int
    cancel: Optional[Cancel] = None


class Arrival(NamedTuple):
    """What came of it: a whole answer, or an event (with a status if headers had arrived).

    Header names are lower-case; a header that came twice is joined by ", ".
    """

    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""
    event: str = ""


class Transport(Protocol):
    """Sends one request. Never raises for what the network does: that is an event."""

    def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer."""

    def close(self) -> None:
        """Closes all connections."""


class AsyncTransport(Protocol):
    """The same for asyncio. Cancelling the task closes the connection."""

    async def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer."""

    async def close(self) -> None:
        """Closes all connections."""


class _TooLong(Exception):
    """The body is longer than anything the API sends."""


_WIRE_TROUBLE: Final = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    OSError,
    _TooLong,
)
_HTTPX_TROUBLE: Final = (httpx.TransportError, OSError, _TooLong)
_NO_HEADERS: Final[Mapping[str, str]] = {}


class Wire:
    """The transport of the sync client."""

    def __init__(self, server: Server, connections_max: int = CONNECTIONS_MAX) -> None:
        self._target = _Target(server)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context() if server.scheme == "https" else None,
            proxy=_proxy(server),
            max_connections=connections_max,
            max_keepalive_connections=min(KEPT_ALIVE_MAX, connections_max),
            keepalive_expiry=KEPT_ALIVE_S,
            retries=0,
            network_backend=CuttableBackend(),
        )

    def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer, within ``timeout_ms`` in all."""
        line = Line(outgoing.timeout_ms / 1000)
        here.line = line
        handle = outgoing.cancel.listen(line.cut) if outgoing.cancel is not None else None
        try:
            return self._exchange(outgoing, line)
        finally:
            here.line = None
            if outgoing.cancel is not None and handle is not None:
                outgoing.cancel.forget(handle)

    def _exchange(self, outgoing: Outgoing, line: Line) -> Arrival:
        status, headers = 0, _NO_HEADERS
        try:
            response = self._pool.handle_request(self._target.request(outgoing))
            status, headers = response.status, joined(response.headers)
            try:
                body = _whole(response.stream)  # type: ignore[arg-type]
            finally:
                response.close()
            return _arrived(status, headers, body)
        except _WIRE_TROUBLE as why:
            return Arrival(status, headers, event="cancelled" if line.is_cut else event_of(why, status))

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


class AsyncWire:
    """The transport of the async client."""

    def __init__(self, server: Server, connections_max: int = CONNECTIONS_MAX) -> None:
        self._target = _Target(server)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context() if server.scheme == "https" else None,
            proxy=_proxy(server),
            max_connections=connections_max,
            max_keepalive_connections=min(KEPT_ALIVE_MAX, connections_max),
            keepalive_expiry=KEPT_ALIVE_S,
            retries=0,
            network_backend=WatchedBackend(),
        )

    async def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer, within ``timeout_ms`` in all."""
        progress = Progress()
        watched = current.set(progress)
        arrival = None
        try:
            with anyio.move_on_after(outgoing.timeout_ms / 1000):
                arrival = await self._exchange(outgoing)
        finally:
            current.reset(watched)
        return arrival or Arrival(event="read_timeout" if progress.writing else "connect_timeout")

    async def _exchange(self, outgoing: Outgoing) -> Arrival:
        status, headers = 0, _NO_HEADERS
        try:
            response = await self._pool.handle_async_request(self._target.request(outgoing))
            status, headers = response.status, joined(response.headers)
            try:
                body = await _whole_async(response.stream)
            finally:
                await response.aclose()
            return _arrived(status, headers, body)
        except _WIRE_TROUBLE as why:
            return Arrival(status, headers, event=event_of(why, status))

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()


class Adapted:
    """A transport of httpx (``httpx.MockTransport``, ``httpx.HTTPTransport`` ...) as ours."""

    def __init__(self, server: Server, inner: httpx.BaseTransport) -> None:
        self._origin = server.origin
        self._inner = inner

    def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer. A cancel is heeded only before and after."""
        status, headers = 0, _NO_HEADERS
        try:
            response = self._inner.handle_request(_httpx_request(self._origin, outgoing))
            status, headers = response.status_code, joined(response.headers.raw)
            try:
                body = _whole(response.stream)  # type: ignore[arg-type]
            finally:
                response.close()
            return _arrived(status, headers, body)
        except _HTTPX_TROUBLE as why:
            return Arrival(status, headers, event=event_of(why, status))

    def close(self) -> None:
        """Closes the transport."""
        self._inner.close()


class AsyncAdapted:
    """An async transport of httpx as ours."""

    def __init__(self, server: Server, inner: httpx.AsyncBaseTransport) -> None:
        self._origin = server.origin
        self._inner = inner

    async def send(self, outgoing: Outgoing) -> Arrival:
        """Sends and reads the whole answer, within ``timeout_ms`` in all."""
        arrival = Arrival(event="read_timeout")
        with anyio.move_on_after(outgoing.timeout_ms / 1000):
            arrival = await self._exchange(outgoing)
        return arrival

    async def _exchange(self, outgoing: Outgoing) -> Arrival:
        status, headers = 0, _NO_HEADERS
        try:
            response = await self._inner.handle_async_request(_httpx_request(self._origin, outgoing))
            status, headers = response.status_code, joined(response.headers.raw)
            try:
                body = await _whole_async(response.stream)
            finally:
                await response.aclose()
            return _arrived(status, headers, body)
        except _HTTPX_TROUBLE as why:
            return Arrival(status, headers, event=event_of(why, status))

    async def close(self) -> None:
        """Closes the transport."""
        await self._inner.aclose()


# ---- reading an answer


def joined(headers: Iterable[Tuple[bytes, bytes]]) -> Dict[str, str]:
    """Lower-case names; what came twice is joined by ", "."""
    one: Dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        one[name] = f"{one[name]}, {value}" if name in one else value
    return one


def _whole(stream: Iterable[bytes]) -> bytes:
    parts, size = [], 0
    for part in stream:
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise _TooLong
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _whole_async(stream: Any) -> bytes:
    parts, size = [], 0
    async for part in stream:
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise _TooLong
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _arrived(status: int, headers: Mapping[str, str], body: bytes) -> Arrival:
    if headers.get("content-encoding") == "gzip" and body:
        plain = _unzipped(body)
        if plain is None:
            return Arrival(status, headers, event="truncated_body")
        body = plain
    return Arrival(status, headers, body)


def _unzipped(body: bytes) -> Optional[bytes]:
    """The body behind gzip, or None if it is cut, broken or too long."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, BODY_BYTES_MAX)
    except zlib.error:
        return None
    return plain if unzip.eof else None


# ---- what went wrong

_EVENTS: Final[Mapping[str, str]] = {
    "ConnectTimeout": "connect_timeout",
    "PoolTimeout": "pool_timeout",
    "ReadTimeout": "read_timeout",
    "WriteTimeout": "write_timeout",
    "ReadError": "reset",
    "WriteError": "reset",
    "CloseError": "reset",
    "RemoteProtocolError": "reset",
    "_TooLong": "invalid_body",
}


def event_of(why: BaseException, status: int) -> str:
    """The word of the retry policy for an exception of httpx, httpcore or the system."""
    name = type(why).__name__
    if name in ("ConnectError", "ProxyError"):
        return _connect_event(why)
    event = _EVENTS.get(name, "reset")
    return "truncated_body" if status and event == "reset" else event


def _connect_event(why: BaseException) -> str:
    for cause in _chain(why):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "tls_certificate"
        if isinstance(cause, socket.gaierror):
            return "dns_temporary" if cause.errno == socket.EAI_AGAIN else "dns_not_found"
    return "connect_refused"


def _chain(why: Optional[BaseException]) -> Iterable[BaseException]:
    """The exception and those behind it; httpcore leaves some only in ``__context__``."""
    seen: List[BaseException] = []
    while why is not None and why not in seen:
        seen.append(why)
        why = why.__cause__ or why.__context__
    return seen


# ---- building a request


class _Target:
    """Makes requests of httpcore for one server."""

    def __init__(self, server: Server) -> None:
        self._scheme = server.scheme.encode("ascii")
        self._host = server.host.encode("idna" if not server.host.isascii() else "ascii")
        self._port = server.port

    def request(self, outgoing: Outgoing) -> httpcore.Request:
        url = httpcore.URL(
            scheme=self._scheme, host=self._host, port=self._port, target=outgoing.target.encode("ascii")
        )
        seconds = outgoing.timeout_ms / 1000
        timeouts = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        return httpcore.Request(
            outgoing.method, url, headers=outgoing.headers, content=outgoing.body, extensions={"timeout": timeouts}
        )


def _httpx_request(origin: str, outgoing: Outgoing) -> httpx.Request:
    seconds = outgoing.timeout_ms / 1000
    return httpx.Request(
        outgoing.method,
        origin + outgoing.target,
        headers=outgoing.headers,
        content=outgoing.body,
        extensions={"timeout": httpx.Timeout(seconds).as_dict()},
    )


def _proxy(server: Server) -> Optional[httpcore.Proxy]:
    """The proxy that the environment names for this host (HTTPS_PROXY, NO_PROXY ...)."""
    url = urllib.request.getproxies().get(server.scheme)
    if not url or urllib.request.proxy_bypass(server.host):
        return None
    parsed = httpx.URL(url)
    auth = (parsed.username, parsed.password) if parsed.username else None
    return httpcore.Proxy(url=str(parsed.copy_with(username=None, password=None)), auth=auth)
