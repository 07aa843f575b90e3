"""Where messages go: one file a sink, each with `deliver`, which returns, or says what to do next by its error."""
