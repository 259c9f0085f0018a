"""Name the reasons that people see: one key for each, and the remedy.

A reason is stored as a text of its key and its facts, for example
``microsoft_failed {"code": "ErrorInternalServerError", "status": 500}``. The facts are
plain values without event content. ``wording/reasons.py`` has the sentences. They are
chosen when a person looks, in the language of this person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Key of a reason that was stored before reasons had keys: its text is a fact.
OLDER = "older"

#: Remedy -> the button that carries it out, None if there is none.
BUTTONS: Mapping[str, str | None] = {
    "account_at_microsoft": None,
    "app": "settings",
    "approve": "approval",
    "by_itself": None,
    "calendar": "calendars",
    "change_event": "event",
    "change_repetition": "event",
    "choose_day": "event",
    "compare": "try_again",
    "confirm_mailbox": "connection",
    "consent": "sign_in",
    "contacts": "event",
    "decide": "holds",
    "delete_there": "try_again",
    "delete_twin": "event",
    "direction": "connection",
    "mailbox_at_microsoft": None,
    "move_in_outlook": "outlook",
    "network": "try_again",
    "new_invitation": "outlook",
    "nothing": None,
    "other_account": "connection",
    "outlook": "outlook",
    "pool_mode": None,
    "read_again": "try_again",
    "read_regularly": None,
    "redirect": "settings",
    "secret": "settings",
    "server_log": None,
    "shorten": "event",
    "sign_in": "sign_in",
    "sign_in_once_more": "sign_in",
    "tenant": "settings",
    "try_again": "try_again",
    "webhook": "settings",
}
#: Remedies that need no person as long as Odoo itself tries again.
_OF_TIME = frozenset({"read_again", "try_again"})

#: Reason -> remedy.
REMEDIES: Mapping[str, str] = {
    OLDER: "try_again",
    # Microsoft cannot, or not now
    "microsoft_busy": "try_again",
    "microsoft_failed": "try_again",
    "too_many_requests": "try_again",
    "mail_limit": "try_again",
    "mailbox_busy": "try_again",
    "no_answer": "try_again",
    "no_network": "network",
    "unreadable_answer": "try_again",
    "failed": "try_again",
    "not_stored": "server_log",
    "sessions_shared": "pool_mode",
    # The person, and the access of the person
    "sign_in_again": "sign_in",
    "sign_in_ended": "sign_in",
    "sign_in_expired": "sign_in",
    "sign_in_broken": "sign_in_once_more",
    "sign_in_of_other_app": "sign_in",
    "more_proof": "sign_in",
    "password_expired": "sign_in",
    "no_consent": "consent",
    "consent_declined": "consent",
    "code_waits": "by_itself",
    "code_wrong": "sign_in_once_more",
    "code_expired": "sign_in_once_more",
    "user_unknown": "other_account",
    "not_in_tenant": "other_account",
    "user_locked": "account_at_microsoft",
    "user_disabled": "account_at_microsoft",
    "not_assigned": "account_at_microsoft",
    "blocked_by_rule": "account_at_microsoft",
    # The Azure app, and the server
    "app_wrong": "app",
    "app_unknown": "app",
    "app_incomplete": "app",
    "secret_wrong": "secret",
    "secret_expired": "secret",
    "secret_not_wanted": "app",
    "secret_unreadable": "secret",
    "tenant_wrong": "tenant",
    "single_tenant": "tenant",
    "redirect_wrong": "redirect",
    "no_refresh_token": "app",
    "endpoint_wrong": "app",
    "server_unreachable": "webhook",
    "webhook_wrong": "webhook",
    "notifications_refused": "read_regularly",
    "subscribed_twice": "read_regularly",
    "subscription_gone": "by_itself",
    # The mailbox
    "no_mailbox": "mailbox_at_microsoft",
    "unknown_mailbox": "mailbox_at_microsoft",
    "mailbox_full": "mailbox_at_microsoft",
    "no_access": "mailbox_at_microsoft",
    "access_blocked": "mailbox_at_microsoft",
    "no_calendar": "mailbox_at_microsoft",
    "mailbox_of_another": "other_account",
    "mailbox_to_confirm": "confirm_mailbox",
    "calendar_read_anew": "by_itself",
    "list_never_ends": "by_itself",
    # The event, and Outlook
    "changed_meanwhile": "try_again",
    "already_there": "try_again",
    "not_in_outlook": "read_again",
    "lost_id": "read_again",
    "not_accepted": "change_event",
    "too_large": "shorten",
    "too_long_a_time": "change_event",
    "crosses_neighbour": "change_event",
    "longer_than_interval": "change_event",
    "series_too_far": "change_event",
    "series_empty": "change_event",
    "unknown_zone": "change_event",
    "not_writable": "shorten",
    "unreadable": "outlook",
    "outside_years": "outlook",
    "removed_meanwhile": "read_again",
    "lost_series": "outlook",
    "entries_without_id": "nothing",
    "left_out": "nothing",
    "over": "nothing",
    "second_copy": "nothing",
    "same_single": "nothing",
    "same_series": "nothing",
    "took_too_long": "try_again",
    "odoo_refused": "outlook",
    "odoo_failed": "server_log",
    # Rules of Odoo and of the sync
    "too_many_people": "contacts",
    "twins": "delete_twin",
    "rule_incomplete": "change_repetition",
    "rule_short_months": "choose_day",
    "rule_leap_day": "change_repetition",
    "rule_no_date": "change_repetition",
    "series_not_shown": "compare",
    "sides_disagree": "try_again",
    "nothing_left": "delete_there",
    "invitation_missing": "new_invitation",
    "invitation_lost": "new_invitation",
    "user_left": "nothing",
    "other_mailbox": "try_again",
    "mailbox_taken_over": "nothing",
    "direction_to_odoo": "direction",
    "calendar_not_sent": "calendar",
    "many_deletions": "decide",
    "taken_back": "nothing",
    "by_policy": "nothing",
    "reset_done": "nothing",
    # Changes that wait for the word of a person
    "waits_for_approval": "approve",
    "approved": "nothing",
    "rejected": "nothing",
    "lapsed": "nothing",
    "withdrawn": "nothing",
    "over_gone": "nothing",
    "over_back": "nothing",
    "over_handed_over": "nothing",
    "over_equal": "nothing",
    "over_overtaken": "nothing",
    "over_not_sent": "nothing",
    "over_few": "nothing",
    # Done, with a remark
    "exported": "nothing",
    "without_contact": "nothing",
    "parts_skipped": "nothing",
    "uninvitable": "nothing",
    "not_moved_people": "move_in_outlook",
    "not_moved_teams": "move_in_outlook",
    "not_moved_attachments": "move_in_outlook",
    "not_moved_series": "move_in_outlook",
    "not_moved_organizer": "move_in_outlook",
}

#: Code of ``mapping/odoo_recurrence.py`` -> reason why Outlook has no such rule.
OF_RULE: Mapping[str, str] = {
    "incomplete": "rule_incomplete",
    "day_in_short_months": "rule_short_months",
    "leap_day": "rule_leap_day",
    "no_occurrence": "rule_no_date",
}

#: Class of an error -> its reason where nothing more is known.
OF_CLASS: Mapping[str, str] = {
    "SyncError": "failed",
    "TryLater": "microsoft_busy",
    "TryFewTimes": "microsoft_failed",
    "NotAPage": "unreadable_answer",
    "RefreshToken": "sign_in_ended",
    "SignInAgain": "sign_in_again",
    "FixConfiguration": "app_wrong",
    "MailboxUnavailable": "no_access",
    "MailboxTaken": "mailbox_of_another",
    "ResyncNeeded": "calendar_read_anew",
    "MergeNeeded": "changed_meanwhile",
    "AlreadyGone": "not_in_outlook",
    "AlreadyExists": "already_there",
    "GiveUpOnEvent": "not_accepted",
    "NotStored": "not_stored",
    "BadRemoteEvent": "unreadable",
    "UnknownTimeZone": "unknown_zone",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as it is stored.

    :param key: a key of ``REMEDIES``
    :param facts: name -> value, for the sentence and for the details
    """

    key: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def remedy(self) -> str:
        """Return the remedy: a key of ``BUTTONS``."""
        return REMEDIES[self.key]

    def remedy_now(self, *, is_retried: bool) -> str:
        """Return the remedy.

        :param is_retried: whether Odoo tries again without a person
        """
        return "by_itself" if is_retried and self.remedy in _OF_TIME else self.remedy

    def __str__(self) -> str:
        known = {name: value for name, value in self.facts.items() if value != ""}
        return f"{self.key} {json.dumps(known, sort_keys=True)}" if known else self.key


def because(key: str, **facts: str | int | None) -> str:
    """Return a reason in the form in which it is stored.

    :param key: a key of ``REMEDIES``
    :param facts: values without event content; None is left out
    """
    if key not in REMEDIES:
        raise ValueError(f"There is no reason {key}")
    known = {name: value for name, value in facts.items() if value is not None}
    return str(Reason(key, known))


def because_of(kind: type[Exception], **facts: str | int | None) -> str:
    """Return the general reason of a class of errors, in the form that is stored."""
    for one in kind.__mro__:
        if key := OF_CLASS.get(one.__name__):
            return because(key, **facts)
    raise ValueError(f"{kind.__name__} has no reason")


def parts_skipped(warnings: Sequence[str], *, count: int = 0) -> str:
    """Return the reason for skipped parts of an event, an empty text if there are none.

    :param warnings: of the remote event
    :param count: attendees without a contact
    """
    if not warnings:
        return ""
    return because("parts_skipped", text="; ".join(warnings), count=count or None)


_STORED = re.compile(r"([a-z][a-z0-9_]*)(?: (\{.*\}))?", re.DOTALL)


def read_reason(text: str) -> Reason:
    """Read a stored reason. An older text becomes a fact of a general reason."""
    match = _STORED.fullmatch(text)
    if match and match[1] in REMEDIES:
        try:
            facts = json.loads(match[2] or "{}")
        except ValueError:
            facts = None
        if isinstance(facts, dict):
            return Reason(match[1], facts)
    return Reason(OLDER, {"text": text})
