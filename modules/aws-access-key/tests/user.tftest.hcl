# What is this kind's own; what every kind with permissions must do is in ../../tests.

mock_provider "aws" {}

run "makes_one_user_named_and_tagged_as_declared" {
  command = plan

  assert {
    condition     = aws_iam_user.this.name == "export-fetcher" && aws_iam_user.this.path == "/nhi/prod/"
    error_message = "The user is not where verification looks for it."
  }

  assert {
    condition     = aws_iam_user.this.tags == tomap(var.identity.tags)
    error_message = "The user does not carry its id, owner and expiry."
  }

  assert {
    condition     = aws_iam_user.this.force_destroy
    error_message = "A key made by hand would stop the removal."
  }
}

run "makes_one_key_whose_secret_is_encrypted" {
  command = plan

  assert {
    condition     = keys(aws_iam_access_key.this) == ["2026-11-01T00:00:00Z"]
    error_message = "The key is not named by the second in which it was made."
  }

  assert {
    condition = alltrue([
      for key in values(aws_iam_access_key.this) :
      key.user == "export-fetcher" && key.status == "Active" && key.pgp_key == var.scope.credential.encrypt_to
    ])
    error_message = "The key is not the user's, does not work, or would stand in the state as it is."
  }
}

run "a_day_and_its_first_second_are_the_same_key" {
  command = plan

  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { rotated = "2026-11-01T00:00:00Z" }) })
  }

  assert {
    condition = { for second, key in aws_iam_access_key.this : second => key.status } == {
      "2026-11-01T00:00:00Z" = "Active"
    }
    error_message = "Another spelling of the same second would make another key."
  }
}

run "two_keys_work_while_a_rotation_lasts" {
  command = plan

  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-09-02", active = true } }) })
  }

  assert {
    condition = { for second, key in aws_iam_access_key.this : second => key.status } == {
      "2026-09-02T00:00:00Z" = "Active"
      "2026-11-01T00:00:00Z" = "Active"
    }
    error_message = "The keys do not overlap."
  }
}

run "the_key_before_is_taken_out_of_use_and_kept" {
  command = plan

  variables {
    scope = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-09-02", active = false } }) })
  }

  assert {
    condition = { for second, key in aws_iam_access_key.this : second => key.status } == {
      "2026-09-02T00:00:00Z" = "Inactive"
      "2026-11-01T00:00:00Z" = "Active"
    }
    error_message = "The wrong key is out of use."
  }
}

run "suspension_takes_every_key_out_of_use_and_denies_everything" {
  command = plan

  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { credential = merge(var.scope.credential, { previous = { rotated = "2026-09-02", active = true } }) })
  }

  assert {
    condition = { for second, key in aws_iam_access_key.this : second => key.status } == {
      "2026-09-02T00:00:00Z" = "Inactive"
      "2026-11-01T00:00:00Z" = "Inactive"
    }
    error_message = "A key of a suspended identity works."
  }

  assert {
    condition = (
      aws_iam_user_policy.this.policy == local.permissions.suspended &&
      [for one in jsondecode(aws_iam_user_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry", "DenySuspended"]
    )
    error_message = "The permissions are ${aws_iam_user_policy.this.policy}"
  }
}

run "leaves_the_key_in_one_secret_that_its_removal_frees" {
  command = plan

  assert {
    condition = (
      aws_secretsmanager_secret.this.name == "nhi/prod/export-fetcher" &&
      aws_secretsmanager_secret.this.tags == tomap(var.identity.tags)
    )
    error_message = "The secret is not where verification looks for it."
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 0
    error_message = "The name would stay taken, and the identity could not be declared again."
  }

  assert {
    condition     = can(regex("^[A-Za-z0-9 ,;.-]+$", aws_secretsmanager_secret.this.description))
    error_message = "A stranger's text reached the description."
  }

  # The mock provider makes nothing up before an apply.
  override_resource {
    target          = aws_iam_access_key.this
    override_during = plan
    values          = { create_date = "2026-11-03T09:15:30Z" }
  }

  assert {
    condition     = aws_secretsmanager_secret_version.this.secret_string_wo_version == 20261103091530
    error_message = "The secret would not be written again when the key is another, if only one that was made again."
  }
}

run "holds_scope_and_denies_in_one_policy_and_nothing_beside_it" {
  command = plan

  assert {
    condition     = aws_iam_user_policy.this.name == "nhi" && aws_iam_user_policy.this.user == "export-fetcher"
    error_message = "The policy is not the user's policy nhi."
  }

  assert {
    condition = (
      aws_iam_user_policy.this.policy == local.permissions.active &&
      [for one in jsondecode(aws_iam_user_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry"]
    )
    error_message = "The permissions are ${aws_iam_user_policy.this.policy}"
  }

  assert {
    condition = (
      aws_iam_user_policies_exclusive.this.user_name == "export-fetcher" &&
      aws_iam_user_policies_exclusive.this.policy_names == toset(["nhi"])
    )
    error_message = "Another inline policy would stay."
  }

  assert {
    condition = (
      aws_iam_user_policy_attachments_exclusive.this.user_name == "export-fetcher" &&
      length(aws_iam_user_policy_attachments_exclusive.this.policy_arns) == 0
    )
    error_message = "A managed policy attached by hand would stay."
  }
}

run "denies_everything_from_elsewhere" {
  command = plan

  variables {
    scope = merge(var.scope, { source_ips = ["203.0.113.0/24", "2001:db8::/32"] })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_user_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry", "DenyElsewhere"]
    error_message = "The permissions are ${aws_iam_user_policy.this.policy}"
  }

  assert {
    condition = jsondecode(aws_iam_user_policy.this.policy).Statement[2] == jsondecode(jsonencode({
      Sid      = "DenyElsewhere"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
      Condition = {
        NotIpAddress = { "aws:SourceIp" = ["203.0.113.0/24", "2001:db8::/32"] }
        BoolIfExists = { "aws:ViaAWSService" = "false" }
      }
    }))
    error_message = "The permissions are ${aws_iam_user_policy.this.policy}"
  }
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

run "takes_permissions_that_iam_can_hold_when_suspended" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope = merge(var.scope, {
      allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/${format("%01700d", 0)}"] }]
    })
  }

  assert {
    condition     = length(aws_iam_user_policy.this.policy) == 2048
    error_message = "The permissions take ${length(aws_iam_user_policy.this.policy)} characters: the next run does not say what it should."
  }
}

run "refuses_permissions_that_leave_no_room_to_suspend" {
  command = plan
  variables {
    scope = merge(var.scope, {
      allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/${format("%01701d", 0)}"] }]
    })
  }
  expect_failures = [aws_iam_user_policy.this]
}
