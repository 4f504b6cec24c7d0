"""The base of the errors that users can mend."""


class UserError(ValueError):
    """A mistake in what a user gave: options, files, settings. Tools end with its message; no log has its traceback."""
