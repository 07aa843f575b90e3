"""From alerts to messages, without any I/O: an account's cases, a target's desk, and when what may be sent."""
