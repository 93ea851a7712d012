"""One file a help desk: how its exports are told and read."""
