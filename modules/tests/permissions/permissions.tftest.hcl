# For every kind with a permissions.tf: what it makes of scope.allow, and what ends it. A kind may add Denies of its own
# between the two that stand here, and nothing else. That a role or user has the one of the two policies that it should
# have, is for those who know its resource: ../aws_iam_role, the kind's own tests, and `nhi demo --kinds`.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  scope = merge(var.scope, {
    allow = [
      {
        actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
      },
    ]
  })
}

run "allows_the_scope_and_denies_everything_from_the_expiry_on" {
  command = plan

  assert {
    condition     = { for key, value in jsondecode(local.permissions.active) : key => value if key != "Statement" } == { Version = "2012-10-17" }
    error_message = "The permissions are ${local.permissions.active}"
  }

  assert {
    condition = slice(jsondecode(local.permissions.active).Statement, 0, 2) == jsondecode(jsonencode([
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
        Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = var.identity.expiry } }
      },
    ]))
    error_message = "The permissions are ${local.permissions.active}"
  }

  assert {
    condition     = alltrue([for one in jsondecode(local.permissions.active).Statement : one.Effect == "Deny" if one.Sid != "Allow0"])
    error_message = "More is allowed than the scope: ${local.permissions.active}"
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
    condition = slice(jsondecode(local.permissions.active).Statement, 0, 3) == jsondecode(jsonencode([
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
    error_message = "The permissions are ${local.permissions.active}"
  }

  assert {
    condition     = jsondecode(local.permissions.active).Statement[3].Sid == "DenyAfterExpiry"
    error_message = "The Deny after the expiry is missing."
  }
}

run "suspension_denies_everything_at_once_and_keeps_the_rest" {
  command = plan

  assert {
    condition     = [for one in slice(jsondecode(local.permissions.suspended).Statement, 0, 2) : one.Sid] == ["Allow0", "DenyAfterExpiry"]
    error_message = "The permissions are ${local.permissions.suspended}"
  }

  assert {
    condition = reverse(jsondecode(local.permissions.suspended).Statement)[0] == {
      Sid      = "DenySuspended"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
    }
    error_message = "The Deny of the suspension has a condition, or does not cover everything."
  }
}
