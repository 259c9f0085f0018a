from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.microsoft_account.controllers.main import MicrosoftAuth

from ..const import HOME, STATE_PREFIX


class SignInController(MicrosoftAuth):
    """Receive the browser when it comes back from Microsoft's sign-in page."""

    @http.route()
    def oauth2callback(self, **kw):
        """Finish our sign-ins; a sign-in of the stock connector goes on unchanged.

        For users of our sync, a state of the stock connector is refused. It is not
        signed, so a stranger could connect another mailbox with it.
        """
        state = kw.get("state") or ""
        if not state.startswith(STATE_PREFIX):
            if request.env.user._ms365_is_ours():
                return self._refused()
            return super().oauth2callback(**kw)
        sign_in = request.env["praetorx.ms365.sign.in"]
        pending = sign_in._pop_pending(state)
        if pending is None:
            return self._refused()
        try:
            if not kw.get("code"):
                raise UserError(sign_in._refusal(kw.get("error") or ""))
            with request.env.cr.savepoint():
                sign_in._finish(pending, kw["code"])
        except UserError as error:
            self._show_message(str(error))
        return request.redirect(pending.return_to)

    def _refused(self):
        """Show the page for a sign-in that this person did not begin here."""
        page = "praetorx_ms365_calendar.sign_in_refused"
        return request.render(page, {"home": HOME}, status=403)

    def _show_message(self, message):
        """Show a message on the page that opens next."""
        request.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "title": request.env._("Microsoft 365"),
                "message": message,
                "sticky": True,
            },
        )
