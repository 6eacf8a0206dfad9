#!/bin/sh
# Makes the files of this directory with OpenSSL 3. Run it in an empty directory; see README.md.
set -eu

cat > ca.cnf <<'CNF'
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 3650
policy = any
unique_subject = no
crlnumber = crlnumber
[any]
commonName = supplied
organizationalUnitName = optional
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
crlDistributionPoints = point
[intermediate]
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
certificatePolicies = critical, 1.2.392.200149.8.5.1.0.30
nameConstraints = critical, permitted;dirName:below
[below]
CN = below
[holder]
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
certificatePolicies = critical, 1.2.392.200149.8.5.1.0.30
crlDistributionPoints = point
[responder]
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
[point]
fullname = dirName:town
[town]
C = JP
O = KaigoTap test
CN = 13101
[list]
authorityKeyIdentifier = keyid
[part]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical, @idp
[idp]
fullname = dirName:town
onlyuser = TRUE
[other]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical, @idp_other
[idp_other]
fullname = dirName:other_town
[other_town]
C = JP
O = KaigoTap test
CN = 27100
CNF

: > index.txt
echo 1000 > crlnumber
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
issue() { # name, serial, section
    [ -e "$1.key" ] || key "$1"
    echo "$2" > serial
    openssl req -new -config ca.cnf -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    openssl ca -batch -notext -config ca.cnf -extensions "$3" -in "$1.csr" -out "$1.pem"
    openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
list() { # name, section, days
    openssl ca -gencrl -config ca.cnf -crlexts "$2" -crldays "${3:-3650}" -out "$1.pem"
    openssl crl -in "$1.pem" -outform DER -out "$1.der"
}
answer() { # name, certificate, hash, signer, further options of the responder
    name=$1 certificate=$2 hash=$3 signer=$4
    shift 4
    openssl ocsp "-$hash" -issuer "$authority.pem" -cert "$certificate.pem" -reqout "$name.req" -no_nonce
    openssl ocsp -index index.txt -CA "$authority.pem" -rsigner "$signer.pem" -rkey "$signer.key" -reqin "$name.req" \
        -respout "$name.der" -ndays 3650 "$@"
}

authority=ca
key ca
openssl req -x509 -new -config ca.cnf -extensions root -key ca.key -days 7300 -subj "/C=JP/O=KaigoTap test/CN=authority" -out ca.pem
openssl x509 -in ca.pem -outform DER -out ca.der
issue good 7F01 leaf
issue revoked 00FF02 leaf
issue unlisted 03 leaf
# The intermediate has the authority's key, so that whoever has that key can sign anything here.
cp ca.key intermediate.key
issue intermediate 05 intermediate
issue responder 04 responder
list empty list
openssl ca -config ca.cnf -revoke revoked.pem -crl_reason keyCompromise
sed -i '/unlisted/d' index.txt
list whole list
list part part
list other other
list stale list 1
answer good-sha1 good sha1 responder
answer good-sha256 good sha256 responder
answer by-key good sha256 responder -resp_key_id
answer by-issuer good sha256 ca
answer no-certificate good sha256 responder -resp_no_certs
answer revoked-sha1 revoked sha1 responder
answer unknown unlisted sha256 responder
answer good-intermediate intermediate sha256 ca
for hash in sha1 sha256; do
    openssl ocsp "-$hash" -issuer ca.pem -cert revoked.pem -no_nonce -reqout "request-$hash.der"
done
sed -i 's/^certificate = ca.pem/certificate = intermediate.pem/' ca.cnf
issue below 06 holder
list whole-below list
for name in ca responder; do
    openssl pkcs8 -topk8 -nocrypt -in $name.key -outform DER -out $name.p8
done
rm -f ./*.req ./*.csr ./*.pem ./*.key *.cnf index.txt* serial* crlnumber*
