# What is this kind's own; what every role must do is in ../../tests. Policies are compared whole: a statement too many
# fails as one too few does.

mock_provider "aws" {}

run "trusts_the_repository_by_number_and_under_both_subjects_until_the_expiry" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = [
              "repo:acme/payments:environment:production",
              "repo:acme@987/payments@123:environment:production",
            ]
            "token.actions.githubusercontent.com:repository_id" = "123"
          }
          DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
        }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "trusts_each_subject_and_only_the_named_workflows" {
  command = plan

  variables {
    scope = merge(var.scope, {
      trust = merge(var.scope.trust, {
        subjects  = ["ref:refs/heads/main", "ref:refs/tags/v1"]
        workflows = ["acme/payments/.github/workflows/deploy.yml@refs/heads/main"]
      })
    })
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == jsondecode(jsonencode({
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = [
        "repo:acme/payments:ref:refs/heads/main",
        "repo:acme@987/payments@123:ref:refs/heads/main",
        "repo:acme/payments:ref:refs/tags/v1",
        "repo:acme@987/payments@123:ref:refs/tags/v1",
      ]
      "token.actions.githubusercontent.com:repository_id"    = "123"
      "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/payments/.github/workflows/deploy.yml@refs/heads/main"]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "lets_a_session_last_as_long_as_declared" {
  command = plan

  variables {
    scope = merge(var.scope, { session_minutes = 360 })
  }

  assert {
    condition     = aws_iam_role.this.max_session_duration == 21600
    error_message = "The longest session is ${aws_iam_role.this.max_session_duration} seconds."
  }
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = [for index in range(30) : "environment:e${index}"] }) })
  }
  expect_failures = [aws_iam_role.this]
}

# What IAM then gets is short, and whoever must be stopped is stopped.
run "suspends_whoever_iam_could_not_hold" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { trust = merge(var.scope.trust, { subjects = [for index in range(40) : "environment:production-${index}"] }) })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}
