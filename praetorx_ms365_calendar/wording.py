"""Words that several screens have in common."""


def events_in_words(env, count: int) -> str:
    """Return how many events something is about, in the language of ``env``."""
    if count == 1:
        return env._("1 event")
    return env._("%(count)s events", count=count)


def dates_in_words(env, count: int) -> str:
    """Return how many dates of a series something is about, in the same language."""
    if count == 1:
        return env._("1 date")
    return env._("%(count)s dates", count=count)
