"""Does it fit, how fast, what does it cost: pure functions from a question to frozen values."""
