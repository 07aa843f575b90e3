"""The workers: the only place that knows Faust."""
