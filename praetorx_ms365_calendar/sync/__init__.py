"""The workers: they fetch jobs from the models, have them sent, and record answers."""
