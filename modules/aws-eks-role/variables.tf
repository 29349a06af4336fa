variable "scope" {
  description = "What it may do and who may use it: schema.json."
  nullable    = false

  type = object({
    trust = object({
      issuer           = string
      namespace        = string
      service_accounts = list(string)
    })
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
  })

  # The issuer names the provider and the claims that are compared: another text would trust another cluster, or none.
  validation {
    condition     = can(regex("^oidc\\.eks\\.[a-z]{2}-[a-z]+-[0-9]{1,2}\\.amazonaws\\.com/id/[0-9A-F]{32}$", var.scope.trust.issuer))
    error_message = "scope.trust.issuer must be an EKS cluster's issuer without https://, like oidc.eks.eu-west-1.amazonaws.com/id/ and 32 of 0-9 and A-F."
  }

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.scope.trust.namespace))
    error_message = "scope.trust.namespace must be one namespace's name, without wildcards."
  }

  # A service account that is a pattern would trust pods that nobody reviewed.
  validation {
    condition = length(var.scope.trust.service_accounts) > 0 && alltrue([
      for one in var.scope.trust.service_accounts :
      can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$", one))
    ])
    error_message = "scope.trust.service_accounts must name at least one service account, without wildcards."
  }

  # The one that every pod of the namespace runs as that names none.
  validation {
    condition     = alltrue([for one in var.scope.trust.service_accounts : one != "default"])
    error_message = "scope.trust.service_accounts must not hold the service account default: every pod that names none has it."
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
