"""Stores what came of writing series."""

from dataclasses import replace

from ...engine.mapping.graph_series import read_master
from ...engine.mapping.title_prefix import without_prefix
from ...engine.series import Series, SeriesBase, series_without_exceptions
from ...engine.series_units import ALL
from ..apply.where import as_seen


class SeriesRecorder:
    """The part of the recorder that deals with series."""

    def _create_series_done(self, sending, response):
        remote, rule = read_master(response.body)
        remote = as_seen(remote, self.account._default_calendar())
        remote = without_prefix(remote, sending.title_prefix)
        sent = sending.first_sent or Series.from_json(sending.entries[-1].sent_content)
        # Exceptions are written one by one, once the series is there.
        unmade_days = _unmade_days(sent)
        sent = series_without_exceptions(sent.master, sent.rule, sent.window)
        assert remote.content is not None
        theirs = series_without_exceptions(remote.content, rule, sent.window)
        # After an earlier try, Outlook may have changed it since.
        base = SeriesBase(sent, sent if sending.first_sent else theirs)
        deleted = sending.link.state == "deleted_here"
        vals = {
            **self.Link._remote_vals(remote),
            **self.Link._base_vals(base),
            "is_series": True,
            "unmade_days": unmade_days,
            "title_prefix": sending.title_prefix,
            "state": "deleted_here" if deleted else "synced",
            "reason": False,
        }
        link = self._link_for(sending, remote.remote_id, vals)
        link._expect(remote.modified_at)
        self._read_series_next(link, sending, response, "create")
        recurrence = sending.entries[-1].recurrence_id
        recurrence._ms365_record_removed(unmade_days)
        if recurrence:
            self._warn_without_teams_series(recurrence, sent, remote)
        else:
            self._pending_deletes(sending).link_id = link

    def _made_series_vals(self, sending):
        """Return what is agreed of a series that a former try has made."""
        sent = sending.first_sent or Series.from_json(sending.entries[-1].sent_content)
        made = series_without_exceptions(sent.master, sent.rule, sent.window)
        return {
            **self.Link._base_vals(SeriesBase(made, made)),
            "unmade_days": _unmade_days(sent),
        }

    def _series_done(self, sending, response):
        """A write of a series was taken: read what became of all of it."""
        link, write = sending.link, sending.series_write
        base = write.after
        self._record_losses(link, base)
        vals = {**self.Link._base_vals(base)}
        if write.day == ALL and response.body:
            remote, rule = read_master(response.body)
            remote = as_seen(remote, link.calendar_id)
            remote = without_prefix(remote, link.title_prefix)
            theirs = replace(base.theirs, master=remote.content, rule=rule)
            vals = {
                **self.Link._remote_vals(remote),
                **self.Link._base_vals(replace(base, theirs=theirs)),
            }
        link.write(vals)
        self._expect_outcome(link, write, response)
        self._read_series_next(link, sending, response, "update", write.fields)

    def _expect_outcome(self, link, write, response):
        """A reading that does not show what Graph has just taken is not believed."""
        modified_at = (response.body or {}).get("lastModifiedDateTime") or ""
        if write.day == ALL:
            link._expect(modified_at)
        else:
            remote_id, _key = (link.occurrence_ids or {}).get(write.day, ("", ""))
            link._expect(parts={remote_id: "" if write.is_delete else modified_at})

    def _record_losses(self, link, after):
        """Occurrences that are deleted in Outlook unasked count for a while."""
        before = link._series_base
        if before:
            lost = link._days_lost(before.theirs, after.theirs)
            if not link._may_lose(lost, "to_outlook"):
                link._record_losses("outlook", len(lost))

    def _read_series_next(self, link, sending, response, operation, names=()):
        link.needs_read = True
        self._back_into_queue(sending)
        self._queue_badge(sending)
        self._log(sending, operation, "done", names, response)
        recurrence = sending.entries[-1].recurrence_id
        if recurrence:
            rows = recurrence._ms365_rows()
            rows._ms365_write_bookkeeping({"sync_origin": "odoo", "need_sync_m": False})

    def _warn_without_teams_series(self, recurrence, sent, remote):
        if sent.master.online_meeting and not remote.content.online_meeting:
            self._tell_without_teams(recurrence.base_event_id)


def _unmade_days(sent):
    """Return the days of a series's rule that it did not have when it was created."""
    return sorted(sent.expected_days() - set(sent.days))
