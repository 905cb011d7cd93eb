"""What members are told because something happened or is about to: 服务通知.

Promises: each notice follows from a fact and leaves in the fact's transaction as a delivery, once per occasion; what lies
long past when it becomes known (an old order of somebody recognised today, a receipt of last month) is told to nobody;
what is about to happen is told ahead by the clock, at the days set, also after a pause; right before a notice goes it is
asked again whether it is still so: a cancelled booking, a used coupon, points spent meanwhile are not announced.
"""

from app.outreach.notices import reactions as _reactions  # noqa: F401  (registers what is told when others announce)
from app.outreach.notices.operations import ahead as ahead
from app.outreach.notices.rules import NoticesPolicy as NoticesPolicy
