"""Values that no model can take, sent to a model of every kind."""
