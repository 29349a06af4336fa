# Who may assume the role, and until when. What it may do is in permissions.tf.

locals {
  trust = {
    active = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${var.identity.account}:oidc-provider/${var.scope.trust.issuer}" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          # StringEquals throughout: it takes no wildcards, and it is false where the token lacks the claim.
          StringEquals = {
            "${var.scope.trust.issuer}:aud" = "sts.amazonaws.com"

            # The subject of a service account's token:
            # https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
            "${var.scope.trust.issuer}:sub" = [
              for name in var.scope.trust.service_accounts :
              "system:serviceaccount:${var.scope.trust.namespace}:${name}"
            ]
          }
          DateLessThan = { "aws:CurrentTime" = var.identity.expiry }
        }
      }]
    })

    # DenySuspended of the permissions ends every session; this also stops new ones, since a session that may do nothing
    # can still ask STS who it is. It stands alone and names nobody: IAM refuses the whole of a trust policy that names
    # a user or role who is gone, and nobody's leaving may stop a suspension:
    # https://repost.aws/knowledge-center/iam-trust-policy-error
    # Where nothing is allowed, web identities are refused as well; a Deny of theirs would have to name the provider, or
    # be of principals who cannot make that call (MISMATCHED_ACTION_FOR_PRINCIPAL):
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
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
  description = "Non-human identity of the kind aws-eks-role, declared in Git. Changes by hand are undone."

  assume_role_policy = local.trust[var.identity.suspended ? "suspended" : "active"]

  # IAM's least. The AWS SDKs in a pod renew their session by themselves, so nobody needs a longer one:
  # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (MaxSessionDuration)
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
