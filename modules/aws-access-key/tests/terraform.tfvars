# What the tests start from: the kind's own, and those that stand once for all kinds (../../tests).

identity = {
  name      = "export-fetcher"
  stack     = "prod"
  account   = "111122223333"
  owner     = "payments"
  purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
  expiry    = "2027-03-31T00:00:00Z"
  suspended = false
  tags = {
    "nhi:id"     = "prod/export-fetcher"
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-03-31T00:00:00Z"
  }
}

scope = {
  allow = [
    {
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::acme-ledger-exports/daily/*"]
    },
  ]
  credential = {
    type         = "access-key"
    rotate_every = 60
    rotated      = "2026-11-01"
    encrypt_to   = "mDMEZZIAgBYJKwYBBAHaRw8BAQdAf+z57CExNfigy/B9/YCmXCruuA34zAOqiJQV2b/tp3G0BGFjbWWIkAQTFggAOBYhBEz5BLyDJ5zdP4FHND+1z1FFvZ61BQJlkgCAAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJED+1z1FFvZ61IvgBANLM2gHjEm5GjcBHAP2UhVzVZU6zJ/bugHxyP/UzC3VyAPwLM99F0bXQ0B7n+62qU+om+0A3kfZT8PsbRcBgadGJDbg4BGWSAIASCisGAQQBl1UBBQEBB0DYHxEHBHcZVqAOoh49lx1wt5zBk5fohENf3GdDj0lsTgMBCAeIeAQYFggAIBYhBEz5BLyDJ5zdP4FHND+1z1FFvZ61BQJlkgCAAhsMAAoJED+1z1FFvZ61wCcA/1v6B+lQq0Qf7KMeKQYmS/GA3SUNhsP70IgblYHHFZnBAQDWFMEtoVVECeE1HLmGk/QGXIyvxxJWrok5L+Iy7EpTAw=="
  }
}
