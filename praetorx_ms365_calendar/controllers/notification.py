from werkzeug.exceptions import RequestEntityTooLarge

from odoo import http
from odoo.http import Response, request

from ..const import NOTIFICATION_ROUTE
from ..engine.notifications import parse_notifications

#: The largest bodies of Graph have a few hundred entries of half a kilobyte.
MAX_BODY_BYTES = 1024 * 1024
MAX_TOKEN_CHARACTERS = 1024

#: Graph has no session and no token of ours. The client state proves that it is Graph.
WEBHOOK = {
    "type": "http",
    "auth": "public",
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
    "max_content_length": MAX_BODY_BYTES,
}


class WebhookController(http.Controller):
    """Receive change notifications of Graph."""

    @http.route(NOTIFICATION_ROUTE, **WEBHOOK)
    def notification(self, **_query: str) -> Response:
        """Store change notifications, nothing more: Graph delays slow endpoints."""
        return self._receive("praetorx_ms365_calendar.ir_cron_pull")

    def _receive(self, *cron_xmlids):
        """Respond to the handshake, or check and store the notifications in the body.

        :param cron_xmlids: crons to start if a notification was stored
        """
        # Only from the query string: the body is never read as a form.
        token = request.httprequest.args.get("validationToken")
        if token is not None:
            return self._handshake(token)
        body = self._body()
        if body is None:
            return request.make_response("", status=413)
        try:
            received = parse_notifications(body)
        except ValueError:
            return request.make_response("", status=400)
        if request.env["praetorx.ms365.subscription"].sudo()._receive(received):
            for xmlid in cron_xmlids:
                request.env.ref(xmlid).sudo()._ms365_wake()
        return request.make_response("", status=202)

    def _handshake(self, token):
        """Return the decoded token as plain text; no browser may run it as HTML."""
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            return request.make_response("", status=400)
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(token, headers)

    def _body(self):
        """Return the body, None if it is too large; its length header may be wrong."""
        try:
            body = request.httprequest.get_data(cache=False)
        except RequestEntityTooLarge:
            return None
        return body if len(body) <= MAX_BODY_BYTES else None
