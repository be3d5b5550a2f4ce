"""What a user did that cannot be done, in one sentence. Knows nothing of any room; the command line and the service print it."""


class RefusalError(ValueError):
    """Bad input: the message is one sentence that names the thing, its value, its unit and what is allowed."""
