#!/bin/sh
# Makes the test keys and the test roots of this directory, with OpenSSL 3 and xxd. A key that is already there is
# kept: everything that remembers a key id depends on it. Delete a file to have it made anew.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { # file
    [ -e "$1.p8" ] && return
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -outform DER -out "$work/k" 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -inform DER -in "$work/k" -outform DER -out "$1.p8"
}

root() { # file, second OU, serial
    [ -e "$1.cer" ] && return
    cat >"$work/ca.cnf" <<CNF
[req]
prompt = no
string_mask = utf8only
distinguished_name = dn
[dn]
C = JP
O = KAIGOTAP-TEST
0.OU = $2
1.OU = Japan Agency for Local Authority Information Systems
[ca]
default_ca = test
[test]
database = $work/index
new_certs_dir = $work
serial = $work/serial
default_md = sha256
policy = any
preserve = yes
x509_extensions = ext
[any]
countryName = supplied
organizationName = supplied
organizationalUnitName = supplied
[ext]
keyUsage = critical, keyCertSign, cRLSign
basicConstraints = critical, CA:TRUE
crlDistributionPoints = dp
subjectKeyIdentifier = hash
authorityKeyIdentifier = none
[dp]
fullname = dirName:dn
CNF
    : >"$work/index"
    echo "$3" >"$work/serial"
    openssl pkey -inform DER -in "$1.p8" -out "$work/k.pem"
    openssl req -new -config "$work/ca.cnf" -key "$work/k.pem" -out "$work/r.csr"
    openssl ca -batch -selfsign -notext -config "$work/ca.cnf" -keyfile "$work/k.pem" -in "$work/r.csr" \
        -startdate 20200401000000Z -enddate 20400331145959Z -out "$work/r.pem" 2>/dev/null
    openssl x509 -in "$work/r.pem" -outform DER -out "$1.cer"
}

modulus() { # file: the 256 bytes that a verifier of card-verifiable certificates holds
    openssl rsa -inform DER -in "$1.p8" -noout -modulus 2>/dev/null | cut -d= -f2 | xxd -r -p >"$1.modulus"
}

# Whole cards; `example` is for persons described in TOML.
for holder in hanako taro foreign-issuer child foreign-resident rare-name expiring expired revoked blocked \
    no-consent not-connected not-registered lapsed renewed \
    face-card example; do
    for use in authentication signature input-support face; do key "$holder-$use"; done
done
# Cards without the applications for text and face.
for holder in android iphone; do
    for use in authentication signature; do key "$holder-$use"; done
done
key resident-card-signature
key common

# The foreign authority carries the same names and the same serials: only its keys tell them apart.
for authority in authority foreign-authority; do
    key "$authority-authentication"
    key "$authority-signature"
    root "$authority-authentication" "JPKI for user authentication" 4B5401
    root "$authority-signature" "JPKI for digital signature" 4B5402
    for use in input-support face; do
        key "$authority-$use"
        modulus "$authority-$use"
        key "$authority-municipality-$use"
    done
done
