"""`python -m stream_app`: the same as `stream-app`."""

import sys

from stream_app.cli import main

sys.exit(main())
