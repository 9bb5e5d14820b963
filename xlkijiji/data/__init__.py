"""Tables that several rooms read."""
