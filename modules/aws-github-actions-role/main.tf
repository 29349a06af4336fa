# Who may assume the role, and until when. What it may do is in permissions.tf.

locals {
  issuer = "token.actions.githubusercontent.com"

  # Repositories made, renamed or moved since 15 July 2026 send the second form, older ones the first:
  # https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
  # The first form has names only, and a name can be taken over; repository_id below is what no other repository has.
  subjects = [
    for pair in setproduct(var.scope.trust.subjects, [
      "repo:${var.scope.trust.owner}/${var.scope.trust.repository}",
      "repo:${var.scope.trust.owner}@${var.scope.trust.owner_id}/${var.scope.trust.repository}@${var.scope.trust.repository_id}",
    ]) : "${pair[1]}:${pair[0]}"
  ]

  trust = {
    active = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TrustUntilExpiry"
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${var.identity.account}:oidc-provider/${local.issuer}" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          # StringEquals throughout: it takes no wildcards, and it is false where the token lacks the claim.
          StringEquals = merge(
            {
              "${local.issuer}:aud"           = "sts.amazonaws.com"
              "${local.issuer}:sub"           = local.subjects
              "${local.issuer}:repository_id" = var.scope.trust.repository_id
            },
            {
              for refs in [var.scope.trust.workflows] : "${local.issuer}:job_workflow_ref" => refs if length(refs) > 0
            },
          )
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
  description = "Non-human identity of the kind aws-github-actions-role, declared in Git. Changes by hand are undone."

  assume_role_policy   = local.trust[var.identity.suspended ? "suspended" : "active"]
  max_session_duration = var.scope.session_minutes * 60

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
