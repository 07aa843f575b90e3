"""A month at a glance: `python -m stream_app.testing.simulator --seed 7`."""

import argparse
import sys
from collections import Counter

from stream_app.testing.simulator import Persona, simulate, truth
from stream_app.topics import RECORDED


def main() -> None:
    """Print how much of what a simulated month holds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    args = vars(parser.parse_args())
    topics = Counter(simulated.topic for simulated in simulate(**args))
    personas = Counter(known.persona for known in truth(**args).values())
    sys.stdout.writelines(f"{topic:<14}{topics[topic]:>9,}\n" for topic in RECORDED)
    sys.stdout.writelines(f"{persona:<14}{personas[persona]:>9,}\n" for persona in Persona)


if __name__ == "__main__":
    main()
