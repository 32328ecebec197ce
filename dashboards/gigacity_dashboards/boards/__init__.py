"""One module a board; ``gigacity_dashboards.catalogue`` lists them all."""
