"""The columns that hold envelopes, seen by those who convert whole columns.

Everything here is SQL on purpose: the ORM would decrypt and encrypt on its own, touch
``write_date``, and trigger what a change of the value triggers. The value has not
changed, only its form.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from odoo.api import Environment
from odoo.tools import SQL

from .crypto.envelope import KEY_ID_LENGTH, VERSION
from .fields import EncryptedField
from .sealing import MASK, NOTE_MARK

BATCH_SIZE = 500

PARAMETER_MODEL = "ir.config_parameter"

_ENVELOPES = f"{VERSION}:%"

_NAMED_IDS = 20

_logger = logging.getLogger(__name__)


def parameter_context(key: str) -> str:
    """The place that the envelope of a configuration parameter is tied to."""
    return f"{PARAMETER_MODEL}:{key}"


@dataclass(frozen=True, slots=True)
class Row:
    """One stored value: clear text or envelope, and the place it is tied to.

    :param former: what older versions have called the same place
    """

    id: int
    text: str
    context: str
    former: str | None = None


@dataclass(frozen=True)
class Place:
    """A column, or those rows of one, whose values are to be envelopes.

    :param model_name: the model whose table it is in
    :param field_name: the name of field and column
    :param context: SQL of the place that an envelope is tied to, row by row
    :param only: SQL condition for the rows that count
    :param former: what older versions have called the place of all rows
    """

    model_name: str
    field_name: str
    context: SQL
    only: SQL
    former: str | None = None

    @classmethod
    def of_field(cls, env: Environment, model_name: str, field_name: str) -> "Place":
        """The column of an encrypted field.

        :raise TypeError: there is no such field, or it is not encrypted and stored
        """
        field = env[model_name]._fields.get(field_name)
        if not isinstance(field, EncryptedField) or not field.store:
            raise TypeError(f"{model_name}.{field_name} is not an encrypted column")
        column = SQL.identifier(field_name)
        context = SQL("%s || id", f"{field.column_context}:")
        only = SQL("%s NOT LIKE %s AND %s != %s", column, f"{NOTE_MARK}%", column, MASK)
        return cls(model_name, field_name, context, only, field.column_context)

    @classmethod
    def of_parameters(cls, keys: frozenset[str]) -> "Place":
        """The values of the configuration parameters with these keys."""
        return cls(
            PARAMETER_MODEL,
            "value",
            SQL("%s || key", parameter_context("")),
            SQL("key IN %s", tuple(sorted(keys))) if keys else SQL("FALSE"),
        )

    def count_by_key(self, env: Environment) -> dict[str | None, int]:
        """Count values by the id of their key; ``None`` counts those in clear.

        An envelope too damaged to tell its key counts under an empty id.
        """
        env[self.model_name].flush_model([self.field_name])
        return dict(
            env.execute_query(
                SQL(
                    """SELECT CASE WHEN %(column)s LIKE %(envelopes)s
                                   THEN substr(split_part(%(column)s, ':', 2),
                                               1, %(length)s)
                              END AS key_id,
                              count(*)
                         FROM %(table)s
                        WHERE %(column)s != '' AND %(only)s
                     GROUP BY key_id""",
                    column=SQL.identifier(self.field_name),
                    table=self._table(env),
                    envelopes=_ENVELOPES,
                    length=KEY_ID_LENGTH,
                    only=self.only,
                )
            )
        )

    def convert(
        self,
        env: Environment,
        which: SQL,
        change: Callable[[Row], str | None],
        *,
        skip_locked: bool,
    ) -> Iterator[int]:
        """Change the form of values, batch by batch, and tell how many after each.

        The caller may commit between batches. A value that is no longer the one that
        was read is left as it is: nobody's new value is lost.

        :param which: SQL condition for the values to look at
        :param change: gives the new text, or ``None`` to leave this value as it is
        :param skip_locked: leave rows that another transaction holds to a later run,
            or else wait for them
        :raise SerializationFailure: a value was changed between snapshot and lock; roll
            back, and begin anew
        """
        model = env[self.model_name]
        lock = SQL(
            "FOR NO KEY UPDATE SKIP LOCKED" if skip_locked else "FOR NO KEY UPDATE"
        )
        last_id = 0
        while True:
            model.flush_model([self.field_name])
            rows = self._take(env, which, last_id, lock)
            if not rows:
                return
            last_id = rows[-1].id
            changed = [(row, new) for row in rows if (new := change(row)) is not None]
            count = self._replace(env, changed)
            model.invalidate_model([self.field_name], flush=False)
            yield count

    def _take(self, env: Environment, which: SQL, last_id: int, lock: SQL) -> list[Row]:
        env.cr.execute(
            SQL(
                """SELECT id, %(column)s, %(context)s
                     FROM %(table)s
                    WHERE %(column)s != '' AND (%(which)s) AND %(only)s
                      AND id > %(last_id)s
                 ORDER BY id LIMIT %(limit)s
                      %(lock)s""",
                lock=lock,
                column=SQL.identifier(self.field_name),
                context=self.context,
                table=self._table(env),
                which=which,
                only=self.only,
                last_id=last_id,
                limit=BATCH_SIZE,
            ),
            # that somebody was faster is for the caller to handle, and no error
            log_exceptions=False,
        )
        return [Row(*row, self.former) for row in env.cr.fetchall()]

    def _replace(self, env: Environment, changed: list[tuple[Row, str]]) -> int:
        if not changed:
            return 0
        env.cr.execute(
            SQL(
                """UPDATE %(table)s AS stored SET %(column)s = given.new
                     FROM (VALUES %(given)s) AS given(id, old, new)
                    WHERE stored.id = given.id AND stored.%(column)s = given.old""",
                table=self._table(env),
                column=SQL.identifier(self.field_name),
                given=SQL(", ").join((row.id, row.text, new) for row, new in changed),
            )
        )
        return env.cr.rowcount

    def _table(self, env: Environment) -> SQL:
        return SQL.identifier(env[self.model_name]._table)

    # --- conditions for `convert` ---------------------------------------------------

    @property
    def in_clear(self) -> SQL:
        """Values that are not envelopes."""
        return SQL("%s NOT LIKE %s", SQL.identifier(self.field_name), _ENVELOPES)

    @property
    def sealed(self) -> SQL:
        """Values that are envelopes."""
        return SQL("%s LIKE %s", SQL.identifier(self.field_name), _ENVELOPES)

    def not_sealed_by(self, key_id: str) -> SQL:
        """Values that are in clear, or envelopes of any other key."""
        return SQL(
            "%s NOT LIKE %s",
            SQL.identifier(self.field_name),
            f"{VERSION}:{key_id}:%",
        )


def warn_of_unreadable(place: Place, unreadable: list[tuple[int, str]]) -> None:
    """Log what could not be decrypted, in a few lines however many values there are.

    :param unreadable: ids of records, and what is wrong with each
    """
    ids_by_reason = defaultdict(list)
    for id_, reason in unreadable:
        ids_by_reason[reason].append(id_)
    for reason, ids in ids_by_reason.items():
        _logger.warning(
            "%d encrypted values of %s.%s are left as they are, in records %s%s: %s",
            len(ids),
            place.model_name,
            place.field_name,
            ", ".join(map(str, ids[:_NAMED_IDS])),
            ", ..." if len(ids) > _NAMED_IDS else "",
            reason,
        )


def all_places(env: Environment) -> list[Place]:
    """Every column of this database that holds envelopes."""
    places = [
        Place.of_field(env, model_name, field_name)
        for model_name, model in sorted(env.items())
        if not model._abstract and model._auto
        for field_name, field in model._fields.items()
        if isinstance(field, EncryptedField) and field.store
    ]
    keys = env[PARAMETER_MODEL]._praetorx_encrypted_keys()
    return [*places, Place.of_parameters(keys)]
