from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...engine.reasons import because
from ...engine.series_units import RECURRENCE

GROUP = "praetorx_ms365_calendar.group_auditor"


class PraetorxMs365Audited(models.AbstractModel):
    """Rows about changes that only auditors may export, in words.

    Each export is in the sync log itself. The models have ``field_names``, with the
    engine's names of the changed fields.
    """

    _name = "praetorx.ms365.audited"
    _description = "Rows for Auditors"

    changed_fields = fields.Char(
        "Changed", compute="_compute_changed_fields", compute_sudo=True
    )

    @api.depends("field_names")
    @api.depends_context("lang")
    def _compute_changed_fields(self):
        labels = self.env["praetorx.ms365.conflict"]._labels()
        labels["rule"] = labels[RECURRENCE]  # the name in older rows
        for row in self:
            names = (row.field_names or "").split(", ")
            words = (labels[name] for name in labels if name in names)
            row.changed_fields = ", ".join(dict.fromkeys(words))

    def _may_export(self):
        """Return True if the current user may export these rows."""
        return self.env.su or self.env.user.has_group(GROUP)

    def export_data(self, fields_to_export):
        """Export the rows, and log who did it.

        :raise AccessError: the user is no auditor
        """
        if not self._may_export():
            raise AccessError(
                self.env._(
                    "Only users of the group “%(group)s” can export this. An "
                    "administrator can add you to it.",
                    group=self.env.ref(GROUP).sudo().name,
                )
            )
        exported = super().export_data(fields_to_export)
        self._log_export()
        return exported

    def _log_export(self):
        """Write one row of the sync log for each company with exported rows."""
        Log_sudo = self.env["praetorx.ms365.sync.log"].sudo()
        by_company = self.grouped("company_id") or {self.env.company: self}
        Log_sudo.create(
            [
                {
                    "company_id": company.id,
                    "author_id": self.env.uid,
                    "origin": "odoo",
                    "operation": "export",
                    "outcome": "done",
                    "reason": because(
                        "exported", count=len(rows), list=self._description
                    ),
                }
                for company, rows in by_company.items()
            ]
        )
