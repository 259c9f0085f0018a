"""The addresses of a mailbox, as Microsoft lists them."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.addresses import MAX_ADDRESSES, addresses_of_mailbox


def of(former="", known=(), **me):
    return addresses_of_mailbox(me, former=former, known=known)


def test_proxy_addresses_are_the_others():
    proxies = ["SMTP:Anna@X.example", "smtp:anna.b@x.example", "x500:/o=x/cn=anna"]
    main, others = of(mail="anna@x.example", proxyAddresses=proxies)
    assert main == "anna@x.example"
    assert others == ["anna.b@x.example"]


def test_sign_in_name_is_one_of_them():
    main, others = of(mail="anna@x.example", userPrincipalName="u123@x.example")
    assert main == "anna@x.example"
    assert others == ["u123@x.example"]


def test_sign_in_name_stands_in_for_a_missing_mail():
    assert of(mail=None, userPrincipalName="Pat@x.example") == ("pat@x.example", [])


def test_renamed_person_keeps_the_former_address():
    main, others = of("anna@x.example", ["a@x.example"], mail="anna.new@x.example")
    assert main == "anna.new@x.example"
    assert others == ["a@x.example", "anna@x.example"]


def test_what_people_may_enter_themselves_proves_nothing():
    assert of(mail="a@x.example", otherMails=["boss@x.example"])[1] == []


def test_list_is_bounded():
    proxies = [f"smtp:a{number}@x.example" for number in range(5000)]
    assert len(of(mail="a@x.example", proxyAddresses=proxies)[1]) <= MAX_ADDRESSES


@pytest.mark.parametrize("odd", [None, True, 7, "", "smtp:", [], [None, 7, "x"], {}])
@pytest.mark.parametrize("name", ["mail", "userPrincipalName", "proxyAddresses"])
def test_nothing_that_microsoft_may_answer_is_an_error(name, odd):
    assert of(**{name: odd}) == (None, [])


def test_answer_that_is_no_object_tells_nothing():
    assert addresses_of_mailbox([], former="a@x.example", known=()) == (
        None,
        ["a@x.example"],
    )
