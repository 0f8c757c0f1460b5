"""How long a server asks to wait, where the vectors do not look."""

from __future__ import annotations

from typing import Dict, Optional, Union

import pytest

from juicer.envelope import Envelope
from juicer.wait import SATURATED_MS, Limit, http_date, rate_limits, server_wait

NOW = 1_795_338_000_000  # Sun, 22 Nov 2026 09:00:00 GMT


def wait(envelope: Optional[Envelope] = None, now: int = NOW, **headers: str) -> Optional[int]:
    return server_wait({name.replace("_", "-"): value for name, value in headers.items()}, envelope, now)


def after(text: str, now: int = NOW) -> Optional[int]:
    return wait(retry_after=text, now=now)


@pytest.mark.parametrize(
    "text, ms",
    [
        ("1", 1_000),
        ("\t 7 \t", 7_000),
        ("007", 7_000),
        ("0", None),
        ("000", None),
        ("", None),
        (" ", None),
        ("+5", None),
        ("5 5", None),
        ("٣", None),  # a digit, but not of ours
        ("²", None),
        ("999999999", 999_999_999_000),
        ("1000000000", SATURATED_MS),
        ("2000000000", SATURATED_MS),
        ("00000000000000000001", 1_000),
        ("0999999999", 999_999_999_000),
        ("9" * 5_000, SATURATED_MS),
        ("5, 5", None),
    ],
)
def test_seconds(text: str, ms: Optional[int]) -> None:
    assert after(text) == ms


@pytest.mark.parametrize(
    "text, ms",
    [
        ("Sun, 22 Nov 2026 09:00:03 GMT", 3_000),
        ("Sunday, 22-Nov-26 09:00:03 GMT", 3_000),
        ("Sun Nov 22 09:00:03 2026", 3_000),
        ("Tue Dec  1 09:00:00 2026", 9 * 86_400_000),
        ("Sun, 22 Nov 2026 09:00:00 GMT", None),
        ("Sun, 22 Nov 2026 08:59:59 GMT", None),
        ("Mon, 31 Feb 2027 09:00:00 GMT", None),
        ("Sun, 22 Nov 2026 25:00:00 GMT", None),
        ("Sun, 22 Nov 2026 09:00:03 +0000", None),
        ("Sun, 22 Nov 2026 09:00:03 UTC", None),
        ("Sun, 22 Nov 2026 09:00:03", None),
        ("22 Nov 2026 09:00:03 GMT", None),
        ("Sun, 22 Nov 26 09:00:03 GMT", None),
        ("Sun, 2 Nov 2026 09:00:03 GMT", None),
        ("Sun, 22 nov 2026 09:00:03 GMT", None),
        ("sun, 22 Nov 2026 09:00:03 GMT", None),
        ("Xyz, 22 Nov 2026 09:00:03 GMT", None),
        ("Sun, 22 Nov 2026 09:00:03 GMT junk", None),
        ("Thu, 31 Dec 9999 23:59:59 GMT", SATURATED_MS),
    ],
)
def test_dates(text: str, ms: Optional[int]) -> None:
    assert after(text) == ms


def test_a_date_is_measured_against_the_servers_own() -> None:
    assert wait(retry_after="Sun, 22 Nov 2026 09:00:03 GMT", date=" Sun, 22 Nov 2026 09:00:01 GMT ", now=0) == 2_000


def test_a_junk_date_header_leaves_the_local_clock() -> None:
    assert wait(retry_after="Sun, 22 Nov 2026 09:00:03 GMT", date="yesterday", now=NOW + 1) == 3_000


def test_part_of_a_second_is_a_whole_one() -> None:
    assert after("Sun, 22 Nov 2026 09:00:03 GMT", now=NOW + 999) == 3_000
    assert after("Sun, 22 Nov 2026 09:00:03 GMT", now=NOW + 1_000) == 2_000
    assert after("Sun, 22 Nov 2026 09:00:01 GMT", now=NOW + 999) == 1_000


@pytest.mark.parametrize("year, full", [("26", 2026), ("76", 2076), ("77", 1977), ("99", 1999), ("00", 2000)])
def test_years_of_two_digits_are_less_than_fifty_ahead(year: str, full: int) -> None:
    moment = http_date(f"Sunday, 01-Mar-{year} 00:00:00 GMT", NOW)
    assert moment == http_date(f"Sun, 01 Mar {full} 00:00:00 GMT", NOW)


NEW_YEAR = 1_798_761_600_000  # Fri, 01 Jan 2027 00:00:00 GMT


@pytest.mark.parametrize("now, full", [(NEW_YEAR - 1, 1977), (NEW_YEAR, 2077)])
def test_the_fifty_years_count_from_this_year(now: int, full: int) -> None:
    moment = http_date("Sunday, 01-Mar-77 00:00:00 GMT", now)
    assert moment == http_date(f"Sun, 01 Mar {full} 00:00:00 GMT", now)


def test_dates_before_1970_are_negative() -> None:
    assert http_date("Thu, 01 Jan 1970 00:00:01 GMT", NOW) == 1_000
    assert http_date("Wed, 31 Dec 1969 23:59:59 GMT", NOW) == -1_000


@pytest.mark.parametrize(
    "after_ms, retry_after, ms",
    [
        (1, None, 1),
        (0.25, None, 1),
        (300.2, None, 301),
        (0, 2, 2_000),
        (-1, 2, 2_000),
        (None, 2, 2_000),
        (None, 0.0001, 1),
        (None, -2, None),
        (None, 0, None),
        (10**11, 5, 10**11),
        (10**12, None, SATURATED_MS),
        (10**12 - 1, None, 10**12 - 1),
        (10**400, None, SATURATED_MS),
        (float("inf"), None, SATURATED_MS),
        (None, 10**9 - 1, 10**12 - 1_000),
        (None, 10**9, SATURATED_MS),
        (None, 10**9 + 1, SATURATED_MS),
        (None, 10**12, SATURATED_MS),
    ],
)
def test_numbers_of_the_body(
    after_ms: Union[int, float, None], retry_after: Union[int, float, None], ms: Optional[int]
) -> None:
    assert wait(Envelope(after_ms=after_ms, retry_after=retry_after)) == ms


def test_the_first_place_that_holds_something_valid_wins() -> None:
    everywhere = Envelope(after_ms=3_000, retry_after=4)
    spent = {"ratelimit": '"key";r=0;t=5'}
    headers: Dict[str, str] = {"retry-after": "1", "retry_after": "2", **spent}
    assert server_wait(headers, everywhere, NOW) == 1_000
    headers["retry-after"] = "x"
    assert server_wait(headers, everywhere, NOW) == 2_000
    headers["retry_after"] = "0"
    assert server_wait(headers, everywhere, NOW) == 3_000
    assert server_wait(headers, Envelope(retry_after=4), NOW) == 4_000
    assert server_wait(headers, Envelope(), NOW) == 5_000
    assert server_wait(headers, None, NOW) == 5_000
    assert server_wait({}, None, NOW) is None


@pytest.mark.parametrize(
    "header, limits",
    [
        ('"key";r=98;t=37', [("key", 98, 37)]),
        ('"a";r=0;t=3 ,\t"b"; t=8; r=1', [("a", 0, 3), ("b", 1, 8)]),
        ('"a" ;r=0;t=3', []),
        ('"a";\tr=0;t=3', []),
        (' "a";r=007;t=0;pk=:YQ==:;w="x" ', [("a", 7, 0)]),
        ('"a";r=12345678901;t=12345678901', [("a", 10**9, 10**9)]),
        ('"a";r=999999999;t=1', [("a", 999_999_999, 1)]),
        ('"";r=1;t=2', [("", 1, 2)]),
        ("", []),
        ("a;r=1;t=2", []),
        ('"a";r=1', [("a", 1, 0)]),
        ('"a\\"b";r=1;t=2;w;x=?1', [('a\\"b', 1, 2)]),
        ('"a";r=0;t', []),
        ('"a";t=1', []),
        ('"a";r=-1;t=2', []),
        ('"a";r=1;t=-2', []),
        ('"a";r=1;t=2,', []),
        ('"a";r=1;t=2 "b";r=1;t=2', []),
        ('"a";r=0;t=2, "b";r=x;t=2', []),
        ('"a";r="1";t=2', []),
        ('"a";r=1.5;t=2', []),
    ],
)
def test_rate_limit_headers_are_read_as_a_whole(header: str, limits: "list[tuple[str, int, int]]") -> None:
    assert rate_limits(header) == [Limit(*limit) for limit in limits]


@pytest.mark.parametrize(
    "header, ms",
    [
        ('"a";r=0;t=3, "b";r=0;t=8, "c";r=1;t=900', 8_000),
        ('"a";r=0;t=0', None),
        ('"a";r=0;t=0, "b";r=0;t=1', 1_000),
        ('"a";r=1;t=3', None),
        ('"a";r=0;t=1234567890', SATURATED_MS),
        ('"a";r=0;t=999999999', 999_999_999_000),
    ],
)
def test_the_longest_of_the_spent_limits_counts(header: str, ms: Optional[int]) -> None:
    assert wait(ratelimit=header) == ms
