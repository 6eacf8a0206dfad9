// A server that takes the platform's access tokens, with Nimbus's OAuth 2.0 SDK: docs/resource-server.md.
import com.nimbusds.jose.*;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.*;
import com.nimbusds.jwt.*;
import com.nimbusds.jwt.proc.*;
import com.nimbusds.oauth2.sdk.auth.X509CertificateConfirmation;
import com.nimbusds.oauth2.sdk.dpop.JWKThumbprintConfirmation;
import com.nimbusds.oauth2.sdk.dpop.verifiers.*;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.sun.net.httpserver.*;
import java.io.IOException;
import java.net.*;
import java.security.cert.X509Certificate;
import java.util.*;

class Server {
    static final DefaultJWTProcessor<SecurityContext> TOKENS = new DefaultJWTProcessor<>();
    static final DPoPProtectedResourceRequestVerifier PROOFS = new DPoPProtectedResourceRequestVerifier(
            Set.of(JWSAlgorithm.ES256), 60, 60, new InMemoryDPoPSingleUseChecker(900, 900));

    static void trust(String issuer, String audience, URL jwks) {
        // Fetched again where a token names a key that is not known, at a limited rate.
        var keys = JWKSourceBuilder.create(jwks).build();
        TOKENS.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
        TOKENS.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
        TOKENS.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(audience,
                new JWTClaimsSet.Builder().issuer(issuer).build(), Set.of("sub", "exp", "iat", "cnf")));
    }

    static JWTClaimsSet judge(HttpsExchange request) throws Exception {
        var headers = request.getRequestHeaders();
        if (headers.get("Authorization").size() + headers.get("DPoP").size() != 2) throw new Exception("one each");
        var token = DPoPAccessToken.parse(headers.getFirst("Authorization"));
        var claims = TOKENS.process(token.getValue(), null);
        // By the address that was configured, never by the one that the request names.
        var address = URI.create(System.getenv("ADDRESS") + request.getRequestURI().getRawPath());
        PROOFS.verify(request.getRequestMethod(), address, new DPoPIssuer(claims.getStringClaim("client_id")),
                SignedJWT.parse(headers.getFirst("DPoP")), token, JWKThumbprintConfirmation.parse(claims), null);
        var bound = X509CertificateConfirmation.parse(claims);
        if (bound != null && !bound.equals(X509CertificateConfirmation.of(
                (X509Certificate) request.getSSLSession().getPeerCertificates()[0]))) throw new Exception("certificate");
        return claims;
    }

    static void answer(HttpExchange request) throws IOException {
        try {
            var claims = judge((HttpsExchange) request);
            var opens = List.of(claims.getStringClaim("scope").split(" ")).contains("qualification:read");
            var body = ("{\"subject\":\"" + claims.getSubject() + "\"}").getBytes();
            request.sendResponseHeaders(opens ? 200 : 403, opens ? body.length : -1);
            if (opens) request.getResponseBody().write(body);
        } catch (Exception refused) {
            request.getResponseHeaders().set("WWW-Authenticate", "DPoP error=\"invalid_token\", algs=\"ES256\"");
            request.sendResponseHeaders(401, -1);
        }
        request.close();
    }
}
