"""Say in which order the puller looks for the next job of a mailbox."""

from __future__ import annotations

from enum import Enum


class PullStep(Enum):
    """The steps of the puller, in order. The first one with work is the next job.

    A mailbox with nothing to do passes through all of them.
    """

    #: Find out whose mailbox it is, after a sign-in.
    CONNECT = "connect"
    #: Read the busy times of colleagues: somebody looks at an open meeting.
    BUSY_TIMES = "busy_times"
    #: Read events by id. Until then nothing is decided about them.
    VERIFY = "verify"
    #: Read the next pages of rounds under way. A requested restart begins anew.
    READ_PAGES = "read_pages"
    #: Carry out verified deletions. Between two rounds, all of them are known.
    CARRY_OUT = "carry_out"
    #: Request rounds of calendars that have waited long enough after an error.
    END_WAITS = "end_waits"
    #: Read the list of calendars, if a round is requested and the list is old.
    LIST_CALENDARS = "list_calendars"
    #: Read the stamps of a calendar before its first round.
    READ_STAMPS = "read_stamps"
    #: Begin the rounds that were requested.
    BEGIN_ROUNDS = "begin_rounds"
    #: Compute the next part of a preview. It changes nothing.
    PREVIEW = "preview"
    #: Compare the two sides, if nothing else was requested.
    CHECK = "check"


#: The steps of a mailbox that waits until its owner presses *Start*.
BEFORE_START = frozenset({PullStep.CONNECT, PullStep.LIST_CALENDARS, PullStep.PREVIEW})
