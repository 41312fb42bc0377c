# What Watchkeeper reads of a PKI secrets engine that is mounted at pki/: repeat the rules for each other mount. Issuers and
# revocation lists need no token. The `default` policy adds its token's own lookup and renewal.
# Written by `watchkeeper generate`.

# Without it is not known: delta revocation lists, and whether the mount makes revocation lists at all.
path "pki/config/crl" {
  capabilities = ["read"]
}

# Without it is not known: the issued certificates.
path "pki/certs" {
  capabilities = ["list"]
}

# Without it is not known: which issued certificates were revoked since they were first read.
path "pki/certs/revoked" {
  capabilities = ["list"]
}

# Without it is not known: which issued certificates ended long ago before each of them was read (only OpenBao tells it).
path "pki/certs/detailed" {
  capabilities = ["list"]
}
