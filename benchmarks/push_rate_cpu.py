"""push_rate_cpu: processor time of the workers for each message, against wrk's; comes with `push_rate`."""

from benchmarks.push_rate import run as run
