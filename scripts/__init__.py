"""What the Makefile's verbs run. Each is a module of its own: `python3 -m scripts.install.tools`."""
