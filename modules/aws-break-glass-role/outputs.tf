output "role_arn" {
  description = "ARN of the role."
  value       = aws_iam_role.this.arn
}

output "role_unique_id" {
  description = "IAM's unique id of the role (AROA…). A role that is made again under the same name has another one."
  value       = aws_iam_role.this.unique_id
}

output "event_rule_arn" {
  description = "ARN of the EventBridge rule that reports each use."
  value       = aws_cloudwatch_event_rule.report.arn
}
