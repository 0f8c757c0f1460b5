"""Comparing what programs print, without what changes from run to run."""

from __future__ import annotations

import re
from typing import List, Tuple

_CHANGES = (
    (re.compile(r"req_[0-9a-z*]+"), "req_***"),
    (re.compile(r"http://[0-9.*:]+"), "http://***"),
    (re.compile(r"\bms=[0-9*]+"), "ms=***"),
    (re.compile(r"order-[0-9a-f]{8}\b"), "order-***"),
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steady(text: str) -> str:
    """The text with ids, addresses and times replaced."""
    for changing, stars in _CHANGES:
        text = changing.sub(stars, text)
    return text


def blocks(markdown: str) -> List[Tuple[str, str]]:
    """The code blocks of a page: language and text."""
    return _BLOCK.findall(markdown)
