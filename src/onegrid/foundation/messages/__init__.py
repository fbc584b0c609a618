"""Messages to people: text message, e-mail, webhook, or the demo's drawer. See README.md."""
