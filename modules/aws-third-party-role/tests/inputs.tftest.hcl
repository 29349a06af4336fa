# Inputs that must not become a role. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

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
