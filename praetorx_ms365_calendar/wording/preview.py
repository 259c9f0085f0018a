"""Texts of a preview, for the owner of the mailbox and for others."""

from odoo.tools.translate import LazyTranslate

from .viewer import Spoken

_lt = LazyTranslate(__name__)

#: Part of a preview -> its text. ``names`` are the people that Outlook would mail.
PREVIEW = {
    "title": Spoken(
        _lt("What will happen when you start"),
        _lt("What will happen when %(name)s starts"),
    ),
    "no_mail": Spoken(
        _lt("Outlook mails nobody when you start."),
        _lt("Outlook mails nobody when %(name)s starts."),
    ),
    "no_mail_of_change": Spoken(
        _lt("Outlook mails nobody when you apply this change."),
        _lt("Outlook mails nobody when %(name)s applies this change."),
    ),
    "ends": Spoken(
        _lt(
            "When you apply this change, some things end. Unsent edits: %(edits)s, "
            "approvals that wait: %(approvals)s, open conflicts: %(conflicts)s. "
            "Events: %(names)s."
        ),
        _lt(
            "When %(name)s applies this change, some things end. Unsent edits: "
            "%(edits)s, approvals that wait: %(approvals)s, open conflicts: "
            "%(conflicts)s. Events: %(names)s."
        ),
    ),
    "mails": Spoken(
        _lt("Mails that Outlook sends when you start: %(mails)s, to %(names)s."),
        _lt("Mails that Outlook sends when %(name)s starts: %(mails)s, to %(names)s."),
    ),
    "waiting": Spoken(
        _lt(
            "Meetings with attendees wait until you send them: %(count)s. Mails that "
            "Outlook sends then: %(mails)s, to %(names)s."
        ),
        _lt(
            "Meetings with attendees wait until %(name)s sends them: %(count)s. Mails "
            "that Outlook sends then: %(mails)s, to %(names)s."
        ),
    ),
}
