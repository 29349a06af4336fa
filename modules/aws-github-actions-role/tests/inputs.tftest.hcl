# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

run "refuses_a_trust_without_a_subject" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = [] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_subject_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = ["environment:production", "ref:refs/heads/*"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_subject_of_pull_requests" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = ["pull_request"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_subject_that_is_a_policy_variable" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = ["environment:$${*}"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_owner_that_reaches_into_the_repository" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { owner = "acme/payments:environment:x" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_repository_that_reaches_into_the_subject" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { repository = "payments:ref" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_repository_without_a_number" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { repository_id = "" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_workflow_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { workflows = ["acme/payments/.github/workflows/*@refs/heads/main"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_session_shorter_than_iam_takes" {
  command = plan
  variables {
    scope = merge(var.scope, { session_minutes = 59 })
  }
  expect_failures = [var.scope]
}

run "refuses_a_session_longer_than_any_job" {
  command = plan
  variables {
    scope = merge(var.scope, { session_minutes = 361 })
  }
  expect_failures = [var.scope]
}
