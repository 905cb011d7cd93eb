"""Changes of what is known of contacts."""
