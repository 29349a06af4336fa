# Inputs that must not become a user or a key. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

variables {
  identity = {
    name      = "export-fetcher"
    stack     = "prod"
    account   = "111122223333"
    owner     = "payments"
    purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
    expiry    = "2027-03-31T00:00:00Z"
    suspended = false
    tags = {
      "nhi:id"     = "prod/export-fetcher"
      "nhi:owner"  = "payments"
      "nhi:expiry" = "2027-03-31T00:00:00Z"
    }
  }

  scope = {
    allow = [
      {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::acme-ledger-exports/daily/*"]
      },
    ]
    credential = {
      type         = "access-key"
      rotate_every = 60
      rotated      = "2026-11-01"
      encrypt_to   = "mDMEZZIAgBYJKwYBBAHaRw8BAQdAf+z57CExNfigy/B9/YCmXCruuA34zAOqiJQV2b/tp3G0BGFjbWWIkAQTFggAOBYhBEz5BLyDJ5zdP4FHND+1z1FFvZ61BQJlkgCAAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJED+1z1FFvZ61IvgBANLM2gHjEm5GjcBHAP2UhVzVZU6zJ/bugHxyP/UzC3VyAPwLM99F0bXQ0B7n+62qU+om+0A3kfZT8PsbRcBgadGJDbg4BGWSAIASCisGAQQBl1UBBQEBB0DYHxEHBHcZVqAOoh49lx1wt5zBk5fohENf3GdDj0lsTgMBCAeIeAQYFggAIBYhBEz5BLyDJ5zdP4FHND+1z1FFvZ61BQJlkgCAAhsMAAoJED+1z1FFvZ61wCcA/1v6B+lQq0Qf7KMeKQYmS/GA3SUNhsP70IgblYHHFZnBAQDWFMEtoVVECeE1HLmGk/QGXIyvxxJWrok5L+Iy7EpTAw=="
    }
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

run "refuses_another_type" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { type = "federated" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_rotation_of_no_days" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotate_every = 0 }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_rotation_of_parts_of_days" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotate_every = 1.5 }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_rotation_once_in_two_years" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotate_every = 730 }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_key_of_a_day_that_no_calendar_has" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotated = "2026-02-30" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_key_of_another_zone" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotated = "2026-11-01T08:00:00+02:00" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_key_of_no_day" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotated = "" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_key_with_a_second_line" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotated = "2026-11-01\n" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_previous_key_of_no_day" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "soon", active = true } }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_previous_key_that_is_the_current_one" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-11-01T00:00:00Z", active = true } }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_previous_key_that_is_newer" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-11-01T00:00:01Z", active = true } }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_previous_key_of_unknown_state" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-09-02", active = null } }) })
  }
  expect_failures = [var.scope]
}

run "refuses_nobody_to_encrypt_to" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = "" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_name_to_look_up" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = "keybase:acme" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_public_key_that_is_cut_short" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = substr(var.scope.credential.encrypt_to, 0, 199) }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_private_key" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = "lFgE${substr(var.scope.credential.encrypt_to, 4, -1)}" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_private_key_in_the_new_format" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = "xVgE${substr(var.scope.credential.encrypt_to, 4, -1)}" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_public_key_on_two_lines" {
  command = plan
  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { encrypt_to = "${var.scope.credential.encrypt_to}\n" }) })
  }
  expect_failures = [var.scope]
}

run "refuses_an_address_without_a_range" {
  command = plan
  variables {
    scope = merge(var.scope, { source_ips = ["203.0.113.7"] })
  }
  expect_failures = [var.scope]
}

run "refuses_every_address" {
  command = plan
  variables {
    scope = merge(var.scope, { source_ips = ["203.0.113.0/24", "0.0.0.0/0"] })
  }
  expect_failures = [var.scope]
}

run "refuses_every_address_of_the_other_family" {
  command = plan
  variables {
    scope = merge(var.scope, { source_ips = ["::/0"] })
  }
  expect_failures = [var.scope]
}

run "refuses_an_address_that_cannot_be" {
  command = plan
  variables {
    scope = merge(var.scope, { source_ips = ["203.0.113.256/32"] })
  }
  expect_failures = [var.scope]
}

run "refuses_a_user_that_may_do_nothing" {
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
      allow = [{ actions = ["s3:GetObject"], resources = [for index in range(100) : "arn:aws:s3:::bucket/${index}"] }]
    })
  }
  expect_failures = [aws_iam_user_policy.this]
}
