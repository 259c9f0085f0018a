"""A conflict as people read it: names, values in words, both versions side by side."""

from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import format_date, format_time, html_sanitize

from ...const import HIDES_CONTENT
from ...engine.mapping.body import canonical_html
from ...engine.mapping.shown import shown_html
from ...engine.merge import DELETED
from ...engine.series_units import RECURRENCE
from ...engine.snapshot import CONTENT_FIELDS
from ...engine.word_diff import mark_changes, same_words

#: Shown beside ``deleted``, of the side that has the event still.
TELLS_WHICH_EVENT = ("subject", "times")
#: Fields with changes that are shown word by word.
_TEXTS = ("subject", "location", "body")
#: Lines up to this length are shown whole, before and after.
_SHORT = 80


class PraetorxMs365Conflict(models.Model):
    _inherit = "praetorx.ms365.conflict"

    differences = fields.Char(compute="_compute_differences", compute_sudo=True)
    comparison = fields.Html(
        compute="_compute_comparison",
        compute_sudo=True,
        sanitize=False,
        help="Both versions side by side, for those who may know them.",
    )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for conflict in self:
            conflict.display_name = conflict.event_id.display_name or f"#{conflict.id}"

    @api.depends("field_names")
    @api.depends_context("lang")
    def _compute_differences(self):
        labels = self._labels()
        for conflict in self:
            conflict.differences = ", ".join(
                labels[name] for name in conflict._disputed_names()
            )

    @api.depends("field_names", "ours", "theirs", "choices", "event_id.privacy")
    @api.depends_context("uid", "lang", "tz")
    def _compute_comparison(self):
        for conflict in self:
            conflict.comparison = (
                conflict._comparison_table() if conflict._may_compare() else False
            )

    def _may_compare(self):
        """Return True if the viewer may know both versions: private stays private."""
        self.ensure_one()
        if self.user_id == self.env.user:
            return True
        event = self.event_id.exists()
        base = self._base_content()
        versions = [self._ours_content(), self._theirs_content()]
        versions += [base.ours, base.theirs] if base else []
        return (
            bool(event)
            and event.effective_privacy not in HIDES_CONTENT
            and all(v.sensitivity == "normal" for v in versions if v)
            and event.sudo(False).has_access("read")
        )

    def _labels(self):
        """Return name of a disputed field -> its label, in the order of a form."""
        return {
            DELETED: self.env._("Deleted"),
            "subject": self.env._("Subject"),
            "times": self.env._("Time"),
            RECURRENCE: self.env._("Repetition"),
            "location": self.env._("Location"),
            "body": self.env._("Description"),
            "attendees": self.env._("Attendees"),
            "sensitivity": self.env._("Privacy"),
            "show_as": self.env._("Show as"),
            "reminder": self.env._("Reminder"),
            "categories": self.env._("Tags"),
            "online_meeting": self.env._("Teams meeting"),
        }

    def _disputed_names(self):
        self.ensure_one()
        disputed = (self.field_names or "").split(", ")
        return [name for name in self._labels() if name in disputed]

    def _names_to_show(self):
        """Return the disputed fields; for a deletion, the fields edited instead."""
        self.ensure_one()
        names = self._disputed_names()
        if DELETED in names:
            edited = self._edited_names()
            names += [
                name
                for name in self._labels()
                if name in edited.union(TELLS_WHICH_EVENT) and name not in names
            ]
        return names

    def _edited_names(self):
        """Return the fields that either side has changed since both agreed."""
        base = self._base_content()
        ours, theirs = self._ours_content(), self._theirs_content()
        if not base:
            return frozenset(CONTENT_FIELDS)
        return frozenset().union(
            ours.changed_fields(base.ours) if ours else (),
            theirs.changed_fields(base.theirs) if theirs else (),
        )

    def _agreed_names(self):
        """Return the fields that are in no conflict, in the order of a form."""
        self.ensure_one()
        disputed = self._disputed_names()
        names = [name for name in self._labels() if name not in disputed]
        return [name for name in names if name not in {DELETED, RECURRENCE}]

    def _result_names(self):
        """Return the fields that identify the event, and all changed fields."""
        self.ensure_one()
        shown = {*TELLS_WHICH_EVENT, *self._disputed_names(), *self._edited_names()}
        return [name for name in self._labels() if name in shown - {DELETED}]

    def _describe_origin(self, name):
        """Describe the side that changed a field without a conflict."""
        base = self._base_content()
        ours, theirs = self._ours_content(), self._theirs_content()
        if not base:
            return ""
        here = ours and name in ours.changed_fields(base.ours)
        there = theirs and name in theirs.changed_fields(base.theirs)
        if here and there:
            return self.env._("Changed on both sides")
        if here:
            return self.env._("Changed in Odoo")
        return self.env._("Changed in Outlook") if there else self.env._("Unchanged")

    def _comparison_table(self):
        """Return the HTML table of differing fields, with the choices marked."""
        self.ensure_one()
        labels = self._labels()
        rows = Markup().join(
            Markup("<tr><th>%s</th><td>%s</td>%s%s</tr>")
            % (
                labels[name],
                self._base_cell(name),
                self._version_cell(name, "odoo"),
                self._version_cell(name, "outlook"),
            )
            for name in self._names_to_show()
        )
        return Markup(
            '<table class="table table-bordered o_ms365_comparison">'
            "<thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>"
            "<tbody>%s</tbody></table>"
        ) % (
            self.env._("Field"),
            self.env._("Before"),
            self.env._("In Odoo"),
            self.env._("In Outlook"),
            rows,
        )

    def _version_cell(self, name, side):
        value = self._side_cell(name, side)
        if (self.choices or {}).get(name) != side:
            return Markup("<td>%s</td>") % value
        return Markup(
            '<td class="o_ms365_kept">%s <span class="badge text-bg-success">%s</span>'
            "</td>"
        ) % (value, self.env._("Kept"))

    # ------------------------------------------------------------------
    # One value of one side, as HTML
    # ------------------------------------------------------------------

    def _base_cell(self, name):
        """Return the value at the last agreement, a dash where there was none."""
        base = self._base_content()
        if name == RECURRENCE:
            return self._rule_cell("base")
        if not base:
            return "-"
        return self._cell(name, base.ours)

    def _rule_cell(self, side):
        """Return how the series repeats on a side; a dash where nobody knows."""
        return (self.rules or {}).get(side) or "-"

    def _side_cell(self, name, side):
        """Return the value of one side, with the changes in a text marked."""
        if name == RECURRENCE:
            return self._rule_cell(side)
        content = self._ours_content() if side == "odoo" else self._theirs_content()
        base = self._base_content()
        before = (base.ours if side == "odoo" else base.theirs) if base else None
        return self._cell(name, content, before)

    def _choice_label(self, name):
        """Return the label of a choice; a deletion is about the whole event."""
        return self.env._("Event") if name == DELETED else self._labels().get(name)

    def _before_cell(self, name):
        """Return the value at the last agreement; of a deletion, which event it was."""
        if name != DELETED:
            return self._base_cell(name)
        lines = (self._base_cell(told) for told in TELLS_WHICH_EVENT)
        return Markup("<br>").join(lines)

    def _choice_cell(self, name, side):
        """Return the value that a side wants; for a deletion, the edits it undoes."""
        content = self._ours_content() if side == "odoo" else self._theirs_content()
        if name != DELETED:
            return self._side_cell(name, side)
        if content is None:
            return Markup('<strong class="text-danger">%s</strong>') % (
                self.env._("Delete the event")
            )
        labels = self._labels()
        edited = self._edited_names()
        rows = Markup().join(
            Markup("<div>%s: %s</div>") % (labels[name], self._side_cell(name, side))
            for name in labels
            if name in edited
        )
        keep = self.env._("Keep the event")
        return Markup("<strong>%s</strong>%s") % (keep, rows)

    def _cell(self, name, content, before=None):
        """Return a value as HTML that is safe to show.

        :param content: None if the event is deleted on this side
        :param before: the same side's earlier content: texts show their changes
        """
        if name == DELETED:
            return self.env._("No") if content else self.env._("Yes")
        if content is None or name not in CONTENT_FIELDS:
            return "-"
        if name in _TEXTS:
            return self._text_cell(name, content, before) or "-"
        lines = self._value_lines(name, content)
        return Markup("<br>").join(lines) if any(lines) else "-"

    def _text_cell(self, name, content, before):
        """Return a text with its changes marked."""
        now = getattr(content, name)
        old = getattr(before, name) if before else now
        if name != "body":
            return self._line_cell(old, now)
        old, now = canonical_html(_sanitized(old)), canonical_html(_sanitized(now))
        marked = _sanitized(mark_changes(old, now))
        if old != now and same_words(old, now):
            note = self.env._("Only the formatting was changed.")
            marked += Markup('<p class="text-muted small">%s</p>') % note
        return marked and Markup('<div class="o_ms365_text">%s</div>') % marked

    def _line_cell(self, old, now):
        """Return a line of text; a short one as "old → new", which reads aloud well."""
        if old == now or not old:
            return Markup("<ins>%s</ins>") % now if now and not old else escape(now)
        if max(len(old), len(now)) > _SHORT:
            # Both are escaped, and the marks are ours.
            return Markup(mark_changes(escape(old), escape(now)))  # noqa: S704
        after = Markup("<ins>%s</ins>") % now if now else "-"
        return Markup("<del>%s</del> → %s") % (old, after)

    def _changes_table(self, names, before, after, titles=None, rules=None):
        """Return the HTML table of a change: each field, before and after it.

        :param names: the fields to show, as the engine calls them
        :param before: a :class:`Content`, None if there was no event
        :param after: the same, None if there is none any more
        :param titles: of both columns; by default, *Before* and *After*
        :param rules: of a series: its rule before and after the change
        """
        old, new = titles or (self.env._("Before"), self.env._("After"))
        words = self.env["calendar.recurrence"]._ms365_describe_rule
        rows = Markup().join(
            Markup("<tr><th>%s</th><td>%s</td><td>%s</td></tr>")
            % (
                (label, *map(words, rules))
                if rules and name == RECURRENCE
                else (label, self._cell(name, before), self._cell(name, after, before))
            )
            for name, label in self._labels().items()
            if name in names
        )
        return Markup(
            '<table class="table table-bordered o_ms365_comparison">'
            "<thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>"
            "<tbody>%s</tbody></table>"
        ) % (self.env._("Field"), old, new, rows)

    def _value_lines(self, name, content):
        """Return the value of a field for people, as lines of plain text."""
        value = getattr(content, name)
        match name:
            case "times":
                return [self._readable_times(value)]
            case "attendees":
                return [self._readable_person(person) for person in value]
            case "sensitivity" | "show_as":
                return [self._words().get(value, value)]
            case "reminder":
                if value is None:
                    return []
                if value == 1:
                    return [self.env._("1 minute before")]
                return [self.env._("%(minutes)s minutes before", minutes=value)]
            case "categories":
                return list(value)
            case "online_meeting":
                return [self.env._("Yes") if value else self.env._("No")]
            case _:
                return [value]

    def _readable_person(self, person):
        """Return an attendee with name and address, as far as there are both."""
        if not person.name or person.name == person.email:
            return person.email
        return f"{person.name} ({person.email})"

    def _words(self):
        """Return Graph's words for privacy and availability -> ours."""
        return {
            "normal": self.env._("Normal"),
            "personal": self.env._("Personal"),
            "private": self.env._("Private"),
            "confidential": self.env._("Confidential"),
            "free": self.env._("Free"),
            "tentative": self.env._("Tentative"),
            "busy": self.env._("Busy"),
            "oof": self.env._("Out of office"),
            "workingElsewhere": self.env._("Working elsewhere"),
            "unknown": self.env._("Unknown"),
        }

    def _readable_times(self, times):
        """Return start and end in the viewer's language and time zone."""
        if times.all_day:
            first = date.fromisoformat(times.start)
            last = date.fromisoformat(times.end) - timedelta(days=1)
            days = [format_date(self.env, day) for day in sorted({first, last})]
            return self.env._("%(days)s, all day", days=" - ".join(days))
        start = self._local(times.start)
        end = self._local(times.end)
        words = [
            format_date(self.env, start.date()),
            format_time(self.env, start.time(), time_format="short"),
            "-",
            format_time(self.env, end.time(), time_format="short"),
        ]
        if end.date() != start.date():
            words.insert(3, format_date(self.env, end.date()))
        return " ".join(words)

    def _local(self, moment):
        """Return UTC as :class:`Times` writes it in the viewer's time zone."""
        return fields.Datetime.context_timestamp(self, datetime.fromisoformat(moment))


def _sanitized(body):
    """Return a description without scripts, forms and styles that leave its box."""
    return html_sanitize(
        shown_html(body),
        sanitize_attributes=True,
        sanitize_style=True,
        sanitize_form=True,
        strip_classes=True,
    )
