# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "cost-reader"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/cost-reader"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  vendor = {
    name         = "Costlens \"}] $${upper(\"x\")} <cost> reports"
    contract_end = "2027-12-31"
  }
  trust = {
    principals  = ["arn:aws:iam::444455556666:role/costlens-collector"]
    external_id = "acme-5f0c1b7e-93d2-4a86"
  }
  allow = [
    {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
    },
  ]
}
