"""Change the data of ``synced_before.py`` to the form of 19.0.1.0.0.

Standard input of ``odoo shell``, after that script. It drops later columns and tables,
and writes rows as the code of that time did. The result was compared with a database
that 19.0.1.0.0 itself had made from ``synced_before.py``.
"""

from dataclasses import replace
from datetime import date, timedelta

from odoo.tools import SQL

from odoo.addons.praetorx_base import sealing
from odoo.addons.praetorx_base.places import PARAMETER_MODEL, all_places
from odoo.addons.praetorx_ms365_calendar.engine.series import Series, SeriesBase
from odoo.addons.praetorx_ms365_calendar.engine.snapshot import Base

env = globals()["env"]
cr = env.cr
MODULES = ("praetorx_base", "praetorx_ms365_calendar")
#: Columns of 19.0.1.0.0: all columns of its tables, and its columns in Odoo's tables.
COLUMNS = {
    "calendar_event": "is_teams_meeting ms365_calendar_id ms365_day ms365_sync_state"
    " ms_change_key sync_origin synced_field_hash teams_meeting_url",
    "calendar_recurrence": "ms365_rule ms365_shared ms365_split_day"
    " ms365_split_from_id",
    "praetorx_ms365_account": "ask_before_push calendars_read_at company_id create_date"
    " create_uid days_ahead days_back direction enabled failure_kind failures"
    " first_pass_done_at id last_error last_notification_at last_pull_at last_push_at"
    " mailbox_address mailbox_id needs_connect not_before own_window"
    " parked_refresh_token pull_requested_at reset_requested_at send_all_at"
    " series_pass_due signed_in_at signed_in_client_id signed_in_scope state"
    " teams_available user_id write_date write_uid",
    "praetorx_ms365_calendar": "account_id can_edit can_view_private color create_date"
    " create_uid delta_link delta_paused_until direction effective_direction id"
    " is_default is_synced kind name next_link not_before owner_address owner_name"
    " reason remote_id restart_requested restarts retiring_link round_kind round_number"
    " round_state stamps_link stamps_read state sweep window_end window_start"
    " write_date write_uid",
    "praetorx_ms365_conflict": "account_id base choices create_date create_uid"
    " edited_at event_id field_names id link_id modified_at occurrence_day ours policy"
    " resolution resolved_at resolved_by_id rules state theirs theirs_change_key"
    " user_id write_date write_uid",
    "praetorx_ms365_conflict_resolution": "conflict_id create_date create_uid id"
    " seen_version was_changed write_date write_uid",
    "praetorx_ms365_conflict_resolution_line": "choice create_date create_uid id name"
    " resolution_id write_date write_uid",
    "praetorx_ms365_event_link": "account_id answers awaits_word base_snapshot"
    " calendar_id change_key content_hash create_date create_uid deleted_at"
    " deleted_side event_id generation held_count hold_id ical_uid id is_organizer"
    " is_primary is_series last_seen_round left_calendar losses_noted_at lost_days"
    " modified_at moved_to_id needs_read occurrence_answers occurrence_ids odoo_hash"
    " on_behalf read_attempts read_not_before reason recent_losses recurrence_id"
    " remote_id sent_snapshot series_choices state successor_id successor_series_id"
    " teams_block title_prefix unmade_days web_link write_date write_uid",
    "praetorx_ms365_event_link_praetorx_ms365_restore_rel": "praetorx_ms365_restore_id"
    " praetorx_ms365_event_link_id",
    "praetorx_ms365_hold": "account_id create_date create_uid decided_at decided_by_id"
    " direction id is_reset state user_id write_date write_uid",
    "praetorx_ms365_notification": "account_id id kind received_at remote_id"
    " subscription_id",
    "praetorx_ms365_organizer_change": "create_date create_uid event_id id keeps_former"
    " new_organizer_id write_date write_uid",
    "praetorx_ms365_outbox": "account_id answer answer_mode attempts calendar_id"
    " create_date create_uid event_id event_key id idempotency_key link_id looked_at"
    " move_source not_before noted_late operation reason recurrence_id request_id"
    " sent_content stamp state title_prefix was_sought write_date write_uid",
    "praetorx_ms365_restore": "create_date create_uid id write_date write_uid",
    "praetorx_ms365_subscription": "account_id create_date create_uid expires_at"
    " failures id key last_try_at mailbox_id notification_url reason remote_id renew_at"
    " resource state write_date write_uid",
    "praetorx_ms365_sync_log": "account_id company_id create_date direction event_id"
    " event_key field_names id operation origin outcome reason remote_id request_id"
    " user_id",
    "res_company": "ms365_cancel_message ms365_client_id ms365_client_secret"
    " ms365_conflict_policy ms365_contact_policy ms365_days_ahead ms365_days_back"
    " ms365_delete_policy ms365_invitation_policy ms365_tenant_id",
    "res_config_settings": "ms365_graph_endpoint ms365_login_endpoint ms365_tenant_id"
    " ms365_webhook_base_url",
    "res_users": "ms365_conflict_policy ms365_sync_direction ms365_sync_enabled"
    " ms365_title_prefix",
}
#: Columns and tables of our addons now.
OURS = """
    SELECT table_name, column_name
      FROM information_schema.columns
     WHERE table_schema = 'public'
       AND (table_name LIKE 'praetorx_ms365%'
            OR table_name IN (
                'calendar_event', 'calendar_recurrence', 'res_company', 'res_users',
                'res_config_settings')
           AND (column_name LIKE '%ms365%' OR column_name IN (
                'sync_origin', 'synced_field_hash', 'ms_change_key',
                'is_teams_meeting', 'teams_meeting_url')))
"""
_DAY = timedelta(days=1)


def show_bodies_whole():
    """Let Odoo show each body of Outlook unchanged, and store that in the base."""
    links = env["praetorx.ms365.event.link"].search([("is_primary", "=", True)])
    for link in links:
        snapshots = [link.base_snapshot, link.sent_snapshot]
        for snapshot in filter(None, snapshots):
            if link.is_series:
                whole = snapshot["theirs"]["master"]["body"]
                snapshot["ours"] = with_body(snapshot["ours"], whole)
            else:
                snapshot["ours"].pop("body", None)
                whole = snapshot["theirs"]["body"]
        if link.remote_id != "rewritten":
            cr.execute(
                "UPDATE calendar_event SET description = %s"
                " WHERE id = %s OR recurrence_id = %s",
                [whole, link.event_id.id or None, link.recurrence_id.id or None],
            )
        save(link, *snapshots)
        shared = link.recurrence_id.ms365_shared
        if shared:
            link.recurrence_id.ms365_shared = shared | {"body": whole}
    for conflict in env["praetorx.ms365.conflict"].search([]):
        whole = conflict.theirs["body"]
        conflict.write(
            {
                "ours": conflict.ours | {"body": whole},
                "base": conflict.link_id.base_snapshot,
            }
        )


def with_body(series, body):
    """Return a series with this body in all of its occurrences."""
    series = Series.from_json(series)
    contents = {
        day: replace(content, body=body) for day, content in series.contents().items()
    }
    return series.having(replace(series.master, body=body), contents).to_json()


def save(link, snapshot, sent=None):
    """Store the snapshots of a link, unchanged."""
    kind = SeriesBase if link.is_series else Base
    link.write(
        {
            "base_snapshot": snapshot,
            "sent_snapshot": sent or False,
            "odoo_hash": kind.from_json(snapshot).ours.hash,
        }
    )


def make_all_day_early():
    """Use the UTC date of an instant as the day of an occurrence."""
    link = env["praetorx.ms365.event.link"].search([("remote_id", "=", "all day")])
    snapshot = link.base_snapshot
    for side in snapshot.values():
        side["days"] = [day_before(day) for day in side["days"]]
        side["exceptions"] = {
            day_before(day): one for day, one in side["exceptions"].items()
        }
    save(link, snapshot)
    ids = link.occurrence_ids
    link.occurrence_ids = {day_before(day): one for day, one in ids.items()}
    answers = link.occurrence_answers
    link.occurrence_answers = {day_before(day): one for day, one in answers.items()}
    env.flush_all()
    cr.execute(
        """UPDATE calendar_event
              SET ms365_day = to_char(ms365_day::date - 1, 'YYYY-MM-DD')
            WHERE recurrence_id = %(id)s;
           UPDATE calendar_event
              SET start = start - interval '1 day', stop = stop - interval '1 day',
                  start_date = start_date - 1, stop_date = stop_date - 1
            WHERE recurrence_id = %(id)s AND name = 'all day'""",
        {"id": link.recurrence_id.id},
    )


def day_before(day):
    return (date.fromisoformat(day) - _DAY).isoformat()


def count_endless_series():
    """Give endless series 720 times, as the code of that time did."""
    env.flush_all()
    cr.execute(
        """UPDATE calendar_recurrence
              SET end_type = 'count', count = 720,
                  name = name || ' for 720 events'
            WHERE end_type = 'forever'"""
    )


def take_any_link_for_a_teams_link():
    cr.execute(
        """UPDATE calendar_event SET teams_meeting_url = videocall_location
            WHERE name = 'other service'"""
    )


def tie_envelopes_to_columns():
    """Encrypt secrets for their column, not for their row."""
    ring = sealing.keyring()
    for place in all_places(env):
        if place.model_name == PARAMETER_MODEL:
            continue

        def seal(row, context=f"{place.model_name}.{place.field_name}"):
            return ring.encrypt(ring.decrypt(row.text, row.context), context)

        sum(place.convert(env, place.sealed, seal, skip_locked=False))


def drop_what_came_later():
    """Drop tables, columns and records that 19.0.1.0.0 did not have."""
    env.flush_all()
    env.invalidate_all()
    cr.execute(OURS)
    found = cr.fetchall()
    tables = {table for table, _column in found} - COLUMNS.keys()
    models = [name for name, one in env.items() if one._table in tables]
    for table in sorted(tables):
        cr.execute(SQL("DROP TABLE %s CASCADE", SQL.identifier(table)))
    for table, column in found:
        if table in COLUMNS and column not in COLUMNS[table].split():
            cr.execute(
                SQL(
                    "ALTER TABLE %s DROP COLUMN %s CASCADE",
                    SQL.identifier(table),
                    SQL.identifier(column),
                )
            )
            cr.execute(
                "DELETE FROM ir_model_fields WHERE name = %s AND model = ANY(%s)",
                [column, [name for name, one in env.items() if one._table == table]],
            )
    cr.execute(
        """DELETE FROM ir_ui_menu WHERE action IN (
               SELECT 'ir.actions.act_window,' || id FROM ir_act_window
                WHERE res_model = ANY(%(models)s));
           DELETE FROM ir_act_window WHERE res_model = ANY(%(models)s);
           DELETE FROM ir_ui_view WHERE model = ANY(%(models)s);
           DELETE FROM ir_cron WHERE ir_actions_server_id IN (
               SELECT server.id FROM ir_act_server server
                 JOIN ir_model model ON model.id = server.model_id
                WHERE model.model = ANY(%(models)s));
           DELETE FROM ir_model WHERE model = ANY(%(models)s)""",
        {"models": models},
    )
    cr.execute(
        """DELETE FROM ir_rule WHERE id IN (
               SELECT res_id FROM ir_model_data
                WHERE module = 'praetorx_ms365_calendar' AND name IN (
                      'praetorx_ms365_organizer_change_rule_user',
                      'praetorx_ms365_restore_rule_user'))"""
    )
    forget_missing_records()


def forget_missing_records():
    """Remove the external ids of records that do not exist any more."""
    cr.execute(
        "SELECT DISTINCT model FROM ir_model_data WHERE module = ANY(%s)",
        [list(MODULES)],
    )
    for (model,) in cr.fetchall():
        if model in env and env[model]._auto:
            cr.execute(
                SQL(
                    """DELETE FROM ir_model_data data
                        WHERE module = ANY(%s) AND model = %s
                          AND NOT EXISTS (SELECT FROM %s one WHERE one.id = res_id)""",
                    list(MODULES),
                    model,
                    SQL.identifier(env[model]._table),
                )
            )


show_bodies_whole()
make_all_day_early()
count_endless_series()
take_any_link_for_a_teams_link()
tie_envelopes_to_columns()
drop_what_came_later()
cr.execute(
    "UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = ANY(%s)",
    [list(MODULES)],
)
cr.commit()
