"""The official account's bot: what it answers at once, the desk where people answer, what it makes of all that was said.

Promises: a push is stored before it is answered and answered once, repeats alike; an answer is made in the request, of
rules that are remembered in the process and one statement at most for what is asked of a person; nobody is told what is
another's; a change of a rule holds in every process within seconds; no pattern can take more than time in proportion to
what was said; while people answer the bot is silent, but for who wants to be left alone, which holds at once; what cannot
be said is refused when it is written, not when somebody asks.

Whatever happens in an account, in whatever order it is told, ends in the same: who follows, what may still be sent, what
arrived, what was said; everything said becomes an event of whose it is; what the platform says must go is deleted (L04).

`answer` and `digesting` are for the door and its worker. `rulebook`: check, save, switch, remove, reset, ship_stock, and the
questions of those who write. `menus`: get, check, save, reset, ship_stock; `errands`: publish_menu, read_live_menu. `desk`:
list_open, get_open, take_over, say, close, close_due.
"""

from app.outreach.auto_replies import errands as errands
from app.outreach.auto_replies import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.outreach.auto_replies.operations import desk as desk
from app.outreach.auto_replies.operations import digesting as digesting
from app.outreach.auto_replies.operations import menus as menus
from app.outreach.auto_replies.operations import rulebook as rulebook
from app.outreach.auto_replies.operations import texting as texting
from app.outreach.auto_replies.operations.answering import Reply as Reply
from app.outreach.auto_replies.operations.answering import answer as answer
from app.outreach.auto_replies.refusals import AccountUnknown as AccountUnknown
from app.outreach.auto_replies.refusals import ConversationClosed as ConversationClosed
from app.outreach.auto_replies.refusals import ConversationTaken as ConversationTaken
from app.outreach.auto_replies.refusals import ConversationUnknown as ConversationUnknown
from app.outreach.auto_replies.refusals import MenuInvalid as MenuInvalid
from app.outreach.auto_replies.refusals import MenuRefused as MenuRefused
from app.outreach.auto_replies.refusals import NothingShipped as NothingShipped
from app.outreach.auto_replies.refusals import RuleInvalid as RuleInvalid
from app.outreach.auto_replies.refusals import RuleUnknown as RuleUnknown
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy as AutoReplyPolicy
