"""Make stored descriptions of former versions harmless, as new descriptions are.

The old ones could place text over the page, and their pictures told the sender that
somebody reads them. A description is changed only if it is still the text that a former
version made from Outlook's body. The event and Odoo's side of the base snapshot both
get the new text. So this is no edit, and nothing is sent. Outlook's side stays.
"""

import re
from collections import defaultdict
from dataclasses import replace

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from odoo.addons.praetorx_ms365_calendar.engine.body_limits import is_cut
from odoo.addons.praetorx_ms365_calendar.engine.mapping.canonical import (
    canonical_html,
    recalled_html,
)
from odoo.addons.praetorx_ms365_calendar.engine.mapping.shown import (
    html_from_shown,
    shown_html,
)
from odoo.addons.praetorx_ms365_calendar.engine.series import Series, SeriesBase
from odoo.addons.praetorx_ms365_calendar.engine.snapshot import Base

BATCH_SIZE = 200
OF_WORD = re.compile(r' class="(?:Mso\w*|WordSection\d+|elementToProof)"')
#: Without one of these attributes, a body is shown as it is.
FIND = r"""
    SELECT id, event_id, recurrence_id, web_link, base_snapshot, sent_snapshot
      FROM praetorx_ms365_event_link
     WHERE is_primary
       AND id > %s
       AND (event_id IS NOT NULL OR recurrence_id IS NOT NULL)
       AND base_snapshot->>'theirs'
           ~* '(style|class|src|srcset|poster|background|dynsrc|longdesc|lowsrc)='
     ORDER BY id
     LIMIT %s
"""
ROWS = """
    SELECT description, array_agg(id)
      FROM calendar_event
     WHERE (id = %s OR recurrence_id = %s) AND description <> ''
     GROUP BY description
"""
DESCRIBE = "UPDATE calendar_event SET description = %s WHERE id = ANY(%s)"
REMEMBER = """
    UPDATE praetorx_ms365_event_link
       SET base_snapshot = %s, sent_snapshot = %s, odoo_hash = %s
     WHERE id = %s
"""
SHARED = "SELECT ms365_shared FROM calendar_recurrence WHERE id = %s"
SHARE = "UPDATE calendar_recurrence SET ms365_shared = %s WHERE id = %s"
OPEN_CONFLICTS = """
    SELECT id, base, ours
      FROM praetorx_ms365_conflict
     WHERE link_id = %s AND state = 'open'
"""
KEEP_OPEN = "UPDATE praetorx_ms365_conflict SET base = %s, ours = %s WHERE id = %s"


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    last_id = 0
    while True:
        cr.execute(FIND, [last_id, BATCH_SIZE])
        links = cr.fetchall()
        if not links:
            break
        for link in links:
            _clean(env, *link)
        last_id = links[-1][0]
    env.invalidate_all()


def _clean(env, link_id, event_id, recurrence_id, web_link, base, sent):
    """Give one event or series the descriptions that its bodies would get today."""
    texts = _new_texts(env, _pairs(base), web_link)
    if not texts:
        return
    rows = defaultdict(list)
    for description, ids in env.execute_query(SQL(ROWS, event_id, recurrence_id)):
        rows[canonical_html(description)] += ids
    if not event_id or rows.keys() & texts.keys():
        for body, (description, _new_body) in texts.items():
            env.cr.execute(DESCRIBE, [description, rows[body]])
        bodies = {body: new_body for body, (_text, new_body) in texts.items()}
        _agree(env, link_id, bodies, base, sent)
        _keep_conflicts(env, link_id, bodies)
        _share(env, recurrence_id, bodies)


def _pairs(base):
    """Return pairs of Odoo's and Outlook's body; a series may have several."""
    if not SeriesBase.is_json(base):
        return {(_ours_body(base), base["theirs"]["body"])}
    ours, theirs = (Series.from_json(base[side]) for side in ("ours", "theirs"))
    days = ours.exceptions.keys() | theirs.exceptions.keys()
    pairs = {(ours.occurrence(day).body, theirs.occurrence(day).body) for day in days}
    return pairs | {(ours.master.body, theirs.master.body)}


def _ours_body(base):
    return recalled_html(base["ours"].get("body", base["theirs"]["body"]))


def _new_texts(env, pairs, web_link):
    """Return Odoo's body -> (new description, canonical body of that description)."""
    texts, not_from_outlook = {}, set()
    for ours, theirs in pairs:
        if _is_harmless(ours):
            continue
        description = _described(env, theirs)
        is_same = ours == theirs or description == _described(env, ours)
        if not is_same or _has_own_picture(env, ours):
            not_from_outlook.add(ours)
        elif is_cut(theirs):
            notice = str(env["calendar.event"]._ms365_cut_notice(web_link))
            texts[ours] = description + notice, ours
        else:
            texts[ours] = description, html_from_shown(description)
    return {
        body: (description, new_body)
        for body, (description, new_body) in texts.items()
        if body not in not_from_outlook and canonical_html(description) != body
    }


def _is_harmless(body):
    """Return True if a body has nothing harmful; the classes of Word may stay.

    So most bodies skip the sanitizer, which takes the most time.
    """
    plain = OF_WORD.sub("", body)
    return shown_html(plain) == plain


def _described(env, body):
    """Return a body as Odoo stores it in a description.

    Parts that would keep the sanitizer busy are removed before.
    """
    Event = env["calendar.event"]
    description = Event._fields["description"]
    return str(description.convert_to_cache(shown_html(body), Event) or "")


def _has_own_picture(env, body):
    """Return True if the body has a picture of this Odoo: a person wrote it here."""
    root = env["ir.config_parameter"].get_param("web.base.url")
    if root and f'src="{root}' in body:
        return True
    return bool(re.search('src="/(?!/)', body))


def _agree(env, link_id, bodies, base, sent):
    """Store the new bodies on Odoo's side of the base and the sent snapshot."""
    base, sent = (one and _with_bodies(one, bodies) for one in (base, sent))
    kind = SeriesBase if SeriesBase.is_json(base) else Base
    odoo_hash = kind.from_json(base).ours.hash
    values = [Json(base), sent and Json(sent), odoo_hash, link_id]
    env.cr.execute(REMEMBER, values)


def _with_bodies(snapshot, bodies):
    """Return a snapshot with the new bodies on Odoo's side."""
    if not SeriesBase.is_json(snapshot):
        body = _ours_body(snapshot)
        if body not in bodies:
            return snapshot
        return snapshot | {"ours": snapshot["ours"] | {"body": bodies[body]}}
    ours = Series.from_json(snapshot["ours"])

    def renewed(content):
        return replace(content, body=bodies.get(content.body, content.body))

    contents = {day: renewed(one) for day, one in ours.contents().items()}
    series = ours.having(renewed(ours.master), contents)
    return snapshot | {"ours": series.to_json()}


def _keep_conflicts(env, link_id, bodies):
    """Store the new bodies in open conflicts, so that they gain no new difference."""
    for conflict_id, base, ours in env.execute_query(SQL(OPEN_CONFLICTS, link_id)):
        base = base and _with_bodies(base, bodies)
        if ours and recalled_html(ours["body"]) in bodies:
            ours = ours | {"body": bodies[recalled_html(ours["body"])]}
        values = [one and Json(one) for one in (base, ours)]
        env.cr.execute(KEEP_OPEN, [*values, conflict_id])


def _share(env, recurrence_id, bodies):
    """Store the new body as the shared content of the events of a series."""
    for (shared,) in env.execute_query(SQL(SHARED, recurrence_id)):
        if shared and recalled_html(shared["body"]) in bodies:
            shared = shared | {"body": bodies[recalled_html(shared["body"])]}
            env.cr.execute(SHARE, [Json(shared), recurrence_id])
