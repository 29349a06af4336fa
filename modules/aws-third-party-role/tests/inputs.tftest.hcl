# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

variables {
  identity = {
    name      = "cost-reader"
    stack     = "prod"
    account   = "111122223333"
    owner     = "payments"
    purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
    expiry    = "2027-03-31T00:00:00Z"
    suspended = false
    tags = {
      "nhi:id"     = "prod/cost-reader"
      "nhi:owner"  = "payments"
      "nhi:expiry" = "2027-03-31T00:00:00Z"
    }
  }

  scope = {
    vendor = {
      name         = "Costlens \"}] $${upper(\"x\")} <cost> reports"
      contract_end = "2027-12-31"
    }
    trust = {
      principals  = ["arn:aws:iam::444455556666:role/costlens-collector"]
      external_id = "acme-5f0c1b7e-93d2-4a86"
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

run "refuses_a_vendor_without_a_name" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { name = " " }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_access_beyond_the_contract" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { contract_end = "2027-03-30" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_access_a_second_beyond_the_contract" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { contract_end = "2027-03-31T01:59:59+02:00" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_contract_whose_end_no_calendar_has" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { contract_end = "2028-02-30" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_contract_that_ends_in_words" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { contract_end = "next spring" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_contract_without_an_end" {
  command = plan
  variables {
    scope = merge(var.scope, { vendor = merge(var.scope.vendor, { contract_end = null }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_trust_of_nobody" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = [] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_everybody" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["*"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_whole_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["444455556666"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_the_root_of_an_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:iam::444455556666:root"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_pattern_of_roles" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:iam::444455556666:role/costlens-collector", "arn:aws:iam::444455556666:role/*"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_any_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:iam::*:role/costlens-collector"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_session_of_a_role" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:sts::444455556666:assumed-role/costlens-collector/session"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_role_of_the_own_account" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:iam::111122223333:role/settlement"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_principal_with_a_second_line" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { principals = ["arn:aws:iam::444455556666:role/costlens-collector\n"] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_trust_without_an_external_id" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = null }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_external_id_that_is_empty" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = "" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_external_id_of_one_letter" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = "x" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_external_id_that_is_a_pattern" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = "acme-*" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_external_id_that_is_a_policy_variable" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = "$${aws:username}" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_external_id_longer_than_sts_takes" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = join("", [for index in range(35) : "abcdefghijklmnopqrstuvwxyz012345678"]) }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { external_id = join("", [for index in range(34) : "abcdefghijklmnopqrstuvwxyz0123456789"]), principals = [for index in range(20) : "arn:aws:iam::444455556666:role/costlens-collector-${index}"] }) })
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
