from urllib.parse import urlencode

from werkzeug.exceptions import abort

from odoo import models
from odoo.http import request

from .attendee_token import STAND_IN_ALONE


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_calendar(cls):
        """Redirect a link with a stand-in to the invitation of the signed-in user."""
        query = request.httprequest.args
        found = STAND_IN_ALONE.fullmatch(query.get("token", ""))
        if found and request.session.uid:
            env_sudo = request.env(su=True)
            part = env_sudo["calendar.attendee"].browse(int(found[1])).exists()
            user = env_sudo["res.users"].browse(request.session.uid)
            if part.partner_id == user.partner_id:
                own = {**query.to_dict(), "token": part.access_token}
                path = request.httprequest.path
                abort(request.redirect(f"{path}?{urlencode(own)}"))
        return super()._auth_method_calendar()
