variable "scope" {
  description = "What it may do, from where, and how its key is rotated: schema.json."
  nullable    = false

  type = object({
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
    source_ips = optional(list(string), [])
    credential = object({
      type         = string
      rotate_every = number
      rotated      = string
      previous = optional(object({
        rotated = string
        active  = bool
      }))
      encrypt_to = string
    })
  })

  validation {
    condition     = var.scope.credential.type == "access-key"
    error_message = "scope.credential.type must be access-key: another word would hide from the policy rules that it is static."
  }

  validation {
    condition = (
      var.scope.credential.rotate_every >= 1 && var.scope.credential.rotate_every <= 365 &&
      floor(var.scope.credential.rotate_every) == var.scope.credential.rotate_every
    )
    error_message = "scope.credential.rotate_every must be a whole number of days from 1 to 365."
  }

  # A key is known by this text alone: what names no second could not be told from another key.
  validation {
    condition = alltrue([
      for one in concat([var.scope.credential.rotated], var.scope.credential.previous[*].rotated) : (
        can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$", one)) &&
        can(formatdate("YYYY", length(one) == 10 ? "${one}T00:00:00Z" : one))
      )
    ])
    error_message = "scope.credential.rotated and previous.rotated must be a day or a second in UTC that exists, like 2026-11-01 or 2026-11-01T08:00:00Z."
  }

  # Where one of the two cannot be read, the validation above says so.
  validation {
    condition = alltrue([
      for one in var.scope.credential.previous[*].rotated : try(
        timecmp(
          length(one) == 10 ? "${one}T00:00:00Z" : one,
          length(var.scope.credential.rotated) == 10
          ? "${var.scope.credential.rotated}T00:00:00Z" : var.scope.credential.rotated,
        ) < 0,
        true,
      )
    ])
    error_message = "scope.credential.previous.rotated must be before scope.credential.rotated: it is the key before."
  }

  validation {
    condition     = alltrue([for one in var.scope.credential.previous[*] : one.active != null])
    error_message = "scope.credential.previous.active must be true or false."
  }

  # Without a key to encrypt to, the provider would keep the secret in the state as it is; and "keybase:…" would have it
  # fetch one from the Internet. The first byte is the packet's tag: 6 is a public key (RFC 9580, 4.2 and 5).
  validation {
    condition = (
      can(regex("^(m|x[g-v])[A-Za-z0-9+/]+={0,2}$", var.scope.credential.encrypt_to)) &&
      try(length(var.scope.credential.encrypt_to) >= 200 && length(var.scope.credential.encrypt_to) <= 8192, false)
    )
    error_message = "scope.credential.encrypt_to must be an OpenPGP public key in base64, on one line."
  }

  # Almost every address would be as good as no restriction.
  validation {
    condition = alltrue([
      for one in var.scope.source_ips : (
        can(regex("^([0-9.]+/([89]|[12][0-9]|3[0-2])|[0-9a-f:]+/(1[6-9]|[2-9][0-9]|1[01][0-9]|12[0-8]))$", one)) &&
        can(cidrhost(one, 0))
      )
    ])
    error_message = "scope.source_ips must be ranges like 203.0.113.0/24 (at least /8) or 2001:db8::/32 (at least /16)."
  }

  validation {
    condition = length(var.scope.allow) > 0 && alltrue([
      for one in var.scope.allow : length(one.actions) > 0 && length(one.resources) > 0
    ])
    error_message = "scope.allow must have at least one statement, and each of them at least one action and one resource."
  }

  # "$" would begin one of IAM's policy variables: what the user reaches would no longer stand in the manifest.
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
