#!/usr/bin/env bash
# Builds everything once and runs every test project: ./test.sh
# It can be run again and again. On a fresh machine it first installs what is missing (Debian packages; needs root or sudo).
# The last line is the total: "N passed, N failed". Logs and results are left in artifacts/test/.
#   HOLI_TEST_TIMEOUT_SECONDS   longest time for one test project, default 900
set -uo pipefail
cd "$(dirname "$0")" || exit 1

out=artifacts/test
timeout_seconds=${HOLI_TEST_TIMEOUT_SECONDS:-900}
passed=0 failed=0 skipped=0
rm -rf "$out" && mkdir -p "$out"

total() {
  local line="$passed passed, $failed failed"
  [ "$skipped" -gt 0 ] && line+=", $skipped skipped"
  echo "$line"
}

stop() { # message, log to show
  echo "$1" >&2
  [ -n "${2:-}" ] && cat "$2" >&2
  failed=$((failed + 1))
  total
  exit 1
}

missing_packages() {
  # The native build of the gateway links with a C compiler; either will do. It brings its own zlib.
  command -v clang >/dev/null || command -v gcc >/dev/null || echo gcc libc6-dev
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  # samples/publish are run as a backend's developer would; redis-cli and psql come with their servers.
  command -v python3 >/dev/null || echo python3
  # Others' WebSockets, which try the gateway's: Debian's Python with its package, and a browser.
  /usr/bin/python3 -c 'import websockets' 2>/dev/null || echo python3 python3-websockets
  command -v chromium >/dev/null || echo chromium
  command -v curl >/dev/null || echo curl
  [ -x /usr/bin/redis-server ] || echo redis-server
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
  ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || echo libfaketime
}

install_missing() {
  local packages as_root=()
  packages=$(missing_packages | xargs)
  [ -z "$packages" ] && return
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "installing: $packages"
  # shellcheck disable=SC2086 # one word per package is wanted
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $packages
  } >"$out/install.log" 2>&1 || stop "could not install: $packages" "$out/install.log"
}

check_sdk() {
  command -v dotnet >/dev/null || stop "The .NET SDK is missing: install version 10.0 (global.json says which) and put dotnet on PATH."
  dotnet --version >"$out/sdk.log" 2>&1 || stop "No installed .NET SDK fits global.json:" "$out/sdk.log"
}

install_js() {
  # npm writes node_modules/.package-lock.json last, so a newer one means that nothing is to be done.
  for folder in tests/js bench/peers/socketio; do
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    (cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts) >"$out/npm.log" 2>&1 || stop "npm ci failed in $folder:" "$out/npm.log"
  done
}

build() {
  local start=$SECONDS
  if ! dotnet build Holi.sln -c Release -nologo -nodeReuse:false -clp:NoSummary >"$out/build.log" 2>&1; then
    grep -E 'error|warning MSB' "$out/build.log" | sort -u >"$out/errors.log"
    [ -s "$out/errors.log" ] || cp "$out/build.log" "$out/errors.log"
    stop "The build failed:" "$out/errors.log"
  fi
  echo "built in $((SECONDS - start)) s"
}

counter() { # name, trx file
  sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1
}

run_project() { # project name
  local name=$1 trx=$PWD/$out/$1.trx log=$out/$1.log start=$SECONDS code=0 p=0 f=0 s=0 why=""
  # timeout gives the run a process group of its own and ends only that.
  timeout --kill-after=10 "$timeout_seconds" dotnet "tests/$name/bin/Release/net10.0/$name.dll" \
    -noLogo -noColor -noAutoReporters -trx "$trx" >"$log" 2>&1 </dev/null || code=$?

  if [ -s "$trx" ]; then
    p=$(counter passed "$trx") f=$(counter failed "$trx") s=$(counter notExecuted "$trx")
    p=${p:-0} f=${f:-0} s=${s:-0}
  fi
  if [ "$code" = 124 ] || [ "$code" = 137 ]; then why="stopped after $timeout_seconds s"
  elif [ ! -s "$trx" ]; then why="crashed with code $code"
  elif [ $((p + f)) = 0 ]; then why="ran no test"
  elif [ "$code" != 0 ] && [ "$f" = 0 ]; then why="ended with code $code"
  fi
  [ -n "$why" ] && f=$((f + 1))

  printf '%-22s %5d passed %4d failed %4d skipped %5d s  %s\n' "$name" "$p" "$f" "$s" $((SECONDS - start)) "$why"
  [ "$f" -gt 0 ] && cat "$log"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

check_sdk
install_missing
install_js
build
for project in tests/*/*.csproj; do
  run_project "$(basename "$project" .csproj)"
done
total
[ "$failed" = 0 ]
