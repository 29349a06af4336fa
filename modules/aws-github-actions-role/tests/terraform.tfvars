# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "payments-deployer"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/payments-deployer"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  trust = {
    owner         = "acme"
    owner_id      = "987"
    repository    = "payments"
    repository_id = "123"
    subjects      = ["environment:production"]
  }
  allow = [
    {
      actions   = ["ecs:UpdateService"]
      resources = ["arn:aws:ecs:eu-west-1:111122223333:service/payments/settlement"]
    },
  ]
}
