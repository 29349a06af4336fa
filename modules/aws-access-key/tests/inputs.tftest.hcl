# Inputs that must not become a user or a key. The manifest's schema refuses them first; this is the second lock.

mock_provider "aws" {}

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
