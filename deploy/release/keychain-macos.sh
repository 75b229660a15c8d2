#!/usr/bin/env bash
# Puts the signing certificate of CERTIFICATE (base64 of a .p12) into a keychain of its own, and the key for notarization of
# NOTARY_KEY, where there is one, into the profile kube-auth-broker.
set -euo pipefail

[ "$(uname -s)" = Darwin ] || { echo "keychain-macos.sh: only macOS has keychains" >&2; exit 3; }
: "${CERTIFICATE:?}" "${CERTIFICATE_PASSWORD:?}"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
keychain="${RUNNER_TEMP:?}/release.keychain-db"
password="$(openssl rand -hex 24)"

printf %s "$CERTIFICATE" | base64 --decode >"$scratch/certificate.p12"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 3600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$scratch/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain"

if [ -n "${NOTARY_KEY:-}" ]; then
  printf %s "$NOTARY_KEY" >"$scratch/notary.p8"
  xcrun notarytool store-credentials kube-auth-broker --key "$scratch/notary.p8" \
    --key-id "${NOTARY_KEY_ID:?}" --issuer "${NOTARY_ISSUER:?}" --keychain "$keychain"
fi
