#!/usr/bin/env bash
# Finds the definitions of the custom resources that deploy/ uses, out of the modules of those who define them: prints
# NAME=path lines. ../tools/go-binaries.sh says where files are kept, and what exit code 3 means.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source-path=SCRIPTDIR
source ../tools/go-binaries.sh

readonly CERT_MANAGER=v1.21.2 PROMETHEUS_OPERATOR=v0.85.0 GATEWAY_API=v1.4.1

for kind in certificates issuers; do
  module_file "$kind" "cert-manager-$CERT_MANAGER" "github.com/cert-manager/cert-manager@$CERT_MANAGER" \
    "deploy/crds/cert-manager.io_$kind.yaml"
done
for kind in servicemonitors prometheusrules; do
  module_file "$kind" "prometheus-operator-$PROMETHEUS_OPERATOR" \
    "github.com/prometheus-operator/prometheus-operator@$PROMETHEUS_OPERATOR" \
    "example/prometheus-operator-crd/monitoring.coreos.com_$kind.yaml"
done
for kind in httproutes backendtlspolicies; do
  module_file "$kind" "gateway-api-$GATEWAY_API" "sigs.k8s.io/gateway-api@$GATEWAY_API" \
    "config/crd/standard/gateway.networking.k8s.io_$kind.yaml"
done
