"""Switch off the time limit of examples, because a busy machine is not a failure."""

from hypothesis import settings

settings.register_profile("default", deadline=None)
