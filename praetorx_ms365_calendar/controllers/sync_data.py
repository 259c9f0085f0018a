from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.microsoft_calendar.controllers.main import (
    MicrosoftCalendarController,
)


class SyncDataController(MicrosoftCalendarController):
    """Handle the request that the calendar view sends each time it is opened."""

    @http.route()
    def microsoft_calendar_sync_data(self, model, **kw):
        """Start the puller for users of our sync, and return without waiting for it."""
        user = request.env.user
        if model != "calendar.event" or not user._ms365_is_ours():
            found = super().microsoft_calendar_sync_data(model, **kw)
            if found.get("status") == "need_auth" and not user._ms365_may_use_stock():
                return {"status": "sync_stopped", "url": ""}
            return found
        account = user.sudo().ms365_account_ids
        if not account._app_client_id():
            return self._ms365_needs_administrator(user)
        if account._open_question():
            return {"status": "no_new_event_from_microsoft", "url": ""}
        if not account._is_signed_in() or account.state == "sign_in_again":
            sign_in = request.env["praetorx.ms365.sign.in"]
            try:
                url = sign_in._begin(kw.get("fromurl"))
            except UserError:
                return self._ms365_needs_administrator(user)
            return {"status": "need_auth", "url": url}
        account._request_pull()
        return {"status": "no_new_event_from_microsoft", "url": ""}

    def _ms365_needs_administrator(self, user):
        action_id = ""
        if user.has_group("base.group_system"):
            action = request.env.ref("base_setup.action_general_configuration")
            action_id = action.id
        return {"status": "need_config_from_admin", "url": "", "action": action_id}
