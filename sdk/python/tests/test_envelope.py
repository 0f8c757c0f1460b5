"""Reading refusals, of Juicer and of others."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest

from juicer.envelope import Envelope, FieldError, NotJSON, Refusal, parse, read, read_envelope


def of(value: Any) -> Refusal:
    return read(json.dumps(value).encode())


def test_a_whole_envelope() -> None:
    found = of(
        {
            "error": {
                "type": "invalid_request_error",
                "code": "insufficient_funds",
                "message": "The available balance is too low.",
                "request_id": "req_1",
                "doc_url": "https://shop.test/docs/errors#insufficient_funds",
                "outcome": "refused",
                "retry": {"after_ms": 1500, "allowed": True, "with": "new_key"},
                "retry_after": 2,
                "details": {"currency": "NGN"},
                "errors": [{"code": "required", "field": "amount", "message": "Amount is required"}],
            },
            "message": "mirror",
            "errors": [],
        }
    )
    assert found.envelope == Envelope("insufficient_funds", "refused", True, "new_key", 1500, 2)
    assert found.code == "insufficient_funds" and found.type == "invalid_request_error"
    assert found.message == "The available balance is too low." and found.request_id == "req_1"
    assert found.doc_url == "https://shop.test/docs/errors#insufficient_funds"
    assert found.fields == (FieldError("amount", "Amount is required", "required"),)
    assert found.details == {"currency": "NGN"}


@pytest.mark.parametrize(
    "error, envelope",
    [
        ({}, Envelope()),
        ({"code": 7, "outcome": [], "retry": "no", "retry_after": "6"}, Envelope()),
        ({"code": "", "retry": []}, Envelope()),
        ({"retry": {"allowed": 1, "with": True, "after_ms": True}, "retry_after": False}, Envelope()),
        ({"retry": {"allowed": False}}, Envelope(retry_allowed=False)),
        ({"retry": {"after_ms": 0.5}, "retry_after": 6.0}, Envelope(after_ms=0.5, retry_after=6.0)),
    ],
)
def test_members_of_a_wrong_type_count_as_absent(error: Any, envelope: Envelope) -> None:
    assert of({"error": error}).envelope == envelope


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b'{"error":"text"}', b'{"error":[]}', b'{"message":"x"}', b'{"error":{}} x',
        b'{"error":{"a":NaN}}', b'{"error":{"a":-Infinity}}', b"\xff", b"{", b'\xef\xbb\xbf{"error":{}}',
        b'{"error":{"a":' + b"9" * 5_000 + b"}}", b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_envelope(body: bytes) -> None:
    assert read_envelope(body) is None


def test_numbers_beyond_floats_are_infinite() -> None:
    assert parse(b'{"a":1e400}') == {"a": float("inf")}
    assert parse(b' {"a":[true,null,"x"]} ') == {"a": [True, None, "x"]}


@pytest.mark.parametrize("body", [b"", b"NaN", b"{}{}", b"\xff", b"[" * 100_000, b"1" * 5_000])
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(NotJSON):
        parse(body)


@pytest.mark.parametrize(
    "value, message",
    [
        ({"error": {"message": "inner"}, "message": "outer"}, "inner"),
        ({"error": {"message": ""}, "message": "outer"}, "outer"),
        ({"error": "as a text", "message": "outer"}, "as a text"),
        ({"error": 7, "message": "outer"}, "outer"),
        ({"message": "outer"}, "outer"),
        ({"message": 7}, None),
        ({}, None),
        ([], None),
    ],
)
def test_messages_are_found_in_other_forms(value: Any, message: Optional[str]) -> None:
    assert of(value).message == message


@pytest.mark.parametrize(
    "value, fields",
    [
        ({"error": {"errors": [{"path": "a.b", "message": "bad"}]}}, [("a.b", "bad", None)]),
        ({"error": {"errors": [{"field": "a", "path": "b"}]}}, [("a", "", None)]),
        ({"error": {"errors": [{}]}}, [("", "", None)]),
        ({"error": {"errors": ["bad", 7]}}, [("", "bad", None)]),
        ({"error": {"errors": {"amount": ["too small", "odd"], "name": "missing"}}},
         [("amount", "too small", None), ("amount", "odd", None), ("name", "missing", None)]),
        ({"error": {"errors": {"amount": [7, None, "odd"], "name": 7}}}, [("amount", "odd", None)]),
        ({"errors": [{"field": "a", "message": "m", "code": "c"}]}, [("a", "m", "c")]),
        ({"error": {"errors": []}, "errors": {"a": "m"}}, [("a", "m", None)]),
        ({"error": {"errors": [{"field": "inner", "message": "m"}]}, "errors": {"a": "m"}}, [("inner", "m", None)]),
        ({"error": "x", "errors": "y"}, []),
    ],
)  # fmt: skip
def test_field_errors_are_found_in_other_forms(value: Any, fields: "list[tuple[str, str, Optional[str]]]") -> None:
    assert of(value).fields == tuple(FieldError(*field) for field in fields)


@pytest.mark.parametrize(
    "page, message",
    [
        (b"<html><head><TITLE>502\n Bad  Gateway</TITLE></head><body><h1>Other</h1></body></html>", "502 Bad Gateway"),
        (b"<h1 class=x><b>Oh</b> no</h1>", "Oh no"),
        (b"<p>down <i>for</i> now</p>", "down for now"),
        (b"plain text", "plain text"),
        (b"  ", None),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 700, "x" * 500),
    ],
)
def test_pages_give_their_title(page: bytes, message: Optional[str]) -> None:
    found = read(page)
    assert found.message == message
    assert found.envelope is None and found.code is None and found.details == {}


def test_details_that_are_no_object_are_left_out() -> None:
    assert of({"error": {"details": ["x"]}}).details == {}
