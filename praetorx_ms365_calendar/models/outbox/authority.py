"""Edits in mailboxes of colleagues: judged before anything of them is sent."""

from odoo import api, models
from odoo.exceptions import UserError

from ...const import UNDER_WAY, UNDER_WAY_OR_FAILED
from ...engine.authority import (
    Verdict,
    for_mails,
    judge,
    without_edit,
)
from ...engine.mail_impact import (
    mail_impact,
    mails_of_new_series,
    mails_of_series_change,
)
from ...engine.snapshot import Content
from ...engine.waiting_edits import touched

#: Key of a transaction's data about edits that are under way.
_WATCHES = "praetorx.ms365.watches"


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    @api.model_create_multi
    def create(self, vals_list):
        """Hold entries for a colleague's mailbox until they are checked.

        This applies to each way of creation: an unchecked entry is never sent.
        """
        entries = super().create(vals_list)
        edits = entries.filtered(lambda entry: entry.operation != "respond")
        by_others = edits.filtered(
            lambda entry: not entry.author_id._ms365_may_act_for(entry.user_id)
        )
        (edits - by_others)._meet_what_waits()
        if by_others:
            by_others.state = "held"
            watches = self._watches()
            if watches:
                watches[-1].entry_ids += by_others.ids
            else:
                by_others._judge({})
        return entries

    @api.model
    def _watches(self):
        """Return the edits of this transaction that are under way, outermost first."""
        return self.env.cr.precommit.data.setdefault(_WATCHES, [])

    def action_retry(self):
        """Retry failed entries; check the ones that were not approved yet.

        An entry waits if it would create a meeting that still waits for approval.
        """
        failed = self.sudo().filtered(
            lambda entry: entry.state == "dead" and entry.operation != "respond"
        )
        super().action_retry()
        agreed = failed._agreed_to()
        for entries in agreed.grouped(_event_of).values():
            entries._send_unless_proposed()
        unasked = failed - agreed
        if unasked:
            unasked.state = "held"
            unasked._judge({})

    def _agreed_to(self):
        """Return the entries that are approved, or made by the owner or a delegate."""
        return self.filtered(
            lambda entry: (
                entry.approval_id.state == "approved"
                or entry.author_id._ms365_may_act_for(entry.user_id)
            )
        )

    # ------------------------------------------------------------------
    # Edits by the owner and delegates
    # ------------------------------------------------------------------

    def _meet_what_waits(self):
        """Update approvals that wait for the same events as edits by the owner.

        The owner's edit waits, too, if the creation of its meeting waits for approval.
        If the owner deletes a meeting or brings it back, approvals about it end.
        """
        Approval = self.env["praetorx.ms365.approval"].sudo()
        keys = self.mapped("event_key")
        if not self or not Approval._any_waiting(self.account_id, keys):
            return
        for entry in self:
            waiting = self._approvals_of(entry)
            creates = waiting.filtered(lambda one: one.operation == "create")
            if entry.operation == "delete":
                waiting._overtake()
            elif creates.filtered(lambda one: one.kind == "mails"):
                creates.entry_ids._count_mails_again()
            elif creates:
                creates[0]._hold(entry)
            else:
                waiting.filtered(lambda one: one.operation == "cancel")._overtake()

    def _approvals_of(self, entry):
        Approval = self.env["praetorx.ms365.approval"].sudo()
        return Approval._waiting_of(entry.account_id, [entry.event_key])

    # ------------------------------------------------------------------
    # Edits by other users
    # ------------------------------------------------------------------

    def _judge(self, before):
        """Decide for each event: send and inform the owner, ask the owner, or refuse.

        :param before: event key -> Odoo's content before the edit, if known
        :raise UserError: the owner's company forbids it, or the owner cannot be asked
        """
        of_archived = self.exists()._edits_of_archived()
        of_archived._judge_alike(before)  # before their deletion is asked about
        (self - of_archived)._judge_alike(before)

    def _judge_alike(self, before):
        """Decide about entries of the same kind; see :meth:`_judge`."""
        for (_account, key), entries in self.exists().grouped(_event_of).items():
            is_hidden = bool(entries._edits_of_archived())
            if not is_hidden:
                entries._end_what_is_overtaken_by_author()
            edit = (entries._odoo_before(before.get(key)), entries._content())
            operation = entries._operation(edit[0])
            _impact, count = entries._mails(operation, *edit)
            company = entries.user_id.company_id
            policy = company.ms365_colleague_policy or "ask"
            verdict = judge(policy, may_act=False, mails=count)
            if verdict is Verdict.REFUSE:
                raise UserError(entries._refusal())
            if verdict is Verdict.TELL and is_hidden:
                entries.state = "done"  # sent if the event is brought back
            elif verdict is Verdict.TELL:
                if before.get(key):
                    entries._approvals_of(entries[-1])._end_units(touched(*edit))
                entries._let_go(*edit)
            elif operation == "update" and entries._were_single(before):
                raise UserError(entries._too_much())
            else:
                entries._ask_owner(operation, *edit)

    def _edits_of_archived(self):
        """Return the edits of single events that are archived, but are in Outlook."""
        return self.filtered(
            lambda entry: (
                entry.operation == "upsert"
                and not entry._is_series
                and entry.event_id
                and not entry.event_id.active
                and entry.link_id._may_come_back()
            )
        )

    def _odoo_before(self, held):
        """Return the content that counts as Odoo's before these entries, or None.

        An author that sends a whole event (for example by bringing it back) is
        responsible for its whole content. Exceptions are values that were agreed, are
        under way, or wait for approval.

        :param held: Odoo's content before the edit, None if unknown
        """
        agreed, last = self._agreed_content(), self[-1]
        is_all = last.operation == "upsert" and self._united_names() is None
        if not held or not is_all or last._is_series:
            return held or agreed
        link = last.link_id
        if not agreed or not link.remote_id or link.state == "deleted_there":
            return held
        states = UNDER_WAY_OR_FAILED
        others = self._of_edits(last.account_id, last.event_key, states) - self
        on_their_way = others.filtered(lambda one: one.operation == "upsert")
        names = on_their_way._united_names()
        if names is None:
            return held
        now = self._content()
        known = agreed.with_fields({*names, *(link.unsent_names or ())}, held)
        unasked = self._approvals_of(last)._without_edits(now, None)
        return without_edit(now, known, unasked)

    def _were_single(self, before):
        """Return True if a single event has just become this series.

        :param before: as for :meth:`_judge`
        """
        rows = self.recurrence_id.with_context(active_test=False).calendar_event_ids
        return any(event_id in before for event_id in rows.ids)

    def _operation(self, before):
        """Return the effect of these entries in the mailbox: create, update or cancel.

        :param before: Odoo's content before the edit, None if unknown
        """
        last = self[-1]
        if last.operation == "delete":
            return "cancel"
        link = last.link_id
        is_there = link.remote_id and link.state != "deleted_there"
        earlier = self._of_edits(last.account_id, last.event_key, UNDER_WAY)
        proposed = self._approvals_of(last).filtered(
            lambda one: one.operation == "create" and one.author_id != last.author_id
        )
        fails = before and self._failed_create()
        return "update" if is_there or earlier or proposed or fails else "create"

    def _failed_create(self):
        """Return the owner's entries of a meeting that Outlook has refused so far.

        Another edit of that meeting is a separate change, but it creates the meeting
        when it is sent.
        """
        last = self[-1]
        is_there = last.link_id.remote_id and last.link_id.state != "deleted_there"
        known = self._of_edits(last.account_id, last.event_key, UNDER_WAY_OR_FAILED)
        failed = known.filtered(lambda one: one.state == "dead")
        return known.browse() if is_there or known - failed else failed._agreed_to()

    def _content(self):
        """Return Odoo's present content, None if it is deleted."""
        last = self[-1]
        return None if last.operation == "delete" else last._meeting()._ms365_read()

    def _agreed_content(self):
        """Return Odoo's content at the last agreement, None if there was none."""
        base = self[-1].link_id._agreed_base
        return base.ours if base else None

    def _mails(self, operation, before, after):
        """Return the people that Exchange would mail, and the number of mails."""
        last = self[-1]
        link = last.link_id
        cancels = operation == "cancel"
        nobody = mail_impact(None, None, is_organizer=False), 0
        if link.remote_id and not link._organizes():
            return nobody
        if cancels and not (link.remote_id or last._last_create()):
            return nobody
        if cancels and link._delete_policy() == "off":
            return nobody
        if operation == "create" or (operation == "update" and self._failed_create()):
            return self._mails_of_create(after)
        if last._is_series:
            if not cancels and not isinstance(before, type(after)):
                before = None
            return mails_of_series_change(before, after)
        impact = mail_impact(*self._as_outlook_mails(before, after))
        return impact, impact.count

    def _mails_of_create(self, after):
        """Return the people that Exchange would invite; none for an empty series."""
        if after is None or self._invitation_policy() != "exchange":
            return mail_impact(None, None, is_organizer=False), 0
        if isinstance(after, Content):
            impact = mail_impact(None, after)
            return impact, impact.count
        return mail_impact(None, after.master), mails_of_new_series(after)

    def _as_outlook_mails(self, before, after):
        """Return both contents with the people that Exchange has as invited."""
        theirs = self[-1].link_id._theirs()
        invites = self._invitation_policy() == "exchange"
        return for_mails(before, after, theirs, invites=invites)

    def _invitation_policy(self):
        return self.company_id[:1].ms365_invitation_policy or "exchange"


def _event_of(entry):
    """Return the key that the entries of one event in one mailbox share."""
    return entry.account_id, entry.event_key
