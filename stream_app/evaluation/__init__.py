"""What the rules find, miss and invent on simulated months, of which the truth is known."""
