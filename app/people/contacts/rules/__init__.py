"""How somebody stands with an account, from what is told of them in any order."""
