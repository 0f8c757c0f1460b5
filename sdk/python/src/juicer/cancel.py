"""A way to give a call up from outside."""

from __future__ import annotations

import threading
from typing import Callable, Dict, Optional


class Cancel:
    """Ends calls that were given it, from another thread: their wait, or their request.

    ::

        cancel = Cancel()
        threading.Timer(5, cancel.set).start()
        client.payments.get("ord_1001", options=CallOptions(cancel=cancel))

    One object may serve many calls. Once set it stays set.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._listeners: Dict[object, Callable[[], None]] = {}

    def set(self) -> None:
        """Cancels what runs now and what begins later."""
        with self._lock:
            self._event.set()
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener()

    def is_set(self) -> bool:
        """Whether it was cancelled."""
        return self._event.is_set()

    def wait(self, timeout_s: Optional[float] = None) -> bool:
        """Waits for it, at most so long. Says whether it was cancelled."""
        return self._event.wait(timeout_s)

    @property
    def listeners(self) -> int:
        """How many requests listen now."""
        return len(self._listeners)

    def listen(self, listener: Callable[[], None]) -> object:
        """Calls ``listener`` once when cancelled, at once if it was already. Returns a handle."""
        handle = object()
        with self._lock:
            late = self._event.is_set()
            if not late:
                self._listeners[handle] = listener
        if late:
            listener()
        return handle

    def forget(self, handle: object) -> None:
        """Takes a listener away."""
        with self._lock:
            self._listeners.pop(handle, None)
