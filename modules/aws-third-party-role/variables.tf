variable "scope" {
  description = "What it may do, who may use it and until when their contract runs: schema.json."
  nullable    = false

  type = object({
    vendor = object({
      name         = string
      contract_end = string
    })
    trust = object({
      principals  = list(string)
      external_id = string
    })
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
  })

  validation {
    condition     = can(regex("[^ ]", var.scope.vendor.name))
    error_message = "scope.vendor.name must say who the vendor is."
  }

  validation {
    condition = (
      can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$", var.scope.vendor.contract_end)) &&
      can(formatdate("YYYY", length(var.scope.vendor.contract_end) == 10 ? "${var.scope.vendor.contract_end}T00:00:00Z" : var.scope.vendor.contract_end))
    )
    error_message = "scope.vendor.contract_end must be a day or a second that exists, like 2027-06-30 or 2027-06-30T18:00:00Z."
  }

  # Where one of the two cannot be read, another validation says so.
  validation {
    condition = try(
      timecmp(
        var.identity.expiry,
        length(var.scope.vendor.contract_end) == 10 ? "${var.scope.vendor.contract_end}T00:00:00Z" : var.scope.vendor.contract_end,
      ) <= 0,
      true,
    )
    error_message = "identity.expiry must not be after scope.vendor.contract_end: no access outlives its contract."
  }

  # An account, its root or a pattern would leave it to the vendor whom we trust.
  validation {
    condition = length(var.scope.trust.principals) > 0 && alltrue([
      for one in var.scope.trust.principals :
      can(regex("^arn:aws:iam::[0-9]{12}:(role|user)/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$", one))
    ])
    error_message = "scope.trust.principals must be ARNs of single roles or users, without wildcards."
  }

  validation {
    condition = alltrue([
      for one in var.scope.trust.principals : !startswith(one, "arn:aws:iam::${var.identity.account}:")
    ])
    error_message = "scope.trust.principals must be of another account: what is in the identity's own is no third party."
  }

  validation {
    condition = (
      can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.scope.trust.external_id)) &&
      try(length(var.scope.trust.external_id) <= 1224, false)
    )
    error_message = "scope.trust.external_id must be 2 to 1,224 of A-Z, a-z, 0-9 and _+=,.@:/-"
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
