#!/usr/bin/env bash
# Finds or builds the control plane of the live tests: prints NAME=path lines for kube-apiserver, etcd and kubectl.
# Usage: build.sh [NAME…]; without names, these three. On request: webhook-probe, the program in client/, cel-expressions,
# the one in expressions/, jwt-authenticator, the one in jwt/, review-load, the one in load/, and openapi, the description of every object that this kube-apiserver knows.
# ../tools/go-binaries.sh says where programs are looked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source-path=SCRIPTDIR
source ../tools/go-binaries.sh

kubernetes=$(module_version k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${kubernetes#v}"

# Kubernetes keeps its version in two packages and reads "v0.0.0-master" from both when nobody sets them.
kubernetes_ldflags=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  kubernetes_ldflags+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=$major -X $package.gitMinor=$minor"
  kubernetes_ldflags+=" -X $package.gitTreeState=clean"
done

# own_program NAME FOLDER: a program of this repository, built anew when its sources change.
own_program() {
  local sources
  sources=$(find "$2" -type f ! -name '*_test.go' -print0 | sort -z | xargs -0 cat go.mod | sha256sum)
  go_binary "$1" "$kubernetes-${sources:0:12}" "./$2" ''
}

[[ $# -gt 0 ]] || set -- kube-apiserver etcd kubectl
for name in "$@"; do
  case $name in
    kube-apiserver | kubectl) go_binary "$name" "$kubernetes" "k8s.io/kubernetes/cmd/$name" "$kubernetes_ldflags" ;;
    etcd) go_binary etcd "$(module_version go.etcd.io/etcd/server/v3)" go.etcd.io/etcd/server/v3 '' ;;
    webhook-probe) own_program webhook-probe client ;;
    cel-expressions) own_program cel-expressions expressions ;;
    jwt-authenticator) own_program jwt-authenticator jwt ;;
    review-load) own_program review-load load ;;
    openapi) module_file openapi "$kubernetes" k8s.io/kubernetes api/openapi-spec/swagger.json ;;
    *)
      say "unknown program $name; known: kube-apiserver, etcd, kubectl, webhook-probe, review-load, cel-expressions, jwt-authenticator, openapi"
      exit 2
      ;;
  esac
done
