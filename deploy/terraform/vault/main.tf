# What Watchkeeper reads of Vault or OpenBao: the policy of this repository, and an AppRole that has it. The same as the commands in
# src/collectors/vault/README.md. Log in first, by VAULT_ADDR and VAULT_TOKEN.
#
# The secret id is left out, because Terraform would keep it in its state. Make it once, as the user that runs Watchkeeper:
#   (umask 077; vault write -f -field=secret_id auth/approle/role/watchkeeper/secret-id > secret-id)

terraform {
  required_version = ">= 1.5"
  required_providers {
    vault = {
      source  = "hashicorp/vault"
      version = ">= 4.0"
    }
  }
}

provider "vault" {}

variable "manage_approle_mount" {
  description = "Whether the auth method is enabled here; false where approle/ is there already."
  type        = bool
  default     = true
}

resource "vault_policy" "watchkeeper" {
  name   = "watchkeeper"
  policy = file("${path.module}/../../vault/watchkeeper-policy.hcl")
}

resource "vault_auth_backend" "approle" {
  count = var.manage_approle_mount ? 1 : 0
  type  = "approle"
}

resource "vault_approle_auth_backend_role" "watchkeeper" {
  backend        = var.manage_approle_mount ? vault_auth_backend.approle[0].path : "approle"
  role_name      = "watchkeeper"
  token_policies = [vault_policy.watchkeeper.name]
  token_ttl      = 3600
  token_max_ttl  = 86400
}

output "role_id" {
  description = "For `role_id` in watchkeeper.yaml; it is no secret."
  value       = vault_approle_auth_backend_role.watchkeeper.role_id
}
