"""The bottom floor: errors, settings, money, time, identifiers. Imports nothing of Ringtrace."""
