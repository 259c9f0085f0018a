"""Record people's edits of events in the outbox, in the transaction of the edit."""

from odoo import api, models
from odoo.exceptions import UserError

from ...const import IN_BOTH
from ...engine.merge import DELETED

#: Fields of an event that are sent to Outlook if they change.
CAPTURED_FIELDS = frozenset(
    {
        "name",
        "description",
        "allday",
        "start",
        "stop",
        "start_date",
        "stop_date",
        "duration",
        "location",
        "partner_ids",
        "attendee_ids",
        "privacy",
        "show_as",
        "alarm_ids",
        "categ_ids",
        "is_teams_meeting",
        "active",
        "ms365_calendar_id",
    }
)
#: Columns of the sync itself: people can never write them.
BOOKKEEPING = frozenset(
    {
        "sync_origin",
        "synced_field_hash",
        "ms_change_key",
        "ms365_day",
        "ms365_sync_state",
        "teams_meeting_url",
    }
)
#: Fields that only the organizer may change once the meeting is in Outlook.
ORGANIZER_ONLY = CAPTURED_FIELDS - {"show_as", "alarm_ids", "categ_ids", "active"}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"
    _ms365_bookkeeping = BOOKKEEPING

    @api.model_create_multi
    def create(self, vals_list):
        if self._ms365_is_sync():
            return super().create(vals_list)
        events = super().create(
            [
                self._ms365_without_other_meeting(
                    self._ms365_without_outlook_series(_without_bookkeeping(vals))
                )
                for vals in vals_list
            ]
        )
        events._ms365_check_size()
        in_series = events.recurrence_id.calendar_event_ids
        (events | in_series)._ms365_keep_to_own_calendars()
        events._ms365_singles().filtered("active")._ms365_capture()
        events.recurrence_id._ms365_capture_new()
        return events

    def write(self, vals):
        if self._ms365_is_sync() or not self:
            return super().write(vals)
        vals = _without_bookkeeping(vals)
        self._ms365_check_joins_no_series(vals)
        names = vals.keys() & CAPTURED_FIELDS
        shape = {"user_id", "recurrency", *self._get_recurrent_fields()}
        is_edit = bool(names or vals.keys() & shape)
        if is_edit:
            self._ms365_check_may_edit(vals)
        if "ms365_calendar_id" in vals:
            self._ms365_check_calendar(
                vals["ms365_calendar_id"], vals.get("recurrence_update")
            )
        series = self._ms365_series_before_edit(vals) if is_edit else None
        before = self._ms365_contents_of_unsent() if names else {}
        values_before = self._ms365_values_before(vals) if is_edit else {}
        singles = self.browse()
        if vals.get("recurrency") and "active" not in vals:
            singles = self._ms365_single_in_outlook()
        result = super().write(vals)
        singles._ms365_check_still_there()
        touched = self._ms365_touched_since(values_before)
        lists = self._ms365_lists_since(values_before)
        if names & {"partner_ids", "attendee_ids"}:
            self._ms365_check_size()
        if "active" in names and not vals["active"]:
            self._ms365_singles()._ms365_capture_deletion()
        elif names:
            same = self._ms365_unchanged(before)
            (self.filtered("active") - same)._ms365_capture_touched(
                touched, vals, lists
            )
        if names:
            self._ms365_capture_edits_of_archived(touched, lists)
        if series is not None:
            names = self._ms365_names_of_series_edit(vals, touched)
            edited = (series | self.recurrence_id).exists()
            edited._ms365_not_recorded(names)._ms365_capture_edit(names, lists)
        return result

    def unlink(self):
        series = None
        if not self._ms365_is_sync():
            self._ms365_check_may_delete_a_part()
            series = self._ms365_series_before_edit({})
            self._ms365_record_removed()
            self._ms365_singles()._ms365_capture_deletion()
        result = super().unlink()
        if series:
            series.exists()._ms365_capture_edit({DELETED})
        return result

    def _ms365_is_sync(self):
        """Return True if the sync writes; a client may claim that, but not as sudo."""
        return self.env.su and bool(self.env.context.get("ms365_from_sync"))

    def _ms365_contents_of_unsent(self):
        """Return the contents of meetings that Outlook does not have yet.

        They have no base to compare with, and the first write sends invitations: a
        write that changes nothing must not be taken for a person's edit.
        """
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if not pushing:
            return {}
        unsent = self.filtered(
            lambda event: (
                event.user_id.id in pushing
                and event.ms365_sync_state == "none"
                and not event.sudo().ms365_link_ids
            )
        )
        return unsent._ms365_read_contents()

    def _ms365_unchanged(self, before):
        """Return the events of ``before`` with unchanged content."""
        events = self.browse([event.id for event in before])
        after = events._ms365_read_contents()
        return events.filtered(
            lambda event: not after[event].changed_fields(before[event])
        )

    def _ms365_singles(self):
        """Return the events that are meetings of their own."""
        return self.filtered(lambda event: not event.recurrence_id)

    def _ms365_check_may_edit(self, vals):
        """Refuse edits that Outlook would silently undo (docs/laws.md, law 6).

        :raise UserError: the organizer's mailbox is not synced here, or the edit would
            change the organizer
        """
        if vals.keys() & ORGANIZER_ONLY:
            for event in self:
                if reason := event._ms365_lock_reason():
                    raise UserError(reason)
        links = self._ms365_all_links().filtered(
            lambda link: link.is_primary and link.state in IN_BOTH
        )
        if not links:
            return
        for link in links:
            event = link._any_event()
            if "user_id" in vals and vals["user_id"] != event.user_id.id:
                raise UserError(
                    self.env._(
                        "This meeting is in Outlook. To change its organizer, use "
                        "“Change organizer” on the form: Outlook mails the attendees."
                    )
                )

    # ------------------------------------------------------------------
    # The stock connector stays away from events of our users
    # ------------------------------------------------------------------

    def _ms365_is_managed(self):
        """Return True if our engine, not the stock connector, syncs this event."""
        self.ensure_one()
        pushing = self.env["praetorx.ms365.account"]._pushing_accounts()
        if not pushing or self.user_id._ms365_uses_stock():
            return False
        primary = self._ms365_all_links().filtered("is_primary")[:1]
        if primary:
            return primary._is_writable()
        return self.user_id.id in pushing

    def _microsoft_insert(self, values, **kwargs):
        if not self._ms365_is_managed():
            return super()._microsoft_insert(values, **kwargs)
        return None

    def _microsoft_patch(self, user_id, event_id, values, **kwargs):
        if not self._ms365_is_managed():
            return super()._microsoft_patch(user_id, event_id, values, **kwargs)
        return None

    def _microsoft_delete(self, user_id, event_id, **kwargs):
        if not self._ms365_is_managed():
            return super()._microsoft_delete(user_id, event_id, **kwargs)
        return None

    def _skip_send_mail_status_update(self):
        """Skip Odoo's invitations if we push the event: Exchange sends its own."""
        if self.env.context.get("ms365_reminder"):
            return False
        if self._ms365_is_managed():
            return self._ms365_invitation_policy() != "odoo"
        return super()._skip_send_mail_status_update()


def _without_bookkeeping(vals):
    if BOOKKEEPING.isdisjoint(vals):
        return vals
    return {name: value for name, value in vals.items() if name not in BOOKKEEPING}
