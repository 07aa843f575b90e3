"""One job, several engines, one table. `compare.py` beside this folder is the command."""
