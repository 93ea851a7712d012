"""Kustomer: a conversation's tags are ids; the list of tags, where there is one, has their names."""

from typing import Any

from supportaudit.read.desks import Place


def prepare(shape: str, record: dict[str, Any], place: Place) -> dict[str, Any]:
    """The conversation with its tags by name."""
    attributes = record.get("attributes")
    if shape != "conversation" or not isinstance(attributes, dict):
        return record
    tags = attributes.get("tags")
    named = [place.lookup("tags", str(tag), "name") or tag for tag in tags] if isinstance(tags, list) else []
    return {**record, "labels": named}
