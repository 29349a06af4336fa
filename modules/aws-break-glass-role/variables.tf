variable "scope" {
  description = "What it may do, who may use it and who is told: schema.json."
  nullable    = false

  type = object({
    trust = object({
      principals = list(string)
    })
    report_to = string
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
  })

  # An account, its root or a pattern would let in people whom nobody named; a role's session cannot prove MFA.
  validation {
    condition = length(var.scope.trust.principals) > 0 && alltrue([
      for one in var.scope.trust.principals :
      can(regex("^arn:aws:iam::[0-9]{12}:user/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", one))
    ])
    error_message = "scope.trust.principals must be ARNs of single IAM users, without wildcards."
  }

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z]{2}(-[a-z]+)+-[0-9]:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.scope.report_to))
    error_message = "scope.report_to must be the ARN of an SNS topic (EventBridge takes no FIFO topic here)."
  }

  # Where the topic cannot be read, the validation above says so.
  validation {
    condition     = try(split(":", var.scope.report_to)[4] == var.identity.account, true)
    error_message = "scope.report_to must be a topic of the identity's own account."
  }

  validation {
    condition = length(var.scope.allow) > 0 && alltrue([
      for one in var.scope.allow : length(one.actions) > 0 && length(one.resources) > 0
    ])
    error_message = "scope.allow must have at least one statement, and each of them at least one action and one resource."
  }

  # "$" would begin one of IAM's policy variables: what the role reaches would no longer stand in the manifest.
  validation {
    condition = alltrue([
      for text in flatten([
        for one in var.scope.allow : [
          one.actions, one.resources, [for tests in values(one.conditions) : [keys(tests), values(tests)]],
        ]
      ]) : can(regex("^[ -#%-~]*$", text))
    ])
    error_message = "scope.allow: actions, resources and conditions must be printable ASCII without '$'."
  }
}
