"""How long a server asks to wait. Pure.

A server can say it in five places. The first place that holds something valid wins;
zero, negative numbers, dates in the past and anything malformed are not valid.
"""

from __future__ import annotations

import datetime
import math
import re
from typing import Final, List, Mapping, NamedTuple, Optional, Union

from .envelope import Envelope

#: Longer waits are given as this: more than thirty years.
SATURATED_MS: Final = 10**12
_DIGITS_MAX: Final = 9  # more digits of seconds saturate

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH: Final = "(?P<month>" + "|".join(_MONTHS) + ")"
_CLOCK: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
# The three forms of RFC 9110, 5.6.7. Python's own parser of dates in mails takes many more.
_DATES: Final = (
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_CLOCK} GMT"),
    re.compile(
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_CLOCK} GMT"
    ),
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_CLOCK} (?P<year>[0-9]{{4}})"),
)
_EPOCH: Final = datetime.datetime(1970, 1, 1)
_SECOND: Final = datetime.timedelta(seconds=1)

# A list of structured fields (RFC 9651): "name";r=98;t=37, "other";r=0;pk=:Zm9v:
_TEXT: Final = r"(?:[^\"\\]|\\[\"\\])*"
_VALUE: Final = rf"\"{_TEXT}\"|:[A-Za-z0-9+/=]*:|[A-Za-z0-9_.:/*?-]+"
_PARAM: Final = rf";[ ]*([a-z*][a-z0-9_.*-]*)(?:=({_VALUE}))?"
_ITEM: Final = rf"\"({_TEXT})\"((?:;[ ]*[a-z*][a-z0-9_.*-]*(?:=(?:{_VALUE}))?)*)"
_COMMA: Final = r"[ \t]*,[ \t]*"
_ITEM_FORM: Final = re.compile(_ITEM)
_LIST_FORM: Final = re.compile(f"{_ITEM}(?:{_COMMA}{_ITEM})*")
_PARAM_FORM: Final = re.compile(_PARAM)


class Limit(NamedTuple):
    """One entry of a ``RateLimit`` header: ``remaining`` requests, all back in ``reset_s``."""

    name: str
    remaining: int
    reset_s: int


def server_wait(headers: Mapping[str, str], envelope: Optional[Envelope], now_ms: int) -> Optional[int]:
    """The wait in milliseconds, or None if the server names none.

    ``headers`` have lower-case names. ``now_ms`` is the local clock, used if the reply has
    no ``Date``.
    """
    for header in ("retry-after", "retry_after"):
        asked = _header_wait(headers.get(header), headers.get("date"), now_ms)
        if asked is not None:
            return asked
    if envelope is not None:
        asked = _number_wait(envelope.after_ms, 1)
        if asked is None:
            asked = _number_wait(envelope.retry_after, 1000)
        if asked is not None:
            return asked
    return _spent_wait(headers.get("ratelimit"))


def _header_wait(value: Optional[str], date: Optional[str], now_ms: int) -> Optional[int]:
    text = value.strip(" \t") if value is not None else ""
    if text.isascii() and text.isdigit():
        return _seconds(text)
    until = http_date(text, now_ms)
    if until is None:
        return None
    since = http_date(date.strip(" \t"), now_ms) if date is not None else None
    left_ms = until - (now_ms if since is None else since)
    return min(-(-left_ms // 1000) * 1000, SATURATED_MS) if left_ms > 0 else None


def _seconds(digits: str) -> Optional[int]:
    digits = digits.lstrip("0")
    if len(digits) > _DIGITS_MAX:
        return SATURATED_MS
    return int(digits) * 1000 if digits else None


def http_date(text: str, now_ms: int) -> Optional[int]:
    """Milliseconds since 1970 of an HTTP-date, or None if it is not one."""
    for form in _DATES:
        found = form.fullmatch(text)
        if found is not None:
            return _moment(found, now_ms)
    return None


def _moment(found: "re.Match[str]", now_ms: int) -> Optional[int]:
    year = int(found["year"])
    if len(found["year"]) == 2:
        year = _full_year(year, now_ms)
    month = _MONTHS.index(found["month"]) + 1
    try:
        moment = datetime.datetime(
            year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), int(found["second"])
        )
    except ValueError:  # 31 February
        return None
    return (moment - _EPOCH) // _SECOND * 1000


def _full_year(two_digits: int, now_ms: int) -> int:
    """The century that puts a year of two digits less than 50 years ahead of now."""
    this_year = (_EPOCH + now_ms // 1000 * _SECOND).year
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year


def _number_wait(number: Union[int, float, None], unit_ms: int) -> Optional[int]:
    if number is None or not number > 0:
        return None
    return min(math.ceil(min(number, SATURATED_MS) * unit_ms), SATURATED_MS)  # it may be infinite


def _spent_wait(header: Optional[str]) -> Optional[int]:
    spent = [limit.reset_s for limit in rate_limits(header or "") if limit.remaining == 0 and limit.reset_s > 0]
    return min(max(spent) * 1000, SATURATED_MS) if spent else None


def rate_limits(header: str) -> List[Limit]:
    """The entries of a ``RateLimit`` header; none if any part of it is malformed."""
    text = header.strip(" \t")
    if not _LIST_FORM.fullmatch(text):
        return []
    found = [_limit(name, params) for name, params in _ITEM_FORM.findall(text)]
    return [limit for limit in found if limit is not None] if None not in found else []


def _limit(name: str, params: str) -> Optional[Limit]:
    """One entry, or None if its numbers are no counts; without ``t`` it is back at once."""
    values = dict(_PARAM_FORM.findall(params))
    remaining, reset = values.get("r", ""), values.get("t", "0")
    if not (remaining.isdigit() and reset.isdigit()):
        return None
    return Limit(name, _count(remaining), _count(reset))


def _count(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _DIGITS_MAX else SATURATED_MS // 1000
