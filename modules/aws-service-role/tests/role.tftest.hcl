# What is this kind's own; what every role must do is in ../../tests. Policies are compared whole: a statement too many
# fails as one too few does.

mock_provider "aws" {}

run "trusts_the_service_until_the_expiry" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { Service = ["ecs-tasks.amazonaws.com"] }
        Action    = "sts:AssumeRole"
        Condition = { DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" } }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "trusts_only_on_behalf_of_the_declared_source" {
  command = plan

  variables {
    scope = merge(var.scope, {
      trust = {
        services       = ["s3.amazonaws.com", "lambda.amazonaws.com"]
        source_account = "111122223333"
        source_arns    = ["arn:aws:s3:::ledger-exports", "arn:aws:lambda:eu-west-1:111122223333:function:ledger"]
      }
    })
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { Service = ["s3.amazonaws.com", "lambda.amazonaws.com"] }
        Action    = "sts:AssumeRole"
        Condition = {
          DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
          StringEquals = { "aws:SourceAccount" = "111122223333" }
          ArnLike = {
            "aws:SourceArn" = ["arn:aws:s3:::ledger-exports", "arn:aws:lambda:eu-west-1:111122223333:function:ledger"]
          }
        }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, {
      trust = { services = ["s3.amazonaws.com"], source_arns = [for index in range(100) : "arn:aws:s3:::bucket-${index}"] }
    })
  }
  expect_failures = [aws_iam_role.this]
}

# What IAM then gets is short, and whoever must be stopped is stopped.
run "suspends_whoever_iam_could_not_hold" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { trust = { services = ["s3.amazonaws.com"], source_arns = [for index in range(60) : "arn:aws:s3:::settlement-exports/daily/${index}"] } })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}
