"""Model to Terraform: render a stack's root, plan it, apply the saved plan, say what a plan means."""
