"""A real ``juicer serve`` in a directory of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Optional

from juicer import Client, cards

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("JUICER_BIN") or str(REPOSITORY / "bin" / "juicer")
GOOD_CARD = "4012000033330026"
POOR_CARD = "4000000000012015"  # insufficient_funds


@dataclass
class Server:
    """A running server and a key for it."""

    url: str
    key: str
    directory: str
    process: "subprocess.Popen[str]"

    @classmethod
    @contextlib.contextmanager
    def started(cls, *flags: str) -> Iterator["Server"]:
        """A server that is ready; killed at the end."""
        with tempfile.TemporaryDirectory(prefix="juicer-py-") as directory:
            arguments = ["--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", *(flags or ("--limits", "off"))]
            process = subprocess.Popen(
                [BINARY, "serve", "--data", directory, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment(),
            )
            try:
                assert process.stdout is not None
                ready = json.loads(process.stdout.readline())
                yield cls(ready["test_url"], new_key(directory), directory, process)
            finally:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()

    def client(self, **options: Any) -> Client:
        """A client of this server."""
        return Client(self.url, self.key, **options)


def environment() -> Dict[str, str]:
    """Ours without the settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JUICER_")}


def new_key(directory: str, *flags: str) -> str:
    """An API key, by the command line."""
    arguments = [BINARY, "keys", "create", "--data", directory, "--quiet", *flags]
    return subprocess.run(arguments, check=True, capture_output=True, text=True, env=environment()).stdout.strip()


def session(reference: str, amount: int = 250_000) -> Any:
    """The body of a new payment session by card."""
    return {
        "amount": amount,
        "currency": "NGN",
        "customer": {
            "first_name": "Ada",
            "last_name": "Obi",
            "email": "ada@example.com",
            "phone_number": "+2348031234567",
            "billing_address": {"line1": "5 Marina Road", "city": "Lagos", "zip_code": "100001", "country": "NG"},
        },
        "description": "Term fee",
        "reference": reference,
        "payment_method": {"type": "card"},
        "order": {"identifier": "INV-7", "items": [{"name": "Term fee", "type": "service"}]},
    }


def card(client: Client, number: str = GOOD_CARD, cvv: str = "100") -> Any:
    """An encrypted card."""
    key = client.payment_sessions.encryption_key("test").data["encryption_key"]
    return cards.encrypted_card(key, number, cvv, 1, 2039)


def captured(client: Client, reference: str, number: str = GOOD_CARD, amount: int = 250_000) -> Any:
    """The result of a payment by card, from start to capture."""
    started = client.payment_sessions.create(session(reference, amount))
    return client.payment_sessions.capture(started.data["id"], {"card": card(client, number)})


def fault(rule: str, **options: Any) -> Any:
    """Call options that make the server misbehave for this call."""
    from juicer import CallOptions

    headers = {"Juicer-Fault": rule, **(options.pop("headers", None) or {})}
    return CallOptions(headers=headers, **options)


def reference_of(payment: Any) -> Optional[str]:
    """A payment's reference."""
    found: Optional[str] = payment.get("reference")
    return found
