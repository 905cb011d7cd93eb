"""Door of time: the clock that decides what is due, and the workers that do it.

`python -m jobs.clock` decides, `python -m jobs.workers` works; any number of both may run. A planned run is a row
(job, planned time), a piece of work is a row of the outbox: queues in Redis only carry their names and may be lost.
"""
