"""Who and where: privacy, identity, stores, teams."""
