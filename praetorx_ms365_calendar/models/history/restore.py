"""Restore an earlier version of an event: an edit by a person, and sent like one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from odoo import Command, models
from odoo.fields import Domain

from ...engine.body_limits import is_cut
from ...engine.guests import change_of_guests
from ...engine.mail_guard import Mails
from ...engine.mail_preview import EVERY, Edit, foresee_edit
from ...engine.mapping.odoo_recurrence import why_not_expressible
from ...engine.series_units import RECURRENCE, TIMES
from ...engine.slot_times import slot_times
from ...engine.snapshot import CONTENT_FIELDS, Content
from ...engine.versions import BODY, Shape, earlier_content, earlier_shape, too_long
from ...sync.write.lookups import Lookups, is_open
from ..calendar.recurrence import RULE_FIELDS

#: Value of Odoo's ``recurrence_update`` for one occurrence.
ONE = "self_only"
TEAMS = "online_meeting"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier content of an event, beside the present one.

    :param now: the present content in Odoo
    :param then: the content before a change, with the fields that can be restored
    :param names: names of the fields that differ
    :param left_out: names of changed fields that cannot be restored -> why, in words
    :param shapes: of a whole series: the present and the earlier times and rule
    """

    now: Content
    then: Content
    names: frozenset[str]
    left_out: Mapping[str, str]
    shapes: tuple[Shape, Shape] | None = None

    @property
    def seen(self) -> str:
        """A text that is another one if the event has changed meanwhile."""
        rule = self.shapes[0].rule.to_json() if self.shapes else ""
        return f"{self.now.hash} {rule}"

    @property
    def moves(self) -> bool:
        """True if the dates of a whole series move."""
        return bool(self.shapes) and self.shapes[1].moves(self.shapes[0])


class PraetorxMs365Version(models.Model):
    _inherit = "praetorx.ms365.version"

    def _may_read_in_event(self):
        """Return True if the viewer may read this version in its event's history."""
        event = bool(self) and self._event_then()
        return bool(event) and self._may_know_then()

    def _why_not_restored(self):
        """Return why the viewer cannot restore the event from before this change.

        Return False if the viewer can.
        """
        self.ensure_one()
        event = self._event_then()
        if self._is_deletion or not event or not event.active:
            return self.env._("A deletion is undone in “My Deleted Events”.")
        if self.day and event.ms365_day != self.day:
            return self.env._("This occurrence does not exist any more.")
        if not event.sudo(False).has_access("write"):
            return self.env._("You cannot edit this event.")
        if reason := event._ms365_lock_reason():
            return reason
        if self._primary_link().state != "synced":
            return self.env._(
                "This event has another question to answer first, or is not in "
                "Outlook any more."
            )
        return False

    def _primary_link(self):
        """Return the link of the copy that is compared with the event."""
        links = self._event_then()._ms365_all_links()
        return links.filtered("is_primary")[:1]

    # ------------------------------------------------------------------
    # The earlier content
    # ------------------------------------------------------------------

    def _earlier(self):
        """Return the content from before this change as :class:`Earlier`.

        Later changes are undone, too, as far as they are about the same part: the
        event, the whole series, or the same occurrence.
        """
        self.ensure_one()
        now = self._content_now()
        changes = [version.before or {} for version in self._since()]
        then = earlier_content(now, changes)
        shapes = self._shapes(now, then, changes)
        left_out = self._why_left_out(now, then, changes, shapes)
        if shapes and left_out.keys() & {TIMES, RECURRENCE}:
            shapes = (shapes[0], shapes[0])
        if shapes:
            then = replace(then, times=shapes[1].times)
            now = replace(now, times=shapes[0].times)
        then = then.with_fields(left_out.keys() & frozenset(CONTENT_FIELDS), now)
        names = then.changed_fields(now)
        if shapes:
            names = names - {TIMES} | shapes[1].changed_names(shapes[0])
        return Earlier(now, then, names, left_out, shapes)

    @property
    def _is_of_whole_series(self):
        """True if this is a version of what all dates of a series share."""
        return bool(self.recurrence_id and not self.day)

    def _content_now(self):
        """Return the present content in Odoo; of a series, what its events share."""
        event = self._event_then()
        if self._is_of_whole_series:
            recurrence = self.recurrence_id
            return recurrence._ms365_master(recurrence._ms365_contents_by_day())
        return event._ms365_read_contents()[event]

    def _shapes(self, now, then, changes):
        """Return the present and the earlier times and rule of a whole series.

        Return None for an event or an occurrence.
        """
        if not self._is_of_whole_series:
            return None
        shape = Shape.of(now.times, self.recurrence_id._ms365_rule(now))
        return shape, earlier_shape(shape, then.times, changes)

    def _since(self):
        """Return this version and later ones of the same part, the newest first."""
        if self.recurrence_id:
            same = Domain("recurrence_id", "=", self.recurrence_id.id)
        else:
            same = Domain("event_id", "=", self.event_id.id)
        return self.search(
            same & Domain("day", "=", self.day) & Domain("id", ">=", self.id),
            order="id desc",
        )

    def _why_left_out(self, now, then, changes, shapes):
        """Return the changed fields that cannot be restored, each with the reason."""
        env = self.env
        left_out = {}
        if shapes:
            names = shapes[1].changed_names(shapes[0])
            why = names and self._why_shape_is_fixed(shapes[1].rule)
            left_out |= dict.fromkeys(names, why) if why else {}
        is_changed = any(BODY in before for before in changes)
        if is_changed and (any(map(too_long, changes)) or is_cut(now.body)):
            left_out[BODY] = env._(
                "A text that is longer than Odoo can show is changed in Outlook only."
            )
        if now.online_meeting and not then.online_meeting:
            left_out[TEAMS] = env._("Microsoft cannot take it off an event.")
        return left_out

    def _why_shape_is_fixed(self, rule):
        """Return why times and rule cannot be changed in Odoo, None if they can."""
        recurrence = self.recurrence_id
        if recurrence.ms365_read_only_reason:
            return recurrence.ms365_read_only_reason
        code = why_not_expressible(rule, recurrence._ms365_first_day_of_week())
        return code and recurrence._ms365_rule_reasons().get(code)

    # ------------------------------------------------------------------
    # Restoring
    # ------------------------------------------------------------------

    def _mails_of_restoring(self, earlier):
        """Return the mails of Outlook if the user restores this content."""
        link, event = self._primary_link(), self._event_then()
        if not link._organizes():
            return Mails()
        base = link._series_base
        edit = Edit(
            earlier.now,
            earlier.then,
            event._ms365_agreed_theirs(),
            invites=event._ms365_invitation_policy() == "exchange",
            reach=EVERY if self._is_of_whole_series else ONE,
            exceptions=len(base.theirs.exceptions) if base else 0,
            moves=RECURRENCE in earlier.names,
        )
        return foresee_edit(edit)

    def _hint_of_restoring(self, earlier):
        """Say what comes back in another form, False if nothing does."""
        words = []
        if earlier.then.online_meeting and TEAMS in earlier.names:
            words.append(
                self.env._(
                    "Microsoft makes a new Teams meeting with another link: the former "
                    "one cannot come back."
                )
            )
        base = self._primary_link()._series_base
        removed = self.recurrence_id._ms365_removed_days() if earlier.moves else ()
        if earlier.moves and (removed or (base and base.theirs.exceptions)):
            words.append(
                self.env._(
                    "Single dates that were changed, moved or deleted follow the "
                    "series again."
                )
            )
        return " ".join(words) or False

    def _restore_earlier(self):
        """Write the earlier content to the event, as an edit by the current user."""
        self.ensure_one()
        earlier = self._earlier()
        event = self._event_to_write()
        vals = self._vals_to_restore(event, earlier)
        if self.recurrence_id:
            vals["recurrence_update"] = ONE if self.day else EVERY
        event.sudo(False).write(vals)

    def _event_to_write(self):
        """Return the event that the edit is for; of a series, one that exists."""
        event = self._event_then()
        if self._is_of_whole_series:
            rows = self.recurrence_id._ms365_rows()
            return event if event in rows else rows[:1]
        return event

    def _vals_to_restore(self, event, earlier):
        """Return the values for the edit.

        :param event: the event to write to, with full rights
        """
        lookups = Lookups(
            self.env,
            [earlier.then, earlier.now],
            account=self._primary_link().account_id,
        )
        may_make = is_open(earlier.then, earlier.now)
        separate = {"attendees", RECURRENCE, *([TIMES] if earlier.shapes else ())}
        vals = event._ms365_vals_from(
            earlier.then,
            earlier.names - separate,
            lookups,
            may_make=may_make,
        )
        if earlier.shapes:
            vals |= self._vals_of_shape(event, earlier)
        if "attendees" in earlier.names:
            agreed = event._ms365_agreed_theirs()
            guests = event._ms365_guests(agreed)
            change = change_of_guests(guests, earlier.then.attendees)
            found = (
                lookups.partner(person, among=event.partner_ids.ids, may_make=may_make)
                for person in change.added
            )
            vals["partner_ids"] = [
                *(Command.link(partner_id) for partner_id in found if partner_id),
                *(Command.unlink(partner_id) for partner_id in change.removed),
            ]
        return vals

    def _vals_of_shape(self, event, earlier):
        """Return times of one event, and the rule, that give the series its shape.

        Odoo moves the series by as many days as this event.

        :param event: an event of the series
        """
        now, then = earlier.shapes
        vals = {}
        if earlier.names & {TIMES, RECURRENCE}:
            shift = date.fromisoformat(then.rule.start) - date.fromisoformat(
                now.rule.start
            )
            day = date.fromisoformat(event._ms365_local_day()) + shift
            content = replace(earlier.then, times=slot_times(then.times, day))
            vals |= event._ms365_vals_from(content, {TIMES}, None)
        if RECURRENCE in earlier.names:
            rule_vals = self.recurrence_id._ms365_rule_vals(then.rule)
            vals |= {name: rule_vals[name] for name in RULE_FIELDS}
        return vals
