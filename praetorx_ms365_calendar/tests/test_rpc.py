"""Test the rights of each kind of user over RPC."""

from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .test_access import AccessCase

OUR_MODULES = ("odoo.addons.praetorx_base", "odoo.addons.praetorx_ms365_calendar")
#: Models of others that have got public methods, or records, of ours.
EXTENDED = (
    "calendar.event",
    "calendar.recurrence",
    "calendar.attendee",
    "res.users",
    "res.company",
    "res.config.settings",
    "ir.config_parameter",
    "microsoft.calendar.account.reset",
)
#: Wizards that show counts and keys of the whole database, to administrators only.
OF_NOBODY = {"praetorx.encryption.status", "praetorx.encryption.status.line"}


class RpcCase(AccessCase):
    """Portal, public, internal users, and the administrator of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Users = cls.env["res.users"]
        cls.portal = new_test_user(cls.env, "rpc_portal", groups="base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        cls.stranger = new_test_user(
            cls.env,
            "rpc_stranger",
            groups="base.group_system",
            company_id=cls.other_company.id,
            company_ids=[cls.other_company.id],
        )
        cls.strangers = Users.union(cls.portal, cls.public, cls.cleo, cls.stranger)

    def rpc(self, user, model, method, ids=(), *args, **kwargs):
        """Call a method as a client does."""
        records = self.env[model].with_user(user)
        if not getattr(get_public_method(records, method), "_api_model", False):
            args = [list(ids), *args]
        return call_kw(records, method, list(args), kwargs)

    def own_rows(self, model):
        """Return rows that belong to Anna."""
        rows = self.rows[self.anna]
        if model in rows:
            return rows[model]
        event = rows["praetorx.ms365.event.link"].event_id
        return {
            "calendar.event": event,
            "calendar.attendee": event.attendee_ids,
            "res.users": self.anna,
            "res.company": self.anna.company_id,
        }.get(model, self.env[model])

    def answer(self, user, model, method, ids, *arguments):
        """Return the response to a client as text, also for a refusal."""
        try:
            with self.env.cr.savepoint() as savepoint:
                told = self.rpc(user, model, method, ids, *arguments)
                savepoint.rollback()
        except (UserError, ValueError, KeyError) as error:
            return str(error)
        if method == "search_count":
            self.assertFalse(told, "a guess is answered")
        return repr(told)


@tagged("post_install", "-at_install")
class TestRpc(RpcCase):
    """Test the methods that clients may call, and their results."""

    def our_methods(self):
        """Return model and name of each new method of ours that a client may call."""
        names = [name for name in self.registry if name.startswith("praetorx.")]
        for model in [*names, *EXTENDED]:
            ours, of_odoo = set(), set()
            for definition in self.registry[model].mro():
                is_ours = definition.__module__.startswith(OUR_MODULES)
                (ours if is_ours else of_odoo).update(vars(definition))
            for name in sorted(ours - of_odoo):
                if self.is_public(model, name):
                    yield model, name

    def is_public(self, model, name):
        """Tell whether clients may call this attribute of a model."""
        if not callable(getattr(self.registry[model], name, None)):
            return False
        try:
            get_public_method(self.env[model], name)
        except (AccessError, AttributeError):
            return False
        return True

    def rows_in_database(self):
        """Return a fingerprint of each of our tables."""
        self.env.flush_all()
        found = {}
        for name, model in self.registry.items():
            if name.startswith("praetorx.") and model._auto and not model._transient:
                self.env.cr.execute(
                    SQL(
                        "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM %s t",
                        SQL.identifier(model._table),
                    )
                )
                found[name] = self.env.cr.fetchone()[0]
        return found

    # --- methods --------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_no_public_method_lets_a_stranger_touch_the_sync_of_somebody(self):
        event = self.own_rows("calendar.event")
        event.privacy = "private"
        before = self.rows_in_database()
        methods = set(self.our_methods())
        self.assertGreater(len(methods), 20)
        for user in self.strangers:
            for model, name in sorted(methods):
                for arguments in ((), ("x",), ([],), ({"subject": "odoo"},)):
                    with self.subTest(user=user.login, model=model, name=name):
                        self.try_call(user, model, name, arguments)
                with self.subTest(user=user.login, model=model, name=name):
                    after = self.rows_in_database()
                    changed = [one for one in after if after[one] != before[one]]
                    before = after
                    self.assertFalse(changed)

    def try_call(self, user, model, name, arguments):
        """Call a method in vain; the only other mistake is a wrong number of values."""
        ids = self.own_rows(model).ids
        try:
            with suppress(UserError), self.env.cr.savepoint():
                self.rpc(user, model, name, ids, *arguments)
                self.env.flush_all()
        except TypeError as error:
            self.assertRegex(str(error), "argument")
        except ValueError as error:
            self.assertIn("singleton", str(error))
        finally:
            self.env.invalidate_all()

    def test_own_conflict_is_decided_by_sensible_choices_only(self):
        conflict = self.rows[self.anna]["praetorx.ms365.conflict"]
        for choices in ("x", [], 7, None, {"subject": "x"}, {"subject": []}):
            with self.subTest(choices=choices), self.assertRaises(UserError):
                self.rpc(
                    self.anna, conflict._name, "keep_by_field", conflict.ids, choices
                )
        self.assertEqual(conflict.state, "open")

    def test_lines_of_a_wizard_have_names_of_fields(self):
        conflict = self.rows[self.anna]["praetorx.ms365.conflict"]
        action = self.rpc(self.anna, conflict._name, "action_decide", conflict.ids)
        for name in ("__class__", "with_fields", "to_json", "x", ""):
            vals = {"resolution_id": action["res_id"], "name": name}
            line = "praetorx.ms365.conflict.resolution.line"
            with (
                self.subTest(name=name),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self.rpc(self.anna, line, "create", (), vals)

    # --- portal users ---------------------------------------------------------------

    def test_portal_users_have_no_sync(self):
        count = self.env["praetorx.ms365.account"].search_count([])
        for vals in (
            {"ms365_sync_enabled": True},
            {"ms365_days_back": 7},
            {"ms365_days_ahead": 7},
            {"ms365_title_prefix": "[x]"},
            {"ms365_sync_direction": "both"},
            {"ms365_conflict_policy": "odoo"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.rpc(self.portal, "res.users", "write", self.portal.ids, vals)
        with self.assertRaises(UserError):
            self.rpc(self.portal, "res.users", "action_ms365_sign_in", self.portal.ids)
        with self.assertRaises(UserError):
            self.env["praetorx.ms365.account"]._ensure(self.portal)
        self.assertEqual(self.env["praetorx.ms365.account"].search_count([]), count)

    # --- access rights --------------------------------------------------------------

    def test_each_model_has_access_rights_and_each_owned_one_a_rule(self):
        models = {
            name
            for name, model in self.registry.items()
            if name.startswith("praetorx.") and not model._abstract
        }
        rights = self.env["ir.model.access"].search([("group_id", "!=", False)])
        self.assertLessEqual(models, set(rights.model_id.mapped("model")))
        rules = self.env["ir.rule"].search([("domain_force", "!=", False)])
        self.assertLessEqual(models - OF_NOBODY, set(rules.model_id.mapped("model")))

    def test_wizards_of_others_are_not_seen(self):
        event = self.own_rows("calendar.event")
        for model, vals in (
            ("praetorx.ms365.organizer.change", {"event_id": event.id}),
            ("praetorx.ms365.restore", {}),
        ):
            wizard = self.env[model].with_user(self.anna).create(vals)
            self.env.flush_all()
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.rpc(self.ben, model, "read", wizard.ids)
            self.assertFalse(self.rpc(self.ben, model, "search", (), []))
