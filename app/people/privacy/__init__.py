"""What a person agreed to, and who looked at them.

Promises: a consent keeps purpose, version, time and place (field rule L01); purposes are separate and refusing one blocks
nothing else; a look at a full personal value has a reason and is written down (G08).
"""

from app.people.privacy.operations import log_look as log_look
from app.people.privacy.operations import notice_version as notice_version
from app.people.privacy.operations import re_point as re_point
from app.people.privacy.operations import record_consents as record_consents
from app.people.privacy.queries import AGREED as AGREED
from app.people.privacy.queries import ConsentView as ConsentView
from app.people.privacy.queries import LookView as LookView
from app.people.privacy.queries import list_consents as list_consents
from app.people.privacy.queries import list_looks as list_looks
from app.people.privacy.queries import who_agreed as who_agreed
from app.people.privacy.refusals import NoticeOutdated as NoticeOutdated
from app.people.privacy.refusals import NoticeStands as NoticeStands
from app.people.privacy.refusals import PurposeUnknown as PurposeUnknown
from app.people.privacy.refusals import ReasonMissing as ReasonMissing
from app.people.privacy.rules import PURPOSES as PURPOSES
