"""The next step after each reason, for :mod:`.reasons`."""

from odoo.tools.translate import LazyTranslate

from .viewer import Spoken

_lt = LazyTranslate(__name__)

#: Remedy -> the next step, to the owner of the mailbox and about the owner.
NEXT_STEPS = {
    "account_at_microsoft": Spoken(
        _lt("Ask the administrator of Microsoft 365 to check this account."),
        _lt("The administrator of Microsoft 365 has to check the account of %(name)s."),
    ),
    "app": Spoken(_lt("An administrator has to check the Azure app in the settings.")),
    "approve": Spoken(
        _lt("Approve or reject the change."),
        _lt("%(name)s has to approve or reject the change."),
    ),
    "by_itself": Spoken(_lt("Odoo tries again by itself.")),
    "calendar": Spoken(
        _lt("Choose the calendars to sync under “My Connection”."),
        _lt("%(name)s can choose the calendars to sync under “My Connection”."),
    ),
    "change_event": Spoken(
        _lt("Change the event: it is sent again when you save."),
        _lt("Somebody has to change the event: it is sent again then."),
    ),
    "change_repetition": Spoken(
        _lt("Choose another repetition."),
        _lt("Somebody has to choose another repetition."),
    ),
    "choose_day": Spoken(
        _lt("Choose a day up to the 28th, or a weekday."),
        _lt("Somebody has to choose a day up to the 28th, or a weekday."),
    ),
    "compare": Spoken(
        _lt("Compare the series on both sides, then try again."),
        _lt(
            "Somebody has to compare the series on both sides. Then it can be tried "
            "again."
        ),
    ),
    "confirm_mailbox": Spoken(
        _lt("Confirm the mailbox under “My Connection”, or use another account."),
        _lt("%(name)s has to confirm the mailbox, or use another account."),
    ),
    "consent": Spoken(
        _lt(
            "Sign in again and accept the permissions. If Microsoft refuses, an "
            "administrator has to give the consent."
        ),
        _lt(
            "%(name)s has to sign in again and accept the permissions. If Microsoft "
            "refuses, an administrator has to give the consent."
        ),
    ),
    "contacts": Spoken(
        _lt("Invite fewer people, or the address of a group."),
        _lt("Somebody has to invite fewer people, or the address of a group."),
    ),
    "decide": Spoken(
        _lt("Decide about them under “Held Deletions”."),
        _lt("%(name)s or an administrator has to decide about them."),
    ),
    "delete_there": Spoken(
        _lt("Delete it in Outlook, or try again to have it read."),
        _lt("%(name)s can delete it in Outlook. Or it is tried again and read."),
    ),
    "delete_twin": Spoken(
        _lt("Delete the wrong one: until then the series is not synced."),
        _lt(
            "Somebody has to delete the wrong one: until then the series is not synced."
        ),
    ),
    "direction": Spoken(
        _lt("Change the direction under “My Connection”, then try again."),
        _lt("%(name)s can change the direction under “My Connection”."),
    ),
    "mailbox_at_microsoft": Spoken(
        _lt(
            "Ask the administrator of Microsoft 365 to check this mailbox and its "
            "licence."
        ),
        _lt(
            "The administrator of Microsoft 365 has to check the mailbox of %(name)s "
            "and its licence."
        ),
    ),
    "move_in_outlook": Spoken(
        _lt("Move it in Outlook, and Odoo follows."),
        _lt("Somebody has to move it in Outlook, and Odoo follows."),
    ),
    "network": Spoken(
        _lt(
            "An administrator has to check the network and the proxy of the server. "
            "Odoo tries again by itself."
        )
    ),
    "new_invitation": Spoken(
        _lt("Answer it in Outlook, or ask the organizer for a new invitation."),
        _lt(
            "%(name)s has to answer in Outlook, or ask the organizer for a new "
            "invitation."
        ),
    ),
    "nothing": Spoken(_lt("There is nothing to do.")),
    "other_account": Spoken(
        _lt("Sign in with another account."),
        _lt("%(name)s has to sign in with another account."),
    ),
    "outlook": Spoken(
        _lt("Correct the event in Outlook: Odoo reads it again then."),
        _lt("%(name)s has to correct the event in Outlook: Odoo reads it again then."),
    ),
    "pool_mode": Spoken(
        _lt(
            "An administrator has to set pool_mode = session for the connections of "
            "Odoo."
        )
    ),
    "read_again": Spoken(
        _lt("Try again: Odoo reads the event from Outlook first."),
        _lt("It can be tried again: Odoo reads the event from Outlook first."),
    ),
    "read_regularly": Spoken(
        _lt(
            "Odoo reads the calendar regularly instead: changes arrive some minutes "
            "later."
        )
    ),
    "redirect": Spoken(
        _lt(
            "An administrator has to add the redirect URI from the settings to the "
            "Azure app."
        )
    ),
    "secret": Spoken(
        _lt(
            "An administrator has to enter a valid client secret in the settings: its "
            "value, not its ID."
        )
    ),
    "server_log": Spoken(_lt("An administrator finds more in the server log.")),
    "shorten": Spoken(
        _lt("Shorten the description of the event: it is sent again when you save."),
        _lt(
            "Somebody has to shorten the description of the event: it is sent again "
            "then."
        ),
    ),
    "sign_in": Spoken(
        _lt("Sign in again."),
        _lt("%(name)s has to sign in again."),
    ),
    "sign_in_once_more": Spoken(
        _lt("Start the sign-in once more."),
        _lt("%(name)s has to start the sign-in once more."),
    ),
    "tenant": Spoken(
        _lt(
            "An administrator has to enter the tenant of the organization in the "
            "settings: its ID or one of its domains."
        )
    ),
    "try_again": Spoken(_lt("Try again."), _lt("It can be tried again.")),
    "webhook": Spoken(
        _lt(
            "An administrator has to make the server reachable from the internet. "
            "Until then changes arrive some minutes later."
        )
    ),
}
