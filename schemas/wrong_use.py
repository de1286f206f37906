"""The errors that a user can cause and mend."""


class WrongUse(ValueError):
    """What was asked cannot be done as it stands; the message names the file, line or key."""
