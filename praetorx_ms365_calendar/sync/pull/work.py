"""What the puller does next for a mailbox: connect, verify, read one more page."""

from functools import partial

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.awaited import listed_versions
from ...engine.delta import DeltaRound, Step, last_of_each
from ...engine.errors import MailboxUnavailable, NotStored, ResyncNeeded, SyncError
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.stamp import STAMP_PROPERTY_ID, parse_stamp
from ...engine.snapshot import RemovedEvent
from ...graph import calls
from ...graph.client import BATCH_SIZE
from ..apply.applier import Applier, items_of_links, record_read
from ..apply.carry_out_deletions import carry_out_gone
from ..worker.graph_job import OF_MAILBOX, graph_job, record_health, refresh_job
from ..worker.one_by_one import weight_of
from .calendar_list import error_of_calendar, list_job, still_shared_job
from .page import log_bad_page, log_read_later, page_of
from .page_items import items_of_pages, judge_pages
from .read_series import read_series_job
from .self_check import check_job

#: Events a delta page should hold. Small pages loop with large series (Graph defect).
PAGE_SIZE = 250


class PullWork:
    """Work of the puller, one job at a time, each derived from the database alone."""

    def __init__(self, env):
        self.env = env
        self.Account = env["praetorx.ms365.account"]
        self.Link = env["praetorx.ms365.event.link"]

    def due_account_ids(self, excluded):
        """Return the mailboxes that are to be read; who had a turn last comes last.

        :param excluded: account ids with a job under way
        """
        return [
            account_id
            for [account_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT account.id
                      FROM praetorx_ms365_account account
                     WHERE account.enabled
                       AND account.state = 'active'
                       AND account.id != ALL(%(excluded)s)
                       AND (account.not_before IS NULL OR account.not_before <= %(now)s)
                       AND (account.pull_requested_at IS NOT NULL
                            OR account.check_due_at <= %(now)s
                            OR account.look_again_at <= %(now)s
                            OR EXISTS (SELECT FROM praetorx_ms365_notification n
                                        WHERE n.account_id = account.id)
                            OR EXISTS (SELECT FROM praetorx_ms365_calendar c
                                        WHERE c.account_id = account.id
                                          AND (c.round_kind IS NOT NULL
                                               OR c.restarts > 0
                                              AND c.not_before <= %(now)s))
                            OR EXISTS (SELECT FROM praetorx_ms365_event_link l
                                        WHERE l.account_id = account.id
                                          AND l.needs_read
                                          AND l.remote_id IS NOT NULL
                                          AND (l.read_not_before IS NULL
                                               OR l.read_not_before <= %(now)s))
                            OR EXISTS (SELECT FROM praetorx_ms365_event_link l
                                  LEFT JOIN praetorx_ms365_hold h ON h.id = l.hold_id
                                        WHERE l.account_id = account.id
                                          AND l.state = 'gone'
                                          AND h.state IS DISTINCT FROM 'open'))
                     ORDER BY account.turn_at NULLS FIRST,
                              account.pull_requested_at, account.id
                     LIMIT 8
                    """,
                    excluded=list(excluded),
                    now=fields.Datetime.now(),
                )
            )
        ]

    def claim(self, account_id):
        """Return the next job of a mailbox whose lock is held, None without one."""
        account = self.Account.browse(account_id).exists()
        if not account or account.state != "active" or not account.enabled:
            return None
        job = refresh_job(account)
        if job:
            return job
        self._pop_notifications(account)
        account._begin_look(fields.Datetime.now())
        if account.needs_connect:
            return self._connect(account)
        unverified = self.Link.search(
            Domain("account_id", "=", account.id)
            & Domain("needs_read", "=", True)
            & Domain("remote_id", "!=", False)
            & (
                Domain("read_not_before", "=", False)
                | Domain("read_not_before", "<=", fields.Datetime.now())
            ),
            limit=BATCH_SIZE,
        )
        if unverified:
            return verify_job(account, unverified)
        account.calendar_ids.filtered("restart_requested")._restart_round()
        under_way = account.calendar_ids.filtered("round_kind")
        if under_way:
            return self._pages(account, under_way)
        carry_out_gone(account)  # between two rounds it is known how much is gone
        now = fields.Datetime.now()
        if account.calendar_ids._end_wait(now):
            account.pull_requested_at = account.pull_requested_at or now
        if not account.pull_requested_at:
            return check_job(account)
        if account._calendar_list_is_due(now):
            return list_job(account)
        calendars = account.calendar_ids._readable(now)
        for calendar in calendars:
            if not calendar.stamps_read and not calendar._is_shared():
                return self._stamps(account, calendar)
        for calendar in calendars:
            calendar._begin_round(now)
        account.pull_requested_at = False  # the rounds under way stand for it now
        return self._pages(account, calendars)

    def failed(self, account_id, error=None):
        """Leave a mailbox alone for a while whose response could not be recorded.

        :param error: what Graph's response was found to call for, if that is known
        """
        error = error or NotStored("no plan")
        self.Account.browse(account_id)._stop_for(error)

    def _pop_notifications(self, account):
        count, kinds = self.env["praetorx.ms365.notification"]._pop(account)
        if count:
            now = fields.Datetime.now()
            account.pull_requested_at = now
            if "missed" not in kinds:
                account.last_notification_at = now

    # ------------------------------------------------------------------
    # Connecting
    # ------------------------------------------------------------------

    def _connect(self, account):
        signed_in_at = account.signed_in_at

        def record(responses):
            if account.signed_in_at != signed_in_at:
                return  # somebody has signed in meanwhile: ask again
            *needed, addresses = responses
            if record_health(account, needed):
                return
            me, calendar = (response.result() for response in needed)
            mailbox_id = me.get("id")
            calendar_id = calendar.get("id")
            if not isinstance(mailbox_id, str) or not isinstance(calendar_id, str):
                account._stop_for(MailboxUnavailable("The mailbox has no calendar"))
                return
            taken = self.Account.search(
                [("mailbox_id", "=", mailbox_id), ("id", "!=", account.id)], limit=1
            )
            if taken:
                account._stop_for(
                    MailboxUnavailable(
                        self.env._("another user has connected this mailbox")
                    ),
                )
                return
            account._connected(
                mailbox_id=mailbox_id,
                address=me.get("mail") or me.get("userPrincipalName"),
                calendar_id=calendar_id,
                name=calendar.get("name") or self.env._("Calendar"),
                teams_available="teamsForBusiness"
                in (calendar.get("allowedOnlineMeetingProviders") or ()),
            )
            if addresses.error is None:
                account._remember_addresses(addresses.body)
            account.pull_requested_at = fields.Datetime.now()
            self.env["praetorx.ms365.sync.log"]._log(
                account, operation="connect", outcome="done", direction="pull"
            )

        requests = [calls.me(), calls.primary_calendar(), calls.own_addresses()]
        return graph_job(account, requests, record)

    # ------------------------------------------------------------------
    # Events that we stamped in former times
    # ------------------------------------------------------------------

    def _stamps(self, account, calendar):
        """Look for our stamps once before the first round: delta does not show them.

        Their events are linked here and read with the round, so that a database that
        has lost its links (a reinstalled addon, say) does not create them again.
        """
        uuid = self.env["praetorx.ms365.outbox"]._database_uuid()
        request = (
            calls.follow(calendar.stamps_link)
            if calendar.stamps_link
            else calls.find_stamped(STAMP_PROPERTY_ID, uuid, calendar._path())
        )

        def record(responses):
            response, page = page_of(responses[0], root=account._graph_root())
            log_bad_page(account, response.error, f"calendar {calendar.id}")
            if error := error_of_calendar(calendar, response, [response]):
                calendar._stop_for(error)
                return
            if record_health(account, [response]):
                return
            if page is None:
                calendar.stamps_link = False
                self._refused(account, calendar, response.error)
                return
            self._link_stamped(account, calendar, page.items)
            calendar.stamps_link = page.next_link
            if not page.next_link:
                calendar.write({"stamps_read": True, "restarts": 0})

        return graph_job(account, [request], record)

    def _link_stamped(self, account, calendar, items):
        uuid = self.env["praetorx.ms365.outbox"]._database_uuid()
        for item in items:
            try:
                remote = parse_event(item)
            except SyncError:
                continue  # it will be quarantined when the round brings it
            if isinstance(remote, RemovedEvent) or not remote.stamp:
                continue
            stamp = parse_stamp(remote.stamp)
            if not stamp or stamp.database_uuid.lower() != uuid.lower():
                continue
            if stamp.is_series:
                self._link_stamped_series(account, calendar, remote, stamp)
                continue
            event = (
                self.env["calendar.event"]
                .with_context(active_test=False)
                .browse(stamp.event_id)
                .exists()
            )
            if not event or event._ms365_stamp().lower() != remote.stamp.lower():
                continue  # the id was given again after a backup was restored
            known = self.Link.search_count(
                [
                    ("account_id", "=", account.id),
                    "|",
                    ("remote_id", "=", remote.remote_id),
                    ("event_id", "=", event.id),
                ]
            )
            if known:
                continue
            link = self.Link.create(
                {
                    "account_id": account.id,
                    "calendar_id": calendar.id,
                    "event_id": event.id,
                    "remote_id": remote.remote_id,
                    "ical_uid": remote.ical_uid,
                    "title_prefix": account.user_id.ms365_title_prefix,
                    "state": "synced" if event.active else "deleted_here",
                }
            )
            # We only stamp what we create through the organizer's mailbox.
            event.ms365_link_ids.filtered("is_primary")._move_primary_to(link)

    def _link_stamped_series(self, account, calendar, remote, stamp):
        recurrence = self.env["calendar.recurrence"].browse(stamp.event_id).exists()
        if not recurrence or recurrence._ms365_stamp().lower() != remote.stamp.lower():
            return  # the id was given again after a backup was restored
        known = self.Link.search_count(
            [
                ("account_id", "=", account.id),
                "|",
                ("remote_id", "=", remote.remote_id),
                ("recurrence_id", "=", recurrence.id),
            ]
        )
        if known:
            return
        link = self.Link.create(
            {
                "account_id": account.id,
                "calendar_id": calendar.id,
                "recurrence_id": recurrence.id,
                "is_series": True,
                "remote_id": remote.remote_id,
                "ical_uid": remote.ical_uid,
                "title_prefix": account.user_id.ms365_title_prefix,
                "state": "synced" if recurrence._ms365_rows() else "deleted_here",
            }
        )
        recurrence.ms365_link_ids.filtered("is_primary")._move_primary_to(link)

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def _pages(self, account, calendars):
        """Read the next page of one calendar, or at once what changed in several.

        A calendar in which nothing has happened then costs a part of one request.
        """
        small = calendars.filtered(lambda calendar: calendar.round_kind == "delta")
        at_once = small[:BATCH_SIZE] or calendars[:1]
        if not at_once:
            return None

        def record(responses, only=None):
            if only:
                self._record_items(account, at_once, responses, only)
                return
            self._record_pages(
                account, at_once, responses, items_are_stored=only is not None
            )
            account._plan_look()
            account._drop_unlisted_events()

        requests = [self._page_request(calendar) for calendar in at_once]
        items = partial(items_of_pages, account, at_once)
        return graph_job(account, requests, record, items, "pages")

    def _leave_alone(self, account, calendar, error):
        """Stop this calendar, and find out whether it is still in the mailbox."""
        calendar._stop_for(error)
        account.calendars_read_at = False
        account.pull_requested_at = fields.Datetime.now()

    def _page_request(self, calendar):
        if calendar.next_link:
            return calls.follow(calendar.next_link, page_size=PAGE_SIZE)
        first_page = (
            calls.calendar_view if calendar.round_kind == "view" else calls.delta_start
        )
        return first_page(
            calendar._path(), calendar.window_start, calendar.window_end, PAGE_SIZE
        )

    def _record_items(self, account, calendars, responses, only):
        """Apply single items of pages, whose cursors stay where they are.

        :param only: pairs of a calendar's id and an item's id
        """
        judged = judge_pages(account, calendars, responses)
        for calendar, (response, page) in zip(calendars, judged, strict=True):
            items = page.items if page else ()
            wanted = [one for one in items if (calendar.id, one["id"]) in only]
            if wanted:
                Applier(account, calendar).apply(
                    last_of_each(wanted), request_id=response.request_id
                )

    def _record_pages(self, account, calendars, responses, *, items_are_stored=False):
        """Apply a page of each calendar; what stops the mailbox is judged over all.

        :param items_are_stored: they are stored already
        """
        of_mailbox = []
        judged = judge_pages(account, calendars, responses)
        responses = [response for response, _page in judged]
        for calendar, (response, page) in zip(calendars, judged, strict=True):
            log_bad_page(account, response.error, f"calendar {calendar.id}")
            if error := error_of_calendar(calendar, response, responses):
                self._leave_alone(account, calendar, error)
            else:
                of_mailbox.append((calendar, response, page))
        if of_mailbox:
            record_health(
                account, [response for _calendar, response, _page in of_mailbox]
            )
        for calendar, response, page in of_mailbox:
            if page:
                items = () if items_are_stored else page.items
                self._record_page(account, calendar, page, items, response.request_id)
            elif not isinstance(response.error, OF_MAILBOX):
                self._refused(account, calendar, response.error)
            # Else the mailbox waits, and asks for this page again.

    def _record_page(self, account, calendar, page, items, request_id):
        """Apply a page and move the cursor: both in this transaction, or neither."""
        Applier(account, calendar).apply(
            items, request_id=request_id, without_id=page.unreadable
        )
        account._forget_listed(listed_versions(page.items))
        delta_round, step = DeltaRound.from_json(calendar.round_state).add(page)
        if step is Step.FOLLOW:
            calendar.write(
                {"next_link": page.next_link, "round_state": delta_round.to_json()}
            )
        elif step is Step.FALL_BACK and calendar.round_kind == "view":
            self._begin_again(account, calendar, ResyncNeeded("The list never ends"))
        elif step is Step.FALL_BACK:
            calendar._delta_round_loops(fields.Datetime.now())
            account.pull_requested_at = fields.Datetime.now()
        else:
            self._end_round(account, calendar, page.delta_link)

    def _refused(self, account, calendar, error):
        """Graph does not give this page, and would not the next time."""
        if isinstance(error, ResyncNeeded):
            self._begin_again(account, calendar, error)
        else:
            account._stop_for(MailboxUnavailable(error.reason))

    def _begin_again(self, account, calendar, error):
        """Graph does not go on with what was begun here: it begins anew.

        Only this calendar waits: nobody's edits are held up by it.
        """
        log_read_later(account, error)
        if calendar.round_kind != "retiring":
            calendar._wait_to_begin(error, fields.Datetime.now())
        calendar._lost_delta_state()
        account.pull_requested_at = fields.Datetime.now()

    def _end_round(self, account, calendar, delta_link):
        full = calendar.round_kind in ("initial", "view")
        sweep = full and calendar.sweep
        calendar._end_round(delta_link)
        if sweep:
            calendar._sweep_links()
            calendar.sweep = False
        elif full:
            calendar._verify_window()
        account.last_pull_at = fields.Datetime.now()
        calendar._is_shown_again()
        if full and calendar.is_default:
            account._first_pass()


def verify_job(account, links):
    """Return the job that reads events or, where none is left, series."""
    singles = links.filtered(lambda link: not link.is_series)
    if singles:
        return read_links_job(account, singles)
    return read_series_job(account, links)


def read_links_job(account, links):
    """Return the job that reads linked events one by one, in one round trip."""
    requests = [
        calls.get_event(link.remote_id, STAMP_PROPERTY_ID, link._event_path())
        for link in links
    ]

    def record(responses, closed, waits, only):
        for link, response in zip(links, responses, strict=True):
            if not link.exists() or (only is not None and link.id not in only):
                continue
            if link.calendar_id & closed:
                link._wait_for_calendar()
            else:
                record_read(account, link, response, mailbox_waits=waits)
        if not only:
            account._drop_unlisted_events()

    return still_shared_job(
        account,
        links,
        requests,
        record,
        lambda responses: items_of_links(
            links, [weight_of(response.body) for response in responses[: len(links)]]
        ),
    )
