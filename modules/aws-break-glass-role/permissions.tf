# What the role may do, and when that ends. This file is the same, byte for byte, in every aws-*-role kind.

locals {
  allow = [
    for index, statement in var.scope.allow : merge(
      {
        Sid      = "Allow${index}"
        Effect   = "Allow"
        Action   = statement.actions
        Resource = statement.resources
      },
      # An empty Condition is left out.
      { for key, value in { Condition = statement.conditions } : key => value if length(value) > 0 },
    )
  ]

  # An explicit Deny is judged on each request and beats every Allow, those of resource policies too, so it ends
  # sessions that are already open:
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
  deny_after_expiry = {
    Sid       = "DenyAfterExpiry"
    Effect    = "Deny"
    Action    = "*"
    Resource  = "*"
    Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = var.identity.expiry } }
  }

  deny_suspended = {
    Sid      = "DenySuspended"
    Effect   = "Deny"
    Action   = "*"
    Resource = "*"
  }

  statements = concat(
    local.allow,
    [local.deny_after_expiry],
  )

  permissions = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.statements,
      [for statement in [local.deny_suspended] : statement if var.identity.suspended],
    )
  })

  # As AWS counts, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  # As if suspended, suspended or not: what leaves no room for that Deny could be applied, and then not be suspended.
  permissions_size = length(replace(
    jsonencode({ Version = "2012-10-17", Statement = concat(local.statements, [local.deny_suspended]) }),
    "/\\s/", "",
  ))
}

# One inline policy holds the scope and its Denies, so that IAM changes them in one call: there is no moment in which
# the role has the one without the other, not even when an apply is killed half-way.
resource "aws_iam_role_policy" "this" {
  name   = "nhi"
  role   = aws_iam_role.this.name
  policy = local.permissions

  lifecycle {
    precondition {
      condition     = local.permissions_size <= 10240
      error_message = "The permissions take ${local.permissions_size} characters, with the Deny that a suspension adds; IAM holds at most 10240 on a role. Allow less, or make two identities of it."
    }
  }
}

# What somebody adds to the role by hand is removed by the next apply.
resource "aws_iam_role_policies_exclusive" "this" {
  role_name    = aws_iam_role.this.name
  policy_names = [aws_iam_role_policy.this.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "this" {
  role_name   = aws_iam_role.this.name
  policy_arns = []
}
