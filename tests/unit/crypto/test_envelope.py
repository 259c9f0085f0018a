"""Test that an envelope opens only with its key, in its place, and unchanged."""

import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_base.crypto.envelope import NONCE_BYTES, TAG_BYTES, Envelope, is_envelope
from praetorx_base.crypto.errors import BadEnvelope
from praetorx_base.crypto.keyring import Key

KEY = Key(os.urandom(32))
PLACE = "res.users.secret"
ALPHABET = string.ascii_letters + string.digits + "-_"

# with surrogates: no text from a database or a person may cause a crash
any_text = st.text(st.characters())


def open_with(key: Key, text: str, place: str = PLACE) -> str:
    return key.decrypt(Envelope.parse(text), place)


@given(any_text)
def test_sealed_text_opens_to_the_same_text(clear_text):
    assert open_with(KEY, KEY.encrypt(clear_text, PLACE)) == clear_text


@given(st.text(min_size=8))
def test_the_clear_text_is_not_in_the_envelope(clear_text):
    assert clear_text not in KEY.encrypt(clear_text, PLACE)


def test_the_same_text_never_gives_the_same_envelope():
    assert len({KEY.encrypt("same", PLACE) for _ in range(100)}) == 100


def test_the_envelope_names_version_and_key():
    assert KEY.encrypt("text", PLACE).startswith(f"px1:{KEY.id}:")


@given(any_text, st.data())
def test_altering_any_character_is_noticed(clear_text, data):
    text = KEY.encrypt(clear_text, PLACE)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda c: c != text[position]))
    altered = text[:position] + other + text[position + 1 :]
    with pytest.raises(BadEnvelope):
        open_with(KEY, altered)


@given(any_text, st.data())
def test_cutting_is_noticed(clear_text, data):
    text = KEY.encrypt(clear_text, PLACE)
    length = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(BadEnvelope):
        open_with(KEY, text[:length])


@given(st.text(min_size=1))
def test_adding_is_noticed(addition):
    with pytest.raises(BadEnvelope):
        open_with(KEY, KEY.encrypt("text", PLACE) + addition)


def test_an_envelope_does_not_open_in_another_place():
    text = KEY.encrypt("text", PLACE)
    with pytest.raises(BadEnvelope, match="belongs to another field"):
        open_with(KEY, text, "res.users.other")


def test_another_key_does_not_open_it_under_a_forged_key_id():
    other = Key(os.urandom(32))
    forged = KEY.encrypt("text", PLACE).replace(KEY.id, other.id)
    with pytest.raises(BadEnvelope):
        open_with(other, forged)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "clear text",
        "px1:",
        "px1::",
        "px1:0123456789ab:",
        "px1:0123456789ab:AA",
        "px1:0123456789AB:" + "A" * 38,
        "px2:0123456789ab:" + "A" * 38,
        "px1:0123456789ab:" + "A" * 38 + "\n",
        "px1:0123456789ab:" + "A" * 37 + "B",  # spare bits that must be zero
    ],
)
def test_invalid_envelope_is_refused(text):
    with pytest.raises(BadEnvelope):
        Envelope.parse(text)


@given(st.text().filter(lambda text: not text.startswith("px1:")))
def test_other_text_is_refused(text):
    assert not is_envelope(text)
    with pytest.raises(BadEnvelope):
        Envelope.parse(text)


def test_a_damaged_envelope_is_not_taken_for_clear_text():
    assert is_envelope(KEY.encrypt("text", PLACE)[:20])


@pytest.mark.parametrize("value", [None, False, 7, b"px1:0123456789ab:AAAA"])
def test_only_text_is_an_envelope(value):
    assert not is_envelope(value)


@given(
    st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES), st.binary(min_size=TAG_BYTES)
)
def test_text_form_and_parts_are_inverse(nonce, sealed):
    envelope = Envelope("0123456789ab", nonce, sealed)
    assert is_envelope(str(envelope))
    assert Envelope.parse(str(envelope)) == envelope


@given(st.text(min_size=4))
def test_errors_do_not_contain_their_input(text):
    sealed = KEY.encrypt(text, PLACE)
    for bad in (text, sealed[:-1], sealed + "A"):
        with pytest.raises(BadEnvelope) as caught:
            open_with(KEY, f"#{bad}")
        assert bad not in str(caught.value)
        assert caught.value.__cause__ is None
