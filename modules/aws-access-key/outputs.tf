output "user_arn" {
  description = "ARN of the user."
  value       = aws_iam_user.this.arn
}

output "user_unique_id" {
  description = "IAM's unique id of the user (AIDA…). A user that is made again under the same name has another one."
  value       = aws_iam_user.this.unique_id
}

output "access_key_id" {
  description = "Id of the current key. An id is no secret, and of no use without one."
  value       = aws_iam_access_key.this[local.current].id
}

output "secret_arn" {
  description = "ARN of the secret in Secrets Manager that holds the current key, encrypted."
  value       = aws_secretsmanager_secret.this.arn
}

output "encrypted_to" {
  description = "Fingerprint of the OpenPGP key that the current key's secret is encrypted to."
  value       = aws_iam_access_key.this[local.current].key_fingerprint
}
