"""Read JSON that is not trusted: get the right type, a default, or an error."""

from __future__ import annotations

from typing import Any

from ..errors import BadRemoteEvent
from ..reasons import because
from .text import clean

#: PostgreSQL's integer.
_MAX_INTEGER = 2**31 - 1


class UntrustedJson:
    """A JSON object that is not trusted; each member is checked when it is read.

    A missing or null member gives the default. A member of a wrong type raises
    :class:`BadRemoteEvent`. A member that is never read may have any type.
    """

    def __init__(self, data: dict[str, Any], remote_id: str | None = None) -> None:
        self._data = data
        self.remote_id = remote_id

    @property
    def data(self) -> dict[str, Any]:
        """Return the JSON object, unchanged."""
        return self._data

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def bad(self, text: str) -> BadRemoteEvent:
        """Return the error for this event, with its id.

        :param text: the defect, for the details; without event content
        """
        reason = because("unreadable", text=text)
        return BadRemoteEvent(reason, remote_id=self.remote_id)

    def of_no_year(self, what: str, year: int) -> BadRemoteEvent:
        """Return the error for a date that Odoo or Outlook cannot handle."""
        text = f"{what} in the year {year}"
        reason = because("outside_years", text=text, year=year)
        return BadRemoteEvent(reason, remote_id=self.remote_id)

    def text(self, name: str, default: str = "") -> str:
        """Read a text, without the characters that cannot be stored."""
        return clean(self._get(name, str, default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean."""
        value: bool = self._get(name, bool, default)
        return value

    def integer(self, name: str) -> int | None:
        """Read a whole number that fits into an integer column."""
        value: int | None = self._get(name, int, None)
        if isinstance(value, bool) or abs(value or 0) > _MAX_INTEGER:
            raise self.bad(f"{name} is no number that makes sense")
        return value

    def object(self, name: str) -> UntrustedJson:
        """Read an object; a missing one is empty."""
        return UntrustedJson(self._get(name, dict, {}), self.remote_id)

    def objects(self, name: str) -> list[UntrustedJson]:
        """Read a list of objects."""
        items = self._get(name, list, [])
        if not all(isinstance(item, dict) for item in items):
            raise self.bad(f"{name} has an entry that is no object")
        return [UntrustedJson(item, self.remote_id) for item in items]

    def texts(self, name: str) -> list[str]:
        """Read a list of texts."""
        items = self._get(name, list, [])
        if not all(isinstance(item, str) for item in items):
            raise self.bad(f"{name} has an entry that is no text")
        return [clean(item) for item in items]

    def _get(self, name: str, kind: type, default: Any) -> Any:
        value = self._data.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise self.bad(f"{name} is a {type(value).__name__}")
        return value
