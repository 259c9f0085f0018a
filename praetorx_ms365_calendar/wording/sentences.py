"""The sentence of each reason, for :mod:`.reasons`.

A sentence says the cause in the words of people, without codes and names of classes.
The placeholders are facts of the reason.
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Reason -> sentence. The keys are those of ``engine/reasons.py``.
SENTENCES = {
    "older": _lt("This did not arrive on the other side."),
    # Microsoft cannot, or not now
    "microsoft_busy": _lt("Microsoft is busy at the moment."),
    "microsoft_failed": _lt(
        "Outlook did not accept this because of a failure at Microsoft. It is usually "
        "temporary."
    ),
    "too_many_requests": _lt(
        "Microsoft accepts no more requests for this mailbox at the moment."
    ),
    "mail_limit": _lt(
        "The mailbox has sent as many mails as Microsoft allows in one day."
    ),
    "mailbox_busy": _lt("Microsoft is moving or repairing this mailbox."),
    "no_answer": _lt("Microsoft did not answer in time."),
    "no_network": _lt("The Odoo server cannot reach Microsoft."),
    "unreadable_answer": _lt("Microsoft sent an answer that Odoo cannot read."),
    "failed": _lt("The synchronization with Outlook has failed."),
    "not_stored": _lt("Odoo cannot store the data that Microsoft sends."),
    "sessions_shared": _lt(
        "The connection pooler of the database runs in transaction mode: mailboxes "
        "cannot be locked, and nothing is synced."
    ),
    # The person, and the access of the person
    "sign_in_again": _lt("Microsoft no longer accepts the sign-in."),
    "sign_in_ended": _lt("The sign-in has just ended."),
    "sign_in_expired": _lt("The sign-in has expired."),
    "sign_in_broken": _lt("The sign-in was interrupted, or its page was used twice."),
    "sign_in_of_other_app": _lt("The sign-in was made for another Azure app."),
    "more_proof": _lt(
        "Microsoft asks for another proof of identity, for example a code on the phone."
    ),
    "password_expired": _lt("The password of the Microsoft account has expired."),
    "no_consent": _lt("A permission for the calendar is missing."),
    "consent_declined": _lt(
        "The permission was declined, or the organization wants an administrator to "
        "give it."
    ),
    "code_waits": _lt(
        "The code for the sign-in has not been entered at Microsoft yet."
    ),
    "code_wrong": _lt("Microsoft does not know the code for the sign-in."),
    "code_expired": _lt("The code for the sign-in has expired."),
    "user_unknown": _lt("This account does not exist at Microsoft."),
    "not_in_tenant": _lt(
        "This account does not belong to the organization in Microsoft 365."
    ),
    "user_locked": _lt("Microsoft has locked this account."),
    "user_disabled": _lt("This account is disabled at Microsoft."),
    "not_assigned": _lt("This account may not use the Azure app."),
    "blocked_by_rule": _lt("A security rule of the organization blocks the sign-in."),
    # The Azure app, and the server
    "app_wrong": _lt("The Azure app is not set up right."),
    "app_unknown": _lt("Microsoft does not know this Azure app in the organization."),
    "app_incomplete": _lt("The Azure app has not been entered in Odoo."),
    "secret_wrong": _lt("The client secret is wrong."),
    "secret_expired": _lt("The client secret has expired."),
    "secret_not_wanted": _lt(
        "The Azure app is registered for public clients, which have no secret."
    ),
    "secret_unreadable": _lt(
        "Odoo cannot decrypt the stored client secret or sign-in."
    ),
    "tenant_wrong": _lt("Microsoft does not know this tenant."),
    "single_tenant": _lt(
        "The Azure app serves one organization only, and its tenant is not entered."
    ),
    "redirect_wrong": _lt(
        "The redirect URI of this server is not registered in the Azure app."
    ),
    "no_refresh_token": _lt("Microsoft does not let Odoo stay signed in."),
    "endpoint_wrong": _lt("An address of Microsoft in the settings is wrong."),
    "server_unreachable": _lt("Microsoft cannot reach this server to report changes."),
    "webhook_wrong": _lt(
        "The address under which Microsoft reaches this server must begin with https."
    ),
    "notifications_refused": _lt("Microsoft does not report changes of this mailbox."),
    "subscribed_twice": _lt(
        "Another system already gets the changes of this mailbox with the same Azure "
        "app."
    ),
    "subscription_gone": _lt("Microsoft has stopped reporting changes."),
    # The mailbox
    "no_mailbox": _lt(
        "This account has no mailbox in Microsoft 365, or no licence for it."
    ),
    "unknown_mailbox": _lt("Microsoft does not know this mailbox."),
    "mailbox_full": _lt("The mailbox is full."),
    "no_access": _lt("Microsoft does not give access to this calendar."),
    "access_blocked": _lt("A rule of the organization keeps Odoo out of this mailbox."),
    "no_calendar": _lt("The mailbox has no calendar."),
    "mailbox_of_another": _lt("Another user has already connected this mailbox."),
    "mailbox_to_confirm": _lt("The mailbox has another address than the user."),
    "calendar_read_anew": _lt(
        "Microsoft wants the calendar to be read from the beginning."
    ),
    "list_never_ends": _lt("Microsoft's list of the calendar does not come to an end."),
    # The event, and Outlook
    "changed_meanwhile": _lt("The event was changed in Outlook at the same time."),
    "already_there": _lt("Outlook already has this event in another version."),
    "not_in_outlook": _lt("Outlook no longer has this event or its calendar."),
    "lost_id": _lt("Outlook no longer finds this event under its old identity."),
    "not_accepted": _lt("Outlook does not accept the event as it is."),
    "too_large": _lt("The event is too large for Outlook."),
    "too_long_a_time": _lt("The event lasts too long for Outlook."),
    "crosses_neighbour": _lt(
        "Outlook does not move a date of a series to or past the next one."
    ),
    "longer_than_interval": _lt(
        "Each event of the series would last longer than the time until the next one."
    ),
    "series_too_far": _lt("The series ends later than Outlook can store."),
    "series_empty": _lt("The series has no date in Outlook."),
    "unknown_zone": _lt("The time zone of the event is unknown."),
    "not_writable": _lt("The event has content that cannot be sent."),
    "unreadable": _lt("Odoo cannot read this event in the form that Outlook sends."),
    "outside_years": _lt(
        "Odoo cannot show the year %(year)s, in which the event begins or ends."
    ),
    "removed_meanwhile": _lt("The event was deleted in Outlook while it was read."),
    "lost_series": _lt(
        "Outlook says that the event belongs to a series, but not to which."
    ),
    "entries_without_id": _lt(
        "Outlook listed entries without an identity. They are left out: %(count)s."
    ),
    "left_out": _lt("The owner of the calendar chose to leave it out of Odoo."),
    "over": _lt("It is over, and Outlook would mail its attendees."),
    "second_copy": _lt("It is a second copy of a meeting that is already in sync."),
    "same_single": _lt("A single event with the same identity is already in sync."),
    "same_series": _lt("A series with the same identity is already in sync."),
    "took_too_long": _lt(
        "Processing the event took too long or needed too much memory."
    ),
    "odoo_refused": _lt("Odoo does not accept the event as Outlook has it."),
    "odoo_failed": _lt("Odoo could not process the event."),
    # Rules of Odoo and of the sync
    "too_many_people": _lt(
        "Outlook takes at most %(limit)s attendees in one meeting, and this one has "
        "%(count)s."
    ),
    "twins": _lt(
        "Two events of this series are on %(day)s, and Outlook can have only one."
    ),
    "rule_incomplete": _lt("The repetition is incomplete."),
    "rule_short_months": _lt(
        "Outlook cannot skip shorter months: the event would be on their last day."
    ),
    "rule_leap_day": _lt("Outlook cannot repeat an event in leap years only."),
    "rule_no_date": _lt("This repetition has no date at all."),
    "series_not_shown": _lt(
        "Outlook does not show the dates of this series that Odoo has, though it was "
        "asked %(times)s times."
    ),
    "sides_disagree": _lt("Odoo and Outlook do not agree about this meeting yet."),
    "nothing_left": _lt(
        "Odoo has no event of this series any more, and nobody has deleted it: in "
        "Outlook it stays."
    ),
    "invitation_missing": _lt("The invitation has not arrived in the mailbox."),
    "invitation_lost": _lt("The invitation is no longer in the mailbox."),
    "user_left": _lt("Not sent: %(user_id)s does not sync any more."),
    "other_mailbox": _lt("Not sent: the sign-in is now for another mailbox."),
    "mailbox_taken_over": _lt("Not sent: another user has connected this mailbox."),
    "direction_to_odoo": _lt("Not sent: this mailbox syncs from Outlook to Odoo only."),
    "calendar_not_sent": _lt("Not sent: nothing goes from Odoo to this calendar."),
    "many_deletions": _lt("Many deletions at once wait for a decision."),
    "taken_back": _lt("Not deleted: the deletion was taken back."),
    "by_policy": _lt("Decided by the rule of the company."),
    "reset_done": _lt("The sync of this mailbox was reset."),
    # Changes that wait for the word of a person
    "waits_for_approval": _lt(
        "Waits for the approval of %(owner_id)s until %(until)s."
    ),
    "approved": _lt("%(who_id)s has agreed."),
    "rejected": _lt("Not sent: %(who_id)s did not agree."),
    "lapsed": _lt("Not sent: nobody has decided in time."),
    "withdrawn": _lt("Not sent: it was taken back."),
    "over_gone": _lt("Not sent: the event does not exist any more."),
    "over_back": _lt("Not deleted: the event is there again."),
    "over_handed_over": _lt(
        "Not sent: %(owner_id)s does not organize this meeting any more."
    ),
    "over_equal": _lt("Not sent: the event is again as it was before."),
    "over_overtaken": _lt("Not sent: the same field was changed or decided later."),
    "over_not_sent": _lt(
        "Not sent: nothing goes to the Outlook calendar of %(owner_id)s any more."
    ),
    "over_few": _lt("Sent: Outlook mails only a few people by now."),
    # Done, with a remark
    "exported": _lt("Exported from “%(list)s”, number of rows: %(count)s."),
    "without_contact": _lt("Attendees without a contact in Odoo: %(count)s."),
    "parts_skipped": _lt("Parts of the event that Odoo cannot use were left out."),
    "uninvitable": _lt(
        "Attendees not in Outlook, because they have no mail address: %(count)s."
    ),
    "not_moved_people": _lt(
        "Not moved to another calendar: its attendees would get a cancellation and an "
        "invitation."
    ),
    "not_moved_teams": _lt(
        "Not moved to another calendar: its Teams link would be another one."
    ),
    "not_moved_attachments": _lt(
        "Not moved to another calendar: its attachments would be lost."
    ),
    "not_moved_series": _lt("Not moved to another calendar: it repeats."),
    "not_moved_organizer": _lt(
        "Not moved to another calendar: Odoo may not take it out of its calendar."
    ),
}
