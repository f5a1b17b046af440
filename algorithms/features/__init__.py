"""Pattern features of transfers and accounts: numbers a model learns from. No findings here, and nothing but the past."""
