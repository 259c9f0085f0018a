"""Examples have no time limit each: a busy machine is no failure of the mapping."""

from hypothesis import settings

settings.register_profile("default", deadline=None)
