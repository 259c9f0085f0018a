"""A mailbox with pages from a local server, and a stopped clock."""

from datetime import datetime, timedelta
from urllib.parse import quote

from freezegun import freeze_time

from ..graph.transport import new_session
from ..sync.pull.work import PullWork
from .common import SyncCase
from .connect_common import LocalRequests
from .microsoft import Microsoft

NOW = datetime(2026, 3, 2, 8, 0)
DELTA = "/v1.0/me/calendarView/delta"
VIEW = "/v1.0/me/calendarView"
STAMPED = "/v1.0/me/events"
NEXT = "/v1.0/next"
BATCH = "/v1.0/$batch"


class PagesCase(LocalRequests, SyncCase):
    """Anna's mailbox is due, and asks the local server for its pages."""

    def setUp(self):
        super().setUp()
        self.microsoft = Microsoft()
        self.addCleanup(self.microsoft.close)
        self.env["ir.config_parameter"].sudo().set_param(
            "praetorx_ms365_calendar.graph_endpoint", self.microsoft.url
        )
        clock = freeze_time(NOW)
        self.clock = clock.start()
        self.addCleanup(clock.stop)
        self.calendar = self.account._default_calendar()
        self.calendar.stamps_read = True
        self.account.write({"calendars_read_at": NOW, "pull_requested_at": NOW})
        self.anna.sudo().write(
            {
                "microsoft_calendar_token": "access",
                "microsoft_calendar_token_validity": NOW + timedelta(days=1),
            }
        )

    def step(self):
        """Let the puller ask once and record; tell whether there was work to do."""
        work = PullWork(self.env)
        self.env.flush_all()
        if self.account.id not in work.due_account_ids([]):
            return False
        job = work.claim(self.account.id)
        self.env.flush_all()
        if job:
            job.record(job.send(new_session()))
            self.env.flush_all()
            self.env.invalidate_all()
        return bool(job)

    def asked(self):
        """Return the paths that were asked for since the last call."""
        paths = [path for _method, path, _body, _headers in self.microsoft.asked]
        self.microsoft.asked.clear()
        return paths

    def page(self, *items, **links):
        """Return an answer with a page; ``links`` are ``next`` and ``delta``."""
        body = {"value": list(items)}
        for name, path in links.items():
            body[f"@odata.{name}Link"] = self.microsoft.url + path
        return 200, body

    def parts(self, *answers):
        """Return the answer to a batch."""
        return 200, {
            "responses": [
                {"id": str(number), "status": status, "body": body}
                for number, (status, body) in enumerate(answers)
            ]
        }

    def take_creates(self):
        """Answer creates, one or a batch; searches for their stamps find none.

        A created event can be read.
        """

        def created(body):
            event = self.remote(body["subject"], **body)
            path = f"{STAMPED}/{quote(body['subject'])}"
            self.microsoft.respond("GET", path, (200, event))
            return 201, event

        def batch(body):
            return self.parts(
                *(
                    created(one["body"])
                    if one["method"] == "POST"
                    else (200, {"value": []})
                    for one in body["requests"]
                )
            )

        self.microsoft.respond("POST", STAMPED, created)
        self.microsoft.respond("GET", STAMPED, (200, {"value": []}))
        self.microsoft.respond("POST", BATCH, batch)

    def run_puller(self):
        """Read all due mailboxes until none is due."""
        self.run_cron("ir_cron_pull")

    def run_cron(self, name):
        """Run a cron of ours as the scheduler does."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"praetorx_ms365_calendar.{name}").method_direct_trigger()
        self.env.invalidate_all()
