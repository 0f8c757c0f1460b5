"""Real deliveries, lost, doubled and out of order: each event is handled once."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from juicer import WebhookEvent
from juicer.receiver import AsyncReceiver, Gap, MemoryStore, Progress, Received, Receiver, SQLiteStore, Store
from juicer.webhooks import Webhooks

from .server import Server, captured


class Shop:
    """An endpoint that hands what arrives to a receiver, and says when something did."""

    def __init__(self) -> None:
        self.receiver: Any = None
        self.received: List[Received] = []
        self._news = threading.Condition()

    def take(self, body: bytes, headers: Dict[str, str]) -> int:
        received: Received = self.receiver.receive(body, headers)
        with self._news:
            self.received.append(received)
            self._news.notify_all()
        return received.status

    def wait_for(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.received) >= count, timeout=30), self.received


@contextlib.contextmanager
def listening(shop: Shop) -> Iterator[str]:
    class Endpoint(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(shop.take(body, dict(self.headers)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as endpoint:
        serving = threading.Thread(target=endpoint.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{endpoint.server_address[1]}/hooks"
        finally:
            endpoint.shutdown()
            serving.join()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    kept = SQLiteStore(str(tmp_path / "events.db"))
    yield kept
    kept.close()


def test_each_event_is_handled_once_whatever_happens_on_the_way(fresh_server: Server, store: Store) -> None:
    shop, handled = Shop(), []  # type: ignore[var-annotated]
    with listening(shop) as url, fresh_server.client() as client:
        business = client.account_settings.get().data["business_id"]
        endpoint = client.webhook_endpoints.create({"url": url, "events": ["payment.*"]}).data
        webhooks = Webhooks(endpoint["secret"], business)
        shop.receiver = Receiver(webhooks, store, handled.append, ["payment.*"])
        faults: Any = {
            "rules": [
                {"match": {"reference": "r2"}, "rule": "lose"},
                {"match": {"reference": "r3"}, "rule": "double"},
                {"match": {"reference": "r4"}, "rule": "reorder"},
            ]
        }
        client.sandbox.add_webhook_faults(faults)
        for number in range(1, 7):
            captured(client, f"r{number}")
            if number != 4:  # held until the next event has been sent
                client.sandbox.wait_for_idle({"timeout_ms": 10_000})
        shop.wait_for(6)  # r1, r3 twice, r5, r4, r6
        assert sorted(_references(handled)) == ["r1", "r3", "r4", "r5", "r6"]
        assert [received.duplicate for received in shop.received].count(True) == 1
        assert any(received.gap is not None for received in shop.received)
        assert shop.receiver.backfill(client) == 1
        assert sorted(_references(handled)) == [f"r{number}" for number in range(1, 7)]
        assert shop.receiver.backfill(client) == 0
        last = list(client.events.list_all({"limit": 100}))[-1]
        assert store.position() == last["sequence"]
        assert {event.event for event in handled} == {"payment.session.succeeded"}


def _references(events: List[WebhookEvent]) -> List[str]:
    return [event.data["reference"] for event in events]


class Trusting(Webhooks):
    """Checks nothing: for the tests of what comes behind the check."""

    def __init__(self) -> None:
        super().__init__(None, None)

    def verify(self, body: bytes, headers: Any) -> WebhookEvent:
        sequence = int(headers["sequence"])
        return WebhookEvent(f"evt_{sequence}", body.decode(), {}, sequence, int(headers["previous"]))


def deliver(receiver: Any, sequence: int, previous: int, event: str = "payout.succeeded") -> Any:
    return receiver.receive(event.encode(), {"sequence": sequence, "previous": previous})


def test_a_forged_delivery_is_answered_401() -> None:
    handled: List[WebhookEvent] = []
    receiver = Receiver(Webhooks("whsec_AAAA", None), MemoryStore(), handled.append)
    received = receiver.receive(b"{}", {})
    assert (received.status, received.reason) == (401, "headers_missing") and not handled


def test_an_event_whose_handler_failed_is_taken_again(store: Store) -> None:
    attempts: List[WebhookEvent] = []

    def handler(event: WebhookEvent) -> None:
        attempts.append(event)
        if len(attempts) == 1:
            raise OSError("the database is away")

    receiver = Receiver(Trusting(), store, handler)
    with pytest.raises(OSError):
        deliver(receiver, 1, 0)
    assert not deliver(receiver, 1, 0).duplicate
    assert deliver(receiver, 1, 0).duplicate and len(attempts) == 2


def test_a_crash_in_the_handler_loses_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "events.db")
    before = SQLiteStore(path)
    assert before.claim("evt_1") and not before.claim("evt_1")
    before.close()  # the process died while it was handled
    after = SQLiteStore(path)
    assert after.claim("evt_1")
    after.done("evt_1")
    after.close()
    again = SQLiteStore(path)
    assert not again.claim("evt_1")
    again.close()


def test_what_came_early_closes_the_gap_later(store: Store) -> None:
    receiver = Receiver(Trusting(), store, lambda event: None)
    assert deliver(receiver, 1, 0).gap is None
    assert deliver(receiver, 7, 5).gap == Gap(1, 5)
    assert deliver(receiver, 9, 7).gap == Gap(1, 7)
    assert store.position() == 1
    assert deliver(receiver, 5, 1).gap is None
    assert store.position() == 9
    assert deliver(receiver, 12, 9).gap is None and store.position() == 12


def test_progress_never_goes_back() -> None:
    progress = Progress(10)
    assert progress.arrived(4, 3) is None and progress.position == 10
    progress.move(8)
    assert progress.position == 10


def test_the_async_receiver_does_the_same() -> None:
    handled: List[WebhookEvent] = []

    async def handler(event: WebhookEvent) -> None:
        await asyncio.sleep(0)
        handled.append(event)

    async def deliveries() -> None:
        receiver = AsyncReceiver(Trusting(), MemoryStore(), handler)
        assert (await deliver(receiver, 1, 0)).status == 200
        assert (await deliver(receiver, 1, 0)).duplicate
        assert (await deliver(receiver, 4, 3)).gap == Gap(1, 3)

    asyncio.run(deliveries())
    assert [event.sequence for event in handled] == [1, 4]


def test_the_async_receiver_fetches_what_is_missing(fresh_server: Server) -> None:
    from juicer import AsyncClient

    handled: List[WebhookEvent] = []

    async def handler(event: WebhookEvent) -> None:
        handled.append(event)

    async def backfill() -> int:
        async with AsyncClient(fresh_server.url, fresh_server.key) as client:
            return await AsyncReceiver(Trusting(), MemoryStore(), handler, ["payment.*"]).backfill(client)

    with fresh_server.client() as client:
        captured(client, "b1")
        client.sandbox.wait_for_idle({"timeout_ms": 10_000})
    assert asyncio.run(backfill()) == 1 and _references(handled) == ["b1"]
