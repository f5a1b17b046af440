"""Engines: how to project and compute, nothing about fraud."""
