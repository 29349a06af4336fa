# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "ledger-writer"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/ledger-writer"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  trust = { services = ["ecs-tasks.amazonaws.com"] }
  allow = [
    {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
    },
  ]
}
