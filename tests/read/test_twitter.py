"""The Twitter layout: threads rebuilt from reply links."""

import random
from pathlib import Path

import pytest

from supportaudit.model import Row
from supportaudit.read import Export, open_export

HEAD = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"


def tweet(number: object, author: str, parent: object = "", minute: int = 0, text: str = "hi") -> str:
    inbound = author.isdigit()
    return f"{number},{author},{inbound},Tue Oct 31 22:{minute:02d}:00 +0000 2017,{text},,{parent}\n"


def read(tmp_path: Path, *tweets: str) -> tuple[Export, list[Row]]:
    path = tmp_path / "twcs.csv"
    path.write_text(HEAD + "".join(tweets))
    export = open_export(path)
    rows = list(export.rows())
    assert export.rows_read == len(tweets) == export.rows_used + export.rows_rejected
    return export, rows


def conversations(rows: list[Row]) -> dict[str, str]:
    return {row.message_id: row.conversation_id for row in rows}


def test_a_thread_in_any_order(tmp_path: Path) -> None:
    thread = [
        tweet(1, "700"),
        tweet(2, "acme", 1, 1, "Sorry &amp; thanks"),
        tweet(3, "700", 2.0, 2),
        tweet(4, "acme", 3, 3),
    ]
    random.Random(3).shuffle(thread)
    export, rows = read(tmp_path, *thread)
    assert set(conversations(rows).values()) == {"1"}
    assert {row.brand for row in rows} == {"acme"}
    assert {row.customer_id for row in rows} == {"700"}
    assert {row.channel for row in rows} == {"social"}
    company = next(row for row in rows if row.message_id == "2")
    assert (company.role, company.inbound, company.author_name, company.text) == (
        "agent", False, "acme", "Sorry & thanks"
    )  # fmt: skip
    assert company.at == 1509487260.0
    assert export.source == "Twitter corpus"


def test_a_parent_outside_the_file_starts_a_thread(tmp_path: Path) -> None:
    _, rows = read(tmp_path, tweet(5, "acme", 4), tweet(6, "700", 5))
    assert conversations(rows) == {"5": "5", "6": "5"}


def test_branches_under_a_company_tweet_part(tmp_path: Path) -> None:
    _, rows = read(
        tmp_path,
        tweet(1, "acme"),
        tweet(2, "700", 1, 9),
        tweet(3, "800", 1, 5),
        tweet(4, "acme", 2, 10),
        tweet(5, "acme", 3, 11),
    )
    assert conversations(rows) == {"1": "1", "3": "1", "5": "1", "2": "2", "4": "2"}
    assert {row.message_id: row.customer_id for row in rows} == {
        "1": "800", "3": "800", "5": "800", "2": "700", "4": "700"
    }  # fmt: skip


def test_branches_under_a_customer_tweet_stay_together(tmp_path: Path) -> None:
    _, rows = read(tmp_path, tweet(1, "700"), tweet(2, "acme", 1), tweet(3, "acme", 1), tweet(4, "700", 3))
    assert set(conversations(rows).values()) == {"1"}


@pytest.mark.parametrize("links", [{1: 1}, {1: 2, 2: 1}, {1: 3, 2: 1, 3: 2, 4: 2, 5: 4}])
def test_rings_do_not_hang(tmp_path: Path, links: dict[int, int]) -> None:
    _, rows = read(tmp_path, *(tweet(number, "700", parent) for number, parent in links.items()))
    assert set(conversations(rows).values()) == {"1"}


def test_a_thread_of_thousands_in_reverse(tmp_path: Path) -> None:
    tweets = [tweet(number, "700", number - 1 or "") for number in range(1, 20_000)]
    _, rows = read(tmp_path, *reversed(tweets))
    assert set(conversations(rows).values()) == {"1"}


def test_faulty_tweets(tmp_path: Path) -> None:
    export, rows = read(
        tmp_path,
        tweet(1, "700"),
        tweet(1, "800"),
        tweet("1.19E+05", "700"),
        tweet(9, ""),
        "7,700,perhaps,,x,,\n",
        "8,700,True,some day,x,,\n",
        "10,700,True,,no clock,,\n",
        "11,700\n",
    )
    assert [row.message_id for row in rows] == ["1", "10"]
    assert rows[1].at is None
    assert [(r.line, r.reason.split(":")[0]) for r in export.rejected] == [
        (3, "a tweet id that occurred before"),
        (4, "the tweet id is not a number"),
        (5, "no author"),
        (6, "inbound is neither True nor False"),
        (7, "the time cannot be read"),
        (9, "inbound is neither True nor False"),
    ]


def test_columns_are_known_however_their_words_are_parted(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    path.write_text(
        "Tweet ID,Author ID,Inbound,Created At,Text,Response Tweet ID,In-Response-To-Tweet-ID\n"
        "1,7,True,Tue Oct 31 22:10:47 +0000 2017,@shop where is it?,,\n",
        "utf-8",
    )
    [row] = open_export(path).rows()
    assert (row.message_id, row.text) == ("1", "@shop where is it?")
