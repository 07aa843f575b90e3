"""The worker that tells: plain consumers around the two pure machines, and a task for every desk."""
