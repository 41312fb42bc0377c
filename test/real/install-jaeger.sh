#!/usr/bin/env bash
# Builds Jaeger from the Go module that test/real/jaeger names into .cache/real, with a link in .cache/real/bin. It needs Go (the version
# that go.mod there names, or newer) and what `go mod download` needs; GOFLAGS, GOPROXY and the folders of Go's caches are the
# caller's. The first time takes 4 to 7 minutes of two cores, later ones what changed; what was built from the same sources is not
# built again.
# Exit status: 0 when the program is there, 1 when it could not be built (with the reason).
set -euo pipefail

script=${BASH_SOURCE[0]}
root=$(cd "${script%"${script##*/}"}./../.." && pwd)
source_folder="$root/test/real/jaeger"
store="$root/.cache/real"
program=jaeger
module=github.com/jaegertracing/jaeger
unfinished=

main() {
  local go inputs version folder
  inputs=$(cat "$source_folder"/{go.mod,go.sum} "$script" | sha256sum | cut -c -64)
  version=$(sed -n "s|^require $module v||p; s|^\t$module v||p" "$source_folder/go.mod" | head -n 1 | cut -d ' ' -f 1)
  folder="jaeger-$version"
  mkdir -p "$store/bin"
  if [ "$(cat "$store/$folder/inputs" 2>/dev/null)" != "$inputs" ]; then
    go=$(find_go) || return 1
    echo "install-jaeger.sh: building Jaeger $version, which takes minutes ..." >&2
    build "$go" "$inputs" "$folder" || return 1
  fi
  ln -s "../$folder/$program" "$store/bin/$program.$$"
  mv -T "$store/bin/$program.$$" "$store/bin/$program"
  printf '%-14s %-8s Go module %s\n' "$program" "$version" "$module"
}

find_go() {
  command -v go && return
  # where the archive of go.dev is unpacked by its own instructions
  if [ -x /usr/local/go/bin/go ]; then
    echo /usr/local/go/bin/go
    return
  fi
  echo "install-jaeger.sh: go is not on PATH; install it from a package or from go.dev, then run this script again" >&2
  return 1
}

# build GO INPUTS FOLDER: the folder gets its name only when it is complete.
build() {
  local go=$1 inputs=$2 folder=$3
  unfinished=$(mktemp -d "$store/unfinished.XXXXXX")
  # Other work on the machine goes first. Without inlining (-l) the compiler needs two thirds of the time.
  (cd "$source_folder" && nice -n 15 "$go" build -mod=readonly -buildvcs=false -gcflags=all=-l -ldflags "-s -w" \
    -o "$unfinished/$program" "$module/cmd/jaeger") || return 1
  echo "$inputs" >"$unfinished/inputs"
  if [ -e "$store/$folder" ]; then mv -T "$store/$folder" "$unfinished/before"; fi
  mkdir "$store/$folder"
  mv "$unfinished/$program" "$unfinished/inputs" "$store/$folder/"
  rm -rf "$unfinished"
}

trap 'rm -rf "$unfinished"' EXIT
trap 'exit 130' INT TERM
main
