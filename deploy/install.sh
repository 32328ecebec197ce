# Sourced by ./deploy/demo and ./deploy/test: brings what is missing on a Debian or Ubuntu machine.
# It installs packages and fills .venv; it starts no service and changes no configuration.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root for: $* (become root, or install sudo)"
  fi
}

# show_help SCRIPT: the comment at its head.
show_help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1"; }

has() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null; }

# Debian's packages start their service at once unless this file says no.
forbid_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
  as_root chmod 755 /usr/sbin/policy-rc.d
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
}

allow_services() {
  [ -z "$(trap -p EXIT)" ] && return
  as_root rm -f /usr/sbin/policy-rc.d
  trap - EXIT
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 "$@"
}

# apt_install PACKAGE...: installs, starts nothing now, and nothing at the next boot either.
apt_install() {
  has apt-get || die "please install: $* (this script knows apt-get only)"
  say "installing $*"
  forbid_services
  local try
  for try in 1 2 3; do
    apt update && break
    [ "$try" = 3 ] && die "apt-get update failed; see above"
    sleep 5
  done
  apt install -y --no-install-recommends "$@" >/dev/null || die "apt-get install $* failed; see above"
  allow_services
  local unit
  for unit in "${@/#nginx-light/nginx}"; do
    case $unit in mosquitto | influxdb | nginx)
      ! has systemctl || as_root systemctl disable --quiet "$unit" 2>/dev/null || true ;;
    esac
  done
}

install_servers() {
  local missing=()
  has mosquitto || missing+=(mosquitto)
  has mosquitto_pub || missing+=(mosquitto-clients)
  has influxd || missing+=(influxdb)
  has openssl || missing+=(openssl)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# Sets UV: the one on PATH, or our own in the user's cache.
install_uv() {
  if has uv && uv --version >/dev/null 2>&1; then
    UV=uv
    return
  fi
  local home=${XDG_CACHE_HOME:-$HOME/.cache}/gigacity/uv
  UV=$home/bin/uv
  [ -x "$UV" ] && return
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3 python3-venv ca-certificates
  say "installing uv into $home"
  python3 -m venv "$home"
  "$home/bin/pip" install -q --disable-pip-version-check uv
}

# sync_python ARGS...: the locked packages into .venv.
sync_python() {
  install_uv
  say "uv sync --locked $*"
  (cd "$ROOT" && UV_PYTHON_PREFERENCE=system "$UV" sync --quiet --locked "$@")
}
