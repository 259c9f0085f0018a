"""Words that several screens have in common."""


def events_in_words(env, count: int) -> str:
    """Return how many events something is about, in the language of ``env``."""
    if count == 1:
        return env._("1 event")
    return env._("%(count)s events", count=count)
