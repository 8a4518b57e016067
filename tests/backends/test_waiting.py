from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from simulator.backends.waiting import retry_after_s


@pytest.mark.parametrize(
    ("headers", "message", "wait_s"),
    [
        ({"retry-after": "20"}, "", 20.0),
        ({"retry-after": "0"}, "", 0.0),
        ({"retry-after": "1.5"}, "", 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"x-ratelimit-reset-requests": "1s"}, "", 1.0),
        ({"x-ratelimit-reset-tokens": "6m0s"}, "", 360.0),
        ({"x-ratelimit-reset-tokens": "120ms"}, "", 0.12),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "1h2m"}, "", 3720.0),
        (
            {
                "x-ratelimit-remaining-requests": "9999", "x-ratelimit-reset-requests": "8.64s",
                "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2s",
            },
            "",
            2.0,
        ),
        ({}, "Rate limit reached. Please try again in 1.2s. Visit …", 1.2),
        ({}, "Please try again in 6m0s.", 360.0),
        ({}, "Please retry in 37.3s.", 37.3),
        ({}, "Too many requests.", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "-3"}, "", None),
        ({"retry-after": "inf"}, "", None),
        ({"retry-after": "1e300"}, "", None),
        ({"retry-after-ms": "nan"}, "", None),
        ({"retry-after": "Thu, 01 Jan 9999 00:00:00 GMT"}, "", None),
        ({"retry-after": f"Thu, 01 Jan {'9' * 30} 00:00:00 GMT"}, "", None),
        ({"x-ratelimit-reset-requests": "9" * 400 + "s"}, "", None),
        ({"x-ratelimit-reset-requests": "9" * 30 + "h"}, "", None),
        ({}, f"Please try again in {'9' * 400}s.", None),
        ({}, f"Please try again in {'9' * 30}h.", None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, "", 0.0),
    ],
)  # fmt: skip
def test_servers_say_in_many_ways_how_long_to_wait(
    headers: dict[str, str], message: str, wait_s: float | None
) -> None:
    assert retry_after_s(headers, message) == (
        None if wait_s is None else pytest.approx(wait_s)
    )  # fmt: skip


def test_a_date_to_come_back_at_is_turned_into_seconds() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=60)
    wait_s = retry_after_s({"retry-after": format_datetime(moment, usegmt=True)})
    assert wait_s is not None and 50 < wait_s <= 60
