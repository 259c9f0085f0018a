from dataclasses import replace

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..engine.versions import change_of_event
from .common import SyncCase, apply_change, new_administrator

#: Every model of the addon with rows, and the rights of a plain user on own rows.
MODELS = {
    # Of these, the settings alone: see test_own_settings.py.
    "praetorx.ms365.account": {"read", "write"},
    # Of these, the choice alone: see test_calendars.py.
    "praetorx.ms365.calendar": {"read", "write"},
    "praetorx.ms365.event.link": {"read"},
    "praetorx.ms365.outbox": {"read"},
    "praetorx.ms365.notification": set(),
    "praetorx.ms365.subscription": {"read"},
    "praetorx.ms365.conflict": {"read"},
    "praetorx.ms365.hold": {"read"},
    "praetorx.ms365.approval": {"read"},
    "praetorx.ms365.farewell": set(),
    "praetorx.ms365.mailbox.question": set(),
    "praetorx.ms365.device.code": set(),
    "praetorx.ms365.difference": {"read"},
    "praetorx.ms365.sync.log": {"read"},
    # Of these, the choices alone: see test_preview.py.
    "praetorx.ms365.preview": {"read", "write"},
    "praetorx.ms365.preview.line": {"read"},
    "praetorx.ms365.version": {"read"},
    "praetorx.ms365.busy.day": {"read"},
}
#: When colleagues are busy is no business of administrators.
OF_OWNERS_ALONE = {"praetorx.ms365.busy.day"}
#: Administrators read everything, and may do this besides.
OF_ADMINISTRATORS = {
    "praetorx.ms365.account": {"write"},
    "praetorx.ms365.calendar": {"write"},
    "praetorx.ms365.preview": {"write"},
}

#: Fields that no user reads: contents of other people's calendars, delta links.
SNAPSHOTS = {
    "praetorx.ms365.calendar": [
        "delta_link",
        "retiring_link",
        "next_link",
        "round_state",
        "stamps_link",
    ],
    "praetorx.ms365.event.link": ["base_snapshot", "sent_snapshot", "teams_block"],
    "praetorx.ms365.outbox": ["sent_content"],
    "praetorx.ms365.conflict": ["base", "ours", "theirs"],
    "praetorx.ms365.approval": ["before", "after", "mailed", "text"],
    "praetorx.ms365.difference": ["field_names"],
    "praetorx.ms365.preview": ["work"],
    "praetorx.ms365.preview.line": ["subject", "people", "reason"],
    "praetorx.ms365.sync.log": ["title_then", "was_private"],
    "praetorx.ms365.version": ["before", "after", "was_private"],
}
OPERATIONS = ("read", "write", "create", "unlink")


class AccessCase(SyncCase):
    """Rows of each model, of three people in two companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.dora = new_test_user(
            cls.env,
            "ms365_dora",
            groups="base.group_user",
            email="dora@example.com",
            company_id=cls.other_company.id,
            company_ids=[cls.other_company.id],
        )
        cls.admin = new_administrator(cls.env)
        cls.connect(cls.ben)
        cls.connect(cls.dora)
        cls.rows = {user: cls.rows_of(user) for user in (cls.anna, cls.ben, cls.dora)}

    @classmethod
    def rows_of(cls, user):
        """Return a row of each model that belongs to this user's mailbox."""
        account = user.ms365_account_ids
        event = cls.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": "2026-03-02 09:00:00",
                "stop": "2026-03-02 10:00:00",
                "user_id": user.id,
            }
        )
        link = cls.Link.create(
            {
                "account_id": account.id,
                "calendar_id": account.calendar_ids.id,
                "event_id": event.id,
                "remote_id": f"R of {user.login}",
                "is_primary": True,
            }
        )
        content = event._ms365_read_contents()[event]
        cls.Log._log(account, operation="read", outcome="done")
        change = change_of_event(content, replace(content, subject="Dinner"))
        Version = cls.env["praetorx.ms365.version"]
        Version._record(account, [Version._vals_of(link, "", change)])
        return {
            "praetorx.ms365.account": account,
            "praetorx.ms365.calendar": account.calendar_ids,
            "praetorx.ms365.event.link": link,
            "praetorx.ms365.outbox": cls.Outbox.search(
                [("account_id", "=", account.id)]
            ),
            "praetorx.ms365.conflict": cls.Conflict._open(
                link, {"subject"}, ours=content, theirs=content, change_key="CK"
            ),
            "praetorx.ms365.sync.log": cls.Log.search([("user_id", "=", user.id)]),
            "praetorx.ms365.version": Version.search([("user_id", "=", user.id)]),
            "praetorx.ms365.busy.day": cls.env["praetorx.ms365.busy.day"].create(
                {
                    "account_id": account.id,
                    "address": "x@example.com",
                    "day": "2026-03-02",
                }
            ),
            **cls.notification_rows(account),
            **cls.preview_rows(account),
            **cls.asking_rows(user, account),
        }

    @classmethod
    def notification_rows(cls, account):
        """Return rows of the models with data that Graph sends by itself."""
        subscription = account.subscription_ids[:1] or cls.env[
            "praetorx.ms365.subscription"
        ].create({"account_id": account.id})
        notification = cls.env["praetorx.ms365.notification"]
        notification._store([(account.id, subscription.id, "change", None)])
        return {
            "praetorx.ms365.notification": notification.search(
                [("account_id", "=", account.id)]
            ),
            "praetorx.ms365.subscription": subscription,
        }

    @classmethod
    def preview_rows(cls, account):
        """Return a preview with one line."""
        preview = cls.env["praetorx.ms365.preview"].create({"account_id": account.id})
        line = {"action": "create", "side": "odoo", "subject": "Lunch"}
        preview.line_ids = [Command.create(line)]
        return {
            "praetorx.ms365.preview": preview,
            "praetorx.ms365.preview.line": preview.line_ids,
        }

    @classmethod
    def asking_rows(cls, user, account):
        """Return rows of the models that a person decides about, and of farewells."""
        return {
            "praetorx.ms365.hold": cls.env["praetorx.ms365.hold"].create(
                {"account_id": account.id, "direction": "to_odoo"}
            ),
            "praetorx.ms365.difference": cls.env["praetorx.ms365.difference"].create(
                {"account_id": account.id}
            ),
            "praetorx.ms365.approval": cls.env["praetorx.ms365.approval"].create(
                {
                    "account_id": account.id,
                    "kind": "colleague",
                    "operation": "update",
                    "author_id": user.id,
                    "expires_at": fields.Datetime.now(),
                }
            ),
            "praetorx.ms365.farewell": cls.env["praetorx.ms365.farewell"].create(
                {"remote_id": user.login, "company_id": user.company_id.id}
            ),
            "praetorx.ms365.mailbox.question": cls.env[
                "praetorx.ms365.mailbox.question"
            ].create({"account_id": account.id, "mailbox_id": user.login}),
            "praetorx.ms365.device.code": cls.env["praetorx.ms365.device.code"].create(
                {
                    "account_id": account.id,
                    "session_hash": user.login,
                    "next_poll_at": fields.Datetime.now(),
                    "expires_at": fields.Datetime.now(),
                }
            ),
        }


@tagged("post_install", "-at_install")
class TestAccess(AccessCase):
    """Everybody sees the own part of the sync, and nobody sees contents through it."""

    def allowed(self, rows, user):
        """Return which operations a user may do with these rows."""
        return {name for name in OPERATIONS if rows.with_user(user).has_access(name)}

    def each_model(self):
        for model in MODELS:
            with self.subTest(model=model):
                for rows in self.rows.values():
                    self.assertTrue(rows[model])
                yield model

    def test_no_model_is_forgotten(self):
        ours = {
            name
            for name, model in self.registry.items()
            if name.startswith("praetorx.ms365.")
            and not model._transient
            and not model._abstract
        }
        self.assertEqual(ours, set(MODELS))
        rules = self.env["ir.rule"].search([("model_id.model", "in", list(ours))])
        self.assertEqual(set(rules.model_id.mapped("model")), ours)
        self.assertFalse(rules.filtered("global"))

    def test_user_reads_own_rows_and_changes_only_the_own_choices(self):
        for model in self.each_model():
            own = self.rows[self.anna][model]
            self.assertEqual(self.allowed(own, self.anna), MODELS[model])

    def test_user_sees_nothing_of_anybody_else(self):
        for model in self.each_model():
            for user in (self.ben, self.dora):
                rows = self.rows[user][model]
                self.assertEqual(self.allowed(rows, self.anna), set())
            if MODELS[model]:
                seen = self.env[model].with_user(self.anna).search([])
                self.assertEqual(seen, self.rows[self.anna][model])

    def test_user_without_sync_sees_nothing(self):
        for model in self.each_model():
            if MODELS[model]:
                self.assertFalse(self.env[model].with_user(self.cleo).search([]))

    def test_portal_and_public_users_have_no_access(self):
        portal = new_test_user(self.env, "ms365_portal", groups="base.group_portal")
        for model in self.each_model():
            for user in (portal, self.env.ref("base.public_user")):
                rows = self.env[model].with_user(user)
                self.assertFalse([name for name in OPERATIONS if rows.has_access(name)])

    def test_administrator_reads_the_own_companies(self):
        for model in self.each_model():
            expected = {"read"} | OF_ADMINISTRATORS.get(model, set())
            if model in OF_OWNERS_ALONE:
                expected = set()
            for user in (self.anna, self.ben):
                rows = self.rows[user][model]
                self.assertEqual(self.allowed(rows, self.admin), expected)

    def test_administrator_of_another_company_sees_nothing(self):
        for model in self.each_model():
            rows = self.rows[self.dora][model]
            self.assertEqual(self.allowed(rows, self.admin), set())
            seen = self.env[model].with_user(self.admin).search([])
            self.assertFalse(seen & rows)

    def test_administrator_of_both_companies_sees_both(self):
        self.admin.company_ids = [fields.Command.link(self.other_company.id)]
        companies = (self.env.company | self.other_company).ids
        for model in self.each_model():
            rows = self.rows[self.dora][model].with_context(
                allowed_company_ids=companies
            )
            sees = "read" in self.allowed(rows, self.admin)
            self.assertEqual(sees, model not in OF_OWNERS_ALONE)

    def test_nobody_reads_snapshots(self):
        hidden = {
            model: [
                field.name
                for field in self.env[model]._fields.values()
                if field.groups == fields.NO_ACCESS
            ]
            for model in MODELS
        }
        for model, names in SNAPSHOTS.items():
            self.assertLessEqual(set(names), set(hidden[model]))
        for model, names in hidden.items():
            for user in (self.anna, self.admin):
                rows = self.rows[self.anna][model].with_user(user)
                if not rows.has_access("read"):
                    continue
                described = rows.fields_get()
                read = rows.read()[0]
                for name in names:
                    with self.subTest(model=model, field=name, user=user.login):
                        self.assertNotIn(name, described)
                        self.assertNotIn(name, read)
                        with self.assertRaises(AccessError):
                            rows.read([name])
                        with self.assertRaises(AccessError):
                            rows.search([(name, "!=", False)])
        # Exporting is for administrators at all.
        for model, names in hidden.items():
            rows = self.rows[self.anna][model].with_user(self.admin)
            for name in names:
                with self.subTest(field=name), self.assertRaises(AccessError):
                    rows.export_data([name])

    def test_plain_user_reads_no_secret(self):
        account = self.account.with_user(self.anna)
        company = self.env.company.with_user(self.anna)
        subscription = self.rows[self.anna]["praetorx.ms365.subscription"]
        for record, name in (
            (account, "parked_refresh_token"),
            (company, "ms365_client_secret"),
            (company, "ms365_client_id"),
            (subscription.with_user(self.anna), "key"),
            (self.anna.with_user(self.anna), "microsoft_calendar_rtoken"),
            (self.anna.with_user(self.anna), "microsoft_calendar_token"),
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                record.read([name])

    def test_private_event_tells_others_nothing_of_its_outlook_side(self):
        event = self.rows[self.anna]["praetorx.ms365.event.link"].event_id
        names = ["ms365_web_link", "ms365_message", "ms365_can_sync"]
        self.Link.search([("event_id", "=", event.id)]).web_link = "https://x.example"
        [seen] = event.with_user(self.ben).read(names)
        self.assertEqual(seen["ms365_web_link"], "https://x.example")
        event.privacy = "private"
        self.env.flush_all()
        self.env.invalidate_all()
        [seen] = event.with_user(self.ben).read(names)
        self.assertFalse(any(seen[name] for name in names))
        self.env.invalidate_all()  # stock masks fields of private events in the cache
        [own] = event.with_user(self.anna).read(names)
        self.assertEqual({name for name in names if own[name]}, set(names))

    def test_links_of_an_event_are_not_shown_to_users(self):
        event = self.rows[self.anna]["praetorx.ms365.event.link"].event_id
        with self.assertRaises(AccessError):
            event.with_user(self.anna).read(["ms365_link_ids"])
        own = event.with_user(self.anna).read(["ms365_sync_state", "ms365_message"])[0]
        self.assertEqual(own["ms365_sync_state"], "conflict")
        self.assertTrue(own["ms365_message"])

    # --- buttons --------------------------------------------------------------------

    def test_only_the_owner_or_an_administrator_resolves_a_conflict(self):
        conflict = self.rows[self.anna]["praetorx.ms365.conflict"]
        for user in (self.ben, self.cleo, self.dora):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                conflict.with_user(user).keep_outlook()
        self.assertEqual(conflict.state, "open")
        conflict.with_user(self.admin).keep_outlook()
        self.assertEqual(conflict.resolved_by_id, self.admin)

    def test_only_the_owner_retries(self):
        entry = self.rows[self.anna]["praetorx.ms365.outbox"]
        entry.state = "dead"
        with self.assertRaises(AccessError):
            entry.with_user(self.ben).action_retry()
        self.assertEqual(entry.state, "dead")
        entry.with_user(self.anna).action_retry()
        self.assertEqual(entry.state, "pending")

    def test_only_the_owner_sends_the_waiting_invitations(self):
        """Not even an administrator: the mails go out in the owner's name."""
        with self.assertRaises(AccessError):
            self.account.with_user(self.ben).action_review_waiting()
        with self.assertRaises(AccessError):
            self.account.with_user(self.admin).action_review_waiting()
        self.assertTrue(self.account.with_user(self.anna).action_review_waiting())

    def test_an_administrator_says_yes_for_nobody(self):
        """A client must not change the values that the sync stores for a mailbox."""
        account = self.account.with_user(self.admin)
        for name, value in (
            ("send_all_at", fields.Datetime.now()),
            ("ask_before_push", False),
            ("first_pass_done_at", False),
            ("user_id", self.admin.id),
            ("mailbox_address", "admin@example.com"),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                account.write({name: value})
        account.write({"days_back": 20})
        apply_change(self.account)
        self.assertEqual(self.account.days_back, 20)

    def test_only_the_owner_or_an_administrator_wakes_a_mailbox(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.ben).action_sync_now()
        self.assertFalse(self.account.pull_requested_at)
        self.account.with_user(self.anna).action_sync_now()
        self.assertTrue(self.account.pull_requested_at)
