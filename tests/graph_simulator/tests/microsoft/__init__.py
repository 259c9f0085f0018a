"""Microsoft's own Python clients against the simulator, in an environment of theirs."""
