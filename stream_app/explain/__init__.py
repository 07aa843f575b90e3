"""Why somebody was told of a customer, or was not: all that is known of one, as a timeline with an answer on top."""
