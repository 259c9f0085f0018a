from datetime import date, datetime, timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time, html2plaintext

from ..engine.snapshot import Content

#: Shown beside ``deleted``, of the side that has the event still.
TELLS_WHICH_EVENT = ("subject", "times")


class PraetorxMs365Conflict(models.Model):
    """Both sides changed the same thing: both versions, whole, until a person chooses.

    Nothing is written on either side while a conflict is open. ``keep_odoo()`` and
    ``keep_outlook()`` decide it; what only one side changed is merged either way.
    """

    _name = "praetorx.ms365.conflict"
    _description = "Microsoft 365 Conflict"
    _order = "id desc"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="account_id.user_id", store=True)
    company_id = fields.Many2one(related="account_id.company_id")
    link_id = fields.Many2one(
        "praetorx.ms365.event.link", required=True, ondelete="cascade", index=True
    )
    event_id = fields.Many2one("calendar.event", ondelete="set null", index=True)
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")], default="open", required=True
    )
    occurrence_day = fields.Char(
        help="Of a series: the day of the occurrence that is disputed, else all are."
    )
    theirs_series = fields.Json(groups=fields.NO_ACCESS)
    field_names = fields.Char(
        "Fields", help="What both sides changed to different values."
    )
    base = fields.Json(groups=fields.NO_ACCESS)
    ours = fields.Json(groups=fields.NO_ACCESS)
    theirs = fields.Json(groups=fields.NO_ACCESS)
    theirs_change_key = fields.Char()
    differences = fields.Char(
        "What differs", compute="_compute_differences", compute_sudo=True
    )
    comparison = fields.Html(
        compute="_compute_comparison",
        compute_sudo=True,
        help="Both versions side by side, for those who may know them.",
    )
    resolution = fields.Selection(
        [
            ("odoo", "Odoo's version kept"),
            ("outlook", "Outlook's version kept"),
            ("gone", "Both sides became the same"),
        ],
        readonly=True,
    )
    resolved_by_id = fields.Many2one("res.users", readonly=True)
    resolved_at = fields.Datetime(readonly=True)

    _open_unique = models.UniqueIndex(
        "(link_id) WHERE state = 'open'", "This event has an open conflict already."
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

    @api.depends("field_names", "ours", "theirs", "user_id", "event_id.privacy")
    @api.depends_context("uid", "lang", "tz")
    def _compute_comparison(self):
        for conflict in self:
            conflict.comparison = (
                conflict._comparison_table() if conflict._may_compare() else False
            )

    def _may_compare(self):
        """Tell whether the viewer may know both versions: private stays private."""
        self.ensure_one()
        if self.user_id == self.env.user:
            return True
        event = self.event_id.exists()
        versions = [self._ours_content(), self._theirs_content()]
        return (
            bool(event)
            and event.effective_privacy not in ("private", "confidential")
            and all(v.sensitivity == "normal" for v in versions if v)
            and event.sudo(False).has_access("read")
        )

    def _labels(self):
        """Return name of a disputed field -> its label, in the order of a form."""
        return {
            "deleted": self.env._("Deleted"),
            "subject": self.env._("Subject"),
            "times": self.env._("Time"),
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

    def _comparison_table(self):
        """Return the HTML table of what differs; all values are escaped."""
        self.ensure_one()
        labels = self._labels()
        names = self._disputed_names()
        if "deleted" in names:
            names += [name for name in TELLS_WHICH_EVENT if name not in names]
        ours, theirs = self._ours_content(), self._theirs_content()
        rows = Markup().join(
            Markup("<tr><th>%s</th><td>%s</td><td>%s</td></tr>")
            % (labels[name], self._cell(name, ours), self._cell(name, theirs))
            for name in names
        )
        return Markup(
            '<table class="table table-bordered o_ms365_comparison">'
            "<thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>"
            "<tbody>%s</tbody></table>"
        ) % (self.env._("Field"), self.env._("In Odoo"), self.env._("In Outlook"), rows)

    def _cell(self, name, content):
        """Return one side's value of a field as HTML; ``content`` None is deleted."""
        if name == "deleted":
            return self.env._("No") if content else self.env._("Yes")
        lines = self._value_lines(name, content) if content else []
        return Markup("<br>").join(lines) if any(lines) else "-"

    def _value_lines(self, name, content):
        """Return what people read as the value of a field, as lines of plain text."""
        value = getattr(content, name)
        match name:
            case "times":
                return [self._readable_times(value)]
            case "body":
                # In an element: a lone comment makes no document to read.
                text = html2plaintext(f"<div>{value}</div>", include_references=False)
                return text.splitlines()
            case "attendees":
                return [f"{a.name} ({a.email})" if a.name else a.email for a in value]
            case "sensitivity" | "show_as":
                return [self._words().get(value, value)]
            case "reminder":
                if value is None:
                    return []
                return [self.env._("%(minutes)s minutes before", minutes=value)]
            case "categories":
                return list(value)
            case "online_meeting":
                return [self.env._("Yes") if value else self.env._("No")]
            case _:
                return [value]

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

    def keep_odoo(self):
        """Resolve by writing Odoo's version of the conflicting fields to Outlook."""
        self._resolve("odoo")

    def keep_outlook(self):
        """Resolve by writing Outlook's version of the conflicting fields to Odoo."""
        self._resolve("outlook")

    def _resolve(self, keep):
        for conflict in self:
            conflict.check_access("read")
            conflict._check_may_resolve()
            if conflict.state == "open":
                conflict.sudo()._settle(keep, self.env.user)

    def _check_may_resolve(self):
        if self.user_id != self.env.user and not self.env.user._is_admin():
            raise UserError(
                self.env._("Only the owner of the calendar can resolve this conflict.")
            )

    def _settle(self, keep, resolver):
        """Take the chosen side as agreed; the sync then carries it to the other."""
        self.ensure_one()
        event = self.event_id
        self.link_id._settle(keep, self._theirs_content(), self.theirs_change_key)
        self.write(
            {
                "state": "resolved",
                "resolution": keep,
                "resolved_by_id": resolver.id,
                "resolved_at": fields.Datetime.now(),
            }
        )
        self.env["praetorx.ms365.sync.log"]._log(
            self.account_id,
            event_id=event.id,
            direction="push" if keep == "odoo" else "pull",
            origin=keep,
            operation="resolve",
            outcome="done",
            field_names=self.field_names,
        )

    @api.model
    def _close_gone(self, link):
        """Both sides have become the same: the conflict is over by itself."""
        self.search([("link_id", "=", link.id), ("state", "=", "open")]).write(
            {
                "state": "resolved",
                "resolution": "gone",
                "resolved_at": fields.Datetime.now(),
            }
        )

    def _ours_content(self):
        """Return Odoo's version, None if the event is deleted here."""
        self.ensure_one()
        return Content.from_json(self.ours) if self.ours else None

    def _theirs_content(self):
        """Return Outlook's version, None if the event is deleted there."""
        self.ensure_one()
        return Content.from_json(self.theirs) if self.theirs else None

    @api.model
    def _open(self, link, merge_fields, *, ours, theirs, change_key):
        """Record a conflict, or bring an open one up to date."""
        vals = {
            "field_names": ", ".join(sorted(merge_fields)),
            "ours": ours.to_json() if ours else False,
            "theirs": theirs.to_json() if theirs else False,
            "theirs_change_key": change_key,
        }
        conflict = self.search([("link_id", "=", link.id), ("state", "=", "open")])
        if conflict:
            conflict.write(vals)
        else:
            conflict = self.create(
                vals
                | {
                    "account_id": link.account_id.id,
                    "link_id": link.id,
                    "event_id": link.event_id.id,
                    "base": link.base_snapshot,
                }
            )
        link.state = "conflict"
        link.event_id._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        return conflict
