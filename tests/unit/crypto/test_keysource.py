"""Test keys from the environment, a named file, or a file that is created once."""

import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from praetorx_base.crypto.errors import InvalidKey
from praetorx_base.crypto.keyring import Keyring, generate_key
from praetorx_base.crypto.keysource import (
    KEY_FILE_VARIABLE,
    KEYS_VARIABLE,
    KeySource,
    create_key_file,
)

ONE, TWO = generate_key(), generate_key()


def key_ids(*keys: str) -> tuple[str, ...]:
    return Keyring.parse("\n".join(keys)).key_ids


@pytest.fixture
def default_file(tmp_path):
    return tmp_path / "data" / "keys"


def write_private(path, text):
    path.write_text(text)
    path.chmod(0o600)


def test_nothing_configured_makes_a_private_file_and_keeps_it(default_file):
    made = KeySource({}, default_file).keyring().key_ids
    assert stat.S_IMODE(default_file.stat().st_mode) == 0o600
    assert KeySource({}, default_file).keyring().key_ids == made
    assert os.listdir(default_file.parent) == [default_file.name]


def test_the_environment_comes_first(default_file, tmp_path):
    named = tmp_path / "named"
    write_private(named, TWO)
    environ = {KEYS_VARIABLE: ONE, KEY_FILE_VARIABLE: str(named)}
    assert KeySource(environ, default_file).keyring().key_ids == key_ids(ONE)
    assert not default_file.exists()


def test_a_named_file_is_read_but_never_made(default_file, tmp_path):
    named = tmp_path / "named"
    source = KeySource({KEY_FILE_VARIABLE: str(named)}, default_file)
    with pytest.raises(InvalidKey, match=f"{named} cannot be read"):
        source.keyring()
    assert not named.exists()
    assert not default_file.exists()
    write_private(named, f"{ONE}  # since spring\n{TWO}\n")
    assert source.keyring().key_ids == key_ids(ONE, TWO)


def test_changes_are_seen_at_once(default_file):
    environ = {}
    source = KeySource(environ, default_file)
    source.keyring()
    write_private(default_file, f"{TWO}\n{ONE}\n")
    assert source.keyring().key_ids == key_ids(TWO, ONE)
    environ[KEYS_VARIABLE] = ONE
    assert source.keyring().key_ids == key_ids(ONE)
    assert source.place == KEYS_VARIABLE


def test_the_same_ring_serves_until_something_changes(default_file):
    source = KeySource({}, default_file)
    assert source.keyring() is source.keyring()


def test_a_file_that_others_can_read_is_warned_of_once(default_file, caplog):
    default_file.parent.mkdir()
    write_private(default_file, ONE)
    default_file.chmod(0o644)
    source = KeySource({}, default_file)
    with caplog.at_level(logging.WARNING):
        source.keyring()
        source.keyring()
    assert len(caplog.records) == 1
    assert "644" in caplog.text
    assert ONE not in caplog.text


def test_a_bad_file_is_named_without_its_content(default_file):
    default_file.parent.mkdir()
    write_private(default_file, "my-password")
    with pytest.raises(InvalidKey, match=str(default_file)) as caught:
        KeySource({}, default_file).keyring()
    assert "my-password" not in str(caught.value)


def test_a_binary_file_is_an_invalid_key(default_file):
    default_file.parent.mkdir()
    default_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidKey, match="not a text file"):
        KeySource({}, default_file).keyring()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidKey, match=KEYS_VARIABLE):
        KeySource({}, tmp_path / "file" / "folder" / "keys").keyring()


def _ids_of(path):
    return KeySource({}, path).keyring().key_ids


@pytest.mark.parametrize("_round", range(5))
def test_processes_that_race_agree_on_one_key(default_file, _round):
    with get_context("fork").Pool(4) as pool:
        found = pool.map(_ids_of, [default_file] * 16, chunksize=1)
    assert len(set(found)) == 1
    assert os.listdir(default_file.parent) == [default_file.name]


def test_threads_that_race_agree_on_one_key(default_file):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(_ids_of, [default_file] * 64))
    assert len(set(found)) == 1


def test_an_existing_file_is_never_replaced(default_file):
    default_file.parent.mkdir()
    write_private(default_file, ONE)
    create_key_file(default_file)
    assert default_file.read_text() == ONE
