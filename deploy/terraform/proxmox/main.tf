# The login that Watchkeeper reads Proxmox VE with: a user without a password, PVEAuditor on everything, and a token. The same as the
# commands in src/collectors/proxmox/README.md. Log in first, by PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN (or a user name and
# password) of somebody who may make users.
#
# The token's secret is in Terraform's state: keep the state encrypted, or make the token by hand and take it out of here.

terraform {
  required_version = ">= 1.5"
  required_providers {
    proxmox = {
      source  = "bpg/proxmox"
      version = ">= 0.101.1"
    }
  }
}

provider "proxmox" {}

resource "proxmox_virtual_environment_user" "watchkeeper" {
  user_id = "watchkeeper@pve"
  comment = "reads for Watchkeeper"
}

resource "proxmox_acl" "watchkeeper" {
  path      = "/"
  user_id   = proxmox_virtual_environment_user.watchkeeper.user_id
  role_id   = "PVEAuditor"
  propagate = true
}

resource "proxmox_user_token" "watchkeeper" {
  user_id    = proxmox_virtual_environment_user.watchkeeper.user_id
  token_name = "metrics"
  # The token has what its user has, which is nothing else.
  privileges_separation = false
}

output "token_id" {
  description = "For `token_id` in watchkeeper.yaml."
  value       = proxmox_user_token.watchkeeper.id
}

output "token_secret" {
  description = "For the file of `token_secret_file`: (umask 077; terraform output -raw token_secret > pve-token)."
  # the provider may write the token's id and = before it
  value     = reverse(split("=", proxmox_user_token.watchkeeper.value))[0]
  sensitive   = true
}
