terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.20, < 4.0"
    }
  }
}

variable "use_kubeconfig" {
  type        = bool
  description = "Use ~/.kube/config of the Coder provisioner; otherwise the service account of the pod that it runs in."
  default     = false
}

variable "namespace" {
  type        = string
  description = "Namespace of the workspaces; it must exist."
  default     = "coder-workspaces"
}

variable "storage_class" {
  type        = string
  description = "Storage class of the home volumes; empty for the default one of the cluster."
  default     = ""
}

variable "workspace_image" {
  type        = string
  description = "Image of the workspace container; it needs bash, curl, git and a user with the id 1000."
  default     = "codercom/enterprise-base:ubuntu"
}

provider "kubernetes" {
  config_path = var.use_kubeconfig ? "~/.kube/config" : null
}

data "coder_provisioner" "me" {}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  labels = {
    "app.kubernetes.io/name"       = "coder-workspace"
    "app.kubernetes.io/instance"   = "coder-${data.coder_workspace.me.id}"
    "app.kubernetes.io/part-of"    = "coder"
    "app.kubernetes.io/managed-by" = "coder"
    "com.coder.owner"              = data.coder_workspace_owner.me.name
    "com.coder.owner_id"           = data.coder_workspace_owner.me.id
    "com.coder.workspace_id"       = data.coder_workspace.me.id
    "com.coder.workspace_name"     = data.coder_workspace.me.name
  }
}

resource "coder_agent" "main" {
  arch = data.coder_provisioner.me.arch
  os   = "linux"

  startup_script = <<-EOT
    set -e

    # The home volume starts empty: fill it from the image once.
    if [ ! -f ~/.init_done ]; then
      cp -rT /etc/skel ~
      touch ~/.init_done
    fi
  EOT

  env = {
    GIT_AUTHOR_NAME     = local.owner_name
    GIT_AUTHOR_EMAIL    = data.coder_workspace_owner.me.email
    GIT_COMMITTER_NAME  = local.owner_name
    GIT_COMMITTER_EMAIL = data.coder_workspace_owner.me.email
  }

  metadata {
    key          = "0_cpu"
    display_name = "CPU"
    script       = "coder stat cpu"
    interval     = 10
    timeout      = 1
  }

  metadata {
    key          = "1_memory"
    display_name = "Memory"
    script       = "coder stat mem"
    interval     = 10
    timeout      = 1
  }

  metadata {
    key          = "2_home"
    display_name = "Home disk"
    script       = "coder stat disk --path $${HOME}"
    interval     = 60
    timeout      = 1
  }

  metadata {
    key          = "3_codex"
    display_name = "Codex"
    script       = "PATH=\"$${HOME}/.local/bin:$${PATH}\" codex --version 2>/dev/null || echo installing"
    interval     = 300
    timeout      = 5
  }
}

resource "kubernetes_persistent_volume_claim_v1" "home" {
  metadata {
    name      = "coder-${data.coder_workspace.me.id}-home"
    namespace = var.namespace
    labels    = local.labels
  }

  # Many storage classes make the volume when the first pod wants it.
  wait_until_bound = false

  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = var.storage_class == "" ? null : var.storage_class

    resources {
      requests = {
        storage = "${data.coder_parameter.home_gb.value}Gi"
      }
    }
  }

  # Only the size may change: a renamed user, another namespace or storage class must not cost
  # anybody their files.
  lifecycle {
    ignore_changes = [metadata, spec[0].access_modes, spec[0].storage_class_name, spec[0].volume_mode]
  }
}

resource "kubernetes_deployment_v1" "workspace" {
  count = data.coder_workspace.me.start_count

  wait_for_rollout = false

  metadata {
    name      = "coder-${data.coder_workspace.me.id}"
    namespace = kubernetes_persistent_volume_claim_v1.home.metadata[0].namespace
    labels    = local.labels

    annotations = {
      "com.coder.owner_email" = data.coder_workspace_owner.me.email
    }
  }

  spec {
    replicas = 1

    selector {
      match_labels = {
        "app.kubernetes.io/instance" = local.labels["app.kubernetes.io/instance"]
      }
    }

    # The home volume is for one pod at a time.
    strategy {
      type = "Recreate"
    }

    template {
      metadata {
        labels = local.labels
      }

      spec {
        hostname                         = lower(data.coder_workspace.me.name)
        automount_service_account_token  = false
        termination_grace_period_seconds = 60

        node_selector = {
          "kubernetes.io/arch" = coder_agent.main.arch
          "kubernetes.io/os"   = "linux"
        }

        security_context {
          run_as_user     = 1000
          run_as_group    = 1000
          run_as_non_root = true
          fs_group        = 1000

          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        container {
          name    = "workspace"
          image   = var.workspace_image
          command = ["sh", "-c", coder_agent.main.init_script]

          env {
            name  = "CODER_AGENT_TOKEN"
            value = coder_agent.main.token
          }

          resources {
            requests = {
              cpu    = "250m"
              memory = "512Mi"
            }
            limits = {
              cpu    = data.coder_parameter.cpu.value
              memory = "${data.coder_parameter.memory_gb.value}Gi"
            }
          }

          volume_mount {
            name       = "home"
            mount_path = "/home/coder"
          }
        }

        volume {
          name = "home"

          persistent_volume_claim {
            claim_name = kubernetes_persistent_volume_claim_v1.home.metadata[0].name
          }
        }

        # Spread the workspaces over the nodes, as far as that is possible.
        affinity {
          pod_anti_affinity {
            preferred_during_scheduling_ignored_during_execution {
              weight = 1

              pod_affinity_term {
                topology_key = "kubernetes.io/hostname"

                label_selector {
                  match_labels = {
                    "app.kubernetes.io/name" = "coder-workspace"
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

resource "coder_metadata" "home" {
  resource_id = kubernetes_persistent_volume_claim_v1.home.id

  item {
    key   = "persistent"
    value = "/home/coder"
  }

  item {
    key   = "size"
    value = "${data.coder_parameter.home_gb.value} GB"
  }
}
