"""Whoever answers what a conversation needs: the loop, and drivers to start from. Nothing but the standard library."""

import errno
import http.client
import ipaddress
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

# `cargo xtask bindings` puts the module there.
sys.path.append(str(Path(__file__).parent.parent / "target/bindings/python"))
from kaigotap import (
    BrowseError,
    Entry,
    Header,
    HttpError,
    HttpResponse,
    LinkCapacity,
    LinkError,
    Reply,
    SignError,
    StoreError,
)

# How long one exchange with the platform may take, from connecting to the last byte of the answer, in seconds.
LIMIT = 20
# Longest body taken.
LONGEST = 1 << 20


def run(talk, reader, screen, store=None, keys=None):
    """Runs a conversation to its end. Whatever happens, it is wiped and the card's power is cut.

    `screen` has `confirm_face()`, `enter_pin(prompt)`, `last_try(prompt)` and `new_pin(prompt)`, which give a
    `FaceCheck`, bytes, a truth and two times bytes; each may give None, which stops. For a plan that offers ways it has
    `choose_way(prompt)`, `enter_attributes(prompt)` and `confirm_birth_date(prompt)`, too, which give a `Way`,
    `Attributes` and a truth; for one that offers the face check `enter_printed(prompt)` and `confirm_photo(prompt)`, too,
    which give `PrintedFields` and a `FaceCheck`. A conversation that asks for no card and no person needs neither reader nor screen.
    """
    try:
        step = talk.start()
        while step.is_need():
            request = step.request
            step = ask(talk, request.prompt, screen) if request.is_ask() else answer(talk, request, reader, store, keys)
        return step
    finally:
        talk.cancel()
        if reader is not None:
            reader.power_down()


def answer(talk, request, reader, store, keys):
    """Answers a request that is no question."""
    if request.is_connect():
        return talk.resume(reader.connect())
    if request.is_transmit():
        return talk.resume(reader.transmit(request.command))
    if request.is_disconnect():
        reader.power_down()
        return talk.resume(Reply.DISCONNECTED())
    if request.is_send():
        return talk.resume(send(request.request))
    if request.is_browse():
        # A program that signs staff in opens the system's browser here, and listens where it is to end.
        return talk.resume(Reply.NOT_BROWSED(BrowseError.NO_BROWSER))
    if request.is_sign():
        return talk.resume(keys.sign(request.key, request.payload) if keys else Reply.NOT_SIGNED(SignError.GONE))
    if request.is_keep():
        return talk.resume(store.keep(request.name, request.sealed) if store else Reply.NOT_KEPT(StoreError.NO_STORE))
    if request.is_forget():
        return talk.resume(store.forget(request.name) if store else Reply.NOT_FORGOTTEN(StoreError.NO_STORE))
    if request.is_list_names():
        return talk.resume(store.list() if store else Reply.NOT_LISTED(StoreError.NO_STORE))
    if request.is_recall():
        return talk.resume(store.recall(request.names) if store else Reply.NOT_RECALLED(StoreError.NO_STORE))
    if request.is_clock():
        return talk.resume(clock())
    raise NotImplementedError(type(request).__name__)


def ask(talk, prompt, screen):
    """Asks a person."""
    if prompt.is_confirm_face() and (check := screen.confirm_face()) is not None:
        return talk.resume(Reply.FACE_CHECKED(check))
    if prompt.is_enter_pin() and (pin := screen.enter_pin(prompt)) is not None:
        return talk.enter_pin(pin)
    if prompt.is_last_try() and (consent := screen.last_try(prompt)) is not None:
        return talk.resume(Reply.CONSENTED(consent))
    if prompt.is_new_pin() and (pins := screen.new_pin(prompt)) is not None:
        return talk.enter_new_pin(*pins)
    if prompt.is_enter_printed() and (printed := screen.enter_printed(prompt)) is not None:
        return talk.resume(Reply.PRINTED_ENTERED(printed))
    if prompt.is_confirm_photo() and (check := screen.confirm_photo(prompt)) is not None:
        return talk.resume(Reply.FACE_CHECKED(check))
    if prompt.is_choose_way() and (way := screen.choose_way(prompt)) is not None:
        return talk.resume(Reply.WAY_CHOSEN(way))
    if prompt.is_enter_attributes() and (typed := screen.enter_attributes(prompt)) is not None:
        return talk.resume(Reply.ATTRIBUTES_ENTERED(typed))
    if prompt.is_confirm_birth_date() and (right := screen.confirm_birth_date(prompt)) is not None:
        return talk.resume(Reply.BIRTH_DATE_CHECKED(right))
    return talk.resume(Reply.CANCELLED())


def clock():
    """Both clocks of this machine. On Linux the second one runs while it sleeps."""
    monotonic = time.clock_gettime_ns(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns()
    return Reply.CLOCK(time.time_ns() // 1_000_000, monotonic // 1_000_000)


class Keys:
    """The keys of this device where the command `kaigotap` keeps them: files in a folder. The standard library signs
    nothing, so the command `openssl` does; a program with a key store of its own signs there."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def sign(self, name, payload):
        key = self.folder / name
        if not re.fullmatch("[a-z0-9_-]{1,64}", name) or not key.is_file():
            return Reply.NOT_SIGNED(SignError.GONE)
        command = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-sign", key]
        try:
            signed = subprocess.run(command, input=payload, capture_output=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return Reply.NOT_SIGNED(SignError.FAILED)
        return Reply.SIGNED(signed.stdout)


class Reader:
    """A reader for virtual cards, which speak to it as to the virtual reader `vpcd`."""

    def __init__(self, listener):
        listener.settimeout(30)
        self.card, _ = listener.accept()
        self.card.settimeout(10)

    def connect(self):
        try:
            self.say(b"\x01")
        except OSError:
            return Reply.NOT_CONNECTED(LinkError.NO_CARD)
        return Reply.CONNECTED(LinkCapacity(max_command=261, max_response=258))

    def transmit(self, command):
        try:
            self.say(command)
            return Reply.TRANSMITTED(self.receive(int.from_bytes(self.receive(2), "big")))
        except OSError:
            return Reply.NOT_TRANSMITTED(LinkError.LOST)

    def power_down(self):
        try:
            self.say(b"\x00")
        except OSError:
            pass  # It went away, and so has no power.

    def say(self, message):
        self.card.sendall(len(message).to_bytes(2, "big") + message)

    def receive(self, length):
        received = b""
        while len(received) < length:
            piece = self.card.recv(length - len(received))
            if not piece:
                raise ConnectionError("the card went away")
            received += piece
        return received


def send(request, limit=LIMIT):
    """One HTTP request of the conversation: no proxy, no redirect, and plain HTTP to this machine only.

    A thread of its own sends, because a server that drips would keep every single read alive for ever.
    """
    replies = []
    end = time.monotonic() + limit
    try:
        address = urlsplit(request.url)
        if address.scheme == "http" and not is_this_machine(address.hostname):
            return Reply.NOT_RECEIVED(HttpError.PLAIN_HTTP)
        secure = {"http": {}, "https": {"context": ssl.create_default_context()}}[address.scheme]
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(address.hostname, address.port, timeout=limit, **secure)
    except (KeyError, ValueError, http.client.HTTPException):
        return Reply.NOT_RECEIVED(HttpError.FAILED)
    target = (address.path or "/") + ("?" + address.query if address.query else "")
    thread = threading.Thread(target=lambda: replies.append(exchange(connection, target, request, end)), daemon=True)
    thread.start()
    thread.join(limit)
    if replies:
        return replies[0]
    try:
        # Ends the thread, too.
        connection.sock.shutdown(socket.SHUT_RDWR)
    except (AttributeError, OSError):
        pass
    return Reply.NOT_RECEIVED(HttpError.NO_ANSWER)


def exchange(connection, target, request, end):
    error = HttpError.UNREACHABLE
    try:
        connection.connect()
        error = HttpError.NO_ANSWER
        headers = {header.name: header.value for header in request.headers}
        connection.request(request.method.name, target, request.body or None, headers)
        answered = connection.getresponse()
        body = b""
        while piece := answered.read1(1 << 16):
            body += piece
            if len(body) > LONGEST:
                return Reply.NOT_RECEIVED(HttpError.TOO_LONG)
            if time.monotonic() > end:
                return Reply.NOT_RECEIVED(HttpError.NO_ANSWER)
        if answered.length:
            # It ended before its end.
            return Reply.NOT_RECEIVED(HttpError.NO_ANSWER)
        headers = [Header(name=name, value=value) for name, value in answered.getheaders()]
        return Reply.RECEIVED(HttpResponse(status=answered.status, headers=headers, body=body))
    except ssl.SSLError:
        return Reply.NOT_RECEIVED(HttpError.TLS)
    except (OSError, http.client.HTTPException):
        return Reply.NOT_RECEIVED(error)
    except ValueError:
        # A header that is none.
        return Reply.NOT_RECEIVED(HttpError.FAILED)
    finally:
        connection.close()


def is_this_machine(host):
    """Loopback by its number, or `localhost` (RFC 6761 §6.3)."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Folder:
    """Entries as files: one entry, one file, in a folder that only its owner can look into.

    A write goes aside, is synced and renamed, and the folder is synced: after a crash an entry is there as it was
    before or as it is now.
    """

    NAME = re.compile("[a-z0-9_-]{1,64}")
    ASIDE = ".part"

    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(mode=0o700, exist_ok=True)

    def keep(self, name, sealed):
        try:
            self.look()
            aside = self.path / (name + self.ASIDE)
            # What a program that was killed has left. It never was an entry.
            aside.unlink(missing_ok=True)
            try:
                # A link that lies there is not followed.
                with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(sealed)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(aside, self.path / name)
            except OSError:
                aside.unlink(missing_ok=True)
                raise
            self.sync()
        except OSError as error:
            return Reply.NOT_KEPT(kind(error))
        return Reply.KEPT()

    def forget(self, name):
        try:
            self.look()
            (self.path / name).unlink(missing_ok=True)
            self.sync()
        except OSError as error:
            return Reply.NOT_FORGOTTEN(kind(error))
        return Reply.FORGOTTEN()

    def list(self):
        try:
            self.look()
            # What has no name of an entry is none of ours.
            return Reply.LISTED([name for name in os.listdir(self.path) if self.NAME.fullmatch(name)])
        except OSError as error:
            return Reply.NOT_LISTED(kind(error))

    def recall(self, names):
        try:
            self.look()
            entries = []
            for name in names:
                try:
                    entries.append(Entry(name=name, sealed=self.read(name)))
                except FileNotFoundError:
                    pass  # What is not kept is left out.
            return Reply.RECALLED(entries)
        except OSError as error:
            return Reply.NOT_RECALLED(kind(error))

    def read(self, name):
        with open(os.open(self.path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            return file.read(LONGEST + 1)

    def look(self):
        if hasattr(os, "getuid") and self.path.stat().st_mode & 0o077:
            raise PermissionError(errno.EACCES, "others can look into the folder")

    def sync(self):
        # Windows has no such call: there a rename is written through with the file system's own journal.
        if os.name == "nt":
            return
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def kind(error):
    """What a failure of the system means for a store."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError.FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError.DENIED
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return StoreError.MISSING
    return StoreError.FAILED
