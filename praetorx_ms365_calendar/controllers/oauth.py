from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.microsoft_account.controllers.main import MicrosoftAuth

from ..const import CONSENT_STATE, HOME, MY_CONNECTION, STATE_PREFIX


class SignInController(MicrosoftAuth):
    """Receive the browser when it comes back from Microsoft's sign-in page."""

    @http.route()
    def oauth2callback(self, **kw):
        """Finish our sign-ins; a sign-in of the stock connector goes on unchanged.

        For users of our sync, a state of the stock connector is refused. It is not
        signed, so a stranger could connect another mailbox with it.
        """
        state = kw.get("state") or ""
        if state == CONSENT_STATE:
            return self._show_consent(kw)
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
                step = sign_in._finish(pending, kw["code"])
        except UserError as error:
            sign_in._failed(str(error))
            return request.redirect(MY_CONNECTION)
        return request.redirect(MY_CONNECTION if step == "ask" else pending.return_to)

    def _show_consent(self, query):
        """Tell an administrator the result of the consent; nothing follows from it.

        The person need not be a user of Odoo, so the page trusts nothing but itself.
        """
        is_given = query.get("admin_consent", "").lower() == "true"
        page = "praetorx_ms365_calendar.consent_result"
        values = {"home": HOME, "is_given": is_given and not query.get("error")}
        return request.render(page, values)

    def _refused(self):
        """Show the page for a sign-in that this person did not begin here."""
        page = "praetorx_ms365_calendar.sign_in_refused"
        return request.render(page, {"home": HOME}, status=403)
