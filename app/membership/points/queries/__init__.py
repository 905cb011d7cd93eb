"""Questions about points, and the locking reads of the ledger."""

from app.membership.points.queries import ending as ending
from app.membership.points.queries.balances import Balance as Balance
from app.membership.points.queries.balances import Liability as Liability
from app.membership.points.queries.balances import Line as Line
from app.membership.points.queries.balances import balance_in as balance_in
from app.membership.points.queries.balances import explain as explain
from app.membership.points.queries.balances import get_balance as get_balance
from app.membership.points.queries.balances import summary_of as summary_of
from app.membership.points.queries.history import Kept as Kept
from app.membership.points.queries.history import read_history as read_history
from app.membership.points.queries.locking import FIND as FIND
from app.membership.points.queries.locking import LOCK as LOCK
from app.membership.points.queries.locking import Locked as Locked
from app.membership.points.queries.locking import Movement as Movement
from app.membership.points.queries.locking import find_movement as find_movement
from app.membership.points.queries.locking import load_lots as load_lots
from app.membership.points.queries.locking import lock_account as lock_account
from app.membership.points.queries.locking import lock_accounts as lock_accounts
from app.membership.points.queries.locking import lock_and_find as lock_and_find
from app.membership.points.queries.locking import lots_used as lots_used
from app.membership.points.queries.locking import open_accounts as open_accounts
