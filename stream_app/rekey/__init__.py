"""An input that is keyed otherwise than by customer id, or not at all, is re-produced by customer id."""
