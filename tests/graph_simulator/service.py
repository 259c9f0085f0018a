"""Connect all parts of the simulator."""

from __future__ import annotations

from typing import Any

from .clock import Clock
from .exchange import Exchange
from .faults import Faults
from .identity import Identity, consumer_tenant
from .mail import MailLog
from .notifications import Notifier
from .options import Options
from .request_log import RequestLog
from .store import App, Mailbox, Store, Tenant
from .subscriptions import Subscriptions
from .throttle import Throttle

DEMO_TENANT_ID = "c0117050-0000-4000-8000-000000000001"
DEMO_CLIENT_ID = "c0117050-0000-4000-8000-0000000000a1"
DEMO_CLIENT_SECRET = "contoso-simulator-secret"
DEMO_MAILBOXES = (
    ("adele@contoso.example", "Adele Vance"),
    ("alex@contoso.example", "Alex Wilber"),
    ("megan@contoso.example", "Megan Bowen"),
)


class Service:
    """The state and the rules behind one running simulator."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.clock = Clock()
        self.store = Store(self.clock)
        self.identity = Identity(self.store, self.clock, self.options)
        self.faults = Faults()
        self.subscriptions = Subscriptions(self.clock)
        self.notifier = Notifier(
            self.clock, self.options, self.subscriptions, self.faults
        )
        self.mails = MailLog(self.clock)
        self.exchange = Exchange(
            self.store, self.clock, self.options, self.mails, self.notifier
        )
        self.throttle = Throttle(self.clock, self.options)
        self.log = RequestLog()

    def reset(self, *, keep_options: bool = False) -> None:
        """Delete all data, and set the clock to real time."""
        self.clock.reset()
        self.store.clear()
        self.identity.clear()
        self.faults.clear()
        self.exchange.clear()
        self.notifier.clear()
        self.subscriptions.clear()
        self.mails.clear()
        self.throttle.clear()
        self.log.clear()
        if not keep_options:
            self.options.update(Options().as_dict())

    def add_mailbox(self, tenant: Tenant | None, values: dict[str, Any]) -> Mailbox:
        """Add a mailbox; a personal one belongs to the tenant of consumers.

        :raise ValueError: an address is already used, or a member is unknown
        """
        values = dict(values)
        upn = values.pop("upn")
        name = values.pop("display_name", None) or upn.split("@")[0].title()
        if values.get("kind") == "personal":
            tenant = consumer_tenant(self.store)
        if tenant is None:
            raise ValueError("a work mailbox needs a tenant")
        if "mail" not in values and values.get("kind") != "personal":
            values["mail"] = upn
        try:
            mailbox = Mailbox(tenant, upn, name, **values)
        except TypeError as error:
            raise ValueError(str(error)) from error
        return self.store.add_mailbox(mailbox)

    def add_demo(
        self,
        *,
        redirect_uris: list[str] | None = None,
        client_id: str = DEMO_CLIENT_ID,
        client_secret: str = DEMO_CLIENT_SECRET,
    ) -> dict[str, Any]:
        """Create the tenant *contoso* with an app and three mailboxes.

        :return: the data that a client needs
        """
        tenant = self.store.tenants.get(DEMO_TENANT_ID)
        if tenant is None:
            tenant = self.store.add_tenant(
                "contoso", DEMO_TENANT_ID, ["contoso.example"]
            )
            for upn, name in DEMO_MAILBOXES:
                self.add_mailbox(tenant, {"upn": upn, "display_name": name})
        app = self.store.apps.get(client_id)
        if app is None:
            app = self.store.add_app(App(client_id, tenant.id, "Calendar sync"))
        app.secrets[client_secret] = None
        for uri in redirect_uris or []:
            if uri not in app.redirect_uris:
                app.redirect_uris.append(uri)
        return {
            "tenant_id": tenant.id,
            "client_id": app.client_id,
            "client_secret": client_secret,
            "redirect_uris": app.redirect_uris,
            "mailboxes": [upn for upn, _name in DEMO_MAILBOXES],
        }
