"""Find and convert the columns that contain envelopes.

All of it is SQL, for a reason. The ORM would decrypt and encrypt by itself, change
``write_date``, and start the actions of a changed value. Here only the form of a value
changes, not the value.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from odoo.api import Environment
from odoo.tools import SQL

from .crypto.envelope import KEY_ID_LENGTH, VERSION
from .fields import EncryptedField
from .sealing import MASK, UNREADABLE_MARK

BATCH_SIZE = 500

PARAMETER_MODEL = "ir.config_parameter"

_ENVELOPES = f"{VERSION}:%"

_NAMED_IDS = 20

_logger = logging.getLogger(__name__)


def parameter_context(key: str) -> str:
    """Return the place of a parameter's envelope."""
    return f"{PARAMETER_MODEL}:{key}"


@dataclass(frozen=True, slots=True)
class Row:
    """One stored value: clear text or envelope, and its place.

    :param former: the name of the same place in older versions
    """

    id: int
    text: str
    context: str
    former: str | None = None


@dataclass(frozen=True)
class Place:
    """A column with encrypted values, or some rows of a column.

    :param model_name: the model of its table
    :param field_name: the name of field and column
    :param context: SQL expression for the place of each row's envelope
    :param only: SQL condition for the rows that count
    :param former: the name of the place of all rows in older versions
    """

    model_name: str
    field_name: str
    context: SQL
    only: SQL
    former: str | None = None

    @classmethod
    def of_field(cls, env: Environment, model_name: str, field_name: str) -> "Place":
        """Return the column of an encrypted field.

        :raise TypeError: there is no such field, or it is not encrypted and stored
        """
        field = env[model_name]._fields.get(field_name)
        if not isinstance(field, EncryptedField) or not field.store:
            raise TypeError(f"{model_name}.{field_name} is not an encrypted column")
        column = SQL.identifier(field_name)
        context = SQL("%s || id", f"{field.column_context}:")
        only = SQL(
            "%s NOT LIKE %s AND %s != %s", column, f"{UNREADABLE_MARK}%", column, MASK
        )
        return cls(model_name, field_name, context, only, field.column_context)

    @classmethod
    def of_parameters(cls, keys: frozenset[str]) -> "Place":
        """Return the place of the configuration parameters with these keys."""
        return cls(
            PARAMETER_MODEL,
            "value",
            SQL("%s || key", parameter_context("")),
            SQL("key IN %s", tuple(sorted(keys))) if keys else SQL("FALSE"),
        )

    def count_by_key(self, env: Environment) -> dict[str | None, int]:
        """Count values by the id of their key; ``None`` is for values in clear text.

        If an envelope is too damaged to show its key, it counts under an empty id.
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
        """Change the form of values batch by batch; yield a number after each batch.

        The number counts the changed values. The caller may commit between batches. A
        value that was changed since it was read stays as it is. So a new value is never
        lost.

        :param which: SQL condition for the values to convert
        :param change: returns the new text, or ``None`` to leave this value as it is
        :param skip_locked: True skips rows that another transaction has locked, for a
            later run; False waits for them
        :raise SerializationFailure: a value was changed between snapshot and lock; roll
            back and start again
        """
        model = env[self.model_name]
        lock = SQL(
            "FOR NO KEY UPDATE SKIP LOCKED" if skip_locked else "FOR NO KEY UPDATE"
        )
        last_id = 0
        while True:
            model.flush_model([self.field_name])
            rows = self._locked_rows(env, which, last_id, lock)
            if not rows:
                return
            last_id = rows[-1].id
            changed = [(row, new) for row in rows if (new := change(row)) is not None]
            count = self._replace(env, changed)
            model.invalidate_model([self.field_name], flush=False)
            yield count

    def _locked_rows(
        self, env: Environment, which: SQL, last_id: int, lock: SQL
    ) -> list[Row]:
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
        """Return the SQL condition for values that are not envelopes."""
        return SQL("%s NOT LIKE %s", SQL.identifier(self.field_name), _ENVELOPES)

    @property
    def sealed(self) -> SQL:
        """Return the SQL condition for values that are envelopes."""
        return SQL("%s LIKE %s", SQL.identifier(self.field_name), _ENVELOPES)

    def not_sealed_by(self, key_id: str) -> SQL:
        """Return the SQL condition for clear text, and for envelopes of other keys."""
        return SQL(
            "%s NOT LIKE %s",
            SQL.identifier(self.field_name),
            f"{VERSION}:{key_id}:%",
        )


def warn_of_unreadable(place: Place, unreadable: list[tuple[int, str]]) -> None:
    """Log the values that could not be decrypted, in one line for each reason.

    :param unreadable: (id of the record, reason)
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
    """Return all columns of this database that contain envelopes."""
    places = [
        Place.of_field(env, model_name, field_name)
        for model_name, model in sorted(env.items())
        if not model._abstract and model._auto
        for field_name, field in model._fields.items()
        if isinstance(field, EncryptedField) and field.store
    ]
    keys = env[PARAMETER_MODEL]._praetorx_encrypted_keys()
    return [*places, Place.of_parameters(keys)]
