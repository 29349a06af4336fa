# The user, its keys, and where the secret is left. What it may do is in permissions.tf.

locals {
  # A day and its first second name the same key.
  current = (
    length(var.scope.credential.rotated) == 10
    ? "${var.scope.credential.rotated}T00:00:00Z" : var.scope.credential.rotated
  )
}

resource "aws_iam_user" "this" {
  name = var.identity.name
  path = "/nhi/${var.identity.stack}/"

  # IAM refuses to delete a user that can still be used: a password or a key made by hand must not stop a removal.
  force_destroy = true

  tags = var.identity.tags
}

resource "aws_iam_access_key" "this" {
  # Each key has the second in which it was made for a name, so that a rotation adds one and touches no other.
  for_each = merge(
    {
      for one in var.scope.credential.previous[*] :
      (length(one.rotated) == 10 ? "${one.rotated}T00:00:00Z" : one.rotated) => one.active
    },
    { (local.current) = true },
  )

  user = var.identity.name

  # With it the provider encrypts the secret as soon as AWS has said it, and the state gets nothing but the ciphertext:
  # https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/iam_access_key#pgp_key
  pgp_key = var.scope.credential.encrypt_to

  # The Deny of everything is enough; a key that AWS does not even know is the second lock, and comes back as it was.
  status = each.value && !var.identity.suspended ? "Active" : "Inactive"

  # A key is never of use before the policy that ends it is there.
  depends_on = [aws_iam_user_policy.this]

  lifecycle {
    # Otherwise another public key would replace both keys at once. It is for the next key.
    ignore_changes = [pgp_key]
  }
}

# Where whoever runs the workload fetches the current key. It holds what gpg made of the secret, not the secret.
resource "aws_secretsmanager_secret" "this" {
  name        = "nhi/${var.identity.stack}/${var.identity.name}"
  description = "Access key of a non-human identity declared in Git; its secret is encrypted with OpenPGP."

  # Nothing is worth recovering: the key that the ciphertext is of is deleted with it. And for as long as a secret can
  # be recovered, its name is taken, so that the identity could not be declared again:
  # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
  recovery_window_in_days = 0

  tags = var.identity.tags
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id

  # Write-only: it is in no plan and in no state.
  secret_string_wo = jsonencode({
    access_key_id               = aws_iam_access_key.this[local.current].id
    encrypted_secret_access_key = aws_iam_access_key.this[local.current].encrypted_secret
    encrypted_to                = aws_iam_access_key.this[local.current].key_fingerprint
  })

  # What is write-only is written again when this number changes: when the key is another one, and never else. That is
  # with each rotation, and when the current key was deleted by hand and is made again under the same name.
  secret_string_wo_version = tonumber(formatdate("YYYYMMDDhhmmss", aws_iam_access_key.this[local.current].create_date))
}
