"""Inputs that nobody would write, tried against everything that reads or marks text. README.md says how."""
