"""What is told of a desk's export before its rows are read."""

from pathlib import Path

from supportaudit.read.export import open_export

HEADER = "Conversation ID,Message ID,Message date,Direction,Author,Contact handle,Extract"


def test_of_a_table_only_columns_that_it_has_are_named(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{HEADER}\n800,1,2024-06-03 09:00:00,Inbound,,kim@example.com,Hello\n", "utf-8")
    named = open_export(file).mapping
    assert named["conversation_id"] == "Conversation ID", (
        "the first choice, Conversation API ID, is not there"
    )
    assert named["role"] == "Direction"
    assert "tags" not in named
    assert set(named.values()) <= set(HEADER.split(","))


def test_of_json_the_first_choice_is_named(tmp_path: Path) -> None:
    file = tmp_path / "messages.json"
    file.write_text(
        '[{"id": "msg_1", "is_inbound": true, "created_at": 1717405200, "text": "Hello"}]', "utf-8"
    )
    named = open_export(file).mapping
    assert (named["text"], named["html"]) == ("text", "body")
