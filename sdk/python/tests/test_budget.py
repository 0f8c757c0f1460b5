"""The bucket of tokens: arithmetic on a given time."""

from __future__ import annotations

import pytest

from juicer.budget import Budget, refill
from juicer.policy import Policy


@pytest.mark.parametrize(
    "tokens, idle_ms, after",
    [(10, 0, 10), (10, 999, 10), (10, 1_000, 11), (10, 4_999, 14), (499, 5_000, 500), (500, 5_000, 500), (10, -5_000, 10)],
)
def test_whole_idle_seconds_count_up_to_the_bucket(tokens: int, idle_ms: int, after: int) -> None:
    assert refill(Policy(), tokens, idle_ms) == after


def test_the_gain_per_second_is_the_policys() -> None:
    assert refill(Policy(idle_gain_per_s=3, bucket=50), 10, 2_000) == 16
    assert refill(Policy(idle_gain_per_s=3, bucket=12), 10, 2_000) == 12


def test_a_new_bucket_is_full() -> None:
    assert Budget(Policy(bucket=77)).tokens == 77


def test_time_is_idle_only_while_no_call_is_under_way() -> None:
    budget = Budget(Policy())
    budget.enter(0)
    budget.settle(100)
    budget.enter(5_000)
    assert budget.tokens == 100  # a call was under way
    budget.leave(6_000)
    budget.enter(9_000)
    assert budget.tokens == 100  # still the first one
    budget.leave(10_000)
    budget.leave(20_000)
    budget.enter(23_500)
    assert budget.tokens == 103
    budget.leave(23_600)
    budget.enter(24_500)
    assert budget.tokens == 103


def test_a_full_bucket_stays_full() -> None:
    budget = Budget(Policy())
    budget.enter(0)
    budget.leave(0)
    budget.enter(10**6)
    assert budget.tokens == 500
    budget.settle(7)
    assert budget.tokens == 7


def test_a_bucket_short_of_one_is_filled_again() -> None:
    budget = Budget(Policy())
    budget.enter(0)
    budget.settle(499)
    budget.leave(0)
    budget.enter(1_000)
    assert budget.tokens == 500


def test_time_counts_from_zero() -> None:
    budget = Budget(Policy())
    budget.settle(7)
    budget.enter(1_000)
    assert budget.tokens == 8
