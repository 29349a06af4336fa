# What the module makes of its inputs. Policies are compared whole: a statement too many fails as one too few does.

mock_provider "aws" {}

variables {
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
}

run "makes_one_role_named_and_tagged_as_declared" {
  command = plan

  assert {
    condition     = aws_iam_role.this.name == "cost-reader" && aws_iam_role.this.path == "/nhi/prod/"
    error_message = "The role is not where verification looks for it."
  }

  assert {
    condition     = aws_iam_role.this.tags == tomap(var.identity.tags)
    error_message = "The role does not carry its id, owner and expiry."
  }

  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "Sessions may last longer than an hour."
  }

  assert {
    condition     = aws_iam_role.this.force_detach_policies
    error_message = "A policy attached by hand would stop the removal."
  }

  assert {
    condition     = can(regex("^[A-Za-z0-9 ,.-]+$", aws_iam_role.this.description))
    error_message = "A stranger's text reached the description."
  }
}

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

run "allows_the_scope_and_denies_everything_from_the_expiry_on" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "Allow0"
          Effect   = "Allow"
          Action   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
          Resource = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
        },
        {
          Sid       = "DenyAfterExpiry"
          Effect    = "Deny"
          Action    = "*"
          Resource  = "*"
          Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" } }
        },
      ]
    }))
    error_message = "The permissions are ${aws_iam_role_policy.this.policy}"
  }
}

run "keeps_the_order_and_the_conditions_of_the_statements" {
  command = plan

  variables {
    scope = merge(var.scope, {
      allow = [
        { actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::b"], conditions = { StringLike = { "s3:prefix" = ["z/*", "a/*"] } } },
        { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/z/2", "arn:aws:s3:::b/a/1"] },
        {
          actions   = ["s3:PutObject"]
          resources = ["arn:aws:s3:::b/a/\"quoted\" <&> name"]
          conditions = {
            Bool      = { "aws:SecureTransport" = ["true"] }
            IpAddress = { "aws:SourceIp" = ["203.0.113.0/24"], "aws:VpcSourceIp" = ["10.0.0.0/8"] }
          }
        },
      ]
    })
  }

  assert {
    condition = slice(jsondecode(aws_iam_role_policy.this.policy).Statement, 0, 3) == jsondecode(jsonencode([
      {
        Sid       = "Allow0"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::b"]
        Condition = { StringLike = { "s3:prefix" = ["z/*", "a/*"] } }
      },
      {
        Sid      = "Allow1"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::b/z/2", "arn:aws:s3:::b/a/1"]
      },
      {
        Sid      = "Allow2"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["arn:aws:s3:::b/a/\"quoted\" <&> name"]
        Condition = {
          Bool      = { "aws:SecureTransport" = ["true"] }
          IpAddress = { "aws:SourceIp" = ["203.0.113.0/24"], "aws:VpcSourceIp" = ["10.0.0.0/8"] }
        }
      },
    ]))
    error_message = "The permissions are ${aws_iam_role_policy.this.policy}"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[3].Sid == "DenyAfterExpiry"
    error_message = "The Deny after the expiry is missing."
  }
}

run "holds_scope_and_denies_in_one_policy_and_nothing_beside_it" {
  command = plan

  assert {
    condition     = aws_iam_role_policy.this.name == "nhi" && aws_iam_role_policy.this.role == "cost-reader"
    error_message = "The policy is not the role's policy nhi."
  }

  assert {
    condition = (
      aws_iam_role_policies_exclusive.this.role_name == "cost-reader" &&
      aws_iam_role_policies_exclusive.this.policy_names == toset(["nhi"])
    )
    error_message = "Another inline policy would stay."
  }

  assert {
    condition = (
      aws_iam_role_policy_attachments_exclusive.this.role_name == "cost-reader" &&
      length(aws_iam_role_policy_attachments_exclusive.this.policy_arns) == 0
    )
    error_message = "A managed policy attached by hand would stay."
  }
}

run "suspension_denies_everything_at_once_and_keeps_the_rest" {
  command = plan

  variables {
    identity = merge(var.identity, { suspended = true })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry", "DenySuspended"]
    error_message = "The permissions are ${aws_iam_role_policy.this.policy}"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[2] == {
      Sid      = "DenySuspended"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
    }
    error_message = "The Deny of the suspension has a condition, or does not cover everything."
  }
}

run "suspension_refuses_new_sessions" {
  command = plan

  variables {
    identity = merge(var.identity, { suspended = true })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["TrustUntilExpiry", "DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[1] == jsondecode(jsonencode({
      Sid       = "DenySuspended"
      Effect    = "Deny"
      Principal = { AWS = ["arn:aws:iam::444455556666:role/costlens-collector"] }
      Action    = "sts:AssumeRole"
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "tells_the_roles_arn_and_unique_id" {
  # The mock provider makes nothing up in the cloud; only an apply knows computed values.
  command = apply

  override_resource {
    target = aws_iam_role.this
    values = {
      arn       = "arn:aws:iam::111122223333:role/nhi/prod/cost-reader"
      unique_id = "AROAEXAMPLE"
    }
  }

  assert {
    condition     = output.role_arn == "arn:aws:iam::111122223333:role/nhi/prod/cost-reader" && output.role_unique_id == "AROAEXAMPLE"
    error_message = "The outputs are not the role's."
  }
}
