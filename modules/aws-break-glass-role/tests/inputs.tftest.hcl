# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
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
}

run "refuses_a_date_without_a_time" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = "2027-03-31" })
  }
  expect_failures = [var.identity]
}

run "refuses_a_date_that_no_calendar_has" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = "2027-02-30T00:00:00Z" })
  }
  expect_failures = [var.identity]
}

run "refuses_an_expiry_in_another_zone" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = "2027-03-31T00:00:00+02:00" })
  }
  expect_failures = [var.identity]
}

run "refuses_an_expiry_with_a_second_line" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = "2027-03-31T00:00:00Z\n" })
  }
  expect_failures = [var.identity]
}

run "refuses_an_empty_expiry" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = "" })
  }
  expect_failures = [var.identity]
}

run "refuses_an_expiry_that_is_not_there" {
  command = plan
  variables {
    identity = merge(var.identity, { expiry = null })
  }
  expect_failures = [var.identity]
}

run "refuses_a_suspension_that_is_not_known" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = null })
  }
  expect_failures = [var.identity]
}

run "refuses_a_name_that_leaves_its_path" {
  command = plan
  variables {
    identity = merge(var.identity, { name = "../admin" })
  }
  expect_failures = [var.identity]
}

run "refuses_a_name_longer_than_the_format_allows" {
  command = plan
  variables {
    identity = merge(var.identity, { name = join("", [for index in range(57) : "a"]) })
  }
  expect_failures = [var.identity]
}

run "refuses_a_stack_that_is_a_path" {
  command = plan
  variables {
    identity = merge(var.identity, { stack = "prod/other" })
  }
  expect_failures = [var.identity]
}

run "refuses_an_account_that_is_not_twelve_digits" {
  command = plan
  variables {
    identity = merge(var.identity, { account = "11112222333" })
  }
  expect_failures = [var.identity]
}

run "refuses_a_trust_in_nobody" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = [] } })
  }
  expect_failures = [var.scope]
}

run "refuses_everybody" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["*"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_an_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["111122223333"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_the_root_of_an_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["arn:aws:iam::111122223333:root"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_pattern_of_users" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["arn:aws:iam::111122223333:user/people/alice-emergency", "arn:aws:iam::111122223333:user/*"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_role_whose_sessions_prove_no_second_factor" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["arn:aws:iam::111122223333:role/admins"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_principal_with_a_second_line" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { principals = ["arn:aws:iam::111122223333:user/alice\n"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_report_to_nobody" {
  command = plan
  variables {
    scope = merge(var.scope, { report_to = "" })
  }
  expect_failures = [var.scope]
}

run "refuses_a_report_to_a_queue" {
  command = plan
  variables {
    scope = merge(var.scope, { report_to = "arn:aws:sqs:eu-west-1:111122223333:break-glass" })
  }
  expect_failures = [var.scope]
}

run "refuses_a_report_to_a_fifo_topic" {
  command = plan
  variables {
    scope = merge(var.scope, { report_to = "arn:aws:sns:eu-west-1:111122223333:break-glass.fifo" })
  }
  expect_failures = [var.scope]
}

run "refuses_a_report_to_another_account" {
  command = plan
  variables {
    scope = merge(var.scope, { report_to = "arn:aws:sns:eu-west-1:444455556666:break-glass" })
  }
  expect_failures = [var.scope]
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

run "refuses_a_role_that_may_do_nothing" {
  command = plan
  variables {
    scope = merge(var.scope, { allow = [] })
  }
  expect_failures = [var.scope]
}

run "refuses_a_statement_without_resources" {
  command = plan
  variables {
    scope = merge(var.scope, { allow = [{ actions = ["s3:GetObject"], resources = [] }] })
  }
  expect_failures = [var.scope]
}

run "refuses_an_action_with_a_second_line" {
  command = plan
  variables {
    scope = merge(var.scope, { allow = [{ actions = ["s3:GetObject\n"], resources = ["arn:aws:s3:::b/k"] }] })
  }
  expect_failures = [var.scope]
}

run "refuses_a_policy_variable_in_a_resource" {
  command = plan
  variables {
    scope = merge(var.scope, { allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::$${aws:username}/k"] }] })
  }
  expect_failures = [var.scope]
}

run "refuses_a_policy_variable_in_a_condition" {
  command = plan
  variables {
    scope = merge(var.scope, {
      allow = [{
        actions    = ["s3:ListBucket"]
        resources  = ["arn:aws:s3:::b"]
        conditions = { StringEquals = { "s3:prefix" = ["a", "$${aws:username}"] } }
      }]
    })
  }
  expect_failures = [var.scope]
}

run "refuses_permissions_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, {
      allow = [{ actions = ["s3:GetObject"], resources = [for index in range(500) : "arn:aws:s3:::bucket/${index}"] }]
    })
  }
  expect_failures = [aws_iam_role_policy.this]
}
