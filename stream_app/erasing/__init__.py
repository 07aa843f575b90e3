"""`stream-app erase`: a customer is forgotten by everything that runs, and it is said what remains where."""
