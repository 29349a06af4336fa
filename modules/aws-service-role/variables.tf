variable "scope" {
  description = "What it may do and who may use it: schema.json."
  nullable    = false

  type = object({
    trust = object({
      services       = list(string)
      source_account = optional(string)
      source_arns    = optional(list(string), [])
    })
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
  })

  validation {
    condition = length(var.scope.trust.services) > 0 && alltrue([
      for one in var.scope.trust.services : can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", one))
    ])
    error_message = "scope.trust.services must name at least one AWS service, like ecs-tasks.amazonaws.com."
  }

  validation {
    condition     = alltrue([for one in var.scope.trust.source_account[*] : can(regex("^[0-9]{12}$", one))])
    error_message = "scope.trust.source_account must be the twelve digits of an AWS account."
  }

  # A pattern of services, regions or accounts would be as good as no restriction.
  validation {
    condition = alltrue([
      for one in var.scope.trust.source_arns :
      can(regex("^arn:aws:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:[ -#%-~]+$", one))
    ])
    error_message = "scope.trust.source_arns must be ARNs with service, region and account written out."
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
