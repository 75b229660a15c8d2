#!/usr/bin/env bash
# Finds or builds GLAuth, a small directory whose entries stand in its configuration: prints glauth=path.
# ../../tools/go-binaries.sh says where programs are looked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source-path=SCRIPTDIR
source ../../tools/go-binaries.sh

go_binary glauth "$(module_version github.com/glauth/glauth/v2)" github.com/glauth/glauth/v2 ""
