"""Test that the newest key encrypts, all keys decrypt, and errors have only key ids."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_base.crypto.errors import BadEnvelope, InvalidKey, UnknownKey
from praetorx_base.crypto.keyring import Key, Keyring, generate_key

PLACE = "res.users.secret"
OLD, NEW, LOST = (generate_key() for _ in range(3))


def ring(*keys: str) -> Keyring:
    return Keyring.parse(",".join(keys))


@given(st.text())
def test_every_key_of_the_ring_decrypts(clear_text):
    sealed = ring(OLD).encrypt(clear_text, PLACE)
    assert ring(NEW, OLD).decrypt(sealed, PLACE) == clear_text


def test_the_newest_key_encrypts():
    both = ring(NEW, OLD)
    sealed = both.encrypt("text", PLACE)
    assert sealed.split(":")[1] == both.newest.id == ring(NEW).newest.id


def test_an_unknown_key_is_named():
    sealed = ring(LOST).encrypt("text", PLACE)
    with pytest.raises(UnknownKey) as caught:
        ring(NEW, OLD).decrypt(sealed, PLACE)
    assert caught.value.key_id == ring(LOST).newest.id
    assert caught.value.key_id in str(caught.value)


@given(st.text())
def test_rotation_seals_values_of_an_older_key_again(clear_text):
    rotated = ring(NEW, OLD).rotate(ring(OLD).encrypt(clear_text, PLACE), PLACE)
    assert ring(NEW).decrypt(rotated, PLACE) == clear_text


def test_rotation_does_not_change_values_of_the_newest_key():
    sealed = ring(NEW).encrypt("text", PLACE)
    assert ring(NEW, OLD).rotate(sealed, PLACE) == sealed


@given(st.lists(st.text(), max_size=8), st.integers(0, 8))
def test_an_interrupted_rotation_is_finished_by_the_next(clear_texts, stop):
    sealed = [ring(OLD).encrypt(text, PLACE) for text in clear_texts]
    both = ring(NEW, OLD)
    half = [both.rotate(text, PLACE) for text in sealed[:stop]] + sealed[stop:]
    whole = [both.rotate(text, PLACE) for text in half]
    assert [ring(NEW).decrypt(text, PLACE) for text in whole] == clear_texts
    assert whole[:stop] == half[:stop]


def test_rotation_refuses_unknown_keys_and_clear_text():
    with pytest.raises(UnknownKey):
        ring(NEW).rotate(ring(LOST).encrypt("text", PLACE), PLACE)
    with pytest.raises(BadEnvelope):
        ring(NEW).rotate("text", PLACE)


@pytest.mark.parametrize("separator", [",", "\n", "\r\n", " , ", "\n\n", "  # old\n"])
def test_keys_are_separated_by_commas_or_lines(separator):
    parsed = Keyring.parse(f"# keys, newest first\n{NEW}{separator}{OLD}\n")
    assert parsed.key_ids == ring(NEW).key_ids + ring(OLD).key_ids


def test_a_key_that_is_given_twice_counts_once():
    assert len(ring(NEW, OLD, NEW).key_ids) == 2
    assert ring(NEW, OLD, NEW).newest.id == ring(NEW).newest.id


def test_every_spelling_of_base64_is_the_same_key():
    material = bytes(range(224, 256))
    plain = base64.b64encode(material).decode()
    url_safe = base64.urlsafe_b64encode(material).decode()
    assert "+" in plain or "/" in plain
    spellings = {plain, url_safe, plain.rstrip("="), url_safe.rstrip("=")}
    assert len({Key.parse(spelling).id for spelling in spellings}) == 1


@pytest.mark.parametrize("text", ["", " \n", "# only a comment", ",,,"])
def test_no_key_is_an_error(text):
    with pytest.raises(InvalidKey, match="no key"):
        Keyring.parse(text)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("password", "32 bytes, this one 6"),
        ("ümlaut", "base64"),
        ("x", "base64"),
        (base64.b64encode(os.urandom(31)).decode(), "this one 31"),
        (base64.b64encode(os.urandom(64)).decode(), "this one 64"),
        (base64.b64encode(b"\0" * 32).decode(), "random"),
        (base64.b64encode(b"changeme" * 4).decode(), "random"),
    ],
)
def test_an_invalid_key_is_named_by_its_position_only(bad, reason):
    with pytest.raises(InvalidKey, match=reason) as caught:
        ring(NEW, bad, OLD)
    assert "key 2 of 3" in str(caught.value)
    assert bad not in str(caught.value)


def test_keys_are_not_printed():
    material = base64.urlsafe_b64decode(NEW)
    shown = repr(ring(NEW)) + repr(Key(material)) + str(Key(material))
    assert NEW.rstrip("=") not in shown
    assert repr(material) not in shown


def test_generated_keys_differ():
    assert len({generate_key() for _ in range(100)}) == 100


FORMER = "res.users.token"


@given(st.text())
def test_value_of_a_renamed_place_is_decrypted_and_sealed_anew(clear_text):
    one, both = ring(NEW), ring(NEW, OLD)
    for key in (NEW, OLD):
        sealed = ring(key).encrypt(clear_text, FORMER)
        assert both.decrypt(sealed, PLACE, FORMER) == clear_text
        rotated = both.rotate(sealed, PLACE, FORMER)
        assert one.decrypt(rotated, PLACE) == clear_text


def test_value_of_another_place_is_refused():
    sealed = ring(NEW).encrypt("text", "res.users.other")
    for former in (None, FORMER):
        with pytest.raises(BadEnvelope):
            ring(NEW).decrypt(sealed, PLACE, former)
        with pytest.raises(BadEnvelope):
            ring(NEW).rotate(sealed, PLACE, former)
