"""A whole home visit: `visit.py ENROLMENT LISTEN`, with the sandbox's enrolment and where a virtual card may come to."""

import getpass
import json
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode
from pathlib import Path

# `cargo xtask bindings` puts the module there.
sys.path.append(str(Path(__file__).parent.parent / "target/bindings/python"))
import kaigotap
from kaigotap import Reply, Step


class Reader:
    """A reader for virtual cards, which speak to it as to the virtual reader `vpcd`."""

    def __init__(self, listener):
        listener.settimeout(30)
        self.card, _ = listener.accept()
        self.card.settimeout(10)

    def say(self, message):
        self.card.sendall(len(message).to_bytes(2, "big") + message)

    def transmit(self, command):
        self.say(command)
        length = int.from_bytes(self.receive(2), "big")
        return self.receive(length)

    def receive(self, length):
        received = b""
        while len(received) < length:
            piece = self.card.recv(length - len(received))
            if not piece:
                raise ConnectionError("the card went away")
            received += piece
        return received


class Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_):
        return None


def send(request):
    """One HTTP request of the conversation, over the network."""
    sent = urllib.request.Request(request.url, request.body or None, {h.name: h.value for h in request.headers})
    sent.method = request.method.name
    try:
        with urllib.request.build_opener(Straight).open(sent, timeout=30) as answer:
            status, body = answer.status, answer.read(1 << 20)
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(1 << 20)
    except OSError:
        return Reply.NOT_RECEIVED(kaigotap.HttpError.UNREACHABLE)
    return Reply.RECEIVED(kaigotap.HttpResponse(status=status, body=body))


def reply(talk, reader, request, ask_pin):
    """Answers one request; all that an app has to write."""
    if request.is_connect():
        reader.say(b"\x01")
        return talk.resume(Reply.CONNECTED(kaigotap.LinkCapacity(max_command=261, max_response=258)))
    if request.is_transmit():
        try:
            return talk.resume(Reply.TRANSMITTED(reader.transmit(request.command)))
        except OSError:
            return talk.resume(Reply.NOT_TRANSMITTED(kaigotap.LinkError.LOST))
    if request.is_disconnect():
        reader.say(b"\x00")
        return talk.resume(Reply.DISCONNECTED())
    if request.is_send():
        return talk.resume(send(request.request))
    if request.is_clock():
        return talk.resume(Reply.CLOCK(time.time_ns() // 1_000_000))
    if request.is_ask() and request.prompt.is_confirm_face():
        return talk.resume(Reply.FACE_CHECKED(kaigotap.FaceCheck.MATCH))
    if request.is_ask() and request.prompt.is_enter_pin():
        return talk.enter_pin(ask_pin(request.prompt.tries_left))
    return talk.resume(Reply.CANCELLED())


def run(talk, reader, ask_pin):
    """Runs a conversation to its end."""
    step = talk.start()
    while step.is_need():
        step = reply(talk, reader, step.request, ask_pin)
    return step


def visit(enrolment, entropy=None):
    """The visit that an enrolment allows; with fresh randomness, unless a test gives its own."""
    keys = [kaigotap.ChallengeKey(x=key["x"], y=key["y"]) for key in enrolment["challenge_keys"]]
    anchors = [b64decode(anchor) for anchor in enrolment["test_anchors"]]
    uses = [kaigotap.Use.VIEW, kaigotap.Use.REGISTER]
    return kaigotap.Visit(
        kaigotap.Plan(facility=enrolment["facility_id"], staff=enrolment["staff_id"], uses=uses),
        kaigotap.Environment(
            server=enrolment["server"], issuer=enrolment["issuer"], challenge_keys=keys,
            staff_token=enrolment["staff_token"], anchors=kaigotap.TrustAnchors.TEST(anchors, []),
            entropy=entropy or secrets.token_bytes(32)))


def main():
    host, port = sys.argv[2].rsplit(":", 1)
    enrolment = json.loads(Path(sys.argv[1]).read_text())
    with socket.create_server((host, int(port))) as listener:
        step = run(visit(enrolment), Reader(listener),
                   lambda tries: getpass.getpass(f"PIN ({tries} tries left): ").encode("ascii", "replace"))
    if isinstance(step, Step.FAILED):
        failure = step.failure
        sys.exit(f"{failure.code}: {failure.message(kaigotap.Language.ENGLISH)}\n"
                 f"{failure.next_action(kaigotap.Language.ENGLISH)}")
    entitlement = step.outcome.verified.entitlement
    level, ratio = entitlement.care_level, entitlement.burden_ratio
    print("care level:", level.code.text(kaigotap.Language.ENGLISH) if level else "not certified")
    print("burden ratio:", f"{ratio.percent} %" if ratio else "none")


if __name__ == "__main__":
    main()
