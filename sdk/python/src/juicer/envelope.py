"""Reading the body of a refusal, whoever wrote it. Pure.

The policy trusts only one form: JSON as a whole with an object under ``error``
(:attr:`Refusal.envelope`). People get more: texts and field errors are also found in
the forms other servers use, and in HTML.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, List, Mapping, NamedTuple, NoReturn, Optional, Tuple, Union

_MESSAGE_MAX: Final = 500  # characters of a text that is not ours
_TITLE: Final = re.compile(r"<(title|h1)[^>]*>\s*(.*?)\s*</\1>", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<[^>]*>")


class Envelope(NamedTuple):
    """What the retry policy reads of ``error``. Members of a wrong type count as absent."""

    code: Optional[str] = None
    outcome: Optional[str] = None
    retry_allowed: Optional[bool] = None
    retry_with: Optional[str] = None
    #: Numbers as they came: not checked for sign or size.
    after_ms: Union[int, float, None] = None
    retry_after: Union[int, float, None] = None


@dataclass(frozen=True)
class FieldError:
    """One bad field of a request. ``field`` is a path such as ``items[2].amount``."""

    field: str
    message: str
    code: Optional[str] = None


@dataclass(frozen=True)
class Refusal:
    """A refusal, as far as its body says something."""

    envelope: Optional[Envelope] = None
    code: Optional[str] = None
    type: Optional[str] = None
    message: Optional[str] = None
    request_id: Optional[str] = None
    doc_url: Optional[str] = None
    fields: Tuple[FieldError, ...] = ()
    details: Mapping[str, Any] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.details is None:
            object.__setattr__(self, "details", {})


class NotJSON(ValueError):
    """The text is not JSON, or is followed by something else."""


def _no_constant(name: str) -> NoReturn:
    raise NotJSON(f"{name} is not JSON")


# Python's parser alone takes NaN and Infinity for JSON.
_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


def parse(body: bytes) -> Any:
    """The value of a whole body of JSON. Raises NotJSON.

    A number too large for a float is infinite here; the caller must expect that.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as why:  # bad UTF-8, rubbish behind, endless digits, endless nesting
        raise NotJSON(str(why)) from None


def read_envelope(body: bytes) -> Optional[Envelope]:
    """The envelope of a body, or None if only status and headers count."""
    return read(body).envelope


def read(body: bytes) -> Refusal:
    """What a body says about a refusal; never raises."""
    try:
        value = parse(body)
    except NotJSON:
        return Refusal(message=_text_of_page(body))
    return _from_json(value) if isinstance(value, dict) else Refusal()


def _from_json(value: Mapping[str, Any]) -> Refusal:
    error = value.get("error")
    inner: Mapping[str, Any] = error if isinstance(error, dict) else {}
    details = inner.get("details")
    return Refusal(
        envelope=_envelope(inner) if isinstance(error, dict) else None,
        code=_text(inner.get("code")),
        type=_text(inner.get("type")),
        message=_text(inner.get("message")) or _text(error) or _text(value.get("message")),
        request_id=_text(inner.get("request_id")),
        doc_url=_text(inner.get("doc_url")),
        fields=tuple(_fields(inner.get("errors")) or _fields(value.get("errors"))),
        details=details if isinstance(details, dict) else {},
    )


def _envelope(error: Mapping[str, Any]) -> Envelope:
    hint = error.get("retry")
    retry: Mapping[str, Any] = hint if isinstance(hint, dict) else {}
    allowed = retry.get("allowed")
    return Envelope(
        code=_text(error.get("code")),
        outcome=_text(error.get("outcome")),
        retry_allowed=allowed if isinstance(allowed, bool) else None,
        retry_with=_text(retry.get("with")),
        after_ms=_number(retry.get("after_ms")),
        retry_after=_number(error.get("retry_after")),
    )


def _text(value: object) -> Optional[str]:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> Union[int, float, None]:
    # True is an int in Python.
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _fields(errors: object) -> List[FieldError]:
    """Field errors as a list of objects or texts, or as a map of field to texts."""
    if isinstance(errors, list):
        return [found for item in errors for found in _field(item)]
    if isinstance(errors, dict):
        return [FieldError(str(name), text) for name, texts in errors.items() for text in _texts(texts)]
    return []


def _field(item: object) -> List[FieldError]:
    if isinstance(item, dict):
        name = _text(item.get("field")) or _text(item.get("path")) or ""
        return [FieldError(name, _text(item.get("message")) or "", _text(item.get("code")))]
    return [FieldError("", item)] if isinstance(item, str) else []


def _texts(value: object) -> List[str]:
    found = value if isinstance(value, list) else [value]
    return [text for text in found if isinstance(text, str)]


def _text_of_page(body: bytes) -> Optional[str]:
    """The title of an HTML page, or the text itself if it is plain."""
    page = body.decode("utf-8", "replace").strip()
    title = _TITLE.search(page)
    text = _TAGS.sub(" ", title.group(2) if title else page)
    return " ".join(text.split())[:_MESSAGE_MAX] or None
