"""Readers: from an export file of any kind to rows, with an account of every row that was in it."""

from supportaudit.read.build import ReadOptions
from supportaudit.read.export import Export, open_export, open_exports

__all__ = ["Export", "ReadOptions", "open_export", "open_exports"]
