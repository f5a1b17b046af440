"""One way to verify a customer a file, found by its constant VERIFIER. The bank reaches the customer; we judge the answer."""
