"""Texts that several screens share."""

from markupsafe import Markup

#: Only this many names of a longer list are shown.
MAX_NAMES = 12


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


def describe_series_count(env, count: int) -> str:
    """Return a number of series as a text, in the language of ``env``."""
    if count == 1:
        return env._("1 series")
    return env._("%(count)s series", count=count)


def describe_day_count(env, count: int) -> str:
    """Return a number of days as a text, in the language of ``env``."""
    if count == 1:
        return env._("1 day")
    return env._("%(count)s days", count=count)


def describe_mail_count(env, count: int) -> str:
    """Say how many mails Outlook sends, in the language of ``env``."""
    if not count:
        return env._("Outlook mails nobody.")
    if count == 1:
        return env._("Outlook sends one mail.")
    return env._("Outlook sends %(count)s mails.", count=count)


def describe_mails(env, impact, count: int, *, names: bool = True, more="") -> Markup:
    """Return the number of mails with the people who get them, as HTML.

    :param impact: a :class:`.engine.mail_impact.MailImpact`
    :param names: whether the viewer may know the people
    :param more: a further sentence
    """
    kinds = (
        (env._("Invitation:"), impact.invited),
        (env._("Update:"), impact.updated),
        (env._("Cancellation:"), impact.cancelled),
    )
    lines = Markup().join(
        Markup("<li>%s %s</li>") % (kind, describe_names(env, people))
        for kind, people in kinds
        if people and names
    )
    summary = " ".join(filter(None, [describe_mail_count(env, count), more]))
    listed = lines and Markup('<ul class="mb-0">%s</ul>') % lines
    return Markup("<span>%s</span>") % summary + listed


def describe_names(env, people) -> str:
    """Return the names of these attendees, with the number of those left out."""
    return join_names(env, [person.name or person.email for person in people])


def join_names(env, names) -> str:
    """Return the first names as a text, with the number of those left out."""
    shown, others = ", ".join(names[:MAX_NAMES]), len(names) - MAX_NAMES
    if others <= 0:
        return shown
    if others == 1:
        return env._("%(names)s and 1 other", names=shown)
    return env._("%(names)s and %(count)s others", names=shown, count=others)


def describe_sending(env, meetings: int, mails: int) -> str:
    """Return numbers of meetings and of mails as a text, in the language of ``env``."""
    if meetings == 1:
        what = env._("1 meeting")
    else:
        what = env._("%(count)s meetings", count=meetings)
    return f"{what} ({describe_mail_number(env, mails)})"


def describe_mail_number(env, mails: int) -> str:
    """Return a number of mails as a text, in the language of ``env``."""
    return env._("1 mail") if mails == 1 else env._("%(count)s mails", count=mails)
