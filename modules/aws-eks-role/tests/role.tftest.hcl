# What is this kind's own; what every role must do is in ../../tests. Policies are compared whole: a statement too many
# fails as one too few does.

mock_provider "aws" {}

run "trusts_the_service_account_of_the_one_cluster_until_the_expiry" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == jsondecode(jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid    = "TrustUntilExpiry"
        Effect = "Allow"
        Principal = {
          Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5"
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5:aud" = "sts.amazonaws.com"
            "oidc.eks.eu-west-1.amazonaws.com/id/9F3A61C7D2B84E05A6C1F7308B2D94E5:sub" = ["system:serviceaccount:payments:settlement"]
          }
          DateLessThan = { "aws:CurrentTime" = "2027-03-31T00:00:00Z" }
        }
      }]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "trusts_each_service_account_and_no_other" {
  command = plan

  variables {
    scope = merge(var.scope, {
      trust = {
        issuer           = "oidc.eks.ap-southeast-2.amazonaws.com/id/00112233445566778899AABBCCDDEEFF"
        namespace        = "payments-batch"
        service_accounts = ["settlement", "settlement.retry"]
      }
    })
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == jsondecode(jsonencode({
      "oidc.eks.ap-southeast-2.amazonaws.com/id/00112233445566778899AABBCCDDEEFF:aud" = "sts.amazonaws.com"
      "oidc.eks.ap-southeast-2.amazonaws.com/id/00112233445566778899AABBCCDDEEFF:sub" = [
        "system:serviceaccount:payments-batch:settlement",
        "system:serviceaccount:payments-batch:settlement.retry",
      ]
    }))
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == {
      Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-southeast-2.amazonaws.com/id/00112233445566778899AABBCCDDEEFF"
    }
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}

run "refuses_a_trust_that_iam_cannot_hold" {
  command = plan
  variables {
    scope = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = [for index in range(60) : "settlement-${index}"] }) })
  }
  expect_failures = [aws_iam_role.this]
}

# What IAM then gets is short, and whoever must be stopped is stopped.
run "suspends_whoever_iam_could_not_hold" {
  command = plan
  variables {
    identity = merge(var.identity, { suspended = true })
    scope    = merge(var.scope, { trust = merge(var.scope.trust, { service_accounts = [for index in range(60) : "settlement-${index}"] }) })
  }

  assert {
    condition     = [for one in jsondecode(aws_iam_role.this.assume_role_policy).Statement : one.Sid] == ["DenySuspended"]
    error_message = "The trust policy is ${aws_iam_role.this.assume_role_policy}"
  }
}
