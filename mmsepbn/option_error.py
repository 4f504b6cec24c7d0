"""The error for a user's options."""


class OptionError(ValueError):
    """An option that nothing would read, or that does not fit the rest of the config; the message names it."""
