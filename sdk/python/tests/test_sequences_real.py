"""Rows S7, S8, S13, S14 and S15 of the table of sequences, over real sockets."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ipaddress
import socket
import ssl
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, List, Optional

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import juicer
from juicer import AsyncClient, CallOptions, Cancel, Client
from juicer.transport import Arrival, AsyncWire, Outgoing, Server as Address, Wire
from juicer.world import World

from . import server as real
from .sockets import Server, answer, break_off, left_over

CANCEL_MS = 50
ROUNDS = 5


async def no_time(ms: int) -> None:
    """Waits for nothing."""


IMPATIENT = World(sleep=lambda ms, cancel: False, sleep_async=no_time)


def holds(server_reached: threading.Event, release: threading.Event) -> Any:
    """A server that takes the request and does not answer until released."""

    def behaviour(number: int, connection: socket.socket) -> bool:
        server_reached.set()
        release.wait()
        return False

    return behaviour


def test_s7_a_blocked_request_ends_when_cancelled() -> None:
    late: List[float] = []
    for _ in range(ROUNDS):
        reached, release, cancel = threading.Event(), threading.Event(), Cancel()
        with Server.started(holds(reached, release)) as server, Client(server.url, "test_key") as client:
            before = left_over()
            cancelled_at: List[float] = []

            def give_up() -> None:
                reached.wait()
                cancelled_at.append(time.monotonic())
                cancel.set()

            helper = threading.Thread(target=give_up)
            helper.start()
            with pytest.raises(juicer.CancelledError) as caught:
                client.payment_sessions.create(real.session("s7"), CallOptions(cancel=cancel))
            late.append((time.monotonic() - cancelled_at[0]) * 1000)
            helper.join()
            release.set()
            assert caught.value.outcome == "unknown" and caught.value.reason == "cancelled"
            assert len(server.requests) == 1 and cancel.listeners == 0
            server.gone.wait()
            # The thread of the server's connection and its socket may be gone or not.
            assert left_over() <= (before[0] + 1, before[1] + 1)
    assert statistics.median(late) < CANCEL_MS, late


def test_s7_a_blocked_wait_ends_when_cancelled() -> None:
    late: List[float] = []
    for _ in range(ROUNDS):
        cancel = Cancel()
        cancelled_at: List[float] = []

        def give_up() -> None:
            cancelled_at.append(time.monotonic())
            cancel.set()

        def behaviour(number: int, connection: socket.socket) -> bool:
            threading.Timer(0.1, give_up).start()
            return answer(connection, 503, b"{}", "Retry-After: 5")

        with Server.started(behaviour) as server, Client(server.url, "test_key") as client:
            with pytest.raises(juicer.CancelledError) as caught:
                client.payment_sessions.create(real.session("s7"), CallOptions(cancel=cancel))
            late.append((time.monotonic() - cancelled_at[0]) * 1000)
            assert caught.value.outcome == "unknown" and len(server.requests) == 1
    assert statistics.median(late) < CANCEL_MS, late


@pytest.mark.parametrize("by", ["task", "cancel"])
def test_s7_a_cancelled_task_closes_its_connection(by: str) -> None:
    late: List[float] = []

    async def once(server: Server, reached: threading.Event) -> None:
        cancel = Cancel()
        async with AsyncClient(server.url, "test_key") as client:
            options = CallOptions(cancel=cancel)
            task = asyncio.ensure_future(client.payment_sessions.create(real.session("s7"), options))
            await asyncio.get_running_loop().run_in_executor(None, reached.wait)
            began = time.monotonic()
            if by == "task":
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            else:
                cancel.set()
                with pytest.raises(juicer.CancelledError) as caught:
                    await task
                assert caught.value.outcome == "unknown"
            late.append((time.monotonic() - began) * 1000)
            assert not [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
            assert cancel.listeners == 0

    for _ in range(ROUNDS):
        reached, release = threading.Event(), threading.Event()
        with Server.started(holds(reached, release)) as server:
            asyncio.run(once(server, reached))
            release.set()
            assert server.gone.wait(10)
    assert statistics.median(late) < CANCEL_MS, late


def reset_when_reused(number: int, connection: socket.socket) -> bool:
    """Answers the first request of each connection, and resets at the second."""
    return answer(connection) if number % 2 else break_off(connection)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_s8_requests_on_the_wire_are_the_counted_attempts(mode: str, method: str) -> None:
    with Server.started(reset_when_reused) as server:
        attempts = sum(len(result.attempts) for result in _two_calls(mode, server.url, method))
        assert attempts == 3 and len(server.requests) == attempts
        sent = [request for request in server.requests if request.startswith((b"POST", b"DELETE"))]
        keys = {_header(request, b"idempotency-key") for request in sent}
        assert [_header(request, b"x-juicer-attempt") for request in sent] == [b"1", b"2"] and len(keys) == 1


def _two_calls(mode: str, url: str, method: str) -> List[Any]:
    """A read that opens the connection, and a write that reuses it."""
    if mode == "sync":
        with Client(url, "test_key", world=IMPATIENT) as client:
            first: Any = client.payments.get("p1")
            write = client.payment_sessions.create(real.session("s8")) if method == "post" else client.customers.delete("c1")
            return [first, write]

    async def both() -> List[Any]:
        async with AsyncClient(url, "test_key", world=IMPATIENT) as client:
            first: Any = await client.payments.get("p1")
            made: Any = client.payment_sessions.create(real.session("s8")) if method == "post" else client.customers.delete("c1")
            return [first, await made]

    return asyncio.run(both())


def _header(request: bytes, name: bytes) -> Optional[bytes]:
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    found = {line.partition(b":")[0].lower(): line.partition(b":")[2].strip() for line in lines}
    return found.get(name)


def test_s13_a_thousand_calls_leave_nothing_with_a_shared_cancel() -> None:
    cancel = Cancel()
    with Server.started(lambda number, connection: answer(connection)) as server, Client(server.url, "test_key") as client:
        client.payments.get("p1")
        before = left_over()
        for _ in range(1_000):
            client.payments.get("p1", options=CallOptions(cancel=cancel))
        assert cancel.listeners == 0 and left_over() == before


def test_s13_a_thousand_async_calls_leave_nothing_with_a_shared_cancel() -> None:
    cancel = Cancel()

    async def calls(url: str) -> None:
        async with AsyncClient(url, "test_key") as client:
            await client.payments.get("p1")
            before = left_over()
            for _ in range(1_000):
                await client.payments.get("p1", options=CallOptions(cancel=cancel))
            assert cancel.listeners == 0 and left_over() == before
            assert len(asyncio.all_tasks()) == 1

    with Server.started(lambda number, connection: answer(connection)) as server:
        asyncio.run(calls(server.url))


def test_s13_a_listener_left_behind_is_noticed() -> None:
    class Forgetful(Cancel):
        def forget(self, handle: object) -> None:
            pass

    cancel = Forgetful()
    with Server.started(lambda number, connection: answer(connection)) as server, Client(server.url, "test_key") as client:
        for _ in range(10):
            client.payments.get("p1", options=CallOptions(cancel=cancel))
    assert cancel.listeners == 10


def busy_then_fine(number: int, connection: socket.socket) -> bool:
    return answer(connection, 503, b"<html>busy</html>") if number % 2 else answer(connection)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_s14_a_pool_of_one_opens_one_connection(mode: str) -> None:
    with Server.started(busy_then_fine) as server:
        address = _address(server.url)
        if mode == "sync":
            with Client(server.url, "test_key", transport=Wire(address, 1), world=IMPATIENT) as client:
                for _ in range(50):
                    client.payments.get("p1")
        else:
            asyncio.run(_fifty(server.url, address))
        assert (server.connections, len(server.requests)) == (1, 100)


async def _fifty(url: str, address: Address) -> None:
    async with AsyncClient(url, "test_key", transport=AsyncWire(address, 1), world=IMPATIENT) as client:
        for _ in range(50):
            await client.payments.get("p1")


def _address(url: str) -> Address:
    return Address("http", "127.0.0.1", int(url.rpartition(":")[2]))


def test_s15_two_calls_with_one_key_do_the_work_once(fresh_server: real.Server, reference: str) -> None:
    """The card's bank takes 5 s, by the test clock; who finds the key in use lets them pass."""
    slow_card = "4000000000020059"
    results: List[Any] = []
    threads: List[threading.Thread] = []
    with fresh_server.client() as admin:
        admin.sandbox.move_clock({"frozen": True})
        started = admin.payment_sessions.create(real.session(reference))
        body: Any = {"card": real.card(admin, slow_card)}

        def let_time_pass(ms: int, cancel: Optional[Cancel]) -> bool:
            [other] = [thread for thread in threads if thread is not threading.current_thread()]
            while other.is_alive():  # it may not have reached the bank yet
                admin.sandbox.move_clock({"advance_ms": 6_000, "wait": False})
                other.join(0.05)
            return False

        def capture() -> None:
            with fresh_server.client(world=replace(World(), sleep=let_time_pass)) as client:
                options = CallOptions(idempotency_key="one-key-" + reference)
                results.append(client.payment_sessions.capture(started.data["id"], body, options))

        threads.extend(threading.Thread(target=capture) for _ in range(2))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        worked, waited = sorted(results, key=lambda result: len(result.attempts))
        assert [attempt.status for attempt in worked.attempts] == [200] and not worked.replayed
        assert [attempt.status for attempt in waited.attempts] == [409, 200] and waited.replayed
        assert worked.succeeded() and worked.data == waited.data
        assert len(list(admin.sandbox.list_all_rail_books())) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_refused_connection_was_not_attempted(mode: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    arrival = _one(mode, Address("http", "127.0.0.1", port))
    assert arrival.event == "connect_refused"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_unknown_host_is_told_from_a_refused_connection(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    assert _one(mode, Address("http", "no-such-host.invalid", 80)).event == "dns_not_found"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_resolver_that_fails_for_now_is_asked_again(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def try_again(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", try_again)
    assert _one(mode, Address("http", "shop.example", 80)).event == "dns_temporary"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_cut_body_is_a_lost_answer_with_its_status(mode: str) -> None:
    def cut(number: int, connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        return False

    with Server.started(cut) as server:
        arrival = _one(mode, _address(server.url))
        assert (arrival.status, arrival.event) == (200, "truncated_body")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_attempts_time_is_for_the_whole_answer(mode: str) -> None:
    """A server that sends a byte now and then cannot hold a call for ever."""
    stop = threading.Event()

    def trickle(number: int, connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.02):
            connection.sendall(b" ")
        return False

    with Server.started(trickle) as server:
        arrival = _one(mode, _address(server.url), timeout_ms=200)
        stop.set()
        assert arrival.event == "read_timeout"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_proxy_of_the_environment_is_used(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server.started(lambda number, connection: answer(connection)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert _one(mode, Address("http", "shop.example", 80)).status == 200
        assert proxy.requests[0].startswith(b"GET http://shop.example:80/payments/p1 ")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with Server.started(lambda number, connection: answer(connection)) as server:
            assert _one(mode, _address(server.url)).status == 200 and len(server.requests) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_handshake_that_never_ends_was_not_attempted(mode: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        arrival = _one(mode, Address("https", "127.0.0.1", silent.getsockname()[1]), timeout_ms=300)
    assert arrival.event == "connect_timeout"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_only_a_trusted_certificate_gets_the_request(
    mode: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with Server.started(lambda number, connection: answer(connection), tls) as server:
        address = _address(server.url)._replace(scheme="https")
        assert _one(mode, address).event == "tls_certificate" and not server.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert _one(mode, address).status == 200 and len(server.requests) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_compressed_answers_are_read_and_cut_ones_are_lost(mode: str) -> None:
    whole = gzip.compress(b'{"data":{"id":"p1"}}')

    def zipped(number: int, connection: socket.socket) -> bool:
        return answer(connection, 200, whole if number == 1 else whole[:-4], "Content-Encoding: gzip")

    with Server.started(zipped) as server:
        assert _one(mode, _address(server.url)).body == b'{"data":{"id":"p1"}}'
        assert _one(mode, _address(server.url)).event == "truncated_body"


def _one(mode: str, address: Address, timeout_ms: int = 5_000) -> Arrival:
    outgoing = Outgoing("GET", "/payments/p1", [(b"Host", address.host.encode())], b"", timeout_ms)
    if mode == "sync":
        wire = Wire(address)
        try:
            return wire.send(outgoing)
        finally:
            wire.close()

    async def send() -> Arrival:
        wire = AsyncWire(address)
        try:
            return await wire.send(outgoing)
        finally:
            await wire.close()

    return asyncio.run(send())
