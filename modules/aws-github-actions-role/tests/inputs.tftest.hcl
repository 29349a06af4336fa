# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

variables {
  identity = {
    name      = "payments-deployer"
    stack     = "prod"
    account   = "111122223333"
    owner     = "payments"
    purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
    expiry    = "2027-03-31T00:00:00Z"
    suspended = false
    tags = {
      "nhi:id"     = "prod/payments-deployer"
      "nhi:owner"  = "payments"
      "nhi:expiry" = "2027-03-31T00:00:00Z"
    }
  }

  scope = {
    trust = {
      owner         = "acme"
      owner_id      = "987"
      repository    = "payments"
      repository_id = "123"
      subjects      = ["environment:production"]
    }
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

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { subjects = [for index in range(30) : "environment:e${index}"] }) })
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
