"""Reads that are kept, checked, shared, and served stale."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, List

import pytest

import juicer
from juicer import AsyncClient, Cache, CallOptions, Cancel, Client
from juicer.transport import Arrival, Outgoing

from .server import Server, captured
from .virtual import Says, Stage, reset


def kept(body: Any, control: str, etag: str = '"1"') -> Says:
    return Says(200, {"data": body}, {"etag": etag, "cache-control": control})


def unchanged(control: str = "private, max-age=60") -> Says:
    return Says(304, headers={"etag": '"1"', "cache-control": control})


def banks(stage: Stage) -> Any:
    return stage.do(lambda client: client.payment_methods.banks())


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_what_is_fresh_is_not_asked_for(mode: str) -> None:
    stage = Stage(mode, kept(["a"], "private, max-age=60"), unchanged(), cache=True)
    assert not banks(stage).cached
    again = banks(stage)
    assert again.cached and not again.stale and again.data == ["a"] and len(stage.script.requests) == 1
    stage.clock.ms += 60_000
    assert banks(stage).data == ["a"] and len(stage.script.requests) == 2
    assert stage.script.requests[1].headers[-3] == (b"If-None-Match", b'"1"')
    stage.clock.ms += 59_000
    banks(stage)
    assert len(stage.script.requests) == 2


def test_what_must_not_be_kept_is_not() -> None:
    stage = Stage("sync", kept(["a"], "no-store"), Says(200, {"data": ["b"]}), cache=True)
    assert (banks(stage).data, banks(stage).data) == (["a"], ["b"])


def test_no_cache_means_ask_each_time() -> None:
    stage = Stage("sync", kept("a", "private, no-cache, max-age=60"), unchanged("no-cache"), cache=True)
    assert stage.get().data == "a" and stage.get().data == "a"
    assert len(stage.script.requests) == 2


def test_who_changes_what_he_got_changes_it_for_himself() -> None:
    stage = Stage("sync", kept(["a"], "max-age=60"), cache=True)
    banks(stage)
    banks(stage).data.append("mine")
    assert banks(stage).data == ["a"]


@pytest.mark.parametrize("answer", [Says(503), Says(429), reset()], ids=["503", "429", "reset"])
def test_reference_data_is_served_stale_while_the_server_fails(answer: Says) -> None:
    stage = Stage("sync", kept(["a"], "max-age=60"), answer, cache=True)
    banks(stage)
    stage.clock.ms += 61_000
    result = banks(stage)
    assert result.stale and result.cached and result.data == ["a"]
    stage.clock.ms += 24 * 3_600_000
    with pytest.raises(juicer.JuicerError):
        banks(stage)


def test_payments_are_never_served_stale() -> None:
    stage = Stage("sync", kept("a", "max-age=60"), Says(503), cache=True)
    stage.get()
    stage.clock.ms += 61_000
    with pytest.raises(juicer.ServerError):
        stage.get()


def test_a_refusal_is_not_hidden_by_the_cache() -> None:
    stage = Stage("sync", kept(["a"], "max-age=60"), Says(401, {"error": {"code": "revoked_api_key"}}), cache=True)
    banks(stage)
    stage.clock.ms += 61_000
    with pytest.raises(juicer.AuthenticationError):
        banks(stage)


def test_the_least_used_goes_first() -> None:
    stage = Stage("sync", kept("x", "max-age=60"), cache=Cache(entries_max=2))
    for id in ("a", "b", "a", "c", "a", "b"):
        stage.client.payments.get(id)
    assert [sent.target for sent in stage.script.requests] == [f"/payments/{id}" for id in ("a", "b", "c", "b")]


class Gate:
    """Answers only when opened."""

    def __init__(self, fails: bool = False) -> None:
        self.requests: List[Outgoing] = []
        self.open = threading.Event()
        self.fails = fails

    def send(self, outgoing: Outgoing) -> Arrival:
        self.requests.append(outgoing)
        self.open.wait()
        body = json.dumps({"data": {"number": len(self.requests)}}).encode()
        return Arrival(404, {}, b'{"error":{"code":"not_found"}}') if self.fails else Arrival(200, {}, body)

    def close(self) -> None:
        pass


READERS = 8


class Counting(Cache):
    """Opens the gate once all readers want the same."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self._readers = 0

    def _join(self, name: Any) -> Any:
        flight = super()._join(name)
        self._readers += 1
        if self._readers == READERS:
            self._gate.open.set()
        return flight


@pytest.mark.parametrize("fails", [False, True])
def test_the_same_read_under_way_is_shared_by_threads(fails: bool) -> None:
    gate = Gate(fails)
    client = Client("http://shop.test", "test_key", transport=gate, cache=Counting(gate))
    got: List[Any] = []

    def read() -> None:
        try:
            got.append(client.payments.get("p1").data)
        except juicer.NotFoundError as error:
            got.append(error.code)

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["not_found" if fails else {"number": 1}] * READERS
    assert len(gate.requests) == 1


class AsyncGate:
    def __init__(self) -> None:
        self.requests: List[Outgoing] = []
        self.open = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Arrival:
        self.requests.append(outgoing)
        await self.open.wait()
        return Arrival(200, {}, json.dumps({"data": {"number": len(self.requests)}}).encode())

    async def close(self) -> None:
        pass


def test_the_same_read_under_way_is_shared_by_tasks_even_if_its_leader_gives_up() -> None:
    async def reads() -> None:
        gate = AsyncGate()
        client = AsyncClient("http://shop.test", "test_key", transport=gate, cache=True)
        tasks = [asyncio.ensure_future(client.payments.get("p1")) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[1].cancel()
        await asyncio.sleep(0.01)
        gate.open.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, asyncio.CancelledError) for result in done] == [True, True, False, False]
        # The leader's request was given up; one of the others sent its own.
        assert [result.data for result in done[2:]] == [{"number": 2}] * 2  # type: ignore[union-attr]
        assert len(gate.requests) == 2

    asyncio.run(reads())


def test_a_read_with_a_cancel_is_not_shared() -> None:
    stage = Stage("sync", kept("a", "max-age=60"), cache=True)
    stage.get(CallOptions(cancel=Cancel()))
    stage.get(CallOptions(cancel=Cancel()))
    assert len(stage.script.requests) == 2


def test_a_real_server_answers_304(server: Server, reference: str) -> None:
    with server.client(cache=True) as client:
        captured(client, reference)
        first, second = client.payments.get(reference), client.payments.get(reference)
        assert not first.cached and second.cached and first.data == second.data
        assert client.payment_methods.banks().data == client.payment_methods.banks().data
