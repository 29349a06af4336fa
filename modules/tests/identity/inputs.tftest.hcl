# For every kind: an identity that must not be taken. The manifest's schema refuses it first; this is the second lock.

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
