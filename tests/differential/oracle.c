/* The other opinion: OpenSSL 3's own verification, one case a line.
 *
 * In:  at purpose policies leaf intermediates anchors crls ocsp nonce
 *      separated by spaces; "-" is nothing; lists are separated by commas; DER is hexadecimal; at is seconds since 1970;
 *      purpose is authentication, signature or any.
 * Out: "ok", or "no" and OpenSSL's reason.
 *
 * Strict (X509_V_FLAG_X509_STRICT), with policies, and with revocation lists or an answer when they are given. Only the
 * given intermediates may stand between leaf and anchor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* OCSP_check_validity looks at the clock: here it is always the time of the case. */
static time_t now;

time_t time(time_t *into) {
    if (into) *into = now;
    return now;
}

static unsigned char *unhex(const char *text, long *length) {
    size_t digits = strlen(text);
    unsigned char *bytes = malloc(digits / 2 + 1);
    for (size_t i = 0; i + 1 < digits; i += 2) {
        unsigned byte;
        sscanf(text + i, "%2x", &byte);
        bytes[i / 2] = (unsigned char)byte;
    }
    *length = (long)(digits / 2);
    return bytes;
}

/* Nothing may follow what was read. */
static X509 *certificate(const char *hex) {
    long length;
    unsigned char *bytes = unhex(hex, &length);
    const unsigned char *at = bytes;
    X509 *read = d2i_X509(NULL, &at, length);
    if (read && at != bytes + length) {
        X509_free(read);
        read = NULL;
    }
    free(bytes);
    return read;
}

static X509_CRL *list(const char *hex) {
    long length;
    unsigned char *bytes = unhex(hex, &length);
    const unsigned char *at = bytes;
    X509_CRL *read = d2i_X509_CRL(NULL, &at, length);
    if (read && at != bytes + length) {
        X509_CRL_free(read);
        read = NULL;
    }
    free(bytes);
    return read;
}

/* What the answer says of the leaf: NULL if it is good. */
static const char *answered(const char *hex, const char *nonce, STACK_OF(X509) *chain) {
    X509 *leaf = sk_X509_value(chain, 0), *issuer = sk_X509_value(chain, 1);
    /* Its own store: that of the chain wants the purpose and the policies of the leaf. */
    X509_STORE *store = X509_STORE_new();
    X509_STORE_add_cert(store, sk_X509_value(chain, sk_X509_num(chain) - 1));
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, now);
    X509_VERIFY_PARAM_set_auth_level(param, 2);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    long length;
    unsigned char *bytes = unhex(hex, &length);
    const unsigned char *from = bytes;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &from, length);
    if (!response || from != bytes + length) return "ocsp: unreadable";
    if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL) return "ocsp: not successful";
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    if (!basic) return "ocsp: no basic response";
    if (OCSP_basic_verify(basic, chain, store, 0) != 1) {
        static char why[128];
        const char *data;
        unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &data, NULL);
        snprintf(why, sizeof why, "ocsp: %s %s", ERR_reason_error_string(code), data ? data : "");
        return why;
    }
    if (strcmp(nonce, "-")) {
        OCSP_REQUEST *asked = OCSP_REQUEST_new();
        long size;
        unsigned char *value = unhex(nonce, &size);
        OCSP_request_add1_nonce(asked, value, (int)size);
        /* 1: both and equal. */
        if (OCSP_check_nonce(asked, basic) != 1) return "ocsp: nonce";
    }
    const EVP_MD *digests[] = {EVP_sha1(), EVP_sha256()};
    for (int i = 0; i < 2; i++) {
        int status, reason;
        ASN1_GENERALIZEDTIME *revoked = NULL, *from_time = NULL, *until = NULL;
        OCSP_CERTID *id = OCSP_cert_to_id(digests[i], leaf, issuer);
        if (!OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &from_time, &until)) continue;
        if (status == V_OCSP_CERTSTATUS_REVOKED) return "ocsp: revoked";
        if (status != V_OCSP_CERTSTATUS_GOOD) return "ocsp: unknown";
        return OCSP_check_validity(from_time, until, 0, -1) == 1 ? NULL : "ocsp: not at this time";
    }
    return "ocsp: no answer on it";
}

static const char *judge(char **field) {
    static char why[128];
    now = (time_t)atoll(field[0]);
    X509 *leaf = certificate(field[3]);
    if (!leaf) return "leaf unreadable";
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    char *save;
    for (char *one = strtok_r(field[4], ",", &save); one && strcmp(one, "-"); one = strtok_r(NULL, ",", &save)) {
        X509 *read = certificate(one);
        if (!read) return "intermediate unreadable";
        sk_X509_push(untrusted, read);
    }
    int given = sk_X509_num(untrusted);
    for (char *one = strtok_r(field[5], ",", &save); one && strcmp(one, "-"); one = strtok_r(NULL, ",", &save)) {
        X509 *read = certificate(one);
        if (!read) return "anchor unreadable";
        X509_STORE_add_cert(store, read);
    }
    int lists = 0, deltas = 0;
    for (char *one = strtok_r(field[6], ",", &save); one && strcmp(one, "-"); one = strtok_r(NULL, ",", &save)) {
        X509_CRL *read = list(one);
        if (!read) return "crl unreadable";
        X509_STORE_add_crl(store, read);
        lists++;
        deltas += X509_CRL_get_ext_by_NID(read, NID_delta_crl, -1) >= 0;
    }
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, now);
    X509_VERIFY_PARAM_set_auth_level(param, 2);
    X509_VERIFY_PARAM_set_depth(param, 2);
    unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK;
    if (strcmp(field[2], "-")) {
        flags |= X509_V_FLAG_EXPLICIT_POLICY;
        for (char *one = strtok_r(field[2], ",", &save); one; one = strtok_r(NULL, ",", &save))
            X509_VERIFY_PARAM_add0_policy(param, OBJ_txt2obj(one, 1));
    }
    /* RFC 5280 6.1.1 (c): any policy, where none is asked for; left out, OpenSSL takes none. */
    else X509_VERIFY_PARAM_add0_policy(param, OBJ_txt2obj("2.5.29.32.0", 1));
    if (!strcmp(field[1], "authentication")) X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT);
    /* All of the path; where there is nothing between leaf and anchor, not the anchor, which nobody can revoke. */
    if (lists) flags |= given ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : X509_V_FLAG_CRL_CHECK;
    /* Without the second OpenSSL takes a delta for a complete list. */
    if (deltas) flags |= X509_V_FLAG_USE_DELTAS | X509_V_FLAG_EXTENDED_CRL_SUPPORT;
    X509_VERIFY_PARAM_set_flags(param, flags);

    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf, untrusted);
    const char *reason = NULL;
    if (X509_verify_cert(context) != 1) {
        int error = X509_STORE_CTX_get_error(context);
        snprintf(why, sizeof why, "%d %s", error, X509_verify_cert_error_string(error));
        reason = why;
    } else {
        STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
        /* A path of the given certificates and no other. */
        if (sk_X509_num(chain) != given + 2) reason = "another path";
        else if (strcmp(field[7], "-")) reason = answered(field[7], field[8], chain);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_pop_free(untrusted, X509_free);
    X509_free(leaf);
    return reason;
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
    fflush(stdout);
    while (getline(&line, &size, stdin) > 0) {
        char *field[9], *save;
        int count = 0;
        for (char *one = strtok_r(line, " \n", &save); one && count < 9; one = strtok_r(NULL, " \n", &save))
            field[count++] = one;
        const char *reason = count == 9 ? judge(field) : "line unreadable";
        printf(reason ? "no %s\n" : "ok\n", reason);
        fflush(stdout);
        ERR_clear_error();
    }
    return 0;
}
