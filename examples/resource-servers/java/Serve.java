// Serves it: TLS 1.3, a client certificate where the client has one.
import com.sun.net.httpserver.*;
import java.io.FileInputStream;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.Executors;
import javax.net.ssl.*;

class Serve {
    static Certificate certificate(String variable) throws Exception {
        try (var file = new FileInputStream(System.getenv(variable))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(file);
        }
    }

    static SSLContext tls() throws Exception {
        var pem = Files.readString(Path.of(System.getenv("KEY"))).replaceAll("-----[A-Z ]+-----|\\s", "");
        var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore own = KeyStore.getInstance("PKCS12"), clients = KeyStore.getInstance("PKCS12");
        own.load(null);
        clients.load(null);
        own.setKeyEntry("server", key, new char[0], new Certificate[] {certificate("CERTIFICATE")});
        clients.setCertificateEntry("clients", certificate("CLIENT_CA"));
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(clients);
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        var jwks = URI.create(System.getenv("JWKS")).toURL();
        Server.trust(System.getenv("ISSUER"), System.getenv("AUDIENCE"), jwks);
        var server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls()) {
            @Override
            public void configure(HttpsParameters parameters) {
                var offered = getSSLContext().getDefaultSSLParameters();
                offered.setProtocols(new String[] {"TLSv1.3"});
                offered.setWantClientAuth(true);
                parameters.setSSLParameters(offered);
            }
        });
        server.createContext("/", Server::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        System.out.println(server.getAddress().getPort());
    }
}
