# Who may assume the role, and until when. What it may do is in permissions.tf.

locals {
  trust = {
    active = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { AWS = var.scope.trust.principals }
        Action    = "sts:AssumeRole"
        Condition = {
          # Without it, another customer of the vendor could have the vendor work with this role ("confused deputy"):
          # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
          StringEquals = { "sts:ExternalId" = var.scope.trust.external_id }
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

resource "aws_iam_role" "this" {
  name = var.identity.name
  path = "/nhi/${var.identity.stack}/"

  # Always the same words: the purpose is a stranger's text, and IAM takes only some characters here.
  description = "Non-human identity of the kind aws-third-party-role, declared in Git. Changes by hand are undone."

  assume_role_policy = local.trust[var.identity.suspended ? "suspended" : "active"]

  # IAM's least, and the most that a vendor gets whose own session is a role's ("role chaining"):
  # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (MaxSessionDuration)
  # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (DurationSeconds)
  max_session_duration = 3600

  # IAM refuses to delete a role that has policies; what was added by hand must not stop a removal.
  force_detach_policies = true

  tags = var.identity.tags

  lifecycle {
    # The default of a quota that can be raised, counted as AWS counts, without white space; what needs more trusts too
    # many: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    precondition {
      condition     = var.identity.suspended || length(replace(local.trust.active, "/\\s/", "")) <= 2048
      error_message = "The trust policy takes ${length(replace(local.trust.active, "/\\s/", ""))} characters; IAM takes at most 2048. Trust less, or make two identities of it."
    }
  }
}
