"""What the project pins of other people's programs, and where the installed ones stand."""
