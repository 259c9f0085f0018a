from urllib.parse import parse_qs, urlsplit

from odoo.tests import HttpCase

from .connect_common import TOKEN_PATH, ConnectCommon
from .microsoft import tokens

CALLBACK = "/microsoft_account/authentication"
SYNC_DATA = "/microsoft_calendar/sync_data"


class SignInCase(ConnectCommon, HttpCase):
    """Alice signs in with a browser; Microsoft lets her."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.ms365_sync_enabled = True
        cls.account = cls.alice.ms365_account_ids

    def setUp(self):
        super().setUp()
        self.authenticate("ms365_alice", "ms365_alice")
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.own_mailbox(address=self.alice.email)

    def begin(self, from_url="/odoo/calendar"):
        """Return the query of Microsoft's page, as lists."""
        params = {"model": "calendar.event", "fromurl": from_url}
        response = self.make_jsonrpc_request(SYNC_DATA, params)
        self.assertEqual(response["status"], "need_auth")
        self.authorize_url = response["url"]
        return parse_qs(urlsplit(response["url"]).query)

    def come_back(self, **params):
        return self.url_open(CALLBACK, params=params, allow_redirects=False)

    def sign_in(self, from_url="/odoo/calendar"):
        [state] = self.begin(from_url)["state"]
        return self.come_back(code="the-code", state=state)

    def assertNothingStored(self):
        self.alice.invalidate_recordset()
        self.assertFalse(self.alice.sudo().microsoft_calendar_rtoken)
        self.assertFalse(self.account.signed_in_at)
        self.assertEqual(self.account.state, "signed_out")

    def _told(self):
        self.env.cr.precommit.run()
        last = self.env["bus.bus"].sudo().search([], order="id desc", limit=1)
        return last.message or ""
