/** Names of public keys by their OID: the usual one, else Node's. Source: RFC 3279, 5480, 8410, 9881. */
export const KEY_ALGORITHMS: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  "1.2.840.113549.1.1.10": "rsa-pss",
  "1.2.840.10040.4.1": "dsa",
  "1.2.840.10045.2.1": "EC",
  "1.3.101.110": "X25519",
  "1.3.101.111": "X448",
  "1.3.101.112": "Ed25519",
  "1.3.101.113": "Ed448",
  "2.16.840.1.101.3.4.3.17": "ml-dsa-44",
  "2.16.840.1.101.3.4.3.18": "ml-dsa-65",
  "2.16.840.1.101.3.4.3.19": "ml-dsa-87",
};

/** Lengths of the order of curves that a key's algorithm names by itself. Source: RFC 7748, RFC 8032. */
export const FIXED_BITS: Readonly<Record<string, number>> = { X25519: 253, X448: 446, Ed25519: 253, Ed448: 446 };

/** Lengths of the order of named curves in bits. Source: RFC 5480, SEC 2, RFC 5639. */
export const CURVE_BITS: Readonly<Record<string, number>> = {
  "1.2.840.10045.3.1.1": 192,
  "1.2.840.10045.3.1.7": 256,
  "1.3.132.0.1": 163,
  "1.3.132.0.6": 112,
  "1.3.132.0.8": 161,
  "1.3.132.0.10": 256,
  "1.3.132.0.15": 163,
  "1.3.132.0.16": 282,
  "1.3.132.0.17": 281,
  "1.3.132.0.26": 232,
  "1.3.132.0.27": 233,
  "1.3.132.0.31": 192,
  "1.3.132.0.32": 225,
  "1.3.132.0.33": 224,
  "1.3.132.0.34": 384,
  "1.3.132.0.35": 521,
  "1.3.132.0.36": 407,
  "1.3.132.0.37": 409,
  "1.3.132.0.38": 570,
  "1.3.132.0.39": 570,
  "1.3.36.3.3.2.8.1.1.1": 160,
  "1.3.36.3.3.2.8.1.1.3": 192,
  "1.3.36.3.3.2.8.1.1.5": 224,
  "1.3.36.3.3.2.8.1.1.7": 256,
  "1.3.36.3.3.2.8.1.1.9": 320,
  "1.3.36.3.3.2.8.1.1.11": 384,
  "1.3.36.3.3.2.8.1.1.13": 512,
  "1.2.156.10197.1.301": 256,
};

/** The OID of RSASSA-PSS, whose hash is in its parameters (RFC 4055 section 3.1). */
export const RSASSA_PSS = "1.2.840.113549.1.1.10";

/** Names of hashes by their OID, as they stand in names of signatures. */
export const HASHES: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.5": "MD5",
  "1.3.14.3.2.26": "SHA1",
  "2.16.840.1.101.3.4.2.1": "SHA256",
  "2.16.840.1.101.3.4.2.2": "SHA384",
  "2.16.840.1.101.3.4.2.3": "SHA512",
  "2.16.840.1.101.3.4.2.4": "SHA224",
  "2.16.840.1.101.3.4.2.5": "SHA512-224",
  "2.16.840.1.101.3.4.2.6": "SHA512-256",
  "2.16.840.1.101.3.4.2.8": "SHA3-256",
  "2.16.840.1.101.3.4.2.9": "SHA3-384",
  "2.16.840.1.101.3.4.2.10": "SHA3-512",
};

/** Names of signatures by their OID, as OpenSSL has them. */
export const SIGNATURE_ALGORITHMS: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
  "1.2.840.113549.1.1.3": "md4WithRSAEncryption",
  "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
  "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
  "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
  "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
  "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
  "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
  "1.2.840.113549.1.1.15": "sha512-224WithRSAEncryption",
  "1.2.840.113549.1.1.16": "sha512-256WithRSAEncryption",
  "1.3.14.3.2.3": "md5WithRSA",
  "1.3.14.3.2.15": "shaWithRSAEncryption",
  "1.3.14.3.2.27": "dsaWithSHA1-old",
  "1.3.14.3.2.29": "sha1WithRSA",
  "1.3.36.3.3.1.2": "ripemd160WithRSA",
  "1.2.840.10040.4.3": "dsaWithSHA1",
  "1.2.840.10045.4.1": "ecdsa-with-SHA1",
  "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
  "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
  "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
  "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
  "1.3.101.112": "ED25519",
  "1.3.101.113": "ED448",
  "1.2.156.10197.1.501": "SM2-with-SM3",
  "2.16.840.1.101.3.4.3.1": "dsa_with_SHA224",
  "2.16.840.1.101.3.4.3.2": "dsa_with_SHA256",
  "2.16.840.1.101.3.4.3.3": "dsa_with_SHA384",
  "2.16.840.1.101.3.4.3.4": "dsa_with_SHA512",
  "2.16.840.1.101.3.4.3.10": "ecdsa_with_SHA3-256",
  "2.16.840.1.101.3.4.3.11": "ecdsa_with_SHA3-384",
  "2.16.840.1.101.3.4.3.12": "ecdsa_with_SHA3-512",
  "2.16.840.1.101.3.4.3.14": "RSA-SHA3-256",
  "2.16.840.1.101.3.4.3.15": "RSA-SHA3-384",
  "2.16.840.1.101.3.4.3.16": "RSA-SHA3-512",
  "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
  "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
  "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
};
