# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

run "refuses_a_trust_of_nobody" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = [] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_pattern_of_services" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = ["*.amazonaws.com"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_service_that_is_not_of_aws" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = ["ecs-tasks.amazonaws.com.attacker.example"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_source_account_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = ["s3.amazonaws.com"], source_account = "*" } })
  }
  expect_failures = [var.scope]
}

run "refuses_a_source_that_is_not_an_arn" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = ["s3.amazonaws.com"], source_arns = ["*"] } })
  }
  expect_failures = [var.scope]
}

run "refuses_sources_of_every_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = { services = ["s3.amazonaws.com"], source_arns = ["arn:aws:s3:*:*:*"] } })
  }
  expect_failures = [var.scope]
}
