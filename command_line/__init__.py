"""Door of operators: imports, recounts and the demo brand from a shell."""
