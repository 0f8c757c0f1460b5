"""What a client is made of: one place for both clients, and for what they default to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final, Optional, Sequence, Tuple, Union

import httpx

from .budget import Budget
from .cache import Cache
from .envelope import Refusal
from .errors import AuthenticationError, Facts
from .hooks import Hooks, Watchers
from .loop import Mind
from .outbox import Outbox
from .pacing import Pacing
from .plan import Planner, header
from .policy import Policy
from .rates import Rates
from .transport import Headers, Server
from .version import VERSION
from .world import World

BASE_URL_VARIABLE: Final = "JUICER_BASE_URL"
API_KEY_VARIABLE: Final = "JUICER_API_KEY"
_LIVE_PREFIX: Final = "live_"
_UNTRUSTED_KEYS: Final = "juicyway.com"  # nothing is promised there for repeats with the same key


@dataclass(frozen=True)
class Setup:
    """The parts of a client, ready to be used."""

    server: Server
    mind: Mind
    planner: Planner
    cache: Optional[Cache]
    #: ``test`` or ``live``, by the key.
    mode: str


def setup(
    base_url: Optional[str],
    api_key: Optional[str],
    policy: Optional[Policy],
    hooks: Sequence[Hooks],
    cache: Union[Cache, bool],
    pacing: bool,
    outbox: "Optional[Outbox | str | os.PathLike[str]]",
    rates: Optional[Rates],
    world: World,
) -> Setup:
    """Puts a client together. Raises ValueError for a bad base URL and AuthenticationError
    without a key."""
    server, base_path = _server(base_url or os.environ.get(BASE_URL_VARIABLE) or "")
    key = _key(api_key or os.environ.get(API_KEY_VARIABLE) or "")
    patience = policy or Policy()
    kept = outbox if outbox is None or isinstance(outbox, Outbox) else Outbox(outbox)
    mind = Mind(
        server, patience, world, Budget(patience), rates or Rates(), Watchers(tuple(hooks)), Pacing() if pacing else None, kept
    )
    planner = Planner(base_path, _headers(server, key), patience, world, _trusts_keys(server))
    mode = "live" if key.startswith(_LIVE_PREFIX) else "test"
    return Setup(server, mind, planner, Cache() if cache is True else cache or None, mode)


def _server(base_url: str) -> Tuple[Server, str]:
    url = httpx.URL(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(
            f"base_url must be the http(s) address of a Juicer server, not {base_url!r}; "
            f"give base_url= or set {BASE_URL_VARIABLE}"
        )
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return Server(url.scheme, url.host, port), url.path.rstrip("/")


def _key(key: str) -> str:
    key = key.strip()
    if key:
        return key
    message = (
        f"No API key: give api_key= or set {API_KEY_VARIABLE}. "
        "Make one with `juicer keys create`, or on the page API keys of the console"
    )
    raise AuthenticationError(message, Facts(refusal=Refusal(code="missing_api_key", type="authentication_error")))


def _trusts_keys(server: Server) -> bool:
    host = server.host.lower()
    return host != _UNTRUSTED_KEYS and not host.endswith("." + _UNTRUSTED_KEYS)


def _headers(server: Server, key: str) -> Headers:
    return [
        header("Host", server.origin.partition("://")[2]),
        header("User-Agent", f"juicer-pay-python/{VERSION}"),
        header("Accept", "application/json"),
        header("Accept-Encoding", "gzip"),
        header("Authorization", key),
    ]
