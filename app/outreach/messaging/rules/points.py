"""The numbered points of the send path at which a test kills the process (app/kernel/failpoints.py)."""

POINTS = (
    "sending.leasing",  # 1: judged and marked, not committed
    "sending.leased",  # 2: committed with the line of the attempt, nothing called
    "sending.calling",  # 3: one call is about to be made, others may be under way
    "sending.called",  # 4: one call has its answer, nothing is written
    "sending.settling",  # 5: answers written, not committed
    "sending.settled",  # 6: answers committed
    "sending.sweeping",  # 7: what a dead worker left is put right, not committed
    "sending.swept",  # 8: the same, committed
    "sending.receiving",  # 9: receipts written, not committed
)
