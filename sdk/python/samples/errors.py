"""Everything that can go wrong with a payment, made to go wrong, and handled.

    export JUICER_BASE_URL=http://127.0.0.1:8080 JUICER_API_KEY=test_...
    python samples/errors.py

The test environment fails on demand: the header Juicer-Fault says how. Leave it out, and
the same code handles the same trouble when it is real.
"""

import datetime
import secrets
from typing import Any

import juicer
from juicer import CallOptions, Policy

LIVE_KEY = "live_0000000000000000000000000000004DY1fB"  # well formed, and of the other environment


def main() -> None:
    with juicer.Client() as client:
        timeout(client)
        rate_limit(client)
        server_error(client)
        validation(client)
        decline(client)
        unknown_outcome(client)
        authentication(client)


def timeout(client: juicer.Client) -> None:
    """The answer does not come. The payment may exist all the same: ask before anything else."""
    title("time-out")
    order = new_order()
    try:
        client.payment_sessions.create(order, fault("delay=5000", timeout=0.7))
    except juicer.TimeoutError as error:
        print(f"{error.cause}, attempts: {len(error.attempts)}, outcome: {error.outcome}, reason: {error.reason}")
        # The same key and the same body: done once, however often it is sent.
        again = client.payment_sessions.create(order, CallOptions(idempotency_key=error.idempotency_key))
        print(f"sent again with the same key: {again.raw.status}")


def rate_limit(client: juicer.Client) -> None:
    """Too fast. Short waits are waited out for you; a long one comes back with its time."""
    title("429 with retry_after")
    result = client.payments.list(options=fault("status=429;retry-after=1;times=1")).result
    print(f"waited, attempts: {[attempt.status for attempt in result.attempts]}")
    try:
        client.payment_sessions.create(new_order(), fault("status=429;retry-after=90"))
    except juicer.RateLimitError as error:
        print(f"{error.code}: come back in {error.retry_after} s; outcome: {error.outcome}, reason: {error.reason}")


def server_error(client: juicer.Client) -> None:
    """The server's fault. It is tried again with the same key, four times in all."""
    title("5xx")
    hasty = Policy(transient_base_ms=20)
    result = client.payment_sessions.create(new_order(), fault("status=502;times=2", policy=hasty))
    print(f"attempts: {[attempt.status for attempt in result.attempts]}")
    try:
        client.payment_sessions.create(new_order(), fault("status=504", policy=hasty))
    except juicer.ServerError as error:
        print(f"{error.status}, attempts: {len(error.attempts)}, outcome: {error.outcome}, reason: {error.reason}")


def validation(client: juicer.Client) -> None:
    """Bad fields: all of them at once, in the order of the body."""
    title("validation")
    order: Any = {**new_order(), "amount": -5, "currency": "XYZ"}
    try:
        client.payment_sessions.create(order)
    except juicer.ValidationError as error:
        for field in error.fields:
            print(f"{field.field}: {field.code}: {field.message}")


def decline(client: juicer.Client) -> None:
    """The card is refused. That is an answer, not an error; with raise_on_decline it is one."""
    title("decline")
    session = client.payment_sessions.create(new_order())
    card = client.cards.encrypt(number="4000000000012015", cvv="100", expiry_month=1, expiry_year=2039)
    try:
        client.payment_sessions.capture(session.data["id"], {"card": card}, CallOptions(raise_on_decline=True))
    except juicer.PaymentDeclined as declined:
        failure = declined.failure or {}
        advice = "another try may work" if failure.get("retryable") else "do not try this card again"
        print(f"{failure.get('code')}: {failure.get('message')} ({advice}); outcome: {declined.outcome}")


def unknown_outcome(client: juicer.Client) -> None:
    """The card is charged, and every answer is lost. Look the payment up by your reference."""
    title("unknown outcome, then verified")
    order = new_order()
    session = client.payment_sessions.create(order)
    card = client.cards.encrypt(number="4012000033330026", cvv="100", expiry_month=1, expiry_year=2039)
    lost = fault("drop=after-commit", policy=Policy(transient_base_ms=20))
    try:
        client.payment_sessions.capture(session.data["id"], {"card": card}, lost)
    except juicer.ConnectionError as error:
        print(f"{error.cause}, attempts: {len(error.attempts)}, outcome: {error.outcome}")
        payment = client.payments.wait(order["reference"], timeout=30)
        print(f"looked up: {payment.data['status']}, paid: {payment.data['amount_paid']}")
        if error.idempotency_key:
            print(f"asked by key: {client.resume(error.idempotency_key).state}")


def authentication(client: juicer.Client) -> None:
    """Five things that can be wrong with a key."""
    title("authentication")
    expiring, revoked = new_key(client, expires_in_hours=1), new_key(client)
    client.keys.revoke(revoked["id"])
    client.sandbox.move_clock({"advance_ms": 2 * 3_600_000})  # the first one expires
    cases = {
        "missing": " ",
        "malformed": "not-a-key",
        "expired": expiring["key"],
        "revoked": revoked["key"],
        "of the other environment": LIVE_KEY,
    }
    for cause, key in cases.items():
        try:
            with juicer.Client(client.base_url, key) as other:
                other.payments.list()
        except juicer.AuthenticationError as error:
            print(f"{cause}: {error.code}")


def new_order() -> Any:
    """A payment session to be created, with a reference of its own."""
    return {
        "amount": 250_000,
        "currency": "NGN",
        "reference": f"order-{secrets.token_hex(4)}",
        "description": "Term fee",
        "payment_method": {"type": "card"},
        "customer": {
            "first_name": "Ada",
            "last_name": "Obi",
            "email": "ada@example.com",
            "phone_number": "+2348031234567",
            "billing_address": {"line1": "5 Marina Road", "city": "Lagos", "zip_code": "100001", "country": "NG"},
        },
        "order": {"identifier": "INV-7", "items": [{"name": "Term fee", "type": "service"}]},
    }


def new_key(client: juicer.Client, expires_in_hours: int = 0) -> Any:
    """An API key, made by one that may."""
    body: Any = {"name": "sample", "scopes": ["payments:read"]}
    if expires_in_hours:
        now = datetime.datetime.fromisoformat(client.sandbox.clock().data["now"].replace("Z", "+00:00"))
        body["expiry_date"] = (now + datetime.timedelta(hours=expires_in_hours)).isoformat()
    return client.keys.create(body).data


def fault(rule: str, **options: Any) -> CallOptions:
    """Options that make the test server misbehave for this call."""
    return CallOptions(headers={"Juicer-Fault": rule}, **options)


def title(text: str) -> None:
    print(f"== {text}")


if __name__ == "__main__":
    main()
