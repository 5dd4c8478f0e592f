"""How long it takes to choose regions, and to prove that nothing is better."""
