"""Texts that several screens share."""


def describe_event_count(env, count: int) -> str:
    """Return a number of events as a text, in the language of ``env``."""
    if count == 1:
        return env._("1 event")
    return env._("%(count)s events", count=count)


def describe_date_count(env, count: int) -> str:
    """Return a number of dates of a series as a text, in the language of ``env``."""
    if count == 1:
        return env._("1 date")
    return env._("%(count)s dates", count=count)
