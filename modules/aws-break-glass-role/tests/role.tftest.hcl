# What is this kind's own; what every role must do is in ../../tests. Policies are compared whole: a statement too many
# fails as one too few does.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

run "trusts_named_people_with_a_fresh_second_factor_until_the_expiry" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111122223333:user/people/alice-emergency"] }
        Action    = "sts:AssumeRole"
        Condition = {
          Bool            = { "aws:MultiFactorAuthPresent" = "true" }
          NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }
          StringEquals    = { "aws:RequestedRegion" = "eu-west-1" }
          DateLessThan    = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
        }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "reports_each_use_to_the_topic" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.report.event_pattern) == jsondecode(jsonencode({
      source      = ["aws.sts"]
      detail-type = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource       = ["sts.amazonaws.com"]
        eventName         = ["AssumeRole"]
        requestParameters = { roleArn = ["arn:aws:iam::111122223333:role/nhi/prod/settlement-rescue"] }
      }
    }))
    error_message = "The pattern is ${aws_cloudwatch_event_rule.report.event_pattern}"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.report.state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    error_message = "A rule that is merely enabled may miss AssumeRole, which CloudTrail counts as reading."
  }

  assert {
    condition = (
      aws_cloudwatch_event_target.report.rule == aws_cloudwatch_event_rule.report.name &&
      aws_cloudwatch_event_target.report.arn == "arn:aws:sns:eu-west-1:111122223333:break-glass"
    )
    error_message = "The report does not reach the topic."
  }

  assert {
    condition = (
      aws_cloudwatch_event_rule.report.name == "nhi-settlement-rescue" &&
      aws_cloudwatch_event_rule.report.tags == tomap(var.identity.tags)
    )
    error_message = "The rule is not where verification looks for it."
  }
}

run "refuses_a_report_in_another_region" {
  command = plan
  variables {
    scope = merge(var.scope, { report_to = "arn:aws:sns:us-east-1:111122223333:break-glass" })
  }
  expect_failures = [aws_cloudwatch_event_rule.report]
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = [for index in range(40) : "arn:aws:iam::111122223333:user/people/person-${index}-emergency"] } })
  }
  expect_failures = [aws_iam_role.this]
}

# What IAM then gets is short, and whoever must be stopped is stopped.
run "suspends_whoever_iam_could_not_hold" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { trust = { principals = [for index in range(40) : "arn:aws:iam::111122223333:user/people/alice-${index}"] } })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}
