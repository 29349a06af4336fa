variable "scope" {
  description = "Where the account is, what it may do and how it is removed: schema.json."
  nullable    = false

  type = object({
    system  = string
    account = string
    access  = list(string)
    removal = object({
      steps   = list(string)
      contact = string
      days    = optional(number, 3)
    })
  })

  validation {
    condition     = length(var.scope.access) > 0
    error_message = "scope.access must say at least one thing that the account may do."
  }

  validation {
    condition     = length(var.scope.removal.steps) > 0
    error_message = "scope.removal.steps must have at least one step."
  }

  validation {
    condition = (
      var.scope.removal.days >= 0 && var.scope.removal.days <= 30 &&
      floor(var.scope.removal.days) == var.scope.removal.days
    )
    error_message = "scope.removal.days must be a whole number from 0 to 30."
  }
}
