"""What all benches stand on; see the package `benchmarks` for how to use it."""
