"""Find the keys: in the environment, in a named file, or in a file made here."""

import logging
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from .errors import InvalidKey
from .keyring import Keyring, generate_key

KEYS_VARIABLE = "PRAETORX_ENCRYPTION_KEYS"
KEY_FILE_VARIABLE = "PRAETORX_ENCRYPTION_KEY_FILE"

_HEADER = (
    "# Encryption keys, newest first. Back this file up: without it what was\n"
    "# encrypted cannot be read. Keep it apart from backups of the database.\n"
)

_logger = logging.getLogger(__name__)


class KeySource:
    """Read the configured keys, and read them again when the configuration changes.

    The environment comes first, then the named file, then the default file. The default
    file is made when it is first needed. A named file is never made: a typo in its name
    must not create a second, unknown key.
    """

    def __init__(self, environ: Mapping[str, str], default_file: Path) -> None:
        """
        :param environ: usually ``os.environ``; read again at every use
        :param default_file: used if nothing is configured, and made if missing
        """
        self._environ = environ
        self._default_file = default_file
        self._state: tuple[object, ...] | None = None
        self._keyring: Keyring | None = None

    @property
    def place(self) -> str:
        """Return the name of the variable or file with the keys, to show to people."""
        if self._environ.get(KEYS_VARIABLE):
            return KEYS_VARIABLE
        return str(self._file)

    def keyring(self) -> Keyring:
        """Return the key ring; the file is read again only after a change.

        :raise InvalidKey: there is no usable key; the message names the place
        """
        state = self._read_state()
        if self._keyring is None or state != self._state:
            self._keyring = self._load()
            # _load may have made the default file
            self._state = self._read_state()
        return self._keyring

    @property
    def _file(self) -> Path:
        named = self._environ.get(KEY_FILE_VARIABLE)
        return Path(named) if named else self._default_file

    def _read_state(self) -> tuple[object, ...]:
        keys = self._environ.get(KEYS_VARIABLE)
        if keys:
            return (keys,)
        try:
            found = self._file.stat()
        except OSError:
            return (str(self._file),)
        return (str(self._file), found.st_mtime_ns, found.st_ino, found.st_size)

    def _load(self) -> Keyring:
        text = self._environ.get(KEYS_VARIABLE) or self._read_file()
        try:
            return Keyring.parse(text)
        except InvalidKey as error:
            raise InvalidKey(f"{self.place}: {error}") from None

    def _read_file(self) -> str:
        path = self._file
        if path == self._default_file and not path.exists():
            create_key_file(path)
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not a text file"
            raise InvalidKey(f"{path} cannot be read: {reason}") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            _logger.warning(
                "The encryption keys in %s can be read by others: its mode is %o, "
                "and should be 600.",
                path,
                stat.S_IMODE(mode),
            )
        return text


def create_key_file(path: Path) -> None:
    """Make a file with one new key that only its owner can read.

    Several processes may do this at the same time. The complete file gets its name in
    one step. The first process wins, and the others use its file.

    :raise InvalidKey: the file cannot be written
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{_HEADER}{generate_key()}\n")
                file.flush()
                os.fsync(file.fileno())
            # unlike a rename, a link never replaces the file of another process
            os.link(draft, path)
        finally:
            draft.unlink()
    except FileExistsError:
        return
    except OSError as error:
        reason = f"{path} cannot be made: {error.strerror}; set {KEYS_VARIABLE}"
        raise InvalidKey(reason) from None
    _sync_folder(path.parent)
    _logger.info("A new encryption key was made in %s: back it up.", path)


def _sync_folder(folder: Path) -> None:
    """Write the new file name to disk, so that a power cut cannot lose the key."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
