#!/usr/bin/env bash
# Makes the certificates between kube-apiserver and kube-auth-broker with nothing but openssl (1.1.1 or newer).
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: make-certificates.sh [--out FOLDER] [--san NAME]… [--client-name NAME] [--days N] [--renew]

  --out FOLDER         where to write; default pki
  --san NAME           one more DNS name or IP address that kube-apiserver may call the broker by; may be repeated
  --client-name NAME   the CN of kube-apiserver's certificate; default kube-apiserver (webhook.tls.clientNames)
  --days N             how long the two certificates are good; default 365 (the authorities: ten years)
  --renew              make the two certificates anew; the authorities stay, so nothing else has to change

Writes
  ca.key client-ca.key   the authorities' keys: no machine needs them, keep them off the cluster
  broker/                tls.crt tls.key client-ca.crt     for the broker
  apiserver/             ca.crt client.crt client.key      for /etc/kubernetes/kube-auth-broker on each control-plane node
What is there already is kept.
TEXT
}

fail() {
  printf 'make-certificates.sh: %s\n' "$*" >&2
  exit 2
}

out=pki days=365 renew=no client_name=kube-apiserver
sans=(localhost kube-auth-broker.kube-auth-broker.svc kube-auth-broker.kube-auth-broker.svc.cluster.local 127.0.0.1 ::1 10.96.0.84)
while [[ $# -gt 0 ]]; do
  case $1 in
    --out | --san | --days | --client-name)
      [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value; see --help"
      case $1 in
        --out) out=$2 ;;
        --san) sans+=("$2") ;;
        --days) days=$2 ;;
        --client-name) client_name=$2 ;;
      esac
      shift 2
      ;;
    --renew) renew=yes && shift ;;
    --help | -h) usage && exit 0 ;;
    *) fail "there is no option $1; see --help" ;;
  esac
done
[[ $days =~ ^[1-9][0-9]{0,3}$ ]] || fail "--days must be a number from 1 to 9999"
[[ $client_name =~ ^[A-Za-z0-9._:-]+$ ]] || fail "--client-name must be letters, digits, dots, colons and hyphens"
command -v openssl >/dev/null || fail "openssl is not installed"

alternative_names() {
  local name list=()
  for name in "${sans[@]}"; do
    if [[ $name =~ ^[0-9.]+$ || $name =~ ^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$ ]]; then
      list+=("IP:$name")
    elif [[ $name =~ ^[A-Za-z0-9*._-]+$ ]]; then
      list+=("DNS:$name")
    else
      fail "--san $name is neither a DNS name nor an IP address"
    fi
  done
  (IFS=, && printf '%s' "${list[*]}")
}
names=$(alternative_names)

umask 077
mkdir -p "$out/broker" "$out/apiserver"
scratch=$(mktemp -d "$out/.new.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/openssl.cnf" <<CONFIG
[req]
distinguished_name = subject
prompt = no
[subject]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $names
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
CONFIG

quietly() {
  "$@" 2>"$scratch/log" || {
    cat "$scratch/log" >&2
    fail "openssl failed; nothing that was there has been changed"
  }
}

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$scratch/openssl.cnf")

# authority NAME SUBJECT: a self-signed authority of ten years, unless there is one.
authority() {
  if [[ -e $out/$1.key && -e $out/$1.crt ]]; then
    echo "kept  $out/$1.crt"
    return
  fi
  [[ ! -e $out/$1.key && ! -e $out/$1.crt ]] || fail "$out has only one of $1.key and $1.crt; restore the other one"
  quietly openssl req -x509 "${new_key[@]}" -extensions authority -days 3650 -subj "$2" \
    -keyout "$scratch/$1.key" -out "$scratch/$1.crt"
  mv "$scratch/$1.key" "$scratch/$1.crt" "$out/"
  echo "made  $out/$1.crt"
}

# leaf FILE SECTION AUTHORITY SUBJECT: certificate and key, both or neither, unless they are there.
leaf() {
  local file=$1 new
  if [[ $renew == no && -e $out/$file.crt && -e $out/$file.key ]]; then
    echo "kept  $out/$file.crt (--renew makes it anew)"
    return
  fi
  new=$scratch/leaf
  quietly openssl req "${new_key[@]}" -subj "$4" -keyout "$new.key" -out "$new.csr"
  quietly openssl x509 -req -in "$new.csr" -CA "$out/$3.crt" -CAkey "$out/$3.key" -set_serial "0x$(openssl rand -hex 16)" \
    -days "$days" -sha256 -extfile "$scratch/openssl.cnf" -extensions "$2" -out "$new.crt"
  mv "$new.key" "$out/$file.key"
  mv "$new.crt" "$out/$file.crt"
  echo "made  $out/$file.crt"
  [[ $2 != server ]] || echo "      good for $names"
}

authority ca "/CN=kube-auth-broker server CA"
authority client-ca "/CN=kube-auth-broker client CA"
leaf broker/tls server ca "/CN=kube-auth-broker"
leaf apiserver/client client client-ca "/CN=$client_name"
cp "$out/client-ca.crt" "$out/broker/client-ca.crt"
cp "$out/ca.crt" "$out/apiserver/ca.crt"
chmod 0644 "$out"/*.crt "$out"/*/*.crt
