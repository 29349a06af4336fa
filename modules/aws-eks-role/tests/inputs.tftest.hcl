# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

variables {
  identity = {
    name      = "settlement-worker"
    stack     = "prod"
    account   = "111122223333"
    owner     = "payments"
    purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
    expiry    = "2027-03-31T00:00:00Z"
    suspended = false
    tags = {
      "nhi:id"     = "prod/settlement-worker"
      "nhi:owner"  = "payments"
      "nhi:expiry" = "2027-03-31T00:00:00Z"
    }
  }

  scope = {
    trust = {
      issuer           = "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5"
      namespace        = "payments"
      service_accounts = ["settlement"]
    }
    allow = [
      {
        actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"]
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

run "refuses_an_issuer_that_is_not_of_eks" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "oidc.eks.eu-west-1.amazonaws.com.attacker.example/id/9F3A61C7D2B84E05A6C1F7308B2D94E5" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_issuer_with_its_scheme" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_issuer_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "oidc.eks.eu-west-1.amazonaws.com/id/*" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_issuer_with_more_behind_its_id" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5:sub" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_issuer_with_a_second_line" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5\n" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_issuer_of_another_partition" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { issuer = "oidc.eks.us-gov-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_namespace_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { namespace = "*" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_namespace_that_reaches_into_the_service_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { namespace = "payments:settlement" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_namespace_longer_than_kubernetes_takes" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { namespace = join("", [for index in range(64) : "a"]) }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_trust_without_a_service_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = [] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_service_account_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = ["settlement", "settlement-*"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_service_account_of_another_namespace" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = ["other:settlement"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_service_account_that_is_a_policy_variable" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = ["$${*}"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_the_service_account_that_every_pod_may_have" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = ["settlement", "default"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = [for index in range(60) : "settlement-${index}"] }) })
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
