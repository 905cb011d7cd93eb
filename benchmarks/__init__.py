"""Benchmarks: `python -m benchmarks [NAME …]`, one line of JSON each on standard output, progress on standard error.

A bench is a module `benchmarks/<name>.py` with one function:

    def run(ground: Ground) -> Result: ...

`ground` (`benchmarks.harness.ground`) gives it what it stands on:

* `ground.database("members", sources=[…], build=fill)`: the address of a database that `fill(url)` made once. It is
  migrated before and vacuumed after, kept on the bench's own durable server outside the tree, and made anew only when
  `sources` or the migrations change. Treat it as read-only.
* `ground.clone(url)`: a copy that may be changed; it is dropped when the bench ends.
* `ground.web(url, processes=2, threads=8)`: the real server on that database, as a context manager giving its address.
* `ground.variables(url)`: the environment of product code on that database; the secrets stay the same from run to run.
* `ground.say(text)`: progress.

`benchmarks.harness.load` drives it, always by a program that is not Python where the limit is HTTP or SQL:

* `http_load(url, connections=…, seconds=…, headers=…)`: wrk, else autocannon; requests per second.
* `http_shots(url, shots, connections=…)`: each prepared request once, however many there are; a count by status.
* `pgbench(url, [script, …], clients=…, seconds=…, mode="simple")`: the wheel's pgbench; transactions per second.
* `operations("benchmarks.points_post:prepare", url, …)`: our own operations in processes of threads (`drive`).

`benchmarks.harness.pairs.interleaved(value, limit)` runs both in turn and quotes the pair whose ratio is the median:
noise of the machine falls on both alike. More is better in every ratio, and 1 is the limit itself.

Everything runs on this one machine over loopback: server, database and load share its processors, which is said in
`conditions`. A bench raises where an answer was wrong; a fast wrong answer is no figure.
"""
