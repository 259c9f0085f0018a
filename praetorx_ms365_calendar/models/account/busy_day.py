"""Cache the busy times of colleagues for a few minutes, for the owner of a mailbox."""

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.busy_times import Slot, Wanted, slots_by_day

#: Busy times are read again when they are older.
KEPT = timedelta(minutes=15)
#: Of one meeting, so many people are looked at.
MAX_PEOPLE = 100


class PraetorxMs365BusyDay(models.Model):
    """One day (UTC) of one address: when that person is busy, and nothing else.

    Exchange says what the owner of the mailbox may know. So each owner has own rows,
    and only the owner reads them.
    """

    _name = "praetorx.ms365.busy.day"
    _description = "Microsoft 365 Busy Times"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _rec_name = "day"
    _log_access = False

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", readonly=True
    )
    address = fields.Char(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    slots = fields.Json(readonly=True, help="Start and end of each busy time.")
    asked_at = fields.Datetime(readonly=True, help="When a meeting asked for them.")
    read_at = fields.Datetime(readonly=True)
    error = fields.Char(readonly=True, help="Why there are no times.")

    _day_unique = models.UniqueIndex("(account_id, address, day)")
    _asked_idx = models.Index("(account_id) WHERE asked_at IS NOT NULL")

    @api.model
    def _ask(self, account, addresses, days):
        """Ask the puller for the days that are not known, or not any more.

        Two open forms may ask for one day, so a row that is there already is taken.

        :return: whether something was asked for
        """
        now = fields.Datetime.now()
        wanted = [(address, day) for address in addresses for day in days]
        if not wanted:
            return False
        self.flush_model()
        asked = self.env.execute_query(
            SQL(
                """
                INSERT INTO praetorx_ms365_busy_day AS known
                       (account_id, address, day, asked_at)
                VALUES %(rows)s
                    ON CONFLICT (account_id, address, day) DO UPDATE
                   SET asked_at = EXCLUDED.asked_at
                 WHERE known.read_at IS NULL AND known.asked_at IS NULL
                    OR known.read_at < %(old)s
             RETURNING id
                """,
                rows=SQL(", ").join(
                    SQL("(%s, %s, %s, %s)", account.id, address, day, now)
                    for address, day in wanted
                ),
                old=now - KEPT,
            )
        )
        self.invalidate_model()
        return bool(asked)

    @api.model
    def _known(self, account, addresses, days):
        """Return address -> busy times of these days, as far as they are known."""
        rows = self.search(
            Domain("account_id", "=", account.id)
            & Domain("address", "in", list(addresses))
            & Domain("day", "in", list(days))
            & Domain("read_at", ">=", fields.Datetime.now() - KEPT)
        )
        known = {}
        for row in rows:
            known.setdefault(row.address, []).extend(row._read_slots())
        return known

    def _read_slots(self):
        self.ensure_one()
        return [
            Slot(datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in self.slots or ()
        ]

    @api.model
    def _asked_of(self, account):
        """Return the days that are asked for; nobody waits for older questions."""
        asked = self.search(
            Domain("account_id", "=", account.id) & Domain("asked_at", "!=", False)
        )
        old = asked.filtered(lambda row: row.asked_at < fields.Datetime.now() - KEPT)
        old.unlink()
        return asked - old

    def _as_wanted(self):
        """Return row -> its address and day."""
        return {row: Wanted(row.address, row.day) for row in self}

    def _store(self, schedules):
        """Store what was read for these days.

        :param schedules: address -> :class:`..engine.busy_times.Schedule`
        """
        now = fields.Datetime.now()
        for address, rows in self.grouped("address").items():
            schedule = schedules.get(address)
            error = "not listed" if schedule is None else schedule.error
            slots = schedule.slots if schedule else ()
            by_day = slots_by_day(slots, rows.mapped("day"))
            for row in rows:
                row.write(
                    {
                        "slots": [
                            [start.isoformat(), end.isoformat()]
                            for start, end in by_day[row.day]
                        ],
                        "error": error,
                        "read_at": now,
                        "asked_at": False,
                    }
                )

    def _store_error(self, reason):
        """Store why these days cannot be read; they are not asked for again at once."""
        self.write(
            {
                "slots": False,
                "error": reason,
                "read_at": fields.Datetime.now(),
                "asked_at": False,
            }
        )

    @api.autovacuum
    def _gc_old(self):
        """Delete what is not used any more: nobody's busy times are kept."""
        old = fields.Datetime.now() - KEPT
        rows = self.search(
            Domain("read_at", "<", old)
            | (Domain("read_at", "=", False) & Domain("asked_at", "<", old)),
            limit=10_000,
        )
        count = len(rows)
        rows.unlink()
        return count, count == 10_000
