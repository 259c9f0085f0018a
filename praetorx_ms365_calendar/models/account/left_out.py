"""Events of Outlook that are left out for their dates: counted, and told in words."""

from odoo import fields, models
from odoo.fields import Domain

from ...engine.mapping.untrusted_json import OUTSIDE_YEARS


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    without_dates_count = fields.Integer(
        compute="_compute_skipped", string="Series Without Dates in the Window"
    )
    outside_years_count = fields.Integer(
        compute="_compute_skipped", string="Events in Years That Odoo Cannot Show"
    )

    def _compute_skipped(self):
        without_dates = self._count_links(
            Domain("is_series", "=", True)
            & Domain("state", "=", "synced")
            & Domain("recurrence_id", "=", False)
            & Domain("event_id", "=", False)
            & Domain("remote_id", "!=", False)
            & Domain("needs_read", "=", False)
        )
        outside_years = self._count_links(
            Domain("state", "=", "quarantined")
            & Domain("reason", "like", OUTSIDE_YEARS.strip())
        )
        for account in self:
            account.without_dates_count = without_dates.get(account, 0)
            account.outside_years_count = outside_years.get(account, 0)

    def _count_links(self, domain):
        """Return account -> how many of its Outlook events are so."""
        Link = self.env["praetorx.ms365.event.link"]
        of_accounts = Domain("account_id", "in", self.ids)
        return dict(Link._read_group(of_accounts & domain, ["account_id"], ["__count"]))

    def _describe_skipped(self):
        """Say how many events are not in Odoo for their dates, or nothing."""
        told = []
        if self.without_dates_count:
            told.append(
                self.env._(
                    "Series in Outlook without a date in the synced window: %(count)s. "
                    "They come to Odoo as soon as one of their dates does.",
                    count=self.without_dates_count,
                )
            )
        if self.outside_years_count:
            told.append(
                self.env._(
                    "Events in Outlook that are left out, since Odoo cannot show the "
                    "years in which they begin or end: %(count)s. Each is listed with "
                    "its year under “Not Understood”.",
                    count=self.outside_years_count,
                )
            )
        return " ".join(told)
