"""The sentence of each part of a mailbox's status, for the owner and for others."""

from odoo.tools.translate import LazyTranslate

from .viewer import Spoken

_lt = LazyTranslate(__name__)

#: Cause of ``engine/health.py``, or a special case of one -> its sentence.
STATUS = {
    # Nothing is synced, or something has failed
    "sign_in_again": Spoken(
        _lt("Stopped: Microsoft no longer accepts this sign-in. Sign in again."),
        _lt(
            "Stopped: Microsoft no longer accepts this sign-in. %(name)s has to sign "
            "in again."
        ),
    ),
    "configuration": Spoken(_lt("Stopped: %(why)s")),
    "unavailable": Spoken(_lt("Stopped: %(why)s")),
    "never_connected": Spoken(_lt("Not connected yet. %(why)s")),
    "stopped": Spoken(
        _lt(
            "Stopped: the connection pooler of the database runs in transaction mode, "
            "where mailboxes cannot be locked. An administrator has to set it to "
            "session mode."
        )
    ),
    "still": Spoken(
        _lt(
            "Standing still: work has been due since %(time)s, and nothing was done. "
            "An administrator has to check that the scheduled jobs run."
        )
    ),
    "failed": Spoken(_lt("Changes that could not be sent: %(count)s.")),
    # Something waits for a person, or for Microsoft
    "question": Spoken(
        _lt("Not connected yet: is %(mailbox)s the right mailbox?"),
        _lt(
            "Not connected yet: %(name)s has to say if %(mailbox)s is the right "
            "mailbox."
        ),
    ),
    "signed_out": Spoken(
        _lt("Not signed in: press “Sign in” to connect your mailbox."),
        _lt("Not signed in: %(name)s has to sign in at Microsoft."),
    ),
    "awaits_start": Spoken(
        _lt(
            "Signed in. Nothing is read or sent yet: look at the preview, then press "
            "“Start”."
        ),
        _lt("Signed in. Nothing is read or sent before %(name)s presses “Start”."),
    ),
    "change_waits": Spoken(
        _lt(
            "A change of your settings waits: look at what it does, then apply or "
            "discard it."
        ),
        _lt("A change of the settings waits until %(name)s has seen what it does."),
    ),
    "paused": Spoken(
        _lt("Paused by an administrator. Your edits are kept."),
        _lt("Paused by an administrator. All edits are kept."),
    ),
    "failing": Spoken(
        _lt(
            "Connected, Microsoft does not answer at the moment. Trying again by "
            "itself; nothing is lost."
        )
    ),
    "delayed": Spoken(
        _lt(
            "Changes that wait after an error: %(count)s. The next attempt is at "
            "%(time)s; “Sync now” sends them at once."
        )
    ),
    "conflicts": Spoken(_lt("Conflicts to decide: %(count)s.")),
    "holds": Spoken(
        _lt("Many deletions are held until you decide."),
        _lt("Many deletions are held until %(name)s or an administrator decides."),
    ),
    "approvals": Spoken(
        _lt("Changes that wait for your approval: %(count)s."),
        _lt("Changes that wait for the approval of %(name)s: %(count)s."),
    ),
    "permission": Spoken(
        _lt("Sign in again to read the shared calendars that you chose."),
        _lt("%(name)s has to sign in again before the shared calendars are read."),
    ),
    "calendars": Spoken(_lt("Calendars that cannot be read: %(count)s.")),
    "set_aside": Spoken(
        _lt(
            "Events that are not synced, since Odoo cannot take them: %(count)s. Each "
            "is listed with its reason under “Not Understood”."
        )
    ),
    "differences": Spoken(
        _lt("Differences that the comparison of both sides has found: %(count)s.")
    ),
    # Nobody has to do anything
    "off": Spoken(_lt("Switched off.")),
    "reset": Spoken(
        _lt(
            "Being reset. Deletions on their way to Outlook: %(count)s. Sign in again "
            "afterwards."
        ),
        _lt(
            "Being reset. Deletions on their way to Outlook: %(count)s. %(name)s has to"
            " sign in again afterwards."
        ),
    ),
    "connecting": Spoken(_lt("Signed in, connecting to the mailbox.")),
    "reading": Spoken(_lt("Connected, reading the calendar for the first time.")),
    "polled": Spoken(
        _lt(
            "Connected: changes in Outlook are read every 15 minutes, since Microsoft "
            "cannot notify this server."
        )
    ),
    "notified": Spoken(_lt("Connected: changes arrive within seconds.")),
    "active": Spoken(_lt("Connected.")),
}
