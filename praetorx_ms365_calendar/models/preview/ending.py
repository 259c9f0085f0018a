"""What ends with a change of settings: unsent edits, approvals and conflicts."""

from odoo import fields, models
from odoo.fields import Domain

from ...const import UNDER_WAY
from ...wording import PREVIEW, say

#: What may end -> its model, and its domain as long as it waits.
_OPEN = {
    "edit": ("praetorx.ms365.outbox", Domain("state", "in", UNDER_WAY)),
    "approval": ("praetorx.ms365.approval", Domain("state", "=", "waiting")),
    "conflict": ("praetorx.ms365.conflict", Domain("state", "=", "open")),
}
#: What ends -> the code of the reason in a line.
_REASON = {
    "edit": "edit_ends",
    "approval": "approval_ends",
    "conflict": "conflict_ends",
}


class PraetorxMs365Preview(models.Model):
    """Foresee what ends with a change: no page of Outlook lists it.

    The change is made for real and undone, so the preview needs no rules of its own.
    """

    _inherit = "praetorx.ms365.preview"

    end_count = fields.Integer("Not Sent Any More", compute="_compute_numbers")
    end_note = fields.Char(compute="_compute_numbers")

    def _numbers(self):
        Line_sudo = self.env["praetorx.ms365.preview.line"].sudo()
        ending = Line_sudo.search(
            Domain("preview_id", "in", self._origin.ids) & Domain("action", "=", "end")
        )
        return {
            **super()._numbers(),
            "end_count": len(ending),
            "end_note": self._describe_ends(ending),
        }

    def _describe_ends(self, lines):
        """Say how many edits, approvals and conflicts end, and of which events."""
        if not lines:
            return False
        by_kind = lines.grouped("reason")
        counts = {
            f"{kind}s": len(by_kind.get(_REASON[kind], lines.browse()))
            for kind in _OPEN
        }
        titles = [line.subject or self.env._("(No title)") for line in lines]
        names = self._first_of(dict.fromkeys(titles), self.env._("%s events"))
        return say(self.env, PREVIEW["ends"], self.user_id, names=names, **counts)

    def _open_work(self):
        """Return what waits in the mailbox, by kind."""
        of_account = Domain("account_id", "=", self.account_id.id)
        return {
            kind: self.env[model].search(of_account & domain, order="id")
            for kind, (model, domain) in _OPEN.items()
        }

    def _lines_of_ends(self, before):
        """Return a line for each event of what does not wait any more.

        :param before: what :meth:`_open_work` returned before the change
        """
        after = self._open_work()
        lines = {}
        for kind, records in before.items():
            for record in (records - after[kind]).exists():
                key = kind, record.event_key if kind == "edit" else record.id
                lines[key] = self._line_of_end(kind, record)
        return list(lines.values())

    def _line_of_end(self, kind, record):
        """Return the columns of a line about an edit, an approval or a conflict."""
        with_archived = record.with_context(active_test=False)
        if kind == "conflict":
            events = with_archived.event_id
        else:
            events = with_archived._all_events().exists()
        event = events[:1]
        return {
            "action": "end",
            "side": "outlook",
            "subject": event.name or record.display_name,
            "start": event.start,
            "is_series": bool(event.recurrence_id),
            "reason": _REASON[kind],
            "remote_id": False,
            "ical_uid": False,
        }
