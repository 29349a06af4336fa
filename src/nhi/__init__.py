"""nhi: a lifecycle control plane for non-human identities, run entirely from Git."""
