"""The error for a user's options."""

from mmsepbn.user_error import UserError


class OptionError(UserError):
    """An option that nothing would read, or that does not fit the rest of the config; the message names it."""
