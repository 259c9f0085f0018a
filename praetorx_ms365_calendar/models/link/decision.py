"""A person's decision about a conflict: stored here, and carried out by the worker.

The worker reads the event first. The decision counts only for the versions that the
person has seen (``engine/decision.py``). Else the conflict is opened again.
"""

from odoo import fields, models

from ...engine.conflict_policy import apply_policy
from ...engine.decision import Decision, apply_decision
from ...engine.merge import DELETED
from ...engine.series_units import ALL


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    decision = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        prefetch=False,
        help="What a person has chosen in conflicts, and for which versions. The "
        "worker carries it out.",
    )

    # ------------------------------------------------------------------
    # Storing
    # ------------------------------------------------------------------

    def _store_decision(self, choices, change_key, *, day=ALL):
        """Store the choices of the current user.

        Earlier choices for the same versions are kept: of a series, several days may
        be in conflict.

        :param choices: field in conflict -> ``odoo`` or ``outlook``
        :param change_key: Outlook's version that the person has seen, None if the
            event is deleted there
        :param day: of an occurrence
        """
        self.ensure_one()
        ours, known = self._ours_now(), {}
        if self.decision:
            known = Decision.from_json(self.decision).valid_choices(change_key, ours)
        decision = Decision(
            change_key or None, {**known, day: choices}, ours, self.env.uid
        )
        self.decision = decision.to_json()

    def _carry_out_when_read(self, state="synced"):
        """Have the worker read this meeting now, to carry out what was decided.

        :param state: of the link meanwhile
        """
        self.write({"state": state, "needs_read": True, "read_not_before": False})
        self._rows()._ms365_show_state("pending")
        self.account_id._request_pull(fresh_seconds=0)

    def _describe_decision(self):
        """Return the text about a decision that is not carried out yet, if any.

        After an edit of a field in conflict, Odoo asks again: there is no text then.
        """
        if not self.decision:
            return False
        decision = Decision.from_json(self.decision)
        valid = decision.valid_choices(decision.change_key, self._ours_now())
        return valid == decision.choices and self.env._(
            "The conflict is decided. Odoo carries it out as soon as it has read this "
            "event from Outlook again."
        )

    # ------------------------------------------------------------------
    # Carrying out
    # ------------------------------------------------------------------

    def _choices_for(self, change_key):
        """Return the stored choices that are valid for both present versions.

        :param change_key: of Outlook's version, None if it is deleted there
        :return: day -> field in conflict -> side. A single event has one empty day
        """
        if not self.decision:
            return {}
        decision = Decision.from_json(self.decision)
        return decision.valid_choices(change_key, self._ours_now())

    def _deletion_was_chosen(self):
        """Return True if a person has chosen Outlook's deletion of this meeting."""
        return self._choices_for(None).get(ALL, {}).get(DELETED) == "outlook"

    def _outbox_of_decider(self, change_key):
        """Return the outbox, in the name of the user whose choices are carried out.

        So their entries are judged and logged like an edit of that user.

        :param change_key: see :meth:`_choices_for`
        """
        Outbox = self.env["praetorx.ms365.outbox"]
        if not self._choices_for(change_key):
            return Outbox
        decision = Decision.from_json(self.decision)
        user = self.env["res.users"].browse(decision.user_id).exists()
        return Outbox.with_user(user).sudo() if user else Outbox

    def _decide(self, merge, ours, change_key=None, modified_at=None):
        """Decide conflicts: by a person's choices, else by the owner's policy.

        In a one-way sync there is nothing to decide, or a choice cannot be applied.

        :param ours: Odoo's content, None if the event is deleted there
        :param change_key: of Outlook's version, None if it is deleted there
        :param modified_at: Graph's ``lastModifiedDateTime``, None if unknown
        """
        self.ensure_one()
        if not merge.conflicts or self._direction() != "both":
            return merge
        choices = self._choices_for(change_key).get(ALL, {})
        merge = apply_decision(merge, ours, choices)
        return apply_policy(
            merge,
            ours,
            self.account_id.user_id._ms365_conflict_policy(),
            agreed_before=bool(self.base_snapshot),
            edited_at=self.env["praetorx.ms365.outbox"]._edited_at(self),
            modified_at=modified_at,
        )

    def _ours_now(self):
        """Return Odoo's content or series, None if it is deleted here."""
        if self.recurrence_id:
            try:
                return self.recurrence_id._ms365_read_series()
            except ValueError:  # its rule is reported when it is read
                return None
        event = self.event_id
        return event._ms365_read_contents()[event] if event.active else None
