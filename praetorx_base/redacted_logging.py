"""Remove secrets from every log record of this process."""

import logging

from .crypto.redaction import RedactingFilter

_MARK = "praetorx_redacting"


def install() -> None:
    """Redact all log records from now on; a second call changes nothing.

    The filter works where records are made. A filter at a logger would miss the records
    of its children. A filter at the handlers would miss handlers that are added later
    (a log file, the database, a test).
    """
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, _MARK, False):
        return
    redacting = RedactingFilter()

    def make_redacted_record(*args, **kwargs):
        record = make_record(*args, **kwargs)
        redacting.filter(record)
        return record

    setattr(make_redacted_record, _MARK, True)
    logging.setLogRecordFactory(make_redacted_record)
