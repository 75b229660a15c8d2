# Finds the Go programs that live tests run, or builds them once into the user's cache; sourced by the build.sh of each module.
# shellcheck shell=bash
#
# Where a program is looked for, in this order: $TEST_ASSET_<NAME>, $KUBEBUILDER_ASSETS/<name>,
# ${XDG_CACHE_HOME:-~/.cache}/kube-auth-broker/<name>-<version>/<name>. If it is nowhere it is built there.
# Only the line NAME=path goes to stdout. Exit code 3: not found and cannot be built here; stderr says what is missing.

readonly CANNOT_BUILD=3

say() { printf '%s\n' "$*" >&2; }

# The version that the go.mod in the current directory selects for module $1.
module_version() {
  awk -v module="$1" '{ sub(/^require /, "") } $1 == module && $2 ~ /^v/ { print $2; exit }' go.mod
}

# The environment variable that overrides program $1: kube-apiserver -> TEST_ASSET_KUBE_APISERVER.
asset_variable() {
  local name=${1^^}
  printf 'TEST_ASSET_%s' "${name//-/_}"
}

# True if $2 can stand for program $1. Some kubectl are dispatchers: they send GET /version with the caller's
# credentials first, so an authentication is seen that no test asked for.
acceptable() {
  local name=$1 file=$2
  [[ -f $file && -x $file ]] || return 1
  [[ $name != kubectl ]] || ! "$file" version --client 2>&1 | grep -q dispatcher
}

# Sets `found` to the path of program $1 if the environment names one; exits if what it names is of no use.
find_in_environment() {
  local name=$1 variable
  found=
  variable=$(asset_variable "$name")
  if [[ -n ${!variable:-} ]]; then
    if ! acceptable "$name" "${!variable}"; then
      say "$name: $variable=${!variable} is not a program, or is a kubectl dispatcher. Correct the variable or unset it."
      exit "$CANNOT_BUILD"
    fi
    found=${!variable}
  elif [[ -n ${KUBEBUILDER_ASSETS:-} ]] && acceptable "$name" "$KUBEBUILDER_ASSETS/$name"; then
    found=$KUBEBUILDER_ASSETS/$name
  fi
}

# go_binary NAME VERSION PACKAGE LDFLAGS: prints NAME=path. The go.mod in the current directory pins what is built.
go_binary() {
  local name=$1 version=$2 package=$3 ldflags=$4 folder found
  find_in_environment "$name"
  if [[ -z $found ]]; then
    folder=${XDG_CACHE_HOME:-$HOME/.cache}/kube-auth-broker/$name-$version
    found=$folder/$name
    if ! acceptable "$name" "$found" && ! build_once "$name" "$version" "$package" "$ldflags" "$folder"; then
      exit "$CANNOT_BUILD"
    fi
  fi
  printf '%s=%s\n' "$name" "$found"
}

# module_file NAME VERSION MODULE FILE: prints NAME=path of a copy, in the cache, of a file that a Go module carries.
module_file() {
  local name=$1 version=$2 module=$3 file=$4 kept source
  kept=${XDG_CACHE_HOME:-$HOME/.cache}/kube-auth-broker/$name-$version/${file##*/}
  if [[ ! -f $kept ]]; then
    source=$(GOWORK=off go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p') || source=
    if [[ -z $source ]] || ! { mkdir -p "${kept%/*}" && cp "$source/$file" "$kept.$$" && mv "$kept.$$" "$kept"; }; then
      say "$name $version is missing: it is not at $kept, and copying it out of $module needs go and a Go module proxy."
      exit "$CANNOT_BUILD"
    fi
  fi
  printf '%s=%s\n' "$name" "$kept"
}

# Builds under a lock, so that two runs at once build once; the rename makes the program appear whole or not at all.
build_once() {
  local name=$1 version=$2 package=$3 ldflags=$4 folder=$5 needed
  needed=$(awk '$1 == "go" { print $2 }' go.mod)
  if ! command -v go >/dev/null; then
    say "$name $version is missing: it is not in $folder, and there is no go on the PATH to build it with."
    say "Install Go $needed or newer, or set $(asset_variable "$name") to a program that you have."
    return 1
  fi
  if ! mkdir -p "$folder"; then return 1; fi
  if ! build_locked "$@"; then
    say "$name $version could not be built; the lines above say why. A first build needs Go $needed or newer, a Go module proxy"
    say "(go env GOPROXY) and 4 GB of disk. Or set $(asset_variable "$name") to a program that you have."
    return 1
  fi
}

# A subshell, for the lock and the trap. No `set -e` holds in here (the caller tests the result), so each step is chained.
build_locked() (
  name=$1 version=$2 package=$3 ldflags=$4 folder=$5
  exec 9>"$folder/.lock" || exit 1
  if command -v flock >/dev/null; then flock 9 || exit 1; fi
  if acceptable "$name" "$folder/$name"; then exit 0; fi
  say "$name $version: building it, once; it stays in $folder …"
  new=$(mktemp "$folder/.building.XXXXXX") || exit 1
  trap 'rm -f "$new"' EXIT
  started=$SECONDS
  # -w leaves debug information out of the program only; -dwarf=false also saves a fifth of the build cache.
  GOWORK=off CGO_ENABLED=0 GOFLAGS=-mod=readonly \
    go build -buildvcs=false -trimpath -gcflags=all=-dwarf=false -ldflags "-s -w $ldflags" -o "$new" "$package" >&2 9>&- &&
    chmod 0755 "$new" && mv "$new" "$folder/$name" || exit 1
  say "$name $version: built in $((SECONDS - started)) s."
)
