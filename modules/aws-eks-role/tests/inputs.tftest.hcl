# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

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
