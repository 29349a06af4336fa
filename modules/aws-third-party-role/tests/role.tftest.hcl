# What is this kind's own; what every role must do is in ../../tests. Policies are compared whole: a statement too many
# fails as one too few does.

mock_provider "aws" {}

run "trusts_the_vendors_principal_with_its_external_id_until_the_expiry" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::444455556666:role/costlens-collector"] }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "sts:ExternalId" = "acme-5f0c1b7e-93d2-4a86" }
          DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
        }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "trusts_each_principal_and_no_other" {
  command = plan

  variables {
    scope = merge(var.scope, {
      trust = {
        principals = [
          "arn:aws:iam::444455556666:role/service/eu/costlens-collector",
          "arn:aws:iam::777788889999:user/costlens@fallback",
        ]
        external_id = "urn:costlens/acme=1,2.3+4@eu_west"
      }
    })
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == jsondecode(jsonencode([{
      Sid    = "TrustUntilExpiry"
      Effect = "Allow"
      Principal = {
        AWS = [
          "arn:aws:iam::444455556666:role/service/eu/costlens-collector",
          "arn:aws:iam::777788889999:user/costlens@fallback",
        ]
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = { "sts:ExternalId" = "urn:costlens/acme=1,2.3+4@eu_west" }
        DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
      }
    }]))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "lets_the_access_end_with_the_contract" {
  command = plan

  variables {
    scope = merge(var.scope, { vendor = { name = "Costlens", contract_end = "2027-03-31T02:00:00+02:00" } })
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.DateLessThan == { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "says_nothing_of_the_vendor_but_what_lets_it_in" {
  command = plan

  assert {
    condition = !strcontains(join(" ", [
      aws_iam_role.this.assume_role_policy, aws_iam_role.this.description, aws_iam_role_policy.this.policy,
    ]), "Costlens")
    error_message = "A stranger's text reached the cloud."
  }
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = join("", [for index in range(34) : "abcdefghijklmnopqrstuvwxyz0123456789"]), principals = [for index in range(20) : "arn:aws:iam::444455556666:role/costlens-collector-${index}"] }) })
  }
  expect_failures = [aws_iam_role.this]
}

# What IAM then gets is short, and whoever must be stopped is stopped.
run "suspends_whoever_iam_could_not_hold" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { trust = merge(var.scope.trust, { principals = [for index in range(40) : "arn:aws:iam::444455556666:role/costlens-${index}"] }) })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}
