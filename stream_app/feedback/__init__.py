"""What people say of alerts, told by rule, with what it proposes: `stream-app feedback`."""
