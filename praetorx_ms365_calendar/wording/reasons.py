"""Turn a stored reason into words, in the language of the person who looks.

The sentence says the cause. The next step speaks to the owner of the mailbox, and about
the owner to everybody else. Codes are in the details.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from odoo.tools import format_date, format_datetime

from ..engine.reasons import BUTTONS, Reason, read_reason
from .remedies import NEXT_STEPS
from .sentences import SENTENCES
from .viewer import say, speaks_to_owner

#: Buttons that act for the owner of the mailbox: nobody else sees them.
_OF_THE_OWNER = frozenset({"approval", "calendars", "connection", "sign_in"})
#: Facts that are details, in their order.
_DETAILS = ("code", "numbers", "status", "operation", "kind", "text")


class Explained(NamedTuple):
    """A reason in words.

    :param details: codes for the support, one in each line; may be empty
    :param button: the button of the remedy, False if this person has none
    """

    sentence: str
    remedy: str
    details: str
    button: str | bool

    @property
    def words(self) -> str:
        """Return sentence and next step in one text."""
        return f"{self.sentence} {self.remedy}".strip()


def explain(env, text, owner, *, is_retried=False, request_id=None) -> Explained:
    """Explain a stored reason to the user of ``env``.

    :param text: as :func:`..engine.reasons.because` returns it
    :param owner: the user whose mailbox it is about; may be empty
    :param is_retried: whether Odoo tries again without a person
    """
    reason = read_reason(text)
    remedy = reason.remedy_now(is_retried=is_retried)
    return Explained(
        sentence_of(env, text),
        say(env, NEXT_STEPS[remedy], owner),
        _details(env, reason, request_id),
        _button(env, remedy, is_owner=speaks_to_owner(env, owner)),
    )


def sentence_of(env, text) -> str:
    """Return the sentence of a stored reason, without the next step."""
    reason = read_reason(text)
    sentence = env._(SENTENCES[reason.key])
    return sentence % _readable(env, reason)


def advice_of(env, text) -> str:
    """Return sentence and next step of a stored reason, said to the user of ``env``."""
    return explain(env, text, env.user).words


def advice_with_details(env, text) -> str:
    """Return the advice, and below it the details in one line."""
    shown = explain(env, text, env.user)
    return "\n".join(filter(None, [shown.words, shown.details.replace("\n", ", ")]))


class _Readable(dict):
    """Facts for a sentence; a fact that is missing is a question mark."""

    def __missing__(self, name):
        return "?"


def _readable(env, reason: Reason) -> _Readable:
    """Return the facts as people read them: ids of users, days and times in words."""
    return _Readable(
        (name, _readable_fact(env, name, value)) for name, value in reason.facts.items()
    )


def _readable_fact(env, name, value):
    try:
        if name.endswith("_id"):
            return env["res.users"].sudo().browse(int(value)).exists().name or "?"
        if name == "day":
            return format_date(env, date.fromisoformat(value))
        if name == "until":
            moment = datetime.fromisoformat(value)
            return format_datetime(env, moment, dt_format="short")
    except (TypeError, ValueError):
        return "?"
    return value


def _button(env, remedy, *, is_owner):
    button = BUTTONS[remedy]
    if button in _OF_THE_OWNER and not is_owner:
        return False
    if button == "settings" and not env.user.has_group("base.group_system"):
        return False
    return button or False


def _details(env, reason: Reason, request_id) -> str:
    labels = {
        "code": env._("Code"),
        "numbers": env._("Microsoft's number"),
        "status": env._("Status"),
        "operation": env._("Operation"),
        "kind": env._("Kind of error"),
        "text": env._("Text"),
    }
    lines = [
        f"{labels[name]}: {reason.facts[name]}"
        for name in _DETAILS
        if reason.facts.get(name)
    ]
    if request_id:
        label = env._("Request ID")
        lines.append(f"{label}: {request_id}")
    return "\n".join(lines)
