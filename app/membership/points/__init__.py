"""Points a member owns: a double-entry ledger in lots.

Promises: the spendable balance is never negative; every change is a movement with two entries that is never edited; the
same cause moves points once, however often it is reported; lots are spent first-expiring first and given back to the lots
they came from; a fully refunded order nets to zero, a part in proportion; what a refund cannot take back is owed and paid
from the next earnings (M03); `recount` proves the balances from the entries.
"""
