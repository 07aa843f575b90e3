"""Rules over recorded history: what would have been said to whom, what that costs, and whether it was right."""
