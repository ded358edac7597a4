"""Mail: templates, the durable outbox, senders. In development also the inbox that shows it."""
