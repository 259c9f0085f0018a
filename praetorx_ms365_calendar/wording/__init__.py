from .counts import (
    describe_date_count,
    describe_day_count,
    describe_event_count,
    describe_mail_count,
    describe_mail_number,
    describe_mails,
    describe_names,
    describe_sending,
    describe_series_count,
    join_names,
)
from .calendars import CALENDAR_STATUS
from .preview import PREVIEW
from .reasons import Explained, advice_of, advice_with_details, explain, sentence_of
from .status import STATUS
from .viewer import say
