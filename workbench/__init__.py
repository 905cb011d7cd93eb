"""The workbench: everything a developer starts, checks and measures Guiyi with. The product never imports it."""
