# What the module records, and what it refuses. Nothing here reaches a cloud.

variables {
  identity = {
    name      = "clearing-house-sftp"
    stack     = "prod"
    account   = "111122223333"
    owner     = "payments"
    purpose   = "Settlement batch \"}] $${upper(\"writes\")} <cleared> transactions \u2028 to the ledger."
    expiry    = "2027-03-31T00:00:00Z"
    suspended = false
    tags = {
      "nhi:id"     = "prod/clearing-house-sftp"
      "nhi:owner"  = "payments"
      "nhi:expiry" = "2027-03-31T00:00:00Z"
    }
  }

  scope = {
    system  = "Clearing house SFTP (clearing.example)"
    account = "acme-settlement"
    access  = ["Read and write files under /settlement", "$${var.scope} %%{ if true } \"}] {{ scope }}"]
    removal = {
      steps   = ["Ask the service desk to delete the account.", "Try to sign in with it."]
      contact = "service-desk@clearing.example"
    }
  }
}

run "records_the_declaration_as_it_stands" {
  command = plan

  assert {
    condition = terraform_data.this.input == {
      id        = "prod/clearing-house-sftp"
      owner     = "payments"
      purpose   = var.identity.purpose
      expiry    = "2027-03-31T00:00:00Z"
      suspended = false
      system    = "Clearing house SFTP (clearing.example)"
      account   = "acme-settlement"
      access    = tolist(["Read and write files under /settlement", "$${var.scope} %%{ if true } \"}] {{ scope }}"])
      removal = {
        steps   = tolist(["Ask the service desk to delete the account.", "Try to sign in with it."])
        contact = "service-desk@clearing.example"
        days    = 3
      }
    }
    error_message = "The record is ${jsonencode(terraform_data.this.input)}"
  }
}

run "tells_the_record_after_an_apply" {
  command = apply

  assert {
    condition     = output.record.id == "prod/clearing-house-sftp" && output.record.removal.days == 3
    error_message = "The output is ${jsonencode(output.record)}"
  }
}

run "a_change_updates_the_record_in_place" {
  command = plan

  variables {
    identity = merge(var.identity, { suspended = true, expiry = "2027-06-30T12:30:00Z" })
  }

  assert {
    condition     = terraform_data.this.input.suspended && terraform_data.this.input.expiry == "2027-06-30T12:30:00Z"
    error_message = "The record is ${jsonencode(terraform_data.this.input)}"
  }

  # A plan that replaces does not know the id, and a condition that is not known fails.
  assert {
    condition     = length(terraform_data.this.id) > 0
    error_message = "A renewal looks like a removal and a new account."
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

run "refuses_an_account_that_may_do_nothing" {
  command = plan
  variables {
    scope = merge(var.scope, { access = [] })
  }
  expect_failures = [var.scope]
}

run "refuses_a_removal_without_steps" {
  command = plan
  variables {
    scope = merge(var.scope, { removal = merge(var.scope.removal, { steps = [] }) })
  }
  expect_failures = [var.scope]
}

run "refuses_a_removal_that_may_take_a_quarter" {
  command = plan
  variables {
    scope = merge(var.scope, { removal = merge(var.scope.removal, { days = 90 }) })
  }
  expect_failures = [var.scope]
}
