"""How many victims, who they are, when they come."""
