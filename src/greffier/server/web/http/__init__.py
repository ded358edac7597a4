"""HTTP messages: requests, forms, cookies, origins, answers."""
