"""Changes: purposes and their words are saved, shipped and put back."""
