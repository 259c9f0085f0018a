"""Test that clients cannot write the fields of the sync."""

from contextlib import suppress

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TwoMailboxesCase, new_administrator
from .test_series import SeriesCase

OURS = "praetorx_ms365_calendar"
#: Fields that we have added to models of others, and that are meant to be written.
FOR_USERS = {
    "calendar.event": {
        "is_teams_meeting",
        # Of the own calendars: see test_calendars.py.
        "ms365_calendar_id",
    },
    # Own preferences only: see test_preferences.py, test_rpc.py.
    "res.users": {
        "ms365_busy_times",
        "ms365_conflict_policy",
        "ms365_days_ahead",
        "ms365_days_back",
        "ms365_delegate_ids",
        "ms365_sync_direction",
        "ms365_sync_enabled",
        "ms365_title_prefix",
    },
}
#: Models that administrators alone write, by Odoo's access rights.
OF_ADMINISTRATORS = {"res.company", "res.config.settings", "ir.config_parameter"}
#: Values that no row of these tests has.
STRANGE = {
    "boolean": True,
    "char": "2001-01-01",
    "date": "2001-01-01",
    "datetime": "2001-01-01 00:00:00",
    "float": 7.5,
    "html": "<p>2001</p>",
    "integer": 7,
    "json": ["2001-01-01"],
    "text": "2001-01-01",
}


@tagged("post_install", "-at_install")
class TestBookkeeping(TwoMailboxesCase, SeriesCase):
    """The people: Cleo is a colleague, Ben a synced attendee, and one administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_administrator(cls.env)

    def our_columns(self):
        """Return model and name of each stored field of ours on models of others."""
        for model_name, model in self.registry.items():
            if model_name.startswith("praetorx.") or not model._auto:
                continue
            if model._transient or model_name in OF_ADMINISTRATORS:
                continue
            for name, field in model._fields.items():
                is_ours = field._modules and field._modules[0] == OURS
                if is_ours and name not in FOR_USERS.get(model_name, ()):
                    yield model_name, name
        yield "calendar.attendee", "access_token"

    def strange_value(self, model, name):
        """Return a value for a field that it does not have here."""
        field = self.registry[model]._fields[name]
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        if field.type == "many2one":
            return self.env[field.comodel_name].sudo().search([], limit=1).id or 1
        if field.relational:
            return [(5,)]
        return STRANGE[field.type]

    def value(self, record, name):
        """Return the values in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        value = record.exists().sudo()[name]
        return value.ids if record._fields[name].relational else value

    def rows_to_attack(self):
        """Return a record of each model."""
        event = self.meeting()
        recurrence = self.pulled_series()
        return {
            "calendar.event": self.rows(recurrence)[0],
            "calendar.recurrence": recurrence,
            "calendar.attendee": self.part_of(self.ben, event),
            "res.users": self.anna,
        }

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_no_client_writes_bookkeeping(self):
        rows = self.rows_to_attack()
        columns = set(self.our_columns())
        self.assertLessEqual(
            {
                ("calendar.event", "ms365_day"),
                ("calendar.recurrence", "ms365_split_day"),
                ("calendar.recurrence", "ms365_split_from_id"),
            },
            columns,
        )
        for user in self.cleo | self.ben | self.anna | self.admin:
            for model, name in sorted(columns):
                record = rows[model]
                vals = {name: self.strange_value(model, name)}
                before = self.value(record, name)
                with self.subTest(user=user.login, model=model, name=name):
                    with suppress(UserError), self.env.cr.savepoint():
                        record.with_user(user).write(vals)
                    self.assertEqual(self.value(record, name), before)

    def ways_to_create(self, vals, vals_of_attack):
        """Return the ways for a client to set a value in a new record.

        :return: name, context, own defaults, values
        """
        as_context = {f"default_{name}": v for name, v in vals_of_attack.items()}
        yield "value", {}, {}, vals | vals_of_attack
        yield "context", as_context, {}, vals
        yield "own default", {}, vals_of_attack, vals

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_no_client_sets_bookkeeping_on_new_records(self):
        """Test events, series, and records that are created with them."""
        series = {
            "recurrency": True,
            "rrule_type": "daily",
            "end_type": "count",
            "count": 3,
        }
        attacks = [
            (model, name)
            for model, name in sorted(self.our_columns())
            if model != "res.users"
            and self.registry[model]._fields[name].store
            and not self.registry[model]._fields[name].relational
        ]
        self.assertGreater(len(attacks), 8)
        base = {"name": "Own", "start": "2040-03-05 09:00:00"} | {
            "stop": "2040-03-05 10:00:00",
            "partner_ids": [(4, self.ben.partner_id.id)],
        }
        for model, name in attacks:
            value = self.strange_value(model, name)
            for way, context, defaults, vals in self.ways_to_create(
                base | series, {name: value}
            ):
                if way == "value" and model != "calendar.event":
                    continue
                with self.subTest(model=model, name=name, way=way):
                    made = self.try_to_create(model, context, defaults, vals)
                    self.assertNotIn(value, made.sudo().mapped(name))

    def try_to_create(self, model, context, defaults, vals):
        """Create a series as Cleo, and return the new records of one model."""
        for name, value in defaults.items():
            self.env["ir.default"].with_user(self.cleo).set(
                model, name, value, user_id=True
            )
        Event = self.env["calendar.event"].with_user(self.cleo)
        events = Event
        with suppress(UserError, ValidationError):
            events = Event.with_context(**context).create(vals)
        self.env.flush_all()
        self.env.invalidate_all()
        self.env["ir.default"].sudo().search([("user_id", "=", self.cleo.id)]).unlink()
        events |= events.recurrence_id.calendar_event_ids
        made = {
            "calendar.event": events,
            "calendar.recurrence": events.recurrence_id,
            "calendar.attendee": events.attendee_ids,
        }[model]
        return made.exists()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_no_import_and_no_copy_brings_it(self):
        rows = self.rows_to_attack()
        event = rows["calendar.event"]
        names = [
            name
            for model, name in sorted(self.our_columns())
            if model == "calendar.event"
            and self.registry[model]._fields[name].store
            and self.registry[model]._fields[name].type == "char"
        ]
        self.assertIn("ms365_day", names)
        for name in names:
            value = self.strange_value("calendar.event", name)
            header = ["name", "start", "stop", name]
            line = ["Imported", "2040-03-05 09:00:00", "2040-03-05 10:00:00", value]
            with self.subTest(name=name, way="import"):
                told = (
                    self.env["calendar.event"].with_user(self.cleo).load(header, [line])
                )
                made = self.env["calendar.event"].browse(told["ids"] or ())
                self.assertNotEqual(made.sudo()[name] if made else None, value)
            with self.subTest(name=name, way="copy"), suppress(UserError):
                copy = event.with_user(self.cleo).copy({name: value})
                self.assertNotEqual(self.value(copy, name), value)

    def test_no_context_puts_an_event_into_a_series_of_outlook(self):
        recurrence = self.pulled_series()
        Event = self.env["calendar.event"].with_user(self.cleo)
        claims = Event.with_context(ms365_makes_rows=True)
        vals = {"name": "Own", "start": "2040-03-05 09:00:00"}
        event = claims.create(
            {**vals, "stop": "2040-03-05 10:00:00", "recurrence_id": recurrence.id}
        )
        self.assertFalse(event.recurrence_id)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            event.write({"recurrence_id": recurrence.id})
        self.assertEqual(len(self.rows(recurrence)), 4)

    # --- Data of people that the sync stores ------------------------------------------

    def test_no_context_makes_it_somebody_elses_edit(self):
        """The author of an outbox entry is the user of the edit, never a sent value."""
        event = self.meeting()
        for attack in (
            {"default_author_id": self.anna.id},
            {"default_state": "pending"},
            {"default_author_id": self.anna.id, "default_state": "approved"},
        ):
            with self.subTest(attack=attack):
                self.clear_outbox()
                with suppress(AccessError):
                    event.with_user(self.cleo).with_context(**attack).write(
                        {"location": f"Room {len(attack)} {attack}"}
                    )
                entries = self.entries(event).filtered(lambda one: one.state != "done")
                self.assertEqual(set(entries.mapped("state")), {"held"})
                self.assertEqual(entries.author_id, self.cleo)
                self.assertEqual(set(entries.approval_id.mapped("state")), {"waiting"})

    def test_no_default_of_ones_own_makes_it_somebody_elses_edit(self):
        event = self.meeting()
        defaults = self.env["ir.default"].with_user(self.cleo)
        defaults.set("praetorx.ms365.outbox", "author_id", self.anna.id, user_id=True)
        defaults.set("praetorx.ms365.approval", "state", "approved", user_id=True)
        event.with_user(self.cleo).write({"location": "Room 2"})
        entries = self.entries(event).filtered(lambda one: one.state == "held")
        self.assertEqual(entries.author_id, self.cleo)
        self.assertEqual(entries.approval_id.state, "waiting")

    def test_each_model_of_ours_takes_its_defaults_from_the_code(self):
        for name, model in self.registry.items():
            if not name.startswith("praetorx.ms365.") or not model._auto:
                continue
            if model._transient:
                continue
            with self.subTest(model=name):
                for field in model._fields:
                    context = {f"default_{field}": "2001"}
                    told = self.env[name].with_context(**context).default_get([field])
                    self.assertNotEqual(told.get(field), "2001")

    def test_nobody_makes_a_user_with_delegates(self):
        vals = {"name": "Eve", "login": "eve", "email": "eve@example.com"}
        with self.assertRaises(AccessError):
            self.env["res.users"].with_user(self.admin).create(
                {**vals, "ms365_delegate_ids": [(4, self.admin.id)]}
            )
        made = (
            self.env["res.users"]
            .with_user(self.admin)
            .with_context(default_ms365_delegate_ids=[self.admin.id])
            .create(vals)
        )
        self.assertFalse(made.sudo().ms365_delegate_ids)
