"""The vocabulary of the house: values that every other room speaks of. Imports nothing of ours."""
