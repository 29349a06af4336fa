"""What AWS IAM policies allow: its actions and resources as data, patterns, comparison, escalation. Pure knowledge."""
