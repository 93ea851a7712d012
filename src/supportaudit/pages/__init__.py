"""What the smaller commands print, one module a command."""
