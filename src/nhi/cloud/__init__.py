"""An independent look at the cloud: what really stands there, compared with what is declared."""
