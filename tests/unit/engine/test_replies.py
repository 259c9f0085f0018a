"""Test how a reply given in Odoo is sent to Outlook."""

from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mapping.reply_states import (
    REPLIES,
    REPLY_OF_STATE,
    STATE_OF_REPLY,
)
from praetorx_ms365_calendar.engine.replies import (
    MAX_WAITS,
    ReplyScope,
    ReplyStep,
    days_with_own_reply,
    first_new_replies,
    has_reply_of,
    is_recently_read,
    lost_replies,
    new_replies,
    next_search_for_invitation,
    plan_reply,
    reply_scope,
    seen_of_new_copy,
)
from praetorx_ms365_calendar.engine.snapshot import RemoteEvent

NOON = datetime(2026, 3, 2, 12)
replies = st.sampled_from(sorted(REPLIES))
words = st.sampled_from(["none", "notResponded", *sorted(REPLIES)])
moments = st.none() | st.integers(-3, 3).map(
    lambda hours: NOON + timedelta(hours=hours)
)


def copy_with(reply, replied_at=None, **values):
    """Return an attendee's copy."""
    return RemoteEvent(
        "B1",
        "CK1",
        "singleInstance",
        None,
        is_organizer=False,
        own_reply=reply,
        replied_at=replied_at,
        **values,
    )


@given(replies, replies, moments)
def test_reply_that_outlook_has_is_not_sent_again(wanted, seen, replied_at):
    there = copy_with(wanted, replied_at)
    assert plan_reply(wanted, NOON, seen, there) is ReplyStep.SAME


@given(replies, st.sampled_from(["none", "notResponded"]), moments)
def test_first_reply_is_sent(wanted, silence, replied_at):
    there = copy_with(silence, replied_at)
    assert plan_reply(wanted, NOON, silence, there) is ReplyStep.SEND


@given(replies, words, words, moments)
def test_the_later_of_two_replies_wins(wanted, held, seen, replied_at):
    assume(held != wanted)
    step = plan_reply(wanted, NOON, seen, copy_with(held, replied_at))
    is_reply = held in REPLIES and held != seen
    is_later = replied_at is not None and replied_at > NOON
    expected = ReplyStep.THEIRS if is_reply and is_later else ReplyStep.SEND
    assert step is expected


@given(replies, words)
def test_no_reply_by_the_organizer_or_to_a_cancelled_meeting(wanted, held):
    own = RemoteEvent("R1", "CK1", "singleInstance", None, own_reply=held)
    over = copy_with(held, is_cancelled=True)
    for there in (own, over):
        assert plan_reply(wanted, NOON, None, there) is ReplyStep.NOTHING


days = st.sets(st.sampled_from(["2026-03-02", "2026-03-09", "2026-03-16"]))


@given(days, st.booleans())
def test_reply_is_for_one_occurrence_unless_all_were_chosen(coming, is_every):
    scope = reply_scope({"2026-03-02"}, coming, is_every=is_every)
    assert scope is (ReplyScope.ALL if is_every else ReplyScope.ONE)


@given(days.filter(lambda one: len(one) > 1), days)
def test_reply_to_all_future_occurrences_is_for_the_series(answered, coming):
    scope = reply_scope(answered, coming, is_every=False)
    expected = ReplyScope.ALL if coming <= answered else ReplyScope.SOME
    assert scope is expected


@given(replies, st.dictionaries(st.sampled_from(["2026-03-02", "2026-03-09"]), words))
def test_reply_to_a_series_skips_exceptions_with_another_reply(reply, seen_by_day):
    apart = days_with_own_reply(reply, seen_by_day)
    if reply == "declined":
        assert apart == frozenset(), "the copy is thrown away as a whole"
    else:
        assert apart == {day for day, own in seen_by_day.items() if own != reply}


def test_copy_that_was_read_is_valid_for_a_minute():
    assert not is_recently_read(None, NOON)
    assert is_recently_read(NOON - timedelta(seconds=59), NOON)
    assert not is_recently_read(NOON - timedelta(seconds=60), NOON)


def test_every_reply_of_odoo_comes_back_unchanged():
    assert {STATE_OF_REPLY[word] for word in REPLIES} == set(REPLY_OF_STATE)
    for state, word in REPLY_OF_STATE.items():
        assert STATE_OF_REPLY[word] == state


def test_wait_for_an_invitation_ends_after_one_or_two_days():
    looks = [next_search_for_invitation(NOON, waits) for waits in range(1, MAX_WAITS)]
    assert looks == sorted(looks)
    assert next_search_for_invitation(NOON, MAX_WAITS) is None
    total = sum((look - NOON for look in looks), timedelta())
    assert timedelta(days=1) < total < timedelta(days=2)


def test_only_a_reply_changed_in_outlook_is_new():
    """An old reply in Outlook does not undo a later reply in Odoo."""
    seen = {"anna@example.com": "none", "ben@example.com": "accepted"}
    now = {"anna@example.com": "declined", "ben@example.com": "accepted"}
    news, recorded = new_replies(now, seen)
    assert news == {"anna@example.com": "declined"}
    assert recorded == now


def test_reply_on_its_way_to_outlook_wins():
    seen, now = {"anna@example.com": "none"}, {"anna@example.com": "declined"}
    news, recorded = new_replies(now, seen, {"anna@example.com"})
    assert news == {}
    assert recorded == seen  # still new after the reply from Odoo has arrived


def test_reply_that_odoo_has_lost_is_written_again():
    """Anna was removed and added again before that was sent; Outlook kept her reply."""
    anna, ben = "anna@example.com", "ben@example.com"
    seen = now = {anna: "accepted", ben: "accepted"}
    assert lost_replies(now, seen, {anna}) == {anna}
    assert new_replies(now, seen, lost={anna}) == ({anna: "accepted"}, now)
    assert new_replies(now, seen, {anna}, {anna}) == ({}, seen), "Odoo's is under way"


def test_no_reply_and_a_new_reply_are_not_lost():
    anna = "anna@example.com"
    for now, before in (("none", "none"), ("declined", "accepted"), (None, "accepted")):
        replies = {anna: now} if now else {}
        assert lost_replies(replies, {anna: before}, {anna}) == frozenset()


def test_attendee_who_is_added_again_may_have_a_reply():
    seen = {"anna@example.com": "accepted", "ben@example.com": "notResponded"}
    assert has_reply_of({"anna@example.com", "ben@example.com"}, seen)
    assert not has_reply_of({"ben@example.com", "cleo@example.com"}, seen)
    assert not has_reply_of({"anna@example.com"}, None)


ADDRESSES = st.sampled_from("abcdef")


@given(
    st.dictionaries(ADDRESSES, words),
    st.dictionaries(ADDRESSES, words),
    st.integers(1, 3),
    st.sets(ADDRESSES),
)
def test_new_replies_come_in_small_steps_until_all_are_there(
    now, seen, limit, on_their_way
):
    for _step in range(6):
        before = seen
        first = first_new_replies(now, before, limit, on_their_way)
        news, seen = new_replies(first, before, on_their_way)
        assert len(news) <= limit
        if first == now:
            break
    assert first == now
    assert seen == new_replies(now, before, on_their_way)[1]


def test_reply_to_a_new_copy_is_newer_than_the_same_reply_to_the_former_one():
    seen = {"anna@example.com": "tentativelyAccepted", "ben@example.com": "accepted"}
    known = seen_of_new_copy(seen, {"anna@example.com"})
    assert known == {"ben@example.com": "accepted"}
    news, _seen = new_replies(seen, known)
    assert news == {"anna@example.com": "tentativelyAccepted"}
    assert seen_of_new_copy(None, {"anna@example.com"}) == {}
