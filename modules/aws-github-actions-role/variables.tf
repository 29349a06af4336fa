variable "scope" {
  description = "What it may do and who may use it: schema.json."
  nullable    = false

  type = object({
    trust = object({
      owner         = string
      owner_id      = string
      repository    = string
      repository_id = string
      subjects      = list(string)
      workflows     = optional(list(string), [])
    })
    allow = list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(list(string))), {})
    }))
    session_minutes = optional(number, 60)
  })

  validation {
    condition = (
      can(regex("^[A-Za-z0-9][A-Za-z0-9_-]*$", var.scope.trust.owner)) &&
      can(regex("^[A-Za-z0-9._-]+$", var.scope.trust.repository))
    )
    error_message = "scope.trust.owner and scope.trust.repository must be names as GitHub writes them."
  }

  validation {
    condition = alltrue([
      for number in [var.scope.trust.owner_id, var.scope.trust.repository_id] : can(regex("^[1-9][0-9]*$", number))
    ])
    error_message = "scope.trust.owner_id and scope.trust.repository_id must be GitHub's numbers, as text."
  }

  # A subject that is a pattern would trust repositories, branches or people that nobody reviewed.
  validation {
    condition = length(var.scope.trust.subjects) > 0 && alltrue([
      for one in var.scope.trust.subjects :
      can(regex("^(environment:|ref:refs/(heads|tags)/)[A-Za-z0-9][A-Za-z0-9_.%+@#=,/-]*$", one))
    ])
    error_message = "scope.trust.subjects must name at least one environment, branch or tag, like environment:production, without wildcards."
  }

  validation {
    condition     = alltrue([for one in var.scope.trust.workflows : can(regex("^[A-Za-z0-9_.%+@#=,/-]+$", one))])
    error_message = "scope.trust.workflows must be references of workflow files, without wildcards."
  }

  # Less than an hour IAM does not take; more than six hours no hosted job runs.
  validation {
    condition = (
      var.scope.session_minutes >= 60 && var.scope.session_minutes <= 360 &&
      floor(var.scope.session_minutes) == var.scope.session_minutes
    )
    error_message = "scope.session_minutes must be a whole number from 60 to 360."
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
