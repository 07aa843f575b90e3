"""The worker as a process, as the settings say and nothing else."""

import sys

from stream_app.notify.run import run
from stream_app.settings import Source

if __name__ == "__main__":
    source = Source()
    sys.exit(run(source.load(), source=source))
