import logging
from collections import Counter

import psycopg2.errors

from odoo import api, models

from .. import sealing
from ..crypto.envelope import is_envelope
from ..crypto.errors import CryptoError
from ..places import (
    PARAMETER_MODEL,
    Place,
    Row,
    all_places,
    warn_of_unreadable,
)

_logger = logging.getLogger(__name__)

_ATTEMPTS = 5

# While a rotation is requested, this parameter has the id of the newest key.
_REQUEST_PARAMETER = "praetorx_base.rotation_to_key"


class PraetorxEncryption(models.AbstractModel):
    """Count the encrypted values of this database by key, and rotate the keys.

    In a shell: ``env["praetorx.encryption"].rotate()``.
    """

    _name = "praetorx.encryption"
    _description = "Encryption at Rest"

    @api.private
    def count_by_key(self) -> Counter:
        """Count stored values by key id; ``None`` is for values in clear text.

        :return: has every configured key, even if no value uses it
        """
        count = Counter(dict.fromkeys(sealing.keyring().key_ids, 0))
        for place in all_places(self.env):
            count.update(place.count_by_key(self.env))
        return count

    @api.private
    def rotate(self) -> int:
        """Encrypt with the newest key all values that are not encrypted with it yet.

        Commits after every batch. So it can be interrupted and called again. A batch is
        rolled back and repeated if another transaction has changed one of its values.
        Values that cannot be decrypted are kept and logged.

        :return: number of changed values
        :raise UnusableKeys: there is no usable key
        """
        sealing.require_keyring(self.env)
        self._commit_progress(remaining=self._count_outdated())
        total = 0
        for place in all_places(self.env):
            changed, in_time = self._rotate_place(place)
            total += changed
            if not in_time:
                break
        # All processes have the old envelopes of parameters in their caches. Drop them:
        # the administrator may remove the old key next.
        self.env.registry.clear_cache("stable")
        self.env.registry.signal_changes()
        _logger.info("Rotated %s encrypted values.", total)
        return total

    @api.private
    def request_rotation(self) -> None:
        """Start a rotation by the scheduler, after this transaction is committed."""
        newest = sealing.require_keyring(self.env).newest.id
        self.env[PARAMETER_MODEL].sudo().set_param(_REQUEST_PARAMETER, newest)
        self.env.ref("praetorx_base.ir_cron_rotate").sudo()._trigger()

    @api.model
    def _cron_rotate(self):
        """Rotate if a rotation was requested, until all values have the newest key.

        It never rotates without a request: if several servers share a database, all of
        them need the new key first.
        """
        parameters = self.env[PARAMETER_MODEL].sudo()
        if not parameters.get_param(_REQUEST_PARAMETER):
            return
        if not self.rotate() or not self._count_outdated():
            parameters.set_param(_REQUEST_PARAMETER, False)

    @api.model
    def _count_outdated(self) -> int:
        """Count the values to rotate; values with a missing key do not count."""
        ring = sealing.require_keyring(self.env)
        older = {None, *ring.key_ids} - {ring.newest.id}
        return sum(n for key_id, n in self.count_by_key().items() if key_id in older)

    @api.model
    def _rotate_place(self, place: Place) -> tuple[int, bool]:
        """Rotate the values of one place.

        :return: number of changed values, and True if there is time for more
        """
        ring = sealing.require_keyring(self.env)
        unreadable = []

        def rotated(row: Row) -> str | None:
            try:
                if is_envelope(row.text):
                    return ring.rotate(row.text, row.context)
                return ring.encrypt(row.text, row.context)
            except CryptoError as error:
                unreadable.append((row.id, str(error)))
                return None

        def rotate_batches():
            outdated = place.not_sealed_by(ring.newest.id)
            return place.convert(self.env, outdated, rotated, skip_locked=True)

        batches = rotate_batches()
        changed, attempts_left, seconds_left = 0, _ATTEMPTS, True
        while seconds_left:
            try:
                count = next(batches, None)
            except psycopg2.errors.SerializationFailure:
                self.env.cr.rollback()
                attempts_left -= 1
                if not attempts_left:
                    raise
                unreadable.clear()
                batches = rotate_batches()
                continue
            if count is None:
                break
            changed += count
            attempts_left = _ATTEMPTS
            seconds_left = self._commit_progress(count)
        warn_of_unreadable(place, unreadable)
        return changed, bool(seconds_left)

    @api.model
    def _commit_progress(self, processed=0, *, remaining=None) -> float:
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)
