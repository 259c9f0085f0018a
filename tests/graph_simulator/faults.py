"""Define faults and rules: a rule has a fault, its requests and its number of hits."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass, field
from typing import Any

#: Faults of requests -> description.
REQUEST_FAULTS = {
    "latency": "respond after `seconds`",
    "throttle": "429 with Retry-After (`retry_after`, decimals allowed)",
    "unavailable": "503, with Retry-After if `retry_after` is given",
    "gateway_timeout": "504",
    "server_error": "500",
    "forbidden": "403 ErrorAccessDenied",
    "mailbox_not_enabled": "404 MailboxNotEnabledForRESTAPI",
    "timeout": "nothing is done, no response for `seconds` (60), then closed",
    "reset": "nothing is done, connection reset",
    "answer_lost": "all is done, then the connection is closed without a response",
    "gone": "410 with Location, on delta requests",
    "sync_state_not_found": "400 syncStateNotFound, on delta requests",
    "unauthorized": "401",
    "unauthorized_once": "401, one time unless `times` says more",
    "token_revoked": "401 with a challenge on Graph, invalid_grant on the token call",
    "token_error": "the token call returns `error` (default temporarily_unavailable)",
    "stale_etag": "412 on PATCH and DELETE, as after a change by another person",
    "conflict": "409 ErrorIrresolvableConflict",
    "delta_doubled": "every item of a delta page comes twice",
    "delta_unknown_removed": "a delta page has an @removed for an unknown id",
    "delta_endless": "the page is repeated under a new nextLink",
    "delta_empty_page": "an empty page with a nextLink comes first",
    "delta_behind": "a delta round lacks the writes of the last `seconds`, or all "
    "writes since its link was returned; the next round has them",
    "delta_removed_changed": "@removed gives the reason `changed`",
    "delta_without_master": "a delta page lacks the masters of its series",
    "instances_without_exceptions": "the instances of a series lack the exceptions",
    "exceptions_not_expanded": "an expanded exceptionOccurrences is empty",
    "stale_read": "an event, or the instances of a series, as before the last write, "
    "if that was less than `seconds` (for ever) ago",
    "not_found_yet": "404 for an event made less than `seconds` (for ever) ago",
    "invalid_json": "200, with a body that is cut off",
    "no_list": "200, with an object that has no `value`",
}
#: Faults of change notifications -> description.
NOTIFICATION_FAULTS = {
    "notification_lost": "never sent",
    "notification_doubled": "sent twice",
    "notification_late": "sent after `seconds` (30) of the simulator's clock",
    "notification_reordered": "sent after the next one",
    "notification_wrong_client_state": "sent with another clientState",
    "notification_unknown_subscription": "sent with an unknown subscriptionId",
}
FAULTS = {**REQUEST_FAULTS, **NOTIFICATION_FAULTS}


@dataclass
class Rule:
    """A fault, the requests that it hits, and the number of hits.

    ``times`` counts down to zero; ``None`` means no limit. If ``probability`` is below
    1, a random generator decides about each match. Its seed is ``seed``, so that a run
    can be repeated.
    """

    id: str
    fault: str
    method: str | None = None
    path: str | None = None
    mailbox: str | None = None
    times: int | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float | None = None
    retry_after: float | None = None
    error: str | None = None
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def fires(self, method: str, path: str, mailbox: str | None) -> bool:
        """Return True if the rule hits a request, and count the hit."""
        if self.times is not None and self.times <= 0:
            return False
        if self.method and self.method.upper() != method.upper():
            return False
        if self.path and not re.search(self.path, path):
            return False
        if self.mailbox and self.mailbox.lower() != (mailbox or "").lower():
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        if self.times is not None:
            self.times -= 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return the rule in the form of the control API."""
        return {
            "id": self.id,
            "fault": self.fault,
            "match": {
                "method": self.method,
                "path": self.path,
                "mailbox": self.mailbox,
            },
            "times": self.times,
            "probability": self.probability,
            "seed": self.seed,
            "seconds": self.seconds,
            "retry_after": self.retry_after,
            "error": self.error,
            "hits": self.hits,
        }


class Faults:
    """The active rules."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self._numbers = itertools.count(1)

    def add(self, values: dict[str, Any]) -> Rule:
        """Add a rule.

        :param values: as in :meth:`Rule.as_dict`; only ``fault`` is required
        :raise ValueError: an unknown fault or member, or an invalid expression
        """
        values = dict(values)
        match = values.pop("match", None) or {}
        fault = values.pop("fault", None)
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}; known: {', '.join(FAULTS)}")
        known = {"times", "probability", "seed", "id"}
        known |= {"seconds", "retry_after", "error"}
        strange = (set(values) - known) | (set(match) - {"method", "path", "mailbox"})
        if strange:
            raise ValueError(f"unknown members: {', '.join(sorted(strange))}")
        if match.get("path"):
            try:
                re.compile(match["path"])
            except re.error as error:
                raise ValueError(f"bad path expression: {error}") from error
        rule_id = str(values.pop("id", None) or f"rule-{next(self._numbers)}")
        if fault == "unauthorized_once":
            values.setdefault("times", 1)
        rule = Rule(id=rule_id, fault=fault, **match, **values)
        self.rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; return True if it existed."""
        return self.rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def for_request(self, method: str, path: str, mailbox: str | None) -> list[Rule]:
        """Return the rules that hit a request."""
        return self._firing(REQUEST_FAULTS, method, path, mailbox)

    def for_notification(self, change: str, path: str, mailbox: str) -> list[Rule]:
        """Return the rules that hit a notification; ``change`` counts as method."""
        return self._firing(NOTIFICATION_FAULTS, change, path, mailbox)

    def _firing(
        self, names: dict[str, str], method: str, path: str, mailbox: str | None
    ) -> list[Rule]:
        if not self.rules:
            return []
        return [
            rule
            for rule in list(self.rules.values())
            if rule.fault in names and rule.fires(method, path, mailbox)
        ]
