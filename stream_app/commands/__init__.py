"""Commands that are no package of their own, a file each; `cli` gives them their names."""
