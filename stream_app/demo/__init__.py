"""The whole product in one command: Kafka, topics, both workers, traffic, and whom they tell of what."""
