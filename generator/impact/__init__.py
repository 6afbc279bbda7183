"""Impact: what a change does to what runs, and to what it costs."""
