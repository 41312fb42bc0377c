#!/usr/bin/env bash
# Builds etcd and kube-apiserver, as one program, from test/real/kubernetes into .cache/real, with a link in .cache/real/bin, and
# fetches what checks manifests: kubeconform, kube-score, and the definitions of foreign kinds (test/real/kubernetes/checks.env). It
# needs Go (the version that go.mod there names, or newer) and what `go mod download` needs; GOFLAGS, GOPROXY and the folders of Go's
# caches are the caller's. The first time takes 6 to 13 minutes of two cores and 4 GB of disk, later ones what changed; what was
# built from the same sources is not built again.
# Exit status: 0 when the program is there, 1 when it could not be built (with the reason).
set -euo pipefail

script=${BASH_SOURCE[0]}
root=$(cd "${script%"${script##*/}"}./../.." && pwd)
source_folder="$root/test/real/kubernetes"
store="$root/.cache/real"
program=kubernetes-api
unfinished=
# shellcheck source-path=SCRIPTDIR source=kubernetes/checks.env
source "$source_folder/checks.env"

main() {
  provide_server && provide_checks
}

provide_server() {
  local go inputs version folder
  inputs=$(cat "$source_folder"/{go.mod,go.sum,main.go} "$script" | sha256sum | cut -c -64)
  version=$(sed -n 's|^\tk8s.io/kubernetes v||p' "$source_folder/go.mod")
  folder="kubernetes-$version"
  mkdir -p "$store/bin"
  if [ "$(cat "$store/$folder/inputs" 2>/dev/null)" != "$inputs" ]; then
    go=$(find_go) || return 1
    echo "install-kubernetes.sh: building Kubernetes $version, which takes minutes ..." >&2
    build "$go" "$version" "$inputs" "$folder" || return 1
  fi
  ln -s "../$folder/$program" "$store/bin/$program.$$"
  mv -T "$store/bin/$program.$$" "$store/bin/$program"
  printf '%-14s %-8s Go module k8s.io/kubernetes\n' "$program" "$version"
}

# Programs and definitions lie in one folder, which is made anew when a version changes.
provide_checks() {
  local go inputs name
  inputs=$(cat "$source_folder/checks.env" "$script" | sha256sum | cut -c -64)
  if [ "$(cat "$store/kubernetes-checks/inputs" 2>/dev/null)" != "$inputs" ]; then
    go=$(find_go) || return 1
    echo "install-kubernetes.sh: building kubeconform and kube-score ..." >&2
    fetch_checks "$go" "$inputs" || return 1
  fi
  for name in kubeconform kube-score; do
    ln -s "../kubernetes-checks/$name" "$store/bin/$name.$$"
    mv -T "$store/bin/$name.$$" "$store/bin/$name"
  done
  printf '%-14s %-8s Go module %s\n' kubeconform "${KUBECONFORM##*@v}" "${KUBECONFORM%%/cmd/*}" kube-score "${KUBE_SCORE##*@v}" "${KUBE_SCORE%%/cmd/*}"
}

fetch_checks() {
  local go=$1 inputs=$2 entry folder
  unfinished=$(mktemp -d "$store/unfinished.XXXXXX")
  GOBIN="$unfinished" nice -n 15 "$go" install -ldflags "-s -w" "$KUBECONFORM" || return 1
  GOBIN="$unfinished" nice -n 15 "$go" install -ldflags "-s -w" "$KUBE_SCORE" || return 1
  mkdir "$unfinished/crds"
  for entry in $CRDS; do
    folder=$(cd "$unfinished" && "$go" mod download -json "${entry%%#*}" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p') || return 1
    cp "$folder/${entry#*#}" "$unfinished/crds/" || return 1
  done
  chmod -R u+w "$unfinished/crds"
  echo "$inputs" >"$unfinished/inputs"
  rm -rf "$store/kubernetes-checks"
  mv -T "$unfinished" "$store/kubernetes-checks"
}

find_go() {
  command -v go && return
  # where the archive of go.dev is unpacked by its own instructions
  if [ -x /usr/local/go/bin/go ]; then
    echo /usr/local/go/bin/go
    return
  fi
  echo "install-kubernetes.sh: go is not on PATH; install it from a package or from go.dev, then run this script again" >&2
  return 1
}

# build GO VERSION INPUTS FOLDER: the folder gets its name only when it is complete.
build() {
  local go=$1 version=$2 inputs=$3 folder=$4
  unfinished=$(mktemp -d "$store/unfinished.XXXXXX")
  # Other work on the machine goes first. Without inlining (-l) the compiler needs two thirds of the time.
  (cd "$source_folder" && nice -n 15 "$go" build -mod=readonly -buildvcs=false -gcflags=all=-l \
    -ldflags "-s -w $(version_flags "$version")" -o "$unfinished/$program" .) || return 1
  echo "$inputs" >"$unfinished/inputs"
  if [ -e "$store/$folder" ]; then mv -T "$store/$folder" "$unfinished/before"; fi
  mkdir "$store/$folder"
  mv "$unfinished/$program" "$unfinished/inputs" "$store/$folder/"
  rm -rf "$unfinished"
}

# Without these the server calls itself v0.0.0-master+$Format, which clients can not parse.
version_flags() {
  local version=$1 major minor package
  IFS=. read -r major minor _ <<<"$version"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=v%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean ' \
      "$package" "$version" "$package" "$major" "$package" "$minor" "$package"
  done
}

trap 'rm -rf "$unfinished"' EXIT
trap 'exit 130' INT TERM
main
