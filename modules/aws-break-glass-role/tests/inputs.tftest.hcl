# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
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
