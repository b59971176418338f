"""The directory of resources: where somebody can be helped further, and since when that is known to be right."""
