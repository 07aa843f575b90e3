"""What runs as a process of its own: each module is one engine's program, told by `BENCH_…` variables what to do."""
