"""The small language of the desks' files: paths and conditions."""

import pytest

from supportaudit.read.paths import condition


@pytest.mark.parametrize(
    ("wanted", "record", "holds"),
    [
        ({"id": {"starts": "cnv_"}}, {"id": "cnv_a1"}, True),
        ({"id": {"starts": "cnv_"}}, {"id": "msg_a1"}, False),
        ({"id": {"starts": ["A-", "B-"]}}, {"id": "B-7"}, True),
        ({"id": {"starts": ["A-", "B-"]}}, {"id": "V-7"}, False),
        ({"id": {"starts": ["A-", "B-"]}}, {"id": None}, False),
    ],
)
def test_starts_takes_one_beginning_or_several(
    wanted: dict[str, object], record: dict[str, object], holds: bool
) -> None:
    assert condition(wanted)(record, record) is holds
