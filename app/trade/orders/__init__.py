"""Orders of every channel, whoever sent them, in any order, any number of times.

Promises: one order per (channel, number); the state after a set of reports is the same whatever their order and however
often each came; an order names its buyer by whatever that channel knows and waits for the person where nobody is known
yet; the moment an id becomes a customer's, the orders that name it are theirs; a refund without its order moves nothing
and waits (O03); a receipt is claimed once ever (M05); a bad line is reported with its number and reason while good ones are kept.
"""

from app.trade.orders import errands as errands
from app.trade.orders import reactions as reactions
from app.trade.orders.facts import OrderLine as OrderLine
from app.trade.orders.facts import OrderPaid as OrderPaid
from app.trade.orders.facts import OrderReceived as OrderReceived
from app.trade.orders.facts import OrderRefunded as OrderRefunded
from app.trade.orders.facts import OrderShipped as OrderShipped
from app.trade.orders.models import OrdersPolicy as OrdersPolicy
from app.trade.orders.operations.proving import names_buyer as names_buyer
from app.trade.orders.operations.reporting import Outcome as Outcome
from app.trade.orders.operations.reporting import report_orders as report_orders
from app.trade.orders.operations.telling import list_order_facts as list_order_facts
from app.trade.orders.queries import OrderView as OrderView
from app.trade.orders.queries import count_paid_orders as count_paid_orders
from app.trade.orders.queries import find_order as find_order
from app.trade.orders.queries import get_order as get_order
from app.trade.orders.queries import list_arrivals as list_arrivals
from app.trade.orders.queries import list_orders as list_orders
from app.trade.orders.queries import purchases as purchases
from app.trade.orders.queries import reviewing as reviewing
from app.trade.orders.refusals import ClaimLocked as ClaimLocked
from app.trade.orders.refusals import ClaimRefused as ClaimRefused
from app.trade.orders.refusals import OrderNotFound as OrderNotFound
from app.trade.orders.rules.csv_files import HeaderWrong as HeaderWrong
from app.trade.orders.rules.csv_files import read_csv as read_csv
from app.trade.orders.rules.json_files import read_json as read_json
from app.trade.orders.rules.reading import Defaults as Defaults
from app.trade.orders.rules.reading import Reading as Reading
from app.trade.orders.rules.reading import Unreadable as Unreadable
from app.trade.orders.rules.reading import report_of as report_of
from app.trade.orders.rules.reports import Amounts as Amounts
from app.trade.orders.rules.reports import Buyer as Buyer
from app.trade.orders.rules.reports import Line as Line
from app.trade.orders.rules.reports import OrderReport as OrderReport
from app.trade.orders.rules.reports import Refund as Refund
