# What the module records, and what it refuses. Nothing here reaches a cloud.

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

run "holds_the_record_after_an_apply" {
  command = apply

  assert {
    condition     = terraform_data.this.output.id == "prod/clearing-house-sftp" && terraform_data.this.output.removal.days == 3
    error_message = "The record is ${jsonencode(terraform_data.this.output)}"
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
