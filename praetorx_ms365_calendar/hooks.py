"""Take over data of the stock connector at installation, and return it at the end."""

from odoo.addons.praetorx_base import hooks as encryption

from .const import SECRET_PARAMETER

MODULE = "praetorx_ms365_calendar"

SECRET_FIELDS = (
    ("res.users", "microsoft_calendar_rtoken"),
    ("res.users", "microsoft_calendar_token"),
    ("res.config.settings", "cal_microsoft_client_secret"),
)


def post_init_hook(env):
    """Encrypt the secrets of the stock connector; mark series that may be endless.

    After the installation from Apps, Odoo shows the steps of the set-up.
    """
    for model, name in SECRET_FIELDS:
        encryption.encrypt_existing(env, model, name)
    encryption.encrypt_parameters(env, SECRET_PARAMETER)
    env["calendar.recurrence"]._ms365_mark_of_stock()
    env["res.users"]._ms365_keep_stock()
    env.ref(f"{MODULE}.after_install_todo").state = "open"


def uninstall_hook(env):
    """Return tokens and secret to the stock connector, in clear text.

    The stock sync of our users is set to "stopped". Otherwise the stock connector would
    create all their events again at its next run, with all the mails. A user restarts
    it with the stock button. Subscriptions expire within days without renewal.
    """
    accounts = env["praetorx.ms365.account"].sudo().search([])
    connected = accounts.filtered(lambda one: one.enabled or one.parked_refresh_token)
    connected.user_id.microsoft_synchronization_stopped = True
    for account in connected.filtered("parked_refresh_token"):
        if not account.user_id.microsoft_calendar_rtoken:
            account.user_id.microsoft_calendar_rtoken = account.parked_refresh_token
    _delete_activities(env)
    env.flush_all()
    for model, name in SECRET_FIELDS:
        encryption.decrypt_existing(env, model, name)
    encryption.decrypt_parameters(env, SECRET_PARAMETER)
    encryption.forget_parameters(env, f"{MODULE}.")


def _delete_activities(env):
    """Delete activities of our types, also done ones: the types go with the addon."""
    types = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "mail.activity.type")]
    )
    env["mail.activity"].with_context(active_test=False).search(
        [("activity_type_id", "in", types.mapped("res_id"))]
    ).unlink()
