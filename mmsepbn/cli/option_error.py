"""What is wrong with the options of a user."""


class OptionError(ValueError):
    """An option that nothing would read, or that the rest of the config cannot go with; the message names it."""
