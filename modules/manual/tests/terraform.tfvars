# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "clearing-house-sftp"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/clearing-house-sftp"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  system  = "Clearing house SFTP (clearing.example)"
  account = "acme-settlement"
  access  = ["Read and write files under /settlement", "$${var.scope} %%{ if true } \"}] {{ scope }}"]
  removal = {
    steps   = ["Ask the service desk to delete the account.", "Try to sign in with it."]
    contact = "service-desk@clearing.example"
  }
}
