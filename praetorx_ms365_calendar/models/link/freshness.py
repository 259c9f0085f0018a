"""Links know which versions exist: older ones that Graph shows are not believed."""

from odoo import fields, models

from ...engine.freshness import Expected
from ...engine.retry import whole_seconds


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    expected = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The versions that the next reading has to show at least.",
    )

    def _expect(self, modified_at="", parts=None):
        """Remember that a version exists, which a reading may not show yet.

        :param modified_at: of the event, or of the series as a whole
        :param parts: id of an occurrence -> its version; empty for one that is gone
        """
        self.ensure_one()
        new = Expected(modified_at or "", parts or {})
        known = Expected.from_json(self.expected)
        self.expected = (known.and_also(new) if known else new).to_json()

    def _known_exceptions(self):
        """Return id -> day of the exceptions of a series that are known to exist.

        If only a page has named an exception, its day is unknown, and empty here.
        """
        self.ensure_one()
        base = self._series_base if self.is_series else None
        ids = self.occurrence_ids or {}
        days = base.theirs.exceptions if base else ()
        known = {ids[day][0]: day for day in days if day in ids}
        expected = Expected.from_json(self.expected) or Expected()
        named = {one: "" for one, version in expected.parts.items() if version}
        return {**named, **known}

    def _is_missed_by(self, modified_at, parts=None):
        """Return True if a reading lacks something that is known to exist.

        :param parts: id -> version of each occurrence that was read
        """
        self.ensure_one()
        expected = Expected.from_json(self.expected) or Expected()
        known = Expected(self.modified_at or "")
        return expected.and_also(known).is_missed_by(modified_at, parts or {})

    def _read_a_little_later(self):
        """Postpone the reading of an event if Graph showed an old version.

        :return: False after some attempts: then Graph's version is accepted
        """
        self.ensure_one()
        expected = Expected.from_json(self.expected) or Expected(self.modified_at or "")
        step = expected.after_attempt()
        if step is None:
            return False
        pause, expected = step
        not_before = whole_seconds(fields.Datetime.now() + pause)
        self.write(
            {
                "expected": expected.to_json(),
                "needs_read": True,
                "read_not_before": not_before,
            }
        )
        self._entries_under_way().not_before = not_before
        return True
