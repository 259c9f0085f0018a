"""Options for details in which the real service is unclear, or differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Options:
    """The options of the simulator. Set them at the start or by the control API."""

    #: Respond with 400 to a read-only property in a body. Graph itself ignores it.
    refuse_read_only: bool = False
    #: Filter HTML bodies, as some mailboxes do: no scripts, no ``data-`` attributes,
    #: and ``x_`` before classes and ids.
    filter_html: bool = False
    #: Respond with 400 if ``range`` comes before ``pattern`` in a recurrence.
    strict_recurrence_order: bool = True
    #: Zone names accepted in bodies: ``any`` known name, or only ``windows`` names.
    body_zones: str = "any"
    #: Return ``uid`` in all responses, and ``occurrenceId`` (null) for events that are
    #: no occurrences: for ``personal`` accounts, ``always`` or ``never``.
    uid_on_wire: str = "personal"
    #: The ``iCalUId`` of an occurrence has its date; else it is the one of the master.
    dated_ical_uids: bool = True
    #: Page size of lists and views without ``$top``.
    page_size: int = 10
    #: Page size of delta without ``odata.maxpagesize``.
    delta_page_size: int = 50
    #: Require a ``.Shared`` permission to read or write in a shared calendar.
    shared_needs_scope: bool = True
    #: Seconds between the request for a Teams meeting and its ``onlineMeeting``.
    teams_join_delay_seconds: float = 0.0
    #: A PATCH with a body without the Teams block takes the meeting offline.
    teams_flip_flop: bool = True
    #: A new time or pattern resets the replies of the attendees.
    reset_responses_on_reschedule: bool = True
    #: Longest lifetime of a subscription, in minutes; Microsoft's page says 10,080.
    subscription_max_minutes: int = 10070
    #: A shorter lifetime becomes this many minutes.
    subscription_min_minutes: int = 45
    #: Respond with 409 to a second subscription with the same resource and changes.
    refuse_duplicate_subscriptions: bool = True
    #: Refuse notification URLs that are not https.
    require_https_notifications: bool = False
    #: Seconds between a change and the first attempt to send its notification.
    notification_delay_seconds: float = 0.05
    #: Number of additional ``updated`` notifications after each ``created`` one.
    notification_extra_updates: int = 0
    #: Most changes in one POST.
    notification_batch_size: int = 50
    #: Seconds until the first retry; each next one waits twice as long.
    notification_retry_seconds: float = 10.0
    #: Seconds in which a receiver must respond, at first and at retries. A receiver
    #: is slow if it often needs more than the first of them.
    notification_timeout_seconds: float = 3.0
    notification_retry_timeout_seconds: float = 10.0
    #: Hours after which an undelivered notification is lost.
    notification_give_up_hours: float = 4.0
    #: Most requests at once, and in ten minutes, per app and mailbox.
    max_concurrent: int = 4
    max_requests_per_ten_minutes: int = 10_000
    #: Seconds that each Graph request takes, so that requests can overlap.
    service_seconds: float = 0.0
    #: Respond with 429 to the fifth parallel part of a batch, as seen in 2022.
    batch_fifth_part_throttled: bool = False
    #: Lifetime of an access token in seconds; Entra documents "typically 3599".
    access_token_seconds: int = 3599
    #: A refresh token expires after this many days without use.
    refresh_token_days: float = 90.0

    def update(self, values: dict[str, Any]) -> None:
        """Set some options by name.

        :raise ValueError: a name is unknown, or a value has a wrong type
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
