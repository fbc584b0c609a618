/* Does nothing: whether a browser takes it at all tells whether it trusts the certificate. */
