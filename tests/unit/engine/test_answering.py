"""Test how a reply given in Odoo is sent to Outlook."""

from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.answering import (
    MAX_WAITS,
    AnswerScope,
    AnswerStep,
    answered_apart,
    first_news,
    is_look_good,
    news_of_answers,
    next_look_for_invitation,
    plan_answer,
    scope_of_answer,
)
from praetorx_ms365_calendar.engine.mapping.responses import (
    ANSWER_OF_STATE,
    ANSWERS,
    STATE_OF_ANSWER,
)
from praetorx_ms365_calendar.engine.snapshot import RemoteEvent

NOON = datetime(2026, 3, 2, 12)
answers = st.sampled_from(sorted(ANSWERS))
words = st.sampled_from(["none", "notResponded", *sorted(ANSWERS)])
moments = st.none() | st.integers(-3, 3).map(
    lambda hours: NOON + timedelta(hours=hours)
)


def copy_with(answer, answered_at=None, **values):
    """Return an attendee's copy."""
    return RemoteEvent(
        "B1",
        "CK1",
        "singleInstance",
        None,
        is_organizer=False,
        own_response=answer,
        answered_at=answered_at,
        **values,
    )


@given(answers, answers, moments)
def test_reply_that_outlook_has_is_not_sent_again(wanted, seen, answered_at):
    there = copy_with(wanted, answered_at)
    assert plan_answer(wanted, NOON, seen, there) is AnswerStep.SAME


@given(answers, st.sampled_from(["none", "notResponded"]), moments)
def test_first_reply_is_sent(wanted, silence, answered_at):
    there = copy_with(silence, answered_at)
    assert plan_answer(wanted, NOON, silence, there) is AnswerStep.SEND


@given(answers, words, words, moments)
def test_the_later_of_two_replies_wins(wanted, held, seen, answered_at):
    assume(held != wanted)
    step = plan_answer(wanted, NOON, seen, copy_with(held, answered_at))
    is_answer = held in ANSWERS and held != seen
    is_later = answered_at is not None and answered_at > NOON
    expected = AnswerStep.THEIRS if is_answer and is_later else AnswerStep.SEND
    assert step is expected


@given(answers, words)
def test_no_reply_by_the_organizer_or_to_a_cancelled_meeting(wanted, held):
    own = RemoteEvent("R1", "CK1", "singleInstance", None, own_response=held)
    over = copy_with(held, is_cancelled=True)
    for there in (own, over):
        assert plan_answer(wanted, NOON, None, there) is AnswerStep.NOTHING


days = st.sets(st.sampled_from(["2026-03-02", "2026-03-09", "2026-03-16"]))


@given(days, st.booleans())
def test_reply_is_for_one_occurrence_unless_all_were_chosen(coming, is_every):
    scope = scope_of_answer({"2026-03-02"}, coming, is_every=is_every)
    assert scope is (AnswerScope.ALL if is_every else AnswerScope.ONE)


@given(days.filter(lambda one: len(one) > 1), days)
def test_reply_to_all_future_occurrences_is_for_the_series(answered, coming):
    scope = scope_of_answer(answered, coming, is_every=False)
    expected = AnswerScope.ALL if coming <= answered else AnswerScope.SOME
    assert scope is expected


@given(answers, st.dictionaries(st.sampled_from(["2026-03-02", "2026-03-09"]), words))
def test_reply_to_a_series_skips_exceptions_with_another_reply(answer, seen_by_day):
    apart = answered_apart(answer, seen_by_day)
    if answer == "declined":
        assert apart == frozenset(), "the copy is thrown away as a whole"
    else:
        assert apart == {day for day, own in seen_by_day.items() if own != answer}


def test_copy_that_was_read_is_valid_for_a_minute():
    assert not is_look_good(None, NOON)
    assert is_look_good(NOON - timedelta(seconds=59), NOON)
    assert not is_look_good(NOON - timedelta(seconds=60), NOON)


def test_every_reply_of_odoo_comes_back_unchanged():
    assert {STATE_OF_ANSWER[word] for word in ANSWERS} == set(ANSWER_OF_STATE)
    for state, word in ANSWER_OF_STATE.items():
        assert STATE_OF_ANSWER[word] == state


def test_wait_for_an_invitation_ends_after_one_or_two_days():
    looks = [next_look_for_invitation(NOON, waits) for waits in range(1, MAX_WAITS)]
    assert looks == sorted(looks)
    assert next_look_for_invitation(NOON, MAX_WAITS) is None
    total = sum((look - NOON for look in looks), timedelta())
    assert timedelta(days=1) < total < timedelta(days=2)


def test_only_a_reply_changed_in_outlook_is_new():
    """Complaint: an answer given in Odoo is undone by the old one."""
    seen = {"anna@example.com": "none", "ben@example.com": "accepted"}
    now = {"anna@example.com": "declined", "ben@example.com": "accepted"}
    news, noted = news_of_answers(now, seen)
    assert news == {"anna@example.com": "declined"}
    assert noted == now


def test_reply_on_its_way_to_outlook_wins():
    seen, now = {"anna@example.com": "none"}, {"anna@example.com": "declined"}
    news, noted = news_of_answers(now, seen, {"anna@example.com"})
    assert news == {}
    assert noted == seen  # still new after the reply from Odoo has arrived


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
        first = first_news(now, before, limit, on_their_way)
        news, seen = news_of_answers(first, before, on_their_way)
        assert len(news) <= limit
        if first == now:
            break
    assert first == now
    assert seen == news_of_answers(now, before, on_their_way)[1]
