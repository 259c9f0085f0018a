from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user
from odoo.tools import SQL

from .microsoft import Microsoft

TENANT = "11111111-2222-3333-4444-555555555555"
TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"
ME_PATH = "/v1.0/me"


class LocalRequests:
    """Lets our requests to a local server through."""

    @classmethod
    def _request_handler(cls, session, prepared, /, **kwargs):
        """Odoo's own compares the timeout with a number; ours is a pair."""
        if isinstance(kwargs.get("timeout"), tuple):
            kwargs["timeout"] = max(kwargs["timeout"])
        return super()._request_handler(session, prepared, **kwargs)


class ConnectCommon(LocalRequests):
    """Two users, an Azure app, and a local server in the place of Microsoft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.microsoft = Microsoft()
        cls.addClassCleanup(cls.microsoft.close)
        set_param = cls.env["ir.config_parameter"].sudo().set_param
        set_param("microsoft_calendar_client_id", "the-client")
        set_param("microsoft_calendar_client_secret", "the-secret")
        set_param("praetorx_ms365_calendar.tenant_id", TENANT)
        set_param("praetorx_ms365_calendar.login_endpoint", cls.microsoft.url)
        set_param("praetorx_ms365_calendar.graph_endpoint", cls.microsoft.url)
        set_param(
            "praetorx_ms365_calendar.webhook_base_url", "https://odoo.example.com"
        )
        cls.alice = new_test_user(
            cls.env,
            "ms365_alice",
            groups="base.group_user",
            password="ms365_alice",
            context={"no_reset_password": True},
        )
        cls.bob = new_test_user(
            cls.env,
            "ms365_bob",
            groups="base.group_user",
            password="ms365_bob",
            context={"no_reset_password": True},
        )

    def setUp(self):
        super().setUp()
        self.microsoft.asked.clear()
        self.microsoft._responses.clear()

    def own_mailbox(self, mailbox="mailbox-1", address="m.ms365_alice@example.com"):
        """Let the next sign-in open this mailbox."""
        me = {"id": mailbox, "mail": address, "userPrincipalName": address}
        self.microsoft.respond("GET", ME_PATH, (200, me))

    @staticmethod
    def connect(user, *, mailbox="mailbox-1", valid_for=timedelta(hours=1)):
        """Return the account of a user that is signed in."""
        user.ms365_sync_enabled = True
        account = user.ms365_account_ids
        now = fields.Datetime.now()
        account.write(
            {
                "state": "active",
                "signed_in_at": now,
                "signed_in_client_id": account._app_client_id(),
                "mailbox_id": mailbox,
                "needs_connect": False,
                "mailbox_address": f"{user.login}@example.com",
                "first_pass_done_at": now,
                "started_at": now,
            }
        )
        user.sudo().write(
            {
                "microsoft_calendar_rtoken": f"refresh-of-{user.login}",
                "microsoft_calendar_token": f"access-of-{user.login}",
                "microsoft_calendar_token_validity": now + valid_for,
            }
        )
        account.env["praetorx.ms365.subscription"]._switch_on(account)
        return account

    def stored(self, record, column):
        """Return the value in the table of the database."""
        record.flush_recordset()
        [[value]] = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(column),
                SQL.identifier(record._table),
                record.id,
            )
        )
        return value
