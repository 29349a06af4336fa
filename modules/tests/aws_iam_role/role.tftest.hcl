# For every kind that makes a role: where it is, what it may do and nothing beside it, and that its trust ends. Whom it
# trusts is for the kind's own tests.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  scope = merge(var.scope, { allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/k"] }] })
}

run "makes_one_role_named_and_tagged_as_declared" {
  command = plan

  assert {
    condition     = aws_iam_role.this.name == var.identity.name && aws_iam_role.this.path == "/nhi/${var.identity.stack}/"
    error_message = "The role is not where verification looks for it."
  }

  assert {
    condition     = aws_iam_role.this.tags == tomap(var.identity.tags)
    error_message = "The role does not carry its id, owner and expiry."
  }

  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "Sessions may last longer than an hour without anybody having asked for it."
  }

  assert {
    condition     = aws_iam_role.this.force_detach_policies
    error_message = "A policy attached by hand would stop the removal."
  }

  assert {
    condition     = can(regex("^[A-Za-z0-9 ,.-]+$", aws_iam_role.this.description))
    error_message = "A stranger's text reached the description."
  }
}

run "holds_scope_and_denies_in_one_policy_and_nothing_beside_it" {
  command = plan

  assert {
    condition     = aws_iam_role_policy.this.name == "nhi" && aws_iam_role_policy.this.role == var.identity.name
    error_message = "The policy is not the role's policy nhi."
  }

  assert {
    condition = (
      aws_iam_role_policy.this.policy == local.permissions.active &&
      [for one in jsondecode(aws_iam_role_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry"]
    )
    error_message = "The permissions are ${aws_iam_role_policy.this.policy}"
  }

  assert {
    condition = (
      aws_iam_role_policies_exclusive.this.role_name == var.identity.name &&
      aws_iam_role_policies_exclusive.this.policy_names == toset(["nhi"])
    )
    error_message = "Another inline policy would stay."
  }

  assert {
    condition = (
      aws_iam_role_policy_attachments_exclusive.this.role_name == var.identity.name &&
      length(aws_iam_role_policy_attachments_exclusive.this.policy_arns) == 0
    )
    error_message = "A managed policy attached by hand would stay."
  }
}

run "trusts_until_the_expiry" {
  command = plan

  # That what is trusted is who should be, the kind's own tests say.
  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["TrustUntilExpiry"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.DateLessThan == { "aws:CurrentTime" = var.identity.expiry }
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

# IAM refuses a trust policy that names somebody who is gone: whoever is suspended must not depend on who that is.
run "suspension_trusts_nobody_names_nobody_and_denies_everything" {
  command = plan

  variables {
    identity = merge(var.identity, { suspended = true })
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "DenySuspended"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sts:AssumeRole"
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }

  assert {
    condition = (
      aws_iam_role_policy.this.policy == local.permissions.suspended &&
      [for one in jsondecode(aws_iam_role_policy.this.policy).Statement : one.Sid] == ["Allow0", "DenyAfterExpiry", "DenySuspended"]
    )
    error_message = "The permissions are ${aws_iam_role_policy.this.policy}"
  }
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

run "takes_permissions_that_iam_can_hold_when_suspended" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope = merge(var.scope, {
      allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/${format("%09892d", 0)}"] }]
    })
  }

  assert {
    condition     = length(aws_iam_role_policy.this.policy) == 10240
    error_message = "The permissions take ${length(aws_iam_role_policy.this.policy)} characters: the next run does not say what it should."
  }
}

run "refuses_permissions_that_leave_no_room_to_suspend" {
  command = plan
  variables {
    scope = merge(var.scope, {
      allow = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::b/${format("%09893d", 0)}"] }]
    })
  }
  expect_failures = [aws_iam_role_policy.this]
}
