"""Test that no request of a client reads or guesses a secret."""

import re
from contextlib import suppress

import psycopg2

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.praetorx_base.fields import EncryptedField
from odoo.addons.praetorx_base.sealing import MASK

from .test_access import MODELS
from .test_rpc import EXTENDED, RpcCase

CLEAR = "a secret in clear"
#: Names of fields with secret values.
SECRET_NAMES = re.compile(r"token|secret|password|verifier|nonce|^key$|_link$")
#: Called so, and told to whoever sees the row.
NO_SECRETS = {
    "praetorx.ms365.event.link.web_link",  # opens in the mailbox of the signed-in user
}
#: Nobody reads it by itself, and its owner reads it as a part of other words.
SHOWN = {
    "praetorx.ms365.approval.text",
    "praetorx.ms365.preview.line.subject",
    "praetorx.ms365.preview.line.reason",
    "praetorx.ms365.sync.log.title_then",
}
TEXTS = ("char", "text")
OPERATORS = ("=", "!=", "=like", "not ilike", ">=")


@tagged("post_install", "-at_install")
class TestSecrets(RpcCase):
    """Of each secret of each model, for each kind of user."""

    def secrets(self):
        """Return all fields of text that nobody is told."""
        return [
            field
            for model in (*MODELS, *EXTENDED)
            if self.env[model]._auto and not self.env[model]._transient
            for field in self.env[model]._fields.values()
            if field.store and field.type in TEXTS and self.is_hidden(field)
            if f"{model}.{field.name}" not in SHOWN
        ]

    def is_hidden(self, field):
        return isinstance(field, EncryptedField) or field.groups == fields.NO_ACCESS

    def sow(self, field):
        """Let rows of Anna's hold a secret."""
        rows = self.own_rows(field.model_name)
        self.assertTrue(rows, field.model_name)
        if isinstance(field, EncryptedField):
            rows.sudo().write({field.name: CLEAR})
        else:
            rows.flush_recordset()
            names = [SQL.identifier(one) for one in (rows._table, field.name)]
            query = SQL(
                "UPDATE %s SET %s = %s WHERE id IN %s", *names, CLEAR, rows._ids
            )
            self.env.cr.execute(query)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_fields_named_secret_are_hidden(self):
        for name, model in self.env.items():
            for field in model._fields.values():
                is_ours = bool(field._modules and "praetorx" in field._modules[0])
                if is_ours and field.store and field.type in (*TEXTS, "json"):
                    with self.subTest(field=str(field)):
                        is_secret = SECRET_NAMES.search(field.name)
                        is_open = f"{name}.{field.name}" in NO_SECRETS
                        self.assertTrue(
                            not is_secret or is_open or self.is_hidden(field)
                        )

    @mute_logger("odoo.http", "odoo.models", "py.warnings")
    def test_nobody_is_told_a_secret(self):
        found = self.secrets()
        self.assertGreater(len(found), 8)
        for field in found:
            self.sow(field)
            for user in self.strangers | self.admin | self.anna:
                ways = [*self.ways(field)]
                if user in self.admin | self.anna:
                    ways += self.ways_around(field)
                if not self.env[field.model_name].with_user(user).has_access("read"):
                    ways = ways[:4]
                for way, arguments in ways:
                    with self.subTest(user=user.login, field=str(field), way=way):
                        self.assertNotIn(CLEAR, self.answer(user, *arguments))
                        self.env.invalidate_all()

    def ways(self, field):
        """Return all ways for a client to read a field."""
        model, name = field.model_name, field.name
        rows = self.own_rows(model)
        ids, domain = rows.ids, [("id", "in", rows.ids)]
        specification = {name: {}}
        yield "read", (model, "read", ids, [name])
        yield "read all", (model, "read", ids)
        yield "search_read", (model, "search_read", (), domain, [name])
        yield "web_read", (model, "web_read", ids, specification)
        yield "web_search_read", (model, "web_search_read", (), domain, specification)
        yield "export", (model, "export_data", ids, [name])
        for method in ("formatted_read_group", "read_group"):
            yield method, (model, method, (), domain, [name], ["__count"])
            for function in ("max", "array_agg"):
                spec = f"{name}:{function}"
                yield spec, (model, method, (), domain, [], [spec])
        yield "order", (model, "search", (), domain, 0, None, name)
        yield "onchange", (model, "onchange", ids, {}, [], specification)
        yield "defaults", (model, "default_get", (), [name])
        yield "copy", (model, "copy", ids)
        yield "name_search", (model, "name_search", (), CLEAR[:4])
        for guess in self.guesses(name):
            yield f"guess {guess}", (model, "search_count", (), [*domain, guess])

    def ways_around(self, field):
        """Return the ways that lead over another model."""
        model, name = field.model_name, field.name
        for other, path in self.paths_to(model):
            about = [("id", "in", self.own_rows(other).ids)]
            guess = (f"{path}.{name}", "=like", f"{CLEAR[:3]}%")
            yield f"guess {other} {path}", (other, "search_count", (), [*about, guess])
            any_of = (path, "any", [(name, "in", [CLEAR])])
            yield f"any {other} {path}", (other, "search_count", (), [*about, any_of])
            nested = {path: {"fields": {name: {}}}}
            ids = self.own_rows(other).ids
            yield f"web_read {other}", (other, "web_read", ids, nested)
            yield f"export {other}", (other, "export_data", ids, [f"{path}/{name}"])

    def guesses(self, name):
        """Return conditions that tell something about a value."""
        yield from ((name, operator, f"{CLEAR[:3]}%") for operator in OPERATORS)
        yield name, "in", [CLEAR, "x"]
        yield name, "not in", ["x"]

    def paths_to(self, model):
        """Return models of ours and others, with a field that leads to this one."""
        for other in (*MODELS, "res.users", "res.company", "calendar.event"):
            for field in self.env[other]._fields.values():
                if field.comodel_name == model and self.own_rows(other)[:1]:
                    yield other, field.name

    def test_no_table_has_an_encrypted_secret_in_clear(self):
        """Neither the chatter nor a log nor a form that was saved keeps one."""
        for field in self.secrets():
            if isinstance(field, EncryptedField):
                self.sow(field)
        company = self.env.company.ids
        vals = {"ms365_client_secret_entry": CLEAR}
        self.rpc(self.admin, "res.company", "web_save", company, vals, {})
        vals = {"cal_microsoft_client_secret": CLEAR}
        settings = self.rpc(self.admin, "res.config.settings", "create", (), [vals])
        self.env["res.config.settings"].browse(settings).execute()
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT table_name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"""
        )
        for (table,) in self.env.cr.fetchall():
            query = "SELECT 1 FROM %s AS t WHERE t::text LIKE %s LIMIT 1"
            self.env.cr.execute(SQL(query, SQL.identifier(table), f"%{CLEAR}%"))
            self.assertFalse(self.env.cr.fetchall(), table)

    def test_the_log_of_a_debugger_has_no_secret(self):
        """As with ``--log-level=debug_rpc``, and with SQL."""
        names = {
            (field.model_name, field.name)
            for field in self.secrets()
            if isinstance(field, EncryptedField)
        }
        names |= {
            ("res.company", "ms365_client_secret_entry"),
            ("res.config.settings", "cal_microsoft_client_secret"),
        }
        with self.assertLogs("odoo", "DEBUG") as logged:
            for model, name in sorted(names):
                ids = self.own_rows(model).ids
                for method, arguments in (
                    ("write", [{name: CLEAR}]),
                    ("web_save", [{name: CLEAR}, {name: {}}]),
                    ("create", [[{name: CLEAR}]]),
                    ("onchange", [{name: CLEAR}, [name], {name: {}}]),
                    ("search", [[(name, "=", CLEAR)]]),
                ):
                    with suppress(psycopg2.IntegrityError):
                        self.answer(self.admin, model, method, ids, *arguments)
            self.env.flush_all()
        self.assertTrue(any("call " in line for line in logged.output))
        for line in logged.output:
            self.assertNotIn(CLEAR, line)

    def test_administrator_sets_a_secret_unseen(self):
        company = self.env.company
        vals = {"ms365_client_secret_entry": CLEAR}
        specification = {"ms365_client_secret_entry": {}, "ms365_client_secret": {}}
        [told] = self.rpc(
            self.admin, "res.company", "web_save", company.ids, vals, specification
        )
        self.assertEqual(told["ms365_client_secret_entry"], MASK)
        self.assertEqual(told["ms365_client_secret"], MASK)
        self.assertEqual(company.ms365_client_secret, CLEAR)

    def test_secret_parameter_is_not_told(self):
        key = "microsoft_calendar_client_secret"
        self.env["ir.config_parameter"].set_param(key, CLEAR)
        for user in self.strangers | self.admin:
            for method, arguments in (
                ("get_param", (key,)),
                ("set_param", (key, CLEAR)),
                ("search_read", ([("key", "=", key)], ["value"])),
                ("search_count", ([("value", "=like", f"{CLEAR[:3]}%")],)),
            ):
                with self.subTest(user=user.login, method=method):
                    told = self.answer(
                        user, "ir.config_parameter", method, (), *arguments
                    )
                    self.assertNotIn(CLEAR, told)
            told = self.answer(
                user,
                "res.config.settings",
                "default_get",
                (),
                ["cal_microsoft_client_secret"],
            )
            self.assertNotIn(CLEAR, told)
