# What the user may do, and when that ends.

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
        # A user has no trust policy. An explicit Deny is judged on each request and beats every Allow, those of
        # resource policies too, so it ends the keys, and with them the sessions made of them (GetSessionToken):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        [{
          Sid       = "DenyAfterExpiry"
          Effect    = "Deny"
          Action    = "*"
          Resource  = "*"
          Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = var.identity.expiry } }
        }],
        # A request through a VPC endpoint has no aws:SourceIp, and is denied: NotIpAddress is true where the key is
        # missing. What an AWS service does on the user's behalf comes from the service's address; the call that made it
        # do so was judged by its own. IfExists: where a service does not say that it is one, the address counts.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        [
          for ranges in [var.scope.source_ips] : {
            Sid      = "DenyElsewhere"
            Effect   = "Deny"
            Action   = "*"
            Resource = "*"
            Condition = {
              NotIpAddress = { "aws:SourceIp" = ranges }
              BoolIfExists = { "aws:ViaAWSService" = "false" }
            }
          } if length(ranges) > 0
        ],
        [for sid in ["DenySuspended"] : { Sid = sid, Effect = "Deny", Action = "*", Resource = "*" } if suspended],
      )
    })
  }
}

# One inline policy holds the scope and its Denies, so that IAM changes them in one call: there is no moment in which
# the user has the one without the other, not even when an apply is killed half-way.
resource "aws_iam_user_policy" "this" {
  name   = "nhi"
  user   = var.identity.name
  policy = local.permissions[var.identity.suspended ? "suspended" : "active"]

  # By name and in order, and not by reference, here and below: for each reference Terraform reads all that is planned
  # in the whole stack (modules/README.md).
  depends_on = [aws_iam_user.this]

  lifecycle {
    # As AWS counts, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    precondition {
      condition     = length(replace(local.permissions.suspended, "/\\s/", "")) <= 2048
      error_message = "The permissions take ${length(replace(local.permissions.suspended, "/\\s/", ""))} characters, with the Deny that a suspension adds; IAM holds at most 2048 on a user. Allow less, or make two identities of it."
    }
  }
}

# What somebody adds to the user by hand is removed by the next apply.
resource "aws_iam_user_policies_exclusive" "this" {
  user_name    = var.identity.name
  policy_names = ["nhi"]

  depends_on = [aws_iam_user_policy.this]
}

resource "aws_iam_user_policy_attachments_exclusive" "this" {
  user_name   = var.identity.name
  policy_arns = []

  depends_on = [aws_iam_user.this]
}
