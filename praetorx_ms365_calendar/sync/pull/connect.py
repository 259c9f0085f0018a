"""Connect a mailbox: read its id, its addresses and its calendar."""

from __future__ import annotations

from collections.abc import Sequence

from odoo import fields

from ...engine.errors import MailboxTaken, MailboxUnavailable
from ...engine.reasons import because
from ...graph import calls
from ...graph.client import GraphResponse
from ..records import Account
from ..worker.graph_job import graph_job, record_health
from ..worker.job import Job


def connect_job(account: Account) -> Job:
    """Return the job that learns which mailbox and calendar an account has."""
    env = account.env
    signed_in_at = account.signed_in_at

    def record(responses: Sequence[GraphResponse]) -> None:
        if account.signed_in_at != signed_in_at:
            return  # somebody has signed in meanwhile: read again
        *needed, addresses = responses
        if record_health(account, needed):
            return
        me, calendar = (response.result() for response in needed)
        mailbox_id = me.get("id")
        calendar_id = calendar.get("id")
        if not isinstance(mailbox_id, str) or not isinstance(calendar_id, str):
            account._stop_for(MailboxUnavailable(because("no_calendar")))
            return
        if account._is_taken(mailbox_id):
            account._stop_for(MailboxTaken(because("mailbox_of_another")))
            return
        account._take_over(mailbox_id)
        account._connected(
            mailbox_id=mailbox_id,
            address=me.get("mail") or me.get("userPrincipalName"),
            calendar_id=calendar_id,
            name=calendar.get("name") or env._("Calendar"),
            teams_available="teamsForBusiness"
            in (calendar.get("allowedOnlineMeetingProviders") or ()),
        )
        if addresses.error is None:
            account._remember_addresses(addresses.body)
        account.pull_requested_at = fields.Datetime.now()
        env["praetorx.ms365.sync.log"]._log(
            account, operation="connect", outcome="done", direction="pull"
        )

    requests = [calls.me(), calls.primary_calendar(), calls.own_addresses()]
    return graph_job(account, requests, record)
