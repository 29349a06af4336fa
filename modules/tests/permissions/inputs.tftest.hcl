# For every kind with a permissions.tf: a scope.allow that must not become a policy.

run "refuses_permissions_to_do_nothing" {
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
