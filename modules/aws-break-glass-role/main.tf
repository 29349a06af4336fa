# Who may assume the role, how, and until when; and who is told. What it may do is in permissions.tf.

locals {
  # Of this region: an event is found in the region of the STS endpoint that was called, and only there.
  region = split(":", var.scope.report_to)[3]

  trust = {
    active = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { AWS = var.scope.trust.principals }
        Action    = "sts:AssumeRole"
        Condition = {
          # Neither has IfExists: with a long-lived key alone both are missing from the request, and it is refused.
          # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
          Bool            = { "aws:MultiFactorAuthPresent" = "true" }
          NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }

          # Through an endpoint of another region nobody would be told: who cannot be reported does not come in.
          StringEquals = { "aws:RequestedRegion" = local.region }
          DateLessThan = { "aws:CurrentTime" = var.identity.expiry }
        }
      }]
    })

    # DenySuspended of the permissions ends every session; this also stops new ones, since a session that may do nothing
    # can still ask STS who it is. It stands alone and names nobody: IAM refuses the whole of a trust policy that names
    # a user or role who is gone, and nobody's leaving may stop a suspension:
    # https://repost.aws/knowledge-center/iam-trust-policy-error
    suspended = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Sid = "DenySuspended", Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }]
    })
  }
}

data "aws_region" "current" {}

resource "aws_iam_role" "this" {
  name = var.identity.name
  path = "/nhi/${var.identity.stack}/"

  # Always the same words: the purpose is a stranger's text, and IAM takes only some characters here.
  description = "Non-human identity of the kind aws-break-glass-role, declared in Git. Changes by hand are undone."

  assume_role_policy = local.trust[var.identity.suspended ? "suspended" : "active"]

  # IAM's least: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (MaxSessionDuration)
  max_session_duration = 3600

  # IAM refuses to delete a role that has policies; what was added by hand must not stop a removal.
  force_detach_policies = true

  tags = var.identity.tags

  # The role is never there without the report: it is made after it, and removed before it.
  depends_on = [aws_cloudwatch_event_target.report]

  lifecycle {
    # The default of a quota that can be raised, counted as AWS counts, without white space; what needs more trusts too
    # many: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    precondition {
      condition     = var.identity.suspended || length(replace(local.trust.active, "/\\s/", "")) <= 2048
      error_message = "The trust policy takes ${length(replace(local.trust.active, "/\\s/", ""))} characters; IAM takes at most 2048. Trust less, or make two identities of it."
    }
  }
}

resource "aws_cloudwatch_event_rule" "report" {
  # EventBridge takes 64 characters; a role's name is the only one of its account already.
  name        = "nhi-${var.identity.name}"
  description = "Reports each use of a break-glass role that is declared in Git. Changes by hand are undone."

  event_pattern = jsonencode({
    source      = ["aws.sts"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["sts.amazonaws.com"]
      eventName   = ["AssumeRole"]
      requestParameters = {
        roleArn = ["arn:aws:iam::${var.identity.account}:role/nhi/${var.identity.stack}/${var.identity.name}"]
      }
    }
  })

  # CloudTrail counts AssumeRole among what only reads, which a rule that is merely ENABLED does not get:
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
  state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

  tags = var.identity.tags

  lifecycle {
    precondition {
      condition     = data.aws_region.current.name == local.region
      error_message = "The topic of scope.report_to is in ${local.region}, the stack in ${data.aws_region.current.name}: EventBridge sends to topics of its own region only."
    }
  }
}

resource "aws_cloudwatch_event_target" "report" {
  rule      = aws_cloudwatch_event_rule.report.name
  target_id = "report"
  arn       = var.scope.report_to
}
