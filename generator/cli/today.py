"""The one place that asks which day it is: for the age of facts in messages, never for what is written."""

import os
from datetime import UTC, date, datetime


def today() -> date:
    """Today, or the day of SOURCE_DATE_EPOCH, by which reproducible builds say which day it is to be."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(given), UTC).date() if given.isdecimal() else date.today()
