"""The status of each calendar of a mailbox, for the owner and for others."""

from odoo.tools.translate import LazyTranslate

from .viewer import Spoken

_lt = LazyTranslate(__name__)

#: State of a calendar -> its sentence.
CALENDAR_STATUS = {
    "vanished": Spoken(_lt("No longer in the mailbox. Its events stay in Odoo.")),
    "not_synced": Spoken(_lt("Not synced.")),
    "permission": Spoken(
        _lt("Sign in again to allow shared calendars."),
        _lt("%(name)s has to sign in again to allow shared calendars."),
    ),
    "change_waits": Spoken(
        _lt("Waits until you have seen what will happen."),
        _lt("Waits until %(name)s has seen what will happen."),
    ),
    "no_direction": Spoken(
        _lt(
            "Nothing to sync: the mailbox only sends, and this calendar cannot be "
            "written."
        )
    ),
    "unreadable": Spoken(_lt("Stopped: Odoo cannot read this calendar. %(why)s")),
    "restarts": Spoken(
        _lt(
            "Microsoft stops before this calendar is read completely. Odoo tries again "
            "automatically."
        )
    ),
    "not_ready": Spoken(_lt("Waits for the connection of the mailbox.")),
    "not_read": Spoken(_lt("Will be read in a moment.")),
    "shared": Spoken(_lt("In sync, read every 15 minutes.")),
    "read_only": Spoken(_lt("In sync, read only.")),
    "in_sync": Spoken(_lt("In sync.")),
}
