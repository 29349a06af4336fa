# What the user may do, and when that ends.

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

  # A user has no trust policy. An explicit Deny is judged on each request and beats every Allow, those of resource
  # policies too, so it ends the keys, and with them the sessions that were made of them (GetSessionToken):
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
  deny_after_expiry = {
    Sid       = "DenyAfterExpiry"
    Effect    = "Deny"
    Action    = "*"
    Resource  = "*"
    Condition = { DateGreaterThanEquals = { "aws:CurrentTime" = var.identity.expiry } }
  }

  # A request through a VPC endpoint has no aws:SourceIp, and is denied: NotIpAddress is true where the key is missing.
  # What an AWS service does on the user's behalf comes from the service's address; the call that made it do so was
  # judged by its own. IfExists: where a service does not say that it is one, the address counts.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
  deny_elsewhere = {
    Sid      = "DenyElsewhere"
    Effect   = "Deny"
    Action   = "*"
    Resource = "*"
    Condition = {
      NotIpAddress = { "aws:SourceIp" = var.scope.source_ips }
      BoolIfExists = { "aws:ViaAWSService" = "false" }
    }
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
    [for statement in [local.deny_elsewhere] : statement if length(var.scope.source_ips) > 0],
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
# the user has the one without the other, not even when an apply is killed half-way.
resource "aws_iam_user_policy" "this" {
  name   = "nhi"
  user   = aws_iam_user.this.name
  policy = local.permissions

  lifecycle {
    precondition {
      condition     = local.permissions_size <= 2048
      error_message = "The permissions take ${local.permissions_size} characters, with the Deny that a suspension adds; IAM holds at most 2048 on a user. Allow less, or make two identities of it."
    }
  }
}

# What somebody adds to the user by hand is removed by the next apply.
resource "aws_iam_user_policies_exclusive" "this" {
  user_name    = aws_iam_user.this.name
  policy_names = [aws_iam_user_policy.this.name]
}

resource "aws_iam_user_policy_attachments_exclusive" "this" {
  user_name   = aws_iam_user.this.name
  policy_arns = []
}
