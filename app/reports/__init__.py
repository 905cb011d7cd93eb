"""What is looked at: profiles of people, dashboards of the brand. Composed of what other rooms offer."""
