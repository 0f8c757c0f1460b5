"""Making clients and requests: settings, paths, queries, headers."""

from __future__ import annotations

import asyncio
from typing import Any, Dict

import httpx
import pytest

import juicer
from juicer import AsyncClient, BatchItem, CallOptions, Client
from juicer._core import Request
from juicer.plan import path_of, query_of

from .server import Server, captured, session
from .virtual import Says, Stage, paid, reset


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUICER_BASE_URL", "https://api.shop.test/v1/")
    monkeypatch.setenv("JUICER_API_KEY", " test_env ")
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"id": "p1"}})

    with Client(transport=httpx.MockTransport(answer)) as client:
        assert client.payments.get("ord 1/7").data["id"] == "p1"
    [request] = seen
    assert str(request.url) == "https://api.shop.test/v1/payments/ord%201%2F7"
    assert request.headers["authorization"] == "test_env" and request.headers["host"] == "api.shop.test"
    assert request.headers["user-agent"] == f"juicer-pay-python/{juicer.__version__}"


def test_a_transport_of_httpx_serves_the_async_client_too() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"data": {"key": request.headers["idempotency-key"]}})

    async def call() -> Any:
        async with AsyncClient("http://shop.test", "test_key", transport=httpx.MockTransport(answer)) as client:
            return await client.payment_sessions.create(session("r"), CallOptions(idempotency_key="k-1"))

    assert asyncio.run(call()).data == {"key": "k-1"}


def test_trouble_of_a_transport_of_httpx_is_told_apart() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = Client("http://shop.test", "test_key", transport=httpx.MockTransport(refuse), policy=juicer.Policy(max_attempts=1))
    with pytest.raises(juicer.ConnectionError) as caught:
        client.payment_sessions.create(session("r"))
    assert caught.value.outcome == "not_attempted"


def test_without_a_key_the_error_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUICER_API_KEY", raising=False)
    with pytest.raises(juicer.AuthenticationError, match="juicer keys create") as caught:
        Client("http://shop.test")
    assert caught.value.code == "missing_api_key"


@pytest.mark.parametrize("url", ["", "shop.test", "ftp://shop.test", "http://"])
def test_a_bad_base_url_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUICER_BASE_URL", raising=False)
    with pytest.raises(ValueError, match="JUICER_BASE_URL"):
        Client(url, "test_key")


@pytest.mark.parametrize(
    "url, trusted",
    [
        ("https://api.juicyway.com", False), ("https://juicyway.com", False), ("https://API.Juicyway.com:8443", False),
        ("https://notjuicyway.com", True), ("https://juicyway.com.shop.test", True), ("http://127.0.0.1", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy", [None, juicer.Policy(max_attempts=3)], ids=["usual", "own"])
def test_keys_are_trusted_where_they_are_promised(url: str, trusted: bool, policy: "juicer.Policy | None") -> None:
    lost = [reset(), Says(400, {"error": {"code": "insufficient_funds"}})]
    stage = Stage("sync", *lost)
    client = Client(url, "test_key", transport=stage.client._transport, world=stage.clock.world(), policy=policy)
    with pytest.raises(juicer.InvalidRequestError) as caught:
        client.payment_sessions.create(session("r"))
    assert caught.value.outcome == ("refused" if trusted else "unknown")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_values_that_would_name_another_route_are_refused(value: str) -> None:
    stage = Stage("sync", paid())
    with pytest.raises(ValueError, match="cannot be an id"):
        stage.client.payments.get(value)
    assert not stage.script.requests


def test_paths_and_queries() -> None:
    assert path_of("/a/{id}/b/{other}", ("x/y", "ü?%")) == "/a/x%2Fy/b/%C3%BC%3F%25"
    assert path_of("/a/{id}", ("{id}%s",)) == "/a/%7Bid%7D%25s"
    assert query_of(None) == "" and query_of({"after": None}) == ""
    query: Dict[str, Any] = {"ids": ["a", "b"], "lock": False, "on": True, "limit": 5, "x": "a&b=c +"}
    assert query_of(query) == "?ids=a,b&lock=false&on=true&limit=5&x=a%26b%3Dc%20%2B"


def test_headers_cannot_break_the_request() -> None:
    stage = Stage("sync", paid())
    for options in (CallOptions(headers={"X-A": "a\r\nX-B: b"}), CallOptions(idempotency_key="a\nb")):
        with pytest.raises(ValueError, match="cannot be sent"):
            stage.post(options)
    assert not stage.script.requests


def test_what_json_cannot_hold_is_not_sent() -> None:
    stage = Stage("sync", paid())
    with pytest.raises(ValueError):
        stage.client.payment_sessions.create({"amount": float("nan")})
    assert not stage.script.requests


def test_reads_have_no_key_and_writes_do() -> None:
    stage = Stage("sync", paid())
    stage.get()
    names = {name.lower() for name, _ in stage.script.requests[0].headers}
    assert b"idempotency-key" not in names and b"content-length" not in names and b"authorization" in names
    stage.delete()
    names = {name.lower() for name, _ in stage.script.requests[1].headers}
    assert b"idempotency-key" in names and b"content-type" not in names


def test_a_read_that_the_server_holds_has_more_time() -> None:
    stage = Stage("sync", paid())
    stage.client.payments.get("p1", {"wait": 25})
    assert stage.script.requests[0].timeout_ms == 35_000


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_pages_are_turned(mode: str, server: Server, reference: str) -> None:
    references = [f"{reference}-{number}" for number in range(5)]
    with server.client() as client:
        for each in references:
            client.payment_sessions.create(session(each))
    if mode == "sync":
        with server.client() as client:
            page = client.payments.list({"limit": 2})
            assert len(page) == 2 and page.before is None and page.after is not None
            following = page.next_page()
            assert following is not None and following.before is not None
            listed = [payment["reference"] for payment in client.payments.list_all({"limit": 2})]
            assert client.payments.list({"references": "no-such"}).missing == ["no-such"]
    else:
        listed = asyncio.run(_listed(server))
    assert [each for each in listed if each.startswith(reference + "-")] == references[::-1]
    assert len(listed) == len(set(listed))


async def _listed(server: Server) -> "list[str]":
    async with AsyncClient(server.url, server.key) as client:
        page = await client.payments.list({"limit": 2})
        assert await page.next_page() is not None
        return [payment["reference"] async for payment in client.payments.list_all({"limit": 2})]


def test_the_last_page_has_no_next() -> None:
    stage = Stage("sync", Says(200, {"data": [], "pagination": {"after": None, "before": None, "limit": 15}}))
    assert stage.client.payments.list().next_page() is None


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_batch_gives_each_its_own_answer(mode: str, server: Server, reference: str) -> None:
    items = [
        BatchItem("POST", "/payment-sessions", session(reference), idempotency_key="b-" + reference),
        BatchItem("POST", "/payment-sessions", {**session(reference), "amount": 0}, id="bad"),
        BatchItem("GET", f"/payments/{reference}"),
        BatchItem("DELETE", "/customers/01a20297-4dc0-74cd-9faf-fc8186734721"),
    ]
    if mode == "sync":
        with server.client() as client:
            replies = client.batch(items)
    else:
        replies = asyncio.run(_batched(server, items))
    made, bad, read, gone = replies
    assert (made.id, made.status, made.outcome) == ("0", 201, "not_attempted")
    assert made.unwrap().data["payment"]["reference"] == reference and made.unwrap().idempotency_key == "b-" + reference
    assert (bad.id, bad.status, bad.outcome, bad.succeeded()) == ("bad", 422, "not_attempted", False)
    with pytest.raises(juicer.ValidationError):
        bad.unwrap()
    assert read.unwrap().data["reference"] == reference and read.error is None
    assert isinstance(gone.error, juicer.NotFoundError) and gone.error.idempotency_key


async def _batched(server: Server, items: "list[BatchItem]") -> Any:
    async with AsyncClient(server.url, server.key) as client:
        return await client.batch(items)


@pytest.mark.parametrize("count", [0, 51])
def test_a_batch_has_its_size(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        Stage("sync", paid()).client.batch([BatchItem("GET", "/payments")] * count)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_wait_returns_when_the_payment_is_final(mode: str) -> None:
    def state(outcome: str, after_ms: int) -> Says:
        return Says(200, {"data": {}, "money": {"outcome": outcome}}, after_ms=after_ms)

    stage = Stage(mode, state("pending", 25_000), state("unknown", 25_000), state("refused", 3_000))
    result = stage.do(lambda client: client.payments.wait("ord_1"))
    assert result.outcome == "refused" and stage.clock.slept == [0, 0]
    assert [sent.target for sent in stage.script.requests] == ["/payments/ord_1?wait=25"] * 3


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_wait_gives_up_in_time_and_never_hammers(mode: str) -> None:
    stage = Stage(mode, Says(200, {"data": {}, "money": {"outcome": "pending"}}))  # a server that does not hold
    result = stage.do(lambda client: client.payments.wait("ord_1", timeout=5))
    assert result.outcome == "pending" and stage.clock.ms <= 5_000 + 10
    assert stage.clock.slept == [990] * 4 and len(stage.script.requests) == 5


def test_wait_for_a_real_payment(server: Server, reference: str) -> None:
    with server.client() as client:
        captured(client, reference)
        assert client.payments.wait(reference).succeeded()


def test_gathered_reads_of_one_tick_are_one_request(server: Server, reference: str) -> None:
    async def calls(ids: "list[str]") -> Any:
        async with AsyncClient(server.url, server.key, gather=True, hooks=[counting]) as client:
            found = await asyncio.gather(*(client.payments.get(id) for id in [*ids, ids[0]]))
            missing = "01a20297-4dc0-74cd-9faf-fc8186734721"
            with pytest.raises(juicer.NotFoundError):
                await client.payments.get(missing)
            return found

    class Counting(juicer.Hooks):
        def __init__(self) -> None:
            self.calls: "list[str]" = []

        def call_ended(self, call: juicer.CallReport) -> None:
            self.calls.append(call.route)

    counting = Counting()
    with server.client() as client:
        ids = [client.payment_sessions.create(session(f"{reference}-{n}")).data["id"] for n in range(3)]
    found = asyncio.run(calls(ids))
    assert [result.data["id"] for result in found] == [*ids, ids[0]]
    assert counting.calls == ["/payments", "/payments", "/payments/{id}"]


def test_more_gathered_reads_than_fit_are_several_requests() -> None:
    ids = [f"01a20297-4dc0-74cd-9faf-{number:012}" for number in range(250)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["ids"].split(",")
        assert len(asked) <= 100
        sizes.append(len(asked))
        return httpx.Response(200, json={"data": [{"id": id} for id in asked]})

    async def calls() -> Any:
        async with AsyncClient("http://shop.test", "k", gather=True, transport=httpx.MockTransport(answer)) as client:
            return await asyncio.gather(*(client.payments.get(id) for id in ids))

    sizes: "list[int]" = []
    found = asyncio.run(calls())
    assert [result.data["id"] for result in found] == ids and sorted(sizes) == [50, 100, 100]


def test_an_error_of_a_gathered_read_reaches_all() -> None:
    async def calls() -> Any:
        transport = httpx.MockTransport(lambda request: httpx.Response(401, json={"error": {"code": "revoked_api_key"}}))
        async with AsyncClient("http://shop.test", "k", gather=True, transport=transport) as client:
            ids = [f"01a20297-4dc0-74cd-9faf-{number:012}" for number in range(3)]
            return await asyncio.gather(*(client.payments.get(id) for id in ids), return_exceptions=True)

    assert [type(error) for error in asyncio.run(calls())] == [juicer.AuthenticationError] * 3


def test_a_statement_comes_as_text(server: Server) -> None:
    with server.client() as client:
        wallet = client.wallets.list({"currency": "NGN"}).data[0]
        statement = client.wallets.statement_csv(wallet["id"])
    assert isinstance(statement.data, str) and statement.raw.headers["content-type"].startswith("text/csv")


def test_requests_can_be_made_by_hand() -> None:
    stage = Stage("sync", paid())
    assert stage.client._core.send(Request("GET", "/payments/{id}", ("p1",)), None).data == {"id": "p1"}
