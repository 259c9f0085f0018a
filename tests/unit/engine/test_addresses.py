"""Test the addresses that are read from Microsoft's list."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.addresses import MAX_ADDRESSES, addresses_of_mailbox


def of(former="", known=(), **me):
    return addresses_of_mailbox(me, former=former, known=known)


def test_proxy_addresses_are_the_other_addresses():
    proxies = ["SMTP:Anna@X.example", "smtp:anna.b@x.example", "x500:/o=x/cn=anna"]
    main, others = of(mail="anna@x.example", proxyAddresses=proxies)
    assert main == "anna@x.example"
    assert others == ["anna.b@x.example"]


def test_sign_in_name_is_one_of_the_addresses():
    main, others = of(mail="anna@x.example", userPrincipalName="u123@x.example")
    assert main == "anna@x.example"
    assert others == ["u123@x.example"]


def test_sign_in_name_is_used_if_mail_is_missing():
    assert of(mail=None, userPrincipalName="Pat@x.example") == ("pat@x.example", [])


def test_renamed_person_keeps_the_former_address():
    main, others = of("anna@x.example", ["a@x.example"], mail="anna.new@x.example")
    assert main == "anna.new@x.example"
    assert others == ["a@x.example", "anna@x.example"]


def test_addresses_entered_by_people_are_ignored():
    assert of(mail="a@x.example", otherMails=["boss@x.example"])[1] == []


def test_number_of_addresses_is_limited():
    proxies = [f"smtp:a{number}@x.example" for number in range(5000)]
    assert len(of(mail="a@x.example", proxyAddresses=proxies)[1]) <= MAX_ADDRESSES


@pytest.mark.parametrize("odd", [None, True, 7, "", "smtp:", [], [None, 7, "x"], {}])
@pytest.mark.parametrize("name", ["mail", "userPrincipalName", "proxyAddresses"])
def test_no_response_of_microsoft_raises_an_error(name, odd):
    assert of(**{name: odd}) == (None, [])


def test_response_that_is_not_an_object_has_no_addresses():
    assert addresses_of_mailbox([], former="a@x.example", known=()) == (
        None,
        ["a@x.example"],
    )
