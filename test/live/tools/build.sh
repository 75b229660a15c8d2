#!/usr/bin/env bash
# Finds or builds helm and kubeconform, which the tests of the deployment files run: prints NAME=path lines.
# Usage: build.sh [NAME…]; without names, all of them. go-binaries.sh says where programs are looked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source-path=SCRIPTDIR
source ./go-binaries.sh

[[ $# -gt 0 ]] || set -- helm kubeconform
for name in "$@"; do
  case $name in
    helm)
      version=$(module_version helm.sh/helm/v4)
      go_binary helm "$version" helm.sh/helm/v4/cmd/helm "-X helm.sh/helm/v4/internal/version.version=$version"
      ;;
    kubeconform)
      version=$(module_version github.com/yannh/kubeconform)
      go_binary kubeconform "$version" github.com/yannh/kubeconform/cmd/kubeconform "-X main.version=$version"
      ;;
    *)
      say "unknown program $name; known: helm, kubeconform"
      exit 2
      ;;
  esac
done
