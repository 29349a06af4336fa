# What the role may do, and when that ends. This file is the same, byte for byte, in every aws-*-role kind.

locals {
  # Both, whichever it is, since both must fit: what leaves no room for the Deny of a suspension could be applied, and
  # then not be suspended.
  permissions = {
    for state, suspended in { active = false, suspended = true } : state => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [
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
        ],
        # An explicit Deny is judged on each request and beats every Allow, those of resource policies too, so it ends
        # sessions that are already open:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        [{
          Sid       = "DenyAfterExpiry"
          Effect    = "Deny"
          Action    = "*"
          Resource  = "*"
          Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = var.identity.expiry } }
        }],
        [for sid in ["DenySuspended"] : { Sid = sid, Effect = "Deny", Action = "*", Resource = "*" } if suspended],
      )
    })
  }
}

# One inline policy holds the scope and its Denies, so that IAM changes them in one call: there is no moment in which
# the role has the one without the other, not even when an apply is killed half-way.
resource "aws_iam_role_policy" "this" {
  name   = "nhi"
  role   = var.identity.name
  policy = local.permissions[var.identity.suspended ? "suspended" : "active"]

  # By name and in order, and not by reference, here and below: for each reference Terraform reads all that is planned
  # in the whole stack (modules/README.md).
  depends_on = [aws_iam_role.this]

  lifecycle {
    # As AWS counts, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    precondition {
      condition     = length(replace(local.permissions.suspended, "/\\s/", "")) <= 10240
      error_message = "The permissions take ${length(replace(local.permissions.suspended, "/\\s/", ""))} characters, with the Deny that a suspension adds; IAM holds at most 10240 on a role. Allow less, or make two identities of it."
    }
  }
}

# What somebody adds to the role by hand is removed by the next apply.
resource "aws_iam_role_policies_exclusive" "this" {
  role_name    = var.identity.name
  policy_names = ["nhi"]

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role_policy_attachments_exclusive" "this" {
  role_name   = var.identity.name
  policy_arns = []

  depends_on = [aws_iam_role.this]
}
