#!/usr/bin/env bash
# Signs the programs for macOS: sign-macos.sh FILE…. Putting a program into Node.js breaks the signature it had, and Apple's
# processors run nothing unsigned. With MACOS_SIGNING_IDENTITY by that identity of the keychain, else ad hoc; with
# MACOS_NOTARY_PROFILE (xcrun notarytool store-credentials) Apple is asked to notarize them.
set -euo pipefail

[ "$#" -gt 0 ] || { echo "usage: sign-macos.sh FILE…" >&2; exit 2; }
[ "$(uname -s)" = Darwin ] || { echo "sign-macos.sh: only macOS has codesign" >&2; exit 3; }

entitlements="$(mktemp)"
trap 'rm -f "$entitlements"' EXIT
# V8 writes the code that it runs.
cat >"$entitlements" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>com.apple.security.cs.allow-jit</key><true/>
    <key>com.apple.security.cs.allow-unsigned-executable-memory</key><true/>
  </dict>
</plist>
PLIST

identity="${MACOS_SIGNING_IDENTITY:--}"
options=(--force --sign "$identity" --entitlements "$entitlements")
[ "$identity" = - ] || options+=(--options runtime --timestamp)

for file in "$@"; do
  chmod 0755 "$file"
  codesign --remove-signature "$file" 2>/dev/null || true
  codesign "${options[@]}" "$file"
  codesign --verify --strict --verbose=2 "$file"
  if [ -n "${MACOS_NOTARY_PROFILE:-}" ]; then
    archive="$(mktemp -d)/notarize.zip"
    ditto -c -k "$file" "$archive"
    xcrun notarytool submit "$archive" --keychain-profile "$MACOS_NOTARY_PROFILE" --wait
  fi
done
