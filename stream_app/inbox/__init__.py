"""What customer success looks at in the browser: the cases of notify, read from its topics, and two buttons."""
