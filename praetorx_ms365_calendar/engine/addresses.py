"""Read the addresses of a mailbox from Microsoft's list."""

from __future__ import annotations

from collections.abc import Collection

from .mapping.text import mail_address

#: Read at most this many addresses. No person has more.
MAX_ADDRESSES = 200


def addresses_of_mailbox(
    me: object, *, former: str, known: Collection[str]
) -> tuple[str | None, list[str]]:
    """Return the main address of a mailbox, and all other present or former addresses.

    After a change of name, the old address stays in the list: events still use it.
    ``otherMails`` is ignored. People enter these addresses themselves, so they do not
    prove that the mailbox is theirs.

    :param me: Graph's ``user``: ``mail``, ``userPrincipalName``, ``proxyAddresses``
    :param former: the main address until now, empty without one
    :param known: the other addresses until now
    """
    me = me if isinstance(me, dict) else {}
    main = _address(me.get("mail")) or _address(me.get("userPrincipalName"))
    proxies = me.get("proxyAddresses")
    found = [
        _address(entry[5:])
        for entry in (proxies if isinstance(proxies, list) else ())
        if isinstance(entry, str) and entry[:5].lower() == "smtp:"
    ]
    found += [_address(me.get("userPrincipalName")), _address(former), *sorted(known)]
    others = {one for one in found[:MAX_ADDRESSES] if one is not None}
    return main, sorted(others - {main})


def _address(value: object) -> str | None:
    return mail_address(value) if isinstance(value, str) else None
