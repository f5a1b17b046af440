"""Deliveries that leave the house: written with the change they belong to, signed, sent once, settled when in doubt."""
