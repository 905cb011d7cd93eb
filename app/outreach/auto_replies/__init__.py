"""The official account's bot: what it answers, and what it makes of everything that was said.

Promises: a push is stored before it is answered and answered once, repeats alike; whatever happens in an account, in
whatever order it is told, ends in the same: who follows, what may still be sent, what arrived, what was said; everything
said becomes an event of whose it is; what the platform says must go is deleted (L04).
"""

from app.outreach.auto_replies.operations import digesting as digesting
