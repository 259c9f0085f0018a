"""Run Microsoft's own Python clients against the simulator, in their environment."""
