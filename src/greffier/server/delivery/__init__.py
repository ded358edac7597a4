"""Mail and text messages: templates, the durable outbox, senders. The development inbox shows them."""
