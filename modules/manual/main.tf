# Nothing here reaches the system: the record in the Terraform state is the declaration that was approved and applied.
# Its creation, each change and its destruction show in a plan, and so pass the same gate as a role does.

resource "terraform_data" "this" {
  input = {
    id        = "${var.identity.stack}/${var.identity.name}"
    owner     = var.identity.owner
    purpose   = var.identity.purpose
    expiry    = var.identity.expiry
    suspended = var.identity.suspended
    system    = var.scope.system
    account   = var.scope.account
    access    = var.scope.access
    removal   = var.scope.removal
  }
}
