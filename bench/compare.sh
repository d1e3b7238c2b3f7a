#!/usr/bin/env bash
# Measures Holi beside its peers on this machine: bench/compare.sh [names…] [--measures a,b] [--rounds N] [--add] [--readme] [--out FOLDER]
# Without names: all of them, in under half an hour on two cores. --list names them. Installs what is missing first (Debian packages with root or
# sudo, npm packages in bench/peers/socketio); a peer that cannot be had says so in the table. The results are in artifacts/peers/, with --readme in
# bench/peers/results/ and README.md. --add adds to the figures that are there.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

wants() { # peers' names: true where one of them was asked for, or all were
  local word named=0 skip=0
  for word in "${arguments[@]}"; do
    if [ $skip = 1 ]; then skip=0; continue; fi
    case $word in
      --list|--help|-h|-\?) return 1 ;;
      --measures|--rounds|--out) skip=1 ;;
      -*) ;;
      *) named=1; for name in "$@"; do [ "$word" = "$name" ] && return 0; done ;;
    esac
  done
  [ $named = 0 ]
}

missing_packages() {
  wants mosquitto-ws mosquitto-tcp && [ ! -x /usr/sbin/mosquitto ] && echo mosquitto
  wants nats && [ ! -x /usr/sbin/nats-server ] && echo nats-server
  wants socketio socketio-recovery && ! command -v node >/dev/null && echo nodejs
  wants socketio socketio-recovery && ! command -v npm >/dev/null && echo npm
  wants holi-postgres holi-two && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && echo postgresql
  wants holi-two && [ ! -x /usr/bin/redis-server ] && echo redis-server
  wants holi-native && ! command -v clang >/dev/null && ! command -v gcc >/dev/null && echo gcc libc6-dev
}

install_packages() ( # in a shell of its own, whose end, whatever it is, takes back what it forbade
  packages="" as_root=() forbidding=/usr/sbin/policy-rc.d log=artifacts/peers/install.log
  packages=$(missing_packages | xargs)
  [ -z "$packages" ] && exit
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "cannot install without root: $packages" >&2; exit; }
    as_root=(sudo)
  fi
  echo "installing: $packages" >&2
  # The servers are wanted, not running: Debian asks this program before it starts a service that was just installed.
  if [ ! -e $forbidding ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $forbidding >/dev/null && "${as_root[@]}" chmod +x $forbidding
    trap '"${as_root[@]}" rm -f "$forbidding"' EXIT
  fi
  # shellcheck disable=SC2086 # one word per package is wanted
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $packages
  } >"$log" 2>&1 || echo "could not install $packages; $log says why" >&2
)

install_socketio() {
  local folder=bench/peers/socketio
  wants socketio socketio-recovery || return
  command -v npm >/dev/null || return
  # npm writes node_modules/.package-lock.json last, so a newer one means that nothing is to be done.
  [ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ] && return
  (cd $folder && npm ci --no-audit --no-fund --ignore-scripts) >artifacts/peers/npm.log 2>&1 ||
    echo "npm ci failed in $folder; artifacts/peers/npm.log says why" >&2
}

build_native() {
  local target=linux-x64 log=artifacts/peers/native.log
  wants holi-native || return
  [ "$(uname -m)" = aarch64 ] && target=linux-arm64
  dotnet publish src/Holi.Gateway -c Release -r $target -nologo -nodeReuse:false -clp:NoSummary >$log 2>&1 && return
  # An older one would be measured in its place.
  rm -f src/Holi.Gateway/bin/Release/net10.0/$target/publish/Holi.Gateway
  echo "the native build failed; $log says why" >&2
}

arguments=("$@")
command -v dotnet >/dev/null || { echo "The .NET SDK is missing: install version 10.0 (global.json says which) and put dotnet on PATH." >&2; exit 1; }
mkdir -p artifacts/peers
install_packages
install_socketio
build_native
if ! dotnet build bench/peers/Holi.Peers -c Release -nologo -nodeReuse:false -clp:NoSummary >artifacts/peers/build.log 2>&1; then
  grep -E 'error|warning MSB' artifacts/peers/build.log | sort -u >&2
  echo "The build failed; all of it is in artifacts/peers/build.log." >&2
  exit 1
fi

exec dotnet bench/peers/Holi.Peers/bin/Release/net10.0/Holi.Peers.dll "$@"
