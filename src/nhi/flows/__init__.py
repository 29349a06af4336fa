"""One file a verb. A flow joins the stages; it takes interfaces and the moment, and knows no vendor."""
