"""Answering, keeping the rules, the menu, and the desk where people answer."""
