from odoo import http
from odoo.http import Response

from ..const import LIFECYCLE_ROUTE
from .notification import WEBHOOK, WebhookController


class LifecycleController(WebhookController):
    """Receive lifecycle notifications, for example that a subscription ends soon."""

    @http.route(LIFECYCLE_ROUTE, **WEBHOOK)
    def lifecycle(self, **_query: str) -> Response:
        """Store lifecycle notifications; the renewal cron acts on them."""
        return self._receive(
            "praetorx_ms365_calendar.ir_cron_renew_subscriptions",
            "praetorx_ms365_calendar.ir_cron_pull",
        )
