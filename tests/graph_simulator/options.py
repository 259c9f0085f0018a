"""Switches for every point where the real service is not certain, or differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Options:
    """How the simulator behaves; change them at start or through the control API."""

    #: Answer 400 for a read-only property in a body. The service ignores it.
    refuse_read_only: bool = False
    #: Give HTML bodies filtered, as some mailboxes do: without scripts and ``data-``
    #: attributes, classes and ids with ``x_`` before them.
    filter_html: bool = False
    #: Answer 400 when ``range`` stands before ``pattern`` in a recurrence.
    strict_recurrence_order: bool = True
    #: Zone names taken in bodies: ``any`` known one, or names of ``windows`` only.
    body_zones: str = "any"
    #: ``uid`` in all answers, and ``occurrenceId`` (null) in those about events that
    #: are no occurrences: ``personal``, ``always`` or ``never``.
    uid_on_wire: str = "personal"
    #: ``iCalUId`` of occurrences holds their date; else all have that of the master.
    dated_ical_uids: bool = True
    #: Page size of lists and views without ``$top``.
    page_size: int = 10
    #: Page size of delta without ``odata.maxpagesize``.
    delta_page_size: int = 50
    #: Ask for a ``.Shared`` permission to read or write in a shared calendar.
    shared_needs_scope: bool = True
    #: Seconds until ``onlineMeeting`` shows up after a Teams meeting was asked for.
    teams_join_delay_seconds: float = 0.0
    #: A PATCH whose body lacks the Teams blob takes the meeting offline.
    teams_flip_flop: bool = True
    #: A new time or pattern sets the answers of the attendees back.
    reset_responses_on_reschedule: bool = True
    #: Longest life of a subscription, in minutes; the page says 10,080.
    subscription_max_minutes: int = 10070
    #: Shorter lives are raised to this many minutes.
    subscription_min_minutes: int = 45
    #: Answer 409 to a second subscription with the same resource and change types.
    refuse_duplicate_subscriptions: bool = True
    #: Refuse notification URLs that are not https.
    require_https_notifications: bool = False
    #: Seconds between a change and the first attempt to tell of it.
    notification_delay_seconds: float = 0.05
    #: Further ``updated`` notifications after each ``created`` one.
    notification_extra_updates: int = 0
    #: Changes told in one POST at most.
    notification_batch_size: int = 50
    #: Seconds until the first retry; each further one waits twice as long.
    notification_retry_seconds: float = 10.0
    #: Seconds in which a receiver has to answer, at first and on retries.
    notification_timeout_seconds: float = 3.0
    notification_retry_timeout_seconds: float = 10.0
    #: Hours after which an undelivered notification is lost.
    notification_give_up_hours: float = 4.0
    #: Requests at once, and within ten minutes, per app and mailbox.
    max_concurrent: int = 4
    max_requests_per_ten_minutes: int = 10_000
    #: Seconds that each Graph request takes, so that requests can overlap.
    service_seconds: float = 0.0
    #: Answer 429 to the fifth part of a batch that could run at once, as seen in 2022.
    batch_fifth_part_throttled: bool = False
    #: Seconds an access token lives; Entra says "typically 3599".
    access_token_seconds: int = 3599
    #: Days a refresh token may lie unused.
    refresh_token_days: float = 90.0

    def update(self, values: dict[str, Any]) -> None:
        """Set some options by name.

        :raise ValueError: an unknown name, or a value of another type
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown option {name!r}")
            expected = type(known[name])
            if expected is float and type(value) is int:
                value = float(value)
            if type(value) is not expected:
                raise ValueError(f"option {name!r} must be a {expected.__name__}")
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return every option with its value."""
        return asdict(self)
