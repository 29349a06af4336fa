# Who it is. This file is the same, byte for byte, in every kind.

variable "identity" {
  description = "Who it is, who answers for it and when it ends: the same for every kind."
  nullable    = false

  type = object({
    name      = string
    stack     = string
    account   = string
    owner     = string
    purpose   = string
    expiry    = string
    suspended = bool
    tags      = map(string)
  })

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,54}[a-z0-9]$", var.identity.name))
    error_message = "identity.name must be 3 to 56 of a-z, 0-9 and '-', not starting or ending with '-'."
  }

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$", var.identity.stack))
    error_message = "identity.stack must be 2 to 63 of a-z, 0-9 and '-', not starting or ending with '-'."
  }

  validation {
    condition     = can(regex("^[0-9]{12}$", var.identity.account))
    error_message = "identity.account must be the twelve digits of an AWS account."
  }

  # The end of all access hangs on this text: what reads it otherwise than we do could end nothing.
  validation {
    condition = (
      can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.identity.expiry)) &&
      can(formatdate("YYYY", var.identity.expiry))
    )
    error_message = "identity.expiry must be a second in UTC that exists, like 2027-03-31T00:00:00Z."
  }

  validation {
    condition     = var.identity.suspended != null
    error_message = "identity.suspended must be true or false."
  }
}
