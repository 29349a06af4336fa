"""What checkov finds in a plan, told in the words of the manifests."""
