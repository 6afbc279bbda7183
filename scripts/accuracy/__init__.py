"""How near the model of memory and speed comes to measured servers."""
