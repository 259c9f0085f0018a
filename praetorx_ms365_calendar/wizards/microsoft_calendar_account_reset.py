from odoo import api, fields, models

from ..engine.reset import plan_reset
from ..wording import describe_event_count, describe_series_count


class MicrosoftCalendarAccountReset(models.TransientModel):
    """Extend the stock reset dialog: show a preview, and let our sync do the reset.

    A series counts once, because it is one event in Outlook. The texts also show its
    number of events in Odoo.
    """

    _inherit = "microsoft.calendar.account.reset"

    ms365_is_ours = fields.Boolean(compute="_compute_ms365_preview")
    ms365_outlook_count = fields.Integer(compute="_compute_ms365_preview")
    ms365_outlook_words = fields.Char(
        "Deleted in Outlook", compute="_compute_ms365_preview"
    )
    ms365_cancellation_count = fields.Integer(
        "Cancellations by Mail", compute="_compute_ms365_preview"
    )
    ms365_odoo_count = fields.Integer(compute="_compute_ms365_preview")
    ms365_odoo_words = fields.Char("Deleted in Odoo", compute="_compute_ms365_preview")
    ms365_return_count = fields.Integer(compute="_compute_ms365_preview")
    ms365_return_words = fields.Char(
        "Come Back From Outlook", compute="_compute_ms365_preview"
    )
    ms365_send_count = fields.Integer(compute="_compute_ms365_preview")
    ms365_send_words = fields.Char("Sent to Outlook", compute="_compute_ms365_preview")
    ms365_invitation_count = fields.Integer(
        "Invitations by Mail", compute="_compute_ms365_preview"
    )

    @api.depends("user_id", "delete_policy", "sync_policy")
    def _compute_ms365_preview(self):
        for wizard in self:
            account = wizard._ms365_account()
            plan = plan_reset(wizard.delete_policy, wizard.sync_policy)
            wizard.ms365_is_ours = bool(account)
            links = account._links_to_reset() if account else account.link_ids
            there = links if plan.deletes_in_outlook else links.browse()
            here = links if plan.deletes_in_odoo else links.browse()
            back = here if plan.comes_back_from_outlook else links.browse()
            again = there if plan.goes_to_outlook_again else links.browse()
            sent = links.event_id.browse()
            if account and plan.sends_all:
                sent = account._events_sent_by_reset(again)
            wizard.ms365_cancellation_count = there._mails_to_delete()
            wizard.ms365_invitation_count = sent._ms365_mails_to_create()
            wizard.ms365_outlook_count = len(there)
            wizard.ms365_outlook_words = wizard._ms365_describe_count(
                there._any_event()
            )
            wizard.ms365_odoo_count = len(here)
            wizard.ms365_odoo_words = wizard._ms365_describe_count(here._any_event())
            wizard.ms365_return_count = len(back)
            wizard.ms365_return_words = wizard._ms365_describe_count(back._any_event())
            wizard.ms365_send_count = len(sent)
            wizard.ms365_send_words = wizard._ms365_describe_count(sent)

    def _ms365_describe_count(self, events):
        """Return the number of events, series, and events of series as a text.

        :param events: single events, and one event of each series
        """
        series = events.recurrence_id
        singles = events.filtered(lambda event: not event.recurrence_id)
        words = describe_event_count(self.env, len(singles))
        if not series:
            return words
        of_series = self.env._(
            "%(series)s (%(events)s)",
            series=describe_series_count(self.env, len(series)),
            events=describe_event_count(
                self.env, sum(len(one._ms365_rows()) for one in series)
            ),
        )
        return f"{words}, {of_series}" if singles else of_series

    def _ms365_account(self):
        """Return the account if our sync handles the user's calendar, else none."""
        user_sudo = self.user_id.sudo()
        accounts_sudo = user_sudo.ms365_account_ids
        return accounts_sudo if user_sudo._ms365_is_ours() else accounts_sudo.browse()

    def reset_account(self):
        self.ensure_one()
        account = self._ms365_account()
        if not account:
            return super().reset_account()
        account.sudo(False).check_access("write")
        account._check_may_mail(
            self.ms365_cancellation_count + self.ms365_invitation_count
        )
        account._reset(self.delete_policy, self.sync_policy)
        return {"type": "ir.actions.act_window_close"}
