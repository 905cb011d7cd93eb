"""Orders of every channel, whoever sent them, in any order, any number of times.

Promises: one order per (channel, number); the state after a set of reports is the same whatever their order and however
often each came; an order names its buyer by whatever that channel knows and waits for the person where nobody is known
yet; the moment an id becomes a customer's, the orders that name it are theirs; a refund without its order moves nothing
and waits (O03); a bad line is reported with its number and reason while good ones are kept.
"""

from app.trade.orders.facts import OrderLine as OrderLine
from app.trade.orders.facts import OrderPaid as OrderPaid
from app.trade.orders.facts import OrderReceived as OrderReceived
from app.trade.orders.facts import OrderRefunded as OrderRefunded
from app.trade.orders.models import OrdersPolicy as OrdersPolicy
