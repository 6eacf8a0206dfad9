"""The drivers against hostile servers and strange folders, over loopback and in temporary folders only."""

import errno
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

import host
import kaigotap
from kaigotap import FaceCheck, HttpError, Reply, Request, Step, StoreError


def request(url, *headers, body=b""):
    return kaigotap.HttpRequest(method=kaigotap.Method.POST, url=url, body=body,
                                headers=[kaigotap.Header(name=name, value=value) for name, value in headers])


class Server:
    """Reads one request, and says what a test wants."""

    def __init__(self, test, *pieces, pause=0.0, until=b"\r\n\r\n"):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:{}/a?b=c".format(self.listener.getsockname()[1])
        self.heard = b""
        self.listener.settimeout(20)
        thread = threading.Thread(target=self.serve, args=(pieces, pause, until), daemon=True)
        thread.start()
        test.addCleanup(lambda: (self.listener.close(), thread.join(5)))

    def serve(self, pieces, pause, until):
        try:
            peer, _ = self.listener.accept()
            with peer:
                peer.settimeout(10)
                while not self.heard.endswith(until) and (piece := peer.recv(65536)):
                    self.heard += piece
                for piece in pieces:
                    peer.sendall(piece)
                    time.sleep(pause)
        except OSError:
            pass


def drips(first, piece, pieces=100):
    return [first] + [piece] * pieces


class Http(unittest.TestCase):
    def error(self, reply):
        self.assertTrue(reply.is_not_received(), reply)
        return reply.error

    def test_a_request_and_its_answer_go_over_whole(self):
        answer = b"HTTP/1.1 401 Unauthorized\r\nDPoP-Nonce: n\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 2\r\n\r\n{}"
        server = Server(self, answer, until=b"sent")
        reply = host.send(request(server.url, ("x-made-up", "v"), body=b"sent"))
        self.assertTrue(reply.is_received(), reply)
        self.assertEqual((reply.response.status, reply.response.body), (401, b"{}"))
        headers = [(header.name, header.value) for header in reply.response.headers]
        self.assertEqual(headers, [("DPoP-Nonce", "n"), ("X-A", "1"), ("X-A", "2"), ("Content-Length", "2")])
        self.assertTrue(server.heard.startswith(b"POST /a?b=c HTTP/1.1\r\n"), server.heard)
        self.assertIn(b"x-made-up: v\r\n", server.heard)
        self.assertTrue(server.heard.endswith(b"\r\n\r\nsent"), server.heard)

    def test_plain_http_goes_to_this_machine_only(self):
        with mock.patch("socket.create_connection", side_effect=AssertionError("it called")):
            for url in ("http://example.org/", "http://127.0.0.1@example.org/", "http://127.0.0.1.example.org/",
                        "http://localhost.example.org/", "http://10.0.0.1/", "http:///"):
                self.assertEqual(self.error(host.send(request(url))), HttpError.PLAIN_HTTP, url)
            for url in ("ftp://127.0.0.1/", "", "http://127.0.0.1:port/"):
                self.assertEqual(self.error(host.send(request(url))), HttpError.FAILED, url)
        for here in ("localhost", "127.0.0.1", "127.1.2.3", "::1"):
            self.assertTrue(host.is_this_machine(here), here)

    def test_no_proxy_of_the_environment_is_used(self):
        server = Server(self, b"HTTP/1.1 204 No Content\r\n\r\n")
        proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
        with mock.patch.dict(os.environ, proxies):
            reply = host.send(request(server.url))
        self.assertEqual(reply.response.status, 204)

    def test_a_redirect_is_an_answer(self):
        other = Server(self, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        moved = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        reply = host.send(request(Server(self, moved.encode()).url))
        self.assertEqual((reply.response.status, other.heard), (307, b""))

    def test_an_answer_is_as_long_as_it_may_be_and_no_longer(self):
        for length, taken in ((1 << 20, True), ((1 << 20) + 1, False)):
            for head in (f"Content-Length: {length}\r\n", ""):
                server = Server(self, f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + bytes(length))
                reply = host.send(request(server.url))
                if taken:
                    self.assertEqual(len(reply.response.body), length)
                else:
                    self.assertEqual(self.error(reply), HttpError.TOO_LONG)

    def test_a_server_that_drips_is_waited_for_once(self):
        for pieces in (drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
                       drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
                       drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
                       drips(b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n")[1:]):
            server = Server(self, *pieces, pause=0.1)
            start = time.monotonic()
            self.assertEqual(self.error(host.send(request(server.url), limit=0.5)), HttpError.NO_ANSWER, pieces[0])
            self.assertLess(time.monotonic() - start, 2)

    def test_why_there_is_no_answer(self):
        # Nobody listens on the discard port.
        self.assertEqual(self.error(host.send(request("http://127.0.0.1:9/"))), HttpError.UNREACHABLE)
        self.assertEqual(self.error(host.send(request(Server(self).url))), HttpError.NO_ANSWER)
        for short in (b"Content-Length: 9\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}"):
            server = Server(self, b"HTTP/1.1 200 OK\r\n" + short)
            self.assertEqual(self.error(host.send(request(server.url))), HttpError.NO_ANSWER)
        plain = Server(self, b"HTTP/1.1 200 OK\r\n\r\n", until=b"")
        self.assertEqual(self.error(host.send(request(plain.url.replace("http:", "https:")))), HttpError.TLS)
        torn = request(Server(self).url, ("a", "b\r\nc: d"))
        self.assertEqual(self.error(host.send(torn)), HttpError.FAILED)


class Entries(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "entries"
        self.store = host.Folder(self.path)

    def kept(self):
        reply = self.store.recall(self.store.list().names)
        self.assertTrue(reply.is_recalled(), reply)
        return {entry.name: entry.sealed for entry in reply.entries}

    def error(self, reply):
        self.assertTrue(hasattr(reply, "error"), reply)
        return reply.error

    def test_the_library_finds_nothing_wrong_with_it(self):
        self.store.keep("before", b"1")
        step = host.run(kaigotap.host_check(None), Nothing(), None, self.store)
        self.assertTrue(step.is_done(), step)
        self.assertEqual((step.outcome.report.entries, step.outcome.report.signs), (1, False))
        self.assertEqual(self.kept(), {"before": b"1"})

    def test_a_journal_that_was_put_back_is_told(self):
        # The curve's own point, whose key everybody knows.
        point = ("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                 "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
        key = kaigotap.DeviceKey(name="device", public=bytes.fromhex(point))
        device = kaigotap.EnrolledDevice(id="d", facility="1370000001", key=key)
        for mark, codes in ((0, []), (3, ["journal_rolled_back"])):
            journal = kaigotap.JournalKey(secret=bytes(32), mark=mark)
            step = host.run(kaigotap.verify_journal(journal, device, bytes(32)), Nothing(), None, self.store)
            report = step.outcome.report
            self.assertEqual([finding.failure.code for finding in report.findings], codes)
        self.assertNotIn("s3cr3t", str(kaigotap.JournalKey(secret=b"s3cr3t", mark=0)))

    def test_a_host_without_a_store_or_a_key_says_so(self):
        step = host.run(kaigotap.host_check(None), Nothing(), None)
        self.assertEqual(step.failure.code, "store_missing")
        key = kaigotap.DeviceKey(name="device", public=bytes(65))
        step = host.run(kaigotap.host_check(key), Nothing(), None, self.store)
        self.assertEqual((step.failure.code, step.failure.kind), ("device_key_gone", kaigotap.FailureKind.DEVICE))

    @unittest.skipIf(os.name == "nt", "no such modes")
    def test_only_its_owner_can_look_at_it(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        self.store = host.Folder(self.path.with_name("other"))
        self.assertTrue(self.store.keep("a", b"1").is_kept())
        for path, mode in ((self.store.path, 0o700), (self.store.path / "a", 0o600)):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode)
        self.store.path.chmod(0o750)
        for reply in (self.store.keep("a", b"2"), self.store.forget("a"), self.store.list(), self.store.recall(["a"])):
            self.assertEqual(self.error(reply), StoreError.DENIED)

    @unittest.skipIf(os.name == "nt", "links need leave there")
    def test_no_link_is_followed(self):
        secret = self.path.with_name("secret")
        secret.write_bytes(b"somebody's")
        (self.path / "a.part").symlink_to(secret)
        (self.path / "a").symlink_to(secret)
        self.assertEqual(self.error(self.store.recall(["a"])), StoreError.FAILED)
        self.assertTrue(self.store.keep("a", b"mine").is_kept())
        self.assertEqual((self.kept(), secret.read_bytes()), ({"a": b"mine"}, b"somebody's"))

    def test_a_disk_that_fails_leaves_what_was_there(self):
        self.store.keep("a", b"1")
        for number, error in ((errno.ENOSPC, StoreError.FULL), (errno.EDQUOT, StoreError.FULL),
                              (errno.EROFS, StoreError.DENIED), (errno.EIO, StoreError.FAILED)):
            with mock.patch("os.fsync", side_effect=OSError(number, "no")):
                self.assertEqual(self.error(self.store.keep("a", b"2")), error)
                self.assertEqual(self.error(self.store.forget("b")), error)
            self.assertEqual((self.kept(), os.listdir(self.path)), ({"a": b"1"}, ["a"]))
        for path in self.path.iterdir():
            path.unlink()
        self.path.rmdir()
        for reply in (self.store.keep("a", b"1"), self.store.forget("a"), self.store.list(), self.store.recall(["a"])):
            self.assertEqual(self.error(reply), StoreError.MISSING)

    def test_what_is_none_of_ours_is_passed_over(self):
        for name in ("Thumbs.db", ".hidden", "b.part"):
            (self.path / name).write_bytes(b"x")
        self.store.keep("a", b"1")
        self.assertEqual(self.kept(), {"a": b"1"})

    def test_only_what_was_asked_for_is_recalled(self):
        self.store.keep("a", b"1")
        self.store.keep("b", b"2")
        self.assertEqual(sorted(self.store.list().names), ["a", "b"])
        self.assertEqual(self.store.recall(["none", "b"]).entries, [kaigotap.Entry(name="b", sealed=b"2")])

    def test_a_writer_killed_at_any_step_leaves_an_entry_as_it_was_or_as_it_is_now(self):
        here = Path(__file__).parent
        steps = ("os.open", "os.fsync", "os.replace", "os.close")
        for step in steps:
            for after in (False, True):
                self.store.keep("a", b"before")
                code = ("import os, sys, host\n"
                        f"real = {step}\n"
                        f"def dies(*given):\n    if {after}: real(*given)\n    os._exit(9)\n"
                        f"{step} = dies\n"
                        f"host.Folder(sys.argv[1]).keep('a', b'now')\n")
                paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
                killed = subprocess.run([sys.executable, "-B", "-c", code, self.path],
                                        cwd=here, env=paths, timeout=60, check=False)
                self.assertEqual(killed.returncode, 9, step)
                self.assertIn(self.kept(), ({"a": b"before"}, {"a": b"now"}), step)
                self.assertTrue(self.store.keep("a", b"then").is_kept())
                self.assertEqual((self.kept(), os.listdir(self.path)), ({"a": b"then"}, ["a"]))


class Nothing:
    """A reader that holds nothing."""

    downs = 0

    def connect(self):
        return Reply.NOT_CONNECTED(kaigotap.LinkError.NO_CARD)

    def power_down(self):
        self.downs += 1


class Loop(unittest.TestCase):
    def test_both_clocks_go_on(self):
        first = host.clock()
        time.sleep(0.02)
        second = host.clock()
        self.assertGreater(second.monotonic_ms, first.monotonic_ms)
        self.assertAlmostEqual(second.wall_ms, time.time() * 1000, delta=5000)

    def test_whatever_happens_the_power_is_cut(self):
        reader, talk = Nothing(), kaigotap.card_status()
        self.assertEqual(host.run(talk, reader, None).failure.code, "no_card")
        self.assertEqual(reader.downs, 1)

        class Fails(Nothing):
            def connect(self):
                raise KeyboardInterrupt

        reader, talk = Fails(), kaigotap.card_status()
        with self.assertRaises(KeyboardInterrupt):
            host.run(talk, reader, None)
        self.assertEqual(reader.downs, 1)
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as over:
            talk.resume(Reply.DISCONNECTED())
        self.assertEqual(over.exception.failure.code, "flow_finished")

    def test_what_is_printed_by_accident_tells_nothing(self):
        for secret in (Request.TRANSMIT(b"s3cr3t"), Request.SIGN("s3cr3t", b"s3cr3t"),
                       Request.KEEP("s3cr3t", b"s3cr3t"), Step.NEED(Request.TRANSMIT(b"s3cr3t")),
                       Reply.TRANSMITTED(b"s3cr3t"), Reply.SIGNED(b"s3cr3t"),
                       Reply.RECALLED([kaigotap.Entry(name="s3cr3t", sealed=b"s3cr3t")]),
                       kaigotap.Outcome.CERTIFICATE(b"s3cr3t")):
            self.assertNotIn("s3cr3t", str(secret) + repr(secret) + f"{secret}")
        self.assertEqual(str(Reply.FACE_CHECKED(FaceCheck.MATCH)), "FaceChecked(..)")


if __name__ == "__main__":
    unittest.main()
