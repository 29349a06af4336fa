# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "settlement-worker"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/settlement-worker"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  trust = {
    issuer           = "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5"
    namespace        = "payments"
    service_accounts = ["settlement"]
  }
  allow = [
    {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
    },
  ]
}
