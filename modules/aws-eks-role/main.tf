# Who may assume the role, and until when. What it may do is in permissions.tf.

locals {
  issuer   = var.scope.trust.issuer
  provider = "arn:aws:iam::${var.identity.account}:oidc-provider/${local.issuer}"

  # The subject of a service account's token:
  # https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
  subjects = [
    for name in var.scope.trust.service_accounts : "system:serviceaccount:${var.scope.trust.namespace}:${name}"
  ]

  trust_until_expiry = {
    Sid       = "TrustUntilExpiry"
    Effect    = "Allow"
    Principal = { Federated = local.provider }
    Action    = "sts:AssumeRoleWithWebIdentity"
    Condition = {
      # StringEquals throughout: it takes no wildcards, and it is false where the token lacks the claim.
      StringEquals = {
        "${local.issuer}:aud" = "sts.amazonaws.com"
        "${local.issuer}:sub" = local.subjects
      }
      DateLessThan = { "aws:CurrentTime" = var.identity.expiry }
    }
  }

  # DenySuspended of the permissions ends every session; this also stops new ones, since a session that may do nothing
  # can still ask STS who it is. It stands alone and names nobody: IAM refuses the whole of a trust policy that names a
  # user or role who is gone, and nobody's leaving may stop a suspension:
  # https://repost.aws/knowledge-center/iam-trust-policy-error
  # Where nothing is allowed, web identities are refused as well; a Deny of theirs would have to name the provider, or be
  # of principals who cannot make that call (MISMATCHED_ACTION_FOR_PRINCIPAL):
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
  trust_suspended = {
    Sid       = "DenySuspended"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "sts:AssumeRole"
  }

  trust = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for statement in [local.trust_until_expiry] : statement if !var.identity.suspended],
      [for statement in [local.trust_suspended] : statement if var.identity.suspended],
    )
  })

  # As AWS counts, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  trust_size = length(replace(local.trust, "/\\s/", ""))
}

resource "aws_iam_role" "this" {
  name = var.identity.name
  path = "/nhi/${var.identity.stack}/"

  # Always the same words: the purpose is a stranger's text, and IAM takes only some characters here.
  description = "Non-human identity of the kind aws-eks-role, declared in Git. Changes by hand are undone."

  assume_role_policy = local.trust

  # IAM's least. The AWS SDKs in a pod renew their session by themselves, so nobody needs a longer one:
  # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (MaxSessionDuration)
  max_session_duration = 3600

  # IAM refuses to delete a role that has policies; what was added by hand must not stop a removal.
  force_detach_policies = true

  tags = var.identity.tags

  lifecycle {
    # The default of a quota that can be raised; what needs more than it trusts too many.
    precondition {
      condition     = local.trust_size <= 2048
      error_message = "The trust policy takes ${local.trust_size} characters; IAM takes at most 2048. Trust less, or make two identities of it."
    }
  }
}
