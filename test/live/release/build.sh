#!/usr/bin/env bash
# Finds or builds krew and actionlint, which the tests of a release run: prints NAME=path lines.
# Usage: build.sh [NAME…]; without names, all of them. ../tools/go-binaries.sh says where programs are looked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source-path=SCRIPTDIR
source ../tools/go-binaries.sh

[[ $# -gt 0 ]] || set -- krew actionlint
for name in "$@"; do
  case $name in
    krew) go_binary krew "$(module_version sigs.k8s.io/krew)" sigs.k8s.io/krew/cmd/krew "" ;;
    actionlint) go_binary actionlint "$(module_version github.com/rhysd/actionlint)" github.com/rhysd/actionlint/cmd/actionlint "" ;;
    *)
      say "unknown program $name; known: krew, actionlint"
      exit 2
      ;;
  esac
done
