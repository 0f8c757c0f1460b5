"""Is it really from the server? Checks of what arrives at your endpoints. Pure.

Work on the raw bytes of the body, before any framework has parsed them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final, Mapping, Optional

from .envelope import NotJSON, parse
from .world import World

TOLERANCE_S: Final = 300
_SECRET_PREFIX: Final = "whsec_"
_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_CHECKSUM_LENGTH: Final = 64
_DATA_BEGINS: Final = len('{"checksum":"') + _CHECKSUM_LENGTH + len('","data":')


class WebhookError(Exception):
    """Not to be trusted: answer 401 and do nothing. ``reason`` is a word for your log."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class WebhookEvent:
    """An event that was checked. ``id`` is the same for every repeat of it; from servers that
    give none it is the checksum.

    ``sequence`` and ``previous_sequence`` are None from servers that send none.
    """

    id: str
    event: str
    data: Mapping[str, Any]
    sequence: Optional[int] = None
    previous_sequence: Optional[int] = None


def signature(secret: str, id: str, timestamp: str, body: bytes) -> str:
    """The Standard Webhooks signature ``v1,<base64>``. Raises ValueError for a malformed secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the webhook secret is not whsec_ and base64") from None
    signed = b"%s.%s.%s" % (id.encode("utf-8"), timestamp.encode("ascii"), body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def verify_signature(body: bytes, headers: Mapping[str, str], secret: str, now_s: float) -> None:
    """Raises WebhookError unless the signature fits and the time is at most 5 minutes off."""
    sent = {name.lower(): value for name, value in headers.items()}
    id, timestamp, given = (sent.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (id and timestamp and given):
        raise WebhookError("headers_missing", "webhook-id, webhook-timestamp or webhook-signature is missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise WebhookError("timestamp_malformed", "webhook-timestamp is not a time")
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        raise WebhookError("timestamp_too_far", f"webhook-timestamp is more than {TOLERANCE_S} s off")
    ours = signature(secret, id, timestamp, body).encode("ascii")
    # Two signatures come while a secret is being changed; all are compared.
    fits = [hmac.compare_digest(ours, part.encode("utf-8")) for part in given.split(" ") if part.startswith("v1,")]
    if not any(fits):
        raise WebhookError("signature_wrong", "no signature fits")


def checksum(business_id: str, event: str, data: bytes) -> str:
    """Upper-case hex over the bytes of ``data`` as they were sent (or as ``canonical`` makes them)."""
    key = business_id.strip().encode("utf-8")
    return hmac.new(key, event.encode("utf-8") + b"|" + data, hashlib.sha256).hexdigest().upper()


def canonical(data: Any) -> bytes:
    """JSON as it is signed: keys sorted at every level, compact, nothing escaped needlessly."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def verify_checksum(body: bytes, business_id: str) -> None:
    """Raises WebhookError unless the checksum in the body fits its event and data."""
    message = _message(body)
    given, event = message.get("checksum"), message["event"]
    if not (isinstance(given, str) and len(given) == _CHECKSUM_LENGTH and _HEX_DIGITS.issuperset(given)):
        raise WebhookError("checksum_malformed", "the checksum is not 64 hex characters")
    signed = _signed_bytes(body, given, event)
    ours = checksum(business_id, event, canonical(message["data"]) if signed is None else signed)
    if not hmac.compare_digest(ours, given.upper()):
        raise WebhookError("checksum_wrong", "the checksum does not fit")


def _signed_bytes(body: bytes, given: str, event: str) -> Optional[bytes]:
    """The bytes of ``data`` in a body in the server's own form; None for another form."""
    head = b'{"checksum":"' + given.encode("ascii") + b'","data":'
    tail = b',"event":' + json.dumps(event, ensure_ascii=False).encode("utf-8") + b"}"
    in_form = body.startswith(head) and body.endswith(tail) and len(body) >= len(head) + len(tail)
    return body[_DATA_BEGINS : -len(tail)] if in_form else None


def _message(body: bytes) -> Mapping[str, Any]:
    try:
        message = parse(body)
    except NotJSON:
        raise WebhookError("body_malformed", "the body is not JSON") from None
    well_formed = isinstance(message, dict) and isinstance(message.get("event"), str)
    if not well_formed or not isinstance(message.get("data"), dict):
        raise WebhookError("body_malformed", "the body is not an event")
    found: Mapping[str, Any] = message
    return found


class Webhooks:
    """Checks with your secret, your business id, or both."""

    def __init__(self, secret: Optional[str], business_id: Optional[str], world: World = World()) -> None:
        self._secret = secret
        self._business_id = business_id
        self._world = world

    def verify(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The event, once every check has passed that you have given the means for.

        Raises WebhookError if one has not, and ValueError if there is neither secret nor id.
        """
        if self._secret is None and self._business_id is None:
            raise ValueError("give webhook_secret=, business_id= or both")
        if self._secret is not None:
            verify_signature(body, headers, self._secret, self._world.now_ms() / 1000)
        if self._business_id is not None:
            verify_checksum(body, self._business_id)
        return _event(_message(body), {name.lower(): value for name, value in headers.items()})


def _event(message: Mapping[str, Any], headers: Mapping[str, str]) -> WebhookEvent:
    return WebhookEvent(
        headers.get("webhook-id") or str(message.get("checksum") or ""),
        message["event"],
        message["data"],
        _number(headers.get("juicer-sequence")),
        _number(headers.get("juicer-previous-sequence")),
    )


def _number(text: Optional[str]) -> Optional[int]:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
