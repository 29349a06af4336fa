# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "settlement-rescue"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/settlement-rescue"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  trust     = { principals = ["arn:aws:iam::111122223333:user/people/alice-emergency"] }
  report_to = "arn:aws:sns:eu-west-1:111122223333:break-glass"
  allow = [
    {
      actions   = ["ecs:UpdateService"]
      resources = ["arn:aws:ecs:eu-west-1:111122223333:service/payments/settlement"]
    },
  ]
}
