"""What a user can set: the settings file, the values in it, the options that stand over it."""
