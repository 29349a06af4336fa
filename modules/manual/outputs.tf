output "record" {
  description = "The declaration as it was applied."
  value       = terraform_data.this.output
}
