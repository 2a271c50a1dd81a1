# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

needed_swift="6.3"

# Debian 12 names. The build needs the first two lines; tests compile small plugins, drive Git and Python,
# send requests with curl, have system calls fail with strace, and have Go read the audit log.
apt_packages=(
    libsqlite3-dev libcurl4-openssl-dev libffi-dev pkg-config ca-certificates
    git build-essential
    python3 python3-venv curl strace
    openssl wrk nghttp2-client slowhttptest nginx-light
    golang-go golang-golang-x-mod-dev
)
# A test builds the starter in Rust; any rustc from 1.63 on will do.
command -v rustc >/dev/null || apt_packages+=(rustc)

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }

# True when a person watches: progress may then be redrawn in place.
watched() { [[ -t 2 && -z "${CI:-}" && "${TERM:-dumb}" != dumb ]]; }

# version_at_least FOUND NEEDED
version_at_least() { [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]; }

swift_version() { "$1" --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' | head -n 1; }

# Puts a Swift that is new enough on PATH, or ends with what was found, what is needed and where to get it.
find_swift() {
    local found="" version candidate
    local candidates=(
        "$(command -v swift || true)"
        "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}/swift"
        /usr/share/swift/usr/bin/swift /usr/local/bin/swift
    )
    for candidate in "${candidates[@]}"; do
        [[ -n "$candidate" && -x "$candidate" ]] || continue
        version="$(swift_version "$candidate")"
        [[ -n "$version" ]] || continue
        if version_at_least "$version" "$needed_swift"; then
            PATH="$(dirname "$candidate"):$PATH"
            export PATH
            return 0
        fi
        found="${found:+$found, }$version at $candidate"
    done
    say "Bureau needs Swift $needed_swift or newer; found: ${found:-none}."
    say "Install it from https://www.swift.org/install/linux/ (Debian 12 has official toolchains), put its"
    say "usr/bin on PATH, and run this again."
    exit 1
}

# Installs the Debian packages that are missing; silent when all are there.
install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "note: this system has no dpkg; the build needs what Debian calls: ${apt_packages[*]}"
        return 0
    fi
    local missing=() package
    for package in "${apt_packages[@]}"; do
        [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local elevate=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "please install as root: apt-get install ${missing[*]}"
        elevate=(sudo)
        [[ -n "${CI:-}" ]] && elevate=(sudo -n)
    fi
    say "installing: ${missing[*]}"
    local apt=("${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    # A fresh machine has no package lists yet, an older one may have stale ones: then fetch them and try again.
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return 0
    "${apt[@]}" update >&2 || fail "apt-get update failed (see above)"
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2 ||
        fail "could not install: ${missing[*]} (see above)"
}

# quietly LABEL LOG COMMAND...: runs COMMAND with its output in LOG and one line of progress; shows the end of the
# log when it fails.
quietly() {
    local label="$1" log="$2" status=0 started=$SECONDS
    shift 2
    mkdir -p "$(dirname "$log")"
    if watched; then
        "$@" >"$log" 2>&1 &
        quiet_job=$!
        trap 'kill "$quiet_job" 2>/dev/null' EXIT
        while kill -0 "$quiet_job" 2>/dev/null; do
            printf '\r\033[K%s (%d s) %s' "$label" $((SECONDS - started)) "$(progress_of "$log")" >&2
            sleep 0.3
        done
        wait "$quiet_job" || status=$?
        trap - EXIT
        printf '\r\033[K' >&2
    else
        say "$label (log: $log)"
        "$@" >"$log" 2>&1 || status=$?
    fi
    if ((status)); then
        grep -E 'error:|warning: unre' "$log" | head -n 20 >&2 || true
        tail -n 30 "$log" >&2
        fail "$label failed after $((SECONDS - started)) s; the whole log is $log"
    fi
}

# The newest "[12/345] Compiling X" of a build log, cut to the terminal's width.
progress_of() {
    tail -c 4096 "$1" 2>/dev/null | tr '\r' '\n' | grep -E '^\[[0-9]+/[0-9]+\]' | tail -n 1 |
        cut -c "1-$((${COLUMNS:-80} > 40 ? ${COLUMNS:-80} - 30 : 20))"
}
