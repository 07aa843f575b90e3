"""The whole product in one command: Kafka, topics, the detect worker, traffic, and the alerts that come of it."""
