# Sourced by the other scripts here: looks for what a stage needs and, on systems with apt, installs
# what is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${JOBS:-2}

# Where there is a ccache, what one clone has compiled serves the others.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# elapsed <seconds>: as a person writes it.
elapsed() {
    if (($1 >= 60)); then printf '%dm %02ds' $(($1 / 60)) $(($1 % 60)); else printf '%ds' "$1"; fi
}

# What can be asked for: a program as `program:package`, a header as `<header>:package`, a module of
# the system's Python as `python=module:package`, an extension of the system's PHP as
# `php=extension:package`, any other file as `/pattern:package`.
needed_to_build=(g++:g++ cmake:cmake ninja:ninja-build '<asio.hpp>:libasio-dev'
    '<xxhash.h>:libxxhash-dev')
needed_for_tool=('<CLI/CLI.hpp>:libcli11-dev' '<fmt/core.h>:libfmt-dev')
needed_for_benchmarks=('<benchmark/benchmark.h>:libbenchmark-dev' '<fmt/core.h>:libfmt-dev')
needed_for_python_peers=(/usr/bin/python3:python3 python=pylibmc:python3-pylibmc
    python=pymemcache:python3-pymemcache)
needed_for_tests=('<doctest/doctest.h>:doctest-dev' memcached:memcached
    '<openssl/ssl.h>:libssl-dev' '<zlib.h>:zlib1g-dev' '<zstd.h>:libzstd-dev'
    /usr/bin/python3:python3 python=pylibmc:python3-pylibmc python=memcache:python3-memcache
    python=pymemcache:python3-pymemcache python=prometheus_client:python3-prometheus-client
    /usr/bin/php:php-cli php=memcached:php-memcached
    /usr/sbin/saslpasswd2:sasl2-bin '/usr/lib/*/sasl2/libplain.so:libsasl2-modules')

# missing_packages <needs...>: the Debian packages of what is not there, one a line.
missing_packages() {
    local need source='' part
    for need in "$@"; do
        part=${need%%:*}
        case $need in
        \<*)
            source+="#if !__has_include($part)"$'\n'"${need##*:}"$'\n#endif\n'
            ;;
        python=*) /usr/bin/python3 -c "import ${part#*=}" 2>/dev/null || say "${need##*:}" ;;
        php=*)
            /usr/bin/php -r "exit(extension_loaded('${part#*=}') ? 0 : 1);" 2>/dev/null ||
                say "${need##*:}"
            ;;
        /*) compgen -G "$part" >/dev/null || say "${need##*:}" ;;
        *) command -v "$part" >/dev/null || say "${need##*:}" ;;
        esac
    done
    if command -v g++ >/dev/null; then
        g++ -E -P -x c++ - <<<"$source" | tr -d ' '
    else
        grep -v '^#' <<<"$source" || true
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else return 1; fi
}

has_apt() { command -v apt-get >/dev/null; }

apt_lists_are_updated=''
apt_update() {
    [ -z "$apt_lists_are_updated" ] || return 0
    say "Updating the package lists (apt-get update)"
    as_root apt-get update -qq >/dev/null && apt_lists_are_updated=yes
}

# apt_install <packages...>: says what it does; only errors of apt are shown.
apt_install() {
    local log
    log=$(mktemp)
    say "Installing: $*"
    if as_root apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# require <needs...>: installs what is missing, or ends the script with a list of it.
require() {
    local missing
    missing=$(missing_packages "$@" | xargs)
    [ -n "$missing" ] || return 0
    if ! has_apt; then
        fail "Missing on this system; the names are those of Debian's packages: $missing
Install them with your package manager and run this again."
    fi
    # shellcheck disable=SC2086 # one word a package
    if ! { apt_update && apt_install $missing; }; then
        fail "Could not install $missing.
Run as root or with sudo: apt-get install --no-install-recommends $missing"
    fi
    missing=$(missing_packages "$@" | xargs)
    [ -z "$missing" ] || fail "Installed, but still not found: $missing"
}

# require_versions: ends the script if the system is too old for memring.
require_versions() {
    local cmake_version asio_version
    cmake_version=$(cmake --version | sed -n '1s/.*version //p')
    printf '3.24\n%s\n' "$cmake_version" | sort -V -C ||
        fail "memring needs CMake 3.24 or newer, this is $cmake_version (Debian 12 has 3.25)."
    asio_version=$(printf '#include <asio/version.hpp>\nASIO_VERSION\n' |
        g++ -E -P -x c++ - | tail -n 1)
    [ "$asio_version" -ge 102201 ] ||
        fail "memring needs Asio 1.22.1 or newer, this is $asio_version (Debian 12 has 1.22.1)."
}
