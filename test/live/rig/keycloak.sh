#!/usr/bin/env bash
# Finds Keycloak, or fetches it from Maven Central and builds it once into the user's cache: prints keycloak=FOLDER.
# Exit code 3: it is not there and cannot be had here; one line on stderr says why.
set -euo pipefail

readonly VERSION=26.7.3 NEEDED_JAVA=17 CANNOT_BE_HAD=3
folder="${XDG_CACHE_HOME:-$HOME/.cache}/kube-auth-broker/keycloak-$VERSION"

say() { printf 'Keycloak %s %s\n' "$VERSION" "$*" >&2; }

give_up() {
  say "cannot be had: $*"
  exit "$CANNOT_BE_HAD"
}

# Mirrors and proxies are the business of Maven's own settings.
fetch() {
  mvn --quiet --batch-mode dependency:copy -DoutputDirectory="$1" \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$VERSION:zip" >&2 ||
    give_up "Maven could not fetch it; the lines above say why"
}

# What a server would otherwise do at every start: the choice of its database and its features.
build() {
  JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1 "$1/bin/kc.sh" build --db=dev-file --features-disabled=organization >&2 ||
    give_up "kc.sh build failed; the lines above say why"
}

if [ ! -f "$folder/lib/quarkus-run.jar" ]; then
  for tool in java mvn unzip flock; do
    command -v "$tool" >/dev/null || give_up "it needs $tool (Java $NEEDED_JAVA or later, Maven, unzip); run .ci/install"
  done
  mkdir -p "${folder%/*}"
  exec 9>"$folder.lock"
  flock 9
  if [ ! -f "$folder/lib/quarkus-run.jar" ]; then
    say "is fetched and built, once; it stays in $folder …"
    scratch="$(mktemp -d "$folder.XXXXXX")"
    trap 'rm -rf "$scratch"' EXIT
    fetch "$scratch"
    unzip -q "$scratch/keycloak-quarkus-dist-$VERSION.zip" -d "$scratch"
    build "$scratch/keycloak-$VERSION" 9>&-
    mv "$scratch/keycloak-$VERSION" "$folder"
  fi
fi
printf 'keycloak=%s\n' "$folder"
