"""Names and values that several folders of the addon share."""

import re

# Configuration parameters

PARAMETER = "praetorx_ms365_calendar.%s"
#: Parameters in which the stock connector keeps its Azure app.
CLIENT_ID_PARAMETER = "microsoft_calendar_client_id"
SECRET_PARAMETER = "microsoft_calendar_client_secret"  # noqa: S105 (its name)

#: How many days log and history are kept, and the default.
KEEP_DAYS_PARAMETER = PARAMETER % "log_days"
KEEP_DAYS = 90

DEFAULT_GRAPH_ENDPOINT = "https://graph.microsoft.com"
DEFAULT_LOGIN_ENDPOINT = "https://login.microsoftonline.com"
DEFAULT_TENANT = "common"
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")

# Routes

CALLBACK_ROUTE = "/microsoft_account/authentication"
NOTIFICATION_ROUTE = "/praetorx_ms365/notification"
LIFECYCLE_ROUTE = "/praetorx_ms365/lifecycle"
HOME = "/odoo"
MY_CONNECTION = (
    "/odoo/action-praetorx_ms365_calendar.praetorx_ms365_account_action_mine"
)
#: How the state of our own sign-ins begins, in the route that stock shares with us.
STATE_PREFIX = "ms365."
#: The state of an administrator who consents for the whole organization.
CONSENT_STATE = STATE_PREFIX + "consent"

#: The action that opens the settings of the calendar, with the Azure app.
SETTINGS_ACTION = "calendar.calendar_settings_action"

# Selections

CONFLICT_POLICIES = [
    ("ask", "Ask the owner of the calendar"),
    ("odoo", "Odoo wins"),
    ("outlook", "Outlook wins"),
    ("newest", "The newest change wins"),
]
DIRECTIONS = [
    ("both", "Both ways"),
    ("outlook_to_odoo", "Outlook to Odoo only"),
    ("odoo_to_outlook", "Odoo to Outlook only"),
]

#: Values of an event's privacy that hide its content from others.
HIDES_CONTENT = ("private", "confidential")

# Groups of states

#: Of a link: its meeting is in both calendars.
IN_BOTH = ("synced", "conflict")
#: Of a link: its meeting is deleted, and there is nothing left to delete in Outlook.
DELETED_FOR_GOOD = ("deleted_there", "kept_there")
#: Of an outbox entry: on its way to Outlook.
UNDER_WAY = ("pending", "sending")
#: Of an outbox entry: on its way, or waiting for a decision first.
NOT_SENT = (*UNDER_WAY, "held")
#: Of an outbox entry: on its way, or refused.
UNDER_WAY_OR_FAILED = (*UNDER_WAY, "dead")
#: Of an outbox entry: not in Outlook, whatever became of it.
NOT_ARRIVED = (*NOT_SENT, "dead")
#: Differences that still need a decision, or are being sent.
OPEN_DIFFERENCES = ["noted", "shown", "to_send", "failed", "asked"]
#: The state of a link while its deletion is held, by the direction of the hold.
STATE_WHILE_HELD = {"to_odoo": "gone", "to_outlook": "deleted_here"}

# Keys

#: Event keys from here down belong to series.
SERIES_KEYS = -1_000_000_000

# Views

PREFERENCES_VIEW = "praetorx_ms365_calendar.res_users_view_form_calendar_preferences"

# The set-up

ONBOARDING = "praetorx_ms365_calendar.onboarding"
ONBOARDING_STEP = "praetorx_ms365_calendar.onboarding_step_%s"
INVITATION_TEMPLATE = "praetorx_ms365_calendar.mail_template_invitation"

# Activities and messages

ACTIVITY_SIGN_IN = "praetorx_ms365_calendar.mail_activity_sign_in"
ACTIVITY_APPROVAL = "praetorx_ms365_calendar.mail_activity_approval"
ACTIVITY_CONFIGURATION = "praetorx_ms365_calendar.mail_activity_configuration"
ACTIVITY_TROUBLE = "praetorx_ms365_calendar.mail_activity_trouble"
ACTIVITY_CONFLICT = "praetorx_ms365_calendar.mail_activity_conflict"
WIZARD = "praetorx.ms365.conflict.resolution"
#: Key of a cursor's cache: all is undone, so what is cached for all processes is
#: cached here instead.
DRY_RUN = "praetorx.ms365.dry_run"
#: Type of a bus message: an open preview or connection has more to show.
PREVIEW_CHANGED = "praetorx_ms365/preview_changed"
#: Type of a bus message: a change of the settings waits for its owner.
CHANGE_WAITS = "praetorx_ms365/change_waits"
#: Context: an activity is created without a mail about it.
NO_MAIL = {"mail_activity_quick_update": True}
#: Context: a record is created without messages and followers.
QUIET = {
    **NO_MAIL,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "tracking_disable": True,
}
