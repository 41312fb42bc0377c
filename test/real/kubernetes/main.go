// Command kubernetes-api is etcd and kube-apiserver in one program, for tests on loopback. It is called as
// `kubernetes-api etcd|kube-apiserver ARGUMENT...`; what follows the name are that program's own arguments.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if len(os.Args) > 1 {
		name := os.Args[1]
		os.Args = os.Args[1:]
		switch name {
		case "etcd":
			etcdmain.Main(os.Args)
			return
		case "kube-apiserver":
			os.Exit(cli.Run(app.NewAPIServerCommand()))
		}
	}
	fmt.Fprintln(os.Stderr, "usage: kubernetes-api etcd|kube-apiserver ARGUMENT...")
	os.Exit(2)
}
