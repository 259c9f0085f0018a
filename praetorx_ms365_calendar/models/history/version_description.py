"""A version as people read it: the changed fields with old and new values."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import html2plaintext

from ...engine.merge import DELETED
from ...engine.recurrence import Rule
from ...engine.series_units import RECURRENCE
from ...engine.versions import BODY, shown_content, too_long

#: Number of characters of the longest description that a history shows.
SHOWN_LENGTH = 50_000
#: Fields with one cell that shows both the old and the new value.
_MARKED = ("subject", "location", BODY)


class PraetorxMs365Version(models.Model):
    _inherit = "praetorx.ms365.version"

    title = fields.Char(
        "Event Title",
        compute="_compute_values",
        compute_sudo=True,
        search="_search_title",
    )
    changes = fields.Html(
        compute="_compute_changes",
        compute_sudo=True,
        sanitize=False,
        help="Old and new values, for those who may read the event.",
    )
    old_values = fields.Text(compute="_compute_values", compute_sudo=True)
    new_values = fields.Text(compute="_compute_values", compute_sudo=True)

    @api.depends("event_id", "recurrence_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for version in self:
            version.display_name = version.title or f"#{version.id}"

    @api.depends("field_names", "before", "after", "was_private", "event_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_changes(self):
        for version in self:
            version.changes = version._may_know_then() and version._changes_list()

    @api.depends("field_names", "before", "after", "was_private", "event_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_values(self):
        """Compute title and values as plain text, as far as the viewer may know."""
        for version in self:
            if not version._may_know_then():
                version.title = self.env._("Private event")
                version.old_values = version.new_values = False
                continue
            event = version._event_then()
            version.title = event.name or version._last_known_title()
            version.old_values = version._plain_values(version.before or {})
            version.new_values = version._plain_values(version.after or {})

    @api.model
    def _search_title(self, operator, value):
        """Find versions by the present name of their event."""
        event = self.env["calendar.event"].with_context(active_test=False)
        events = event.search([("name", operator, value)])
        events = events.filtered(lambda one: not one._check_private_event_conditions())
        return [
            "|",
            ("event_id", "in", events.ids),
            ("recurrence_id", "in", events.recurrence_id.ids),
        ]

    def _last_known_title(self):
        """Return the title of an event that is gone, False if no version has it."""
        same = (
            self.search([("link_id", "=", self.link_id.id)]) if self.link_id else self
        )
        titles = ((one.after or {}).get("subject") for one in same)
        return self.link_id.title or next(filter(None, titles), False)

    def _labels(self):
        return self.env["praetorx.ms365.conflict"]._labels()

    def _changes_list(self):
        """Return the HTML list of the changed fields, each with old and new value."""
        self.ensure_one()
        if self._is_deletion:
            return Markup("<p class='mb-0'>%s</p>") % self.env._(
                "The event was deleted."
            )
        rows = Markup().join(
            Markup("<li><strong>%s:</strong> %s</li>")
            % (label, self._change_cell(name))
            for name, label in self._labels().items()
            if name in self._names
        )
        return Markup('<ul class="list-unstyled mb-0 o_ms365_changes">%s</ul>') % rows

    def _change_cell(self, name):
        """Return old and new value of a field, as HTML that is safe to show."""
        before, after = self.before or {}, self.after or {}
        if name == RECURRENCE:
            old, new = self._describe_rule(before), self._describe_rule(after)
        elif name == BODY and (_is_long(before) or _is_long(after)):
            return self.env._("Too long to be shown here.")
        else:
            conflict = self.env["praetorx.ms365.conflict"]
            contents = shown_content(before), shown_content(after)
            if name in _MARKED:
                return conflict._cell(name, contents[1], contents[0])
            old, new = (conflict._cell(name, content) for content in contents)
        return Markup("<del>%s</del> → <ins>%s</ins>") % (old, new)

    def _describe_rule(self, values):
        rule = values.get(RECURRENCE)
        if not rule:
            return "-"
        return self.env["calendar.recurrence"]._ms365_describe_rule(
            Rule.from_json(rule)
        )

    def _plain_values(self, values):
        """Return values as lines of plain text, one for each field."""
        lines = []
        for name, label in self._labels().items():
            if name in values and name != DELETED:
                lines.append(f"{label}: {self._plain_value(name, values)}")
        return "\n".join(lines)

    def _plain_value(self, name, values):
        if name == RECURRENCE:
            return self._describe_rule(values)
        if name == BODY:
            if _is_long(values):
                return self.env._("Too long to be shown here.")
            return html2plaintext(values[BODY])
        conflict = self.env["praetorx.ms365.conflict"]
        return ", ".join(conflict._value_lines(name, shown_content(values)))


def _is_long(values):
    """Return True if the description is too long for a list of changes."""
    return too_long(values) or len(values.get(BODY) or "") > SHOWN_LENGTH
