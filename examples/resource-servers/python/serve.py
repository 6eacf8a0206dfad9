"""Serves it: TLS 1.3, a client certificate where the client has one."""
import os, ssl
from http.server import ThreadingHTTPServer
from server import Plans

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.minimum_version, tls.verify_mode = ssl.TLSVersion.TLSv1_3, ssl.CERT_OPTIONAL
tls.load_cert_chain(os.environ["CERTIFICATE"], os.environ["KEY"])
tls.load_verify_locations(os.environ["CLIENT_CA"])
served = ThreadingHTTPServer(("127.0.0.1", 0), Plans)
# The handshake is made by the thread of the connection, so that nobody holds up the others.
served.socket = tls.wrap_socket(served.socket, server_side=True, do_handshake_on_connect=False)
print(served.server_port, flush=True)
served.serve_forever()
