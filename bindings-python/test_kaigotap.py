"""Whole conversations from Python: `python3 -m unittest`, after `cargo xtask bindings`.

The program `kaigotap` plays card and platform; KAIGOTAP_COMMAND says where it is, unless in target/debug.
"""

import json
import os
import re
import socket
import subprocess
import tempfile
import unittest
from datetime import datetime
from pathlib import Path

import kaigotap
from kaigotap import Reply, Step

import visit

TOP = Path(__file__).parent.parent
TRANSCRIPTS = TOP / "tests/vectors/transcripts"
PROGRAM = os.environ.get("KAIGOTAP_COMMAND", TOP / "target/debug/kaigotap")
TABLE = json.loads((TRANSCRIPTS / "table.json").read_text())


class Virtual:
    """A reader with a virtual card in it, which is another process."""

    def __init__(self, test, *options):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = "127.0.0.1:{}".format(listener.getsockname()[1])
            card = subprocess.Popen([PROGRAM, "virtual-card", "--vpcd", address, *options],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            test.addCleanup(lambda: (card.kill(), card.wait()))
            self.reader = visit.Reader(listener)
            test.addCleanup(self.reader.card.close)


def enrolment(test):
    """The enrolment that a platform gives, which is another process."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    path = Path(folder.name) / "visit.json"
    platform = subprocess.Popen([PROGRAM, "sandbox", "--listen", "127.0.0.1:0", "--enrolment", path, "--json"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    test.addCleanup(lambda: (platform.kill(), platform.wait(), platform.stdout.close()))
    for line in platform.stdout:
        if line == "}\n":
            break
    return json.loads(path.read_text())


class Visits(unittest.TestCase):
    def test_a_visit(self):
        asked = []
        talk = visit.visit(enrolment(self))
        step = visit.run(talk, Virtual(self).reader, lambda tries: asked.append(tries) or b"1234")
        self.assertIsInstance(step, Step.DONE, step)
        verified = step.outcome.verified
        self.assertEqual(verified.entitlement.insured_number, "0001234567")
        self.assertEqual((asked, verified.method), ([3], "card_pin"))
        self.assertGreater(verified.fresh_until_ms, verified.verified_at_ms)
        # Printed by accident, it tells nothing.
        for printed in (str(verified), repr(verified), f"{verified.entitlement.person}"):
            self.assertNotIn("0001234567", printed)
            self.assertNotIn(verified.entitlement.person.name_kana, printed)

    def test_a_wrong_pin_is_told_with_what_is_left(self):
        typed = [b"9999", b"1234"]
        asked = []
        talk = visit.visit(enrolment(self))
        step = visit.run(talk, Virtual(self).reader, lambda tries: asked.append(tries) or typed.pop(0))
        self.assertTrue(step.is_done(), step)
        self.assertEqual(asked, [3, 2])

    def test_a_locked_card_says_what_to_do(self):
        step = visit.run(visit.visit(enrolment(self)), Virtual(self, "--profile", "modern+locked").reader, None)
        self.assertIsInstance(step, Step.FAILED)
        self.assertEqual((step.failure.code, step.failure.tries_left), ("pin_blocked", 0))
        self.assertIn("市区町村", step.failure.next_action(kaigotap.Language.JAPANESE))

    def test_misuse_is_a_typed_error(self):
        talk = kaigotap.CardReading.status()
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as early:
            talk.resume(Reply.DISCONNECTED())
        self.assertEqual(early.exception.failure.code, "flow_not_started")
        talk.start()
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as wrong:
            talk.resume(Reply.CLOCK(0))
        self.assertEqual(wrong.exception.failure.code, "flow_wrong_reply")
        talk.cancel()
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as late:
            talk.resume(Reply.DISCONNECTED())
        self.assertEqual(late.exception.failure.code, "flow_finished")


class Transcripts(unittest.TestCase):
    def test_every_one_to_the_byte(self):
        rows = []
        for path in sorted(TRANSCRIPTS.glob("*.jsonl")):
            with self.subTest(path.name):
                header, *turns = map(json.loads, path.read_text().splitlines())
                ended = self.replay(header, turns)
                self.assertEqual(ended, recorded(header, turns))
                rows.append("\t".join([path.name, *ended]) + "\n")
        self.assertGreaterEqual(len(rows), 50)
        written = TOP / "target/transcripts/python.tsv"
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text("".join(rows))

    def test_what_differs_is_noticed(self):
        path = TRANSCRIPTS / "status-modern.jsonl"
        header, *turns = map(json.loads, path.read_text().replace('"tx":"00a4', '"tx":"00a5').splitlines())
        with self.assertRaises(AssertionError):
            self.replay(header, turns)

    def replay(self, header, turns):
        talk = begin(header)
        step = talk.start()
        for turn in turns:
            self.assertTrue(step.is_need(), step)
            step = self.answer(talk, step.request, turn, header)
        self.assertFalse(step.is_need(), "the transcript has ended")
        if step.is_done():
            return ["done"]
        tries = step.failure.tries_left
        return [step.failure.code] + ([] if tries is None else [str(tries)])

    def answer(self, talk, request, turn, header):
        kind = turn["type"]
        if request.is_connect() and kind == "connect":
            self.assertEqual(request.occasion.name.lower(), turn["occasion"])
            if link := turn.get("link"):
                return talk.resume(Reply.CONNECTED(kaigotap.LinkCapacity(**link)))
            return talk.resume(Reply.NOT_CONNECTED(kaigotap.LinkError[turn["error"].upper()]))
        if request.is_transmit() and kind in ("exchange", "error"):
            # Not told when it differs: it may hold a PIN.
            self.assertTrue(request.command == filled(turn["tx"]), "another command than " + turn["tx"])
            if kind == "error":
                return talk.resume(Reply.NOT_TRANSMITTED(kaigotap.LinkError[turn["error"].upper()]))
            return talk.resume(Reply.TRANSMITTED(filled(turn["rx"])))
        if request.is_disconnect() and kind == "disconnect":
            return talk.resume(Reply.DISCONNECTED())
        if request.is_clock() and kind == "clock":
            return talk.resume(Reply.CLOCK(milliseconds(turn["at"])))
        if request.is_ask() and kind == "ask":
            prompt, asked = request.prompt, turn["prompt"]
            self.assertTrue(getattr(prompt, "is_" + asked["kind"])(), prompt)
            for member in ("pin", "why"):
                if member in asked:
                    self.assertEqual(getattr(prompt, member).name.lower(), asked[member])
            if "tries_left" in asked:
                self.assertEqual(prompt.tries_left, asked["tries_left"])
            return typed(talk, turn["answer"])
        if request.is_send() and kind == "send":
            return talk.resume(self.sent(request.request, turn, header))
        self.fail(f"asked for {type(request).__name__}, recorded was {kind}")

    def sent(self, request, turn, header):
        self.assertEqual(request.method.name, turn["method"])
        self.assertEqual(request.url, header["parameters"]["visit"]["server"] + turn["path"])
        headers = [[name, tokens(value)] for name, value in turn["headers"]]
        self.assertEqual([[h.name, h.value] for h in request.headers], headers)
        # The recorder's clock counted nanoseconds; this boundary's counts milliseconds.
        shorter = re.sub(r"\.(\d{3})\d*Z", lambda found: ("." + found[1]).rstrip("0").rstrip(".") + "Z",
                         tokens(turn["body"]))
        self.assertEqual(request.body.decode(), shorter)
        if "status" not in turn:
            return Reply.NOT_RECEIVED(kaigotap.HttpError[turn["error"].upper()])
        return Reply.RECEIVED(kaigotap.HttpResponse(status=turn["status"], body=tokens(turn["answer"]).encode()))


def begin(header):
    """The conversation of a transcript, anew."""
    given, challenge = header["parameters"], bytes.fromhex(header.get("challenge", "")) or None
    reading = kaigotap.CardReading

    def authorities():
        of = TABLE["authorities"][given["authorities"]]
        key = {name: kaigotap.CardAuthorityKey(key_id=bytes.fromhex(of[name]["key_id"]),
                                               modulus=bytes.fromhex(of[name]["modulus"])) for name in of}
        return kaigotap.CardAuthorities.TEST(input_support=key["input_support"], face=key["face"])

    if header["flow"] == "visit":
        given = given["visit"]
        return visit.visit({**given, "facility_id": given["facility"], "staff_id": given["staff"],
                            "staff_token": TABLE["secrets"]["staff-token"],
                            "test_anchors": TABLE["anchors"][given["anchors"]]}, bytes.fromhex(header["entropy"]))
    return {
        "status": lambda: reading.status(),
        "information": lambda: reading.information(),
        "certificate": lambda: reading.certificate(kaigotap.Credential[given["credential"].upper()]),
        "holder": lambda: reading.holder(kaigotap.HolderKey[given["key"].upper()], authorities(), challenge),
        "face": lambda: reading.face(authorities(), challenge),
        "age": lambda: reading.age(authorities(), challenge),
        "change_pin": lambda: reading.change_pin(kaigotap.PinKind[given["pin"].upper()]),
    }[header["flow"]]()


def recorded(header, turns):
    """What a transcript says that it ends with; a record of zeros is none, whatever it was."""
    code = header["outcome"].get("code", "done")
    if code in ("done", "card_not_genuine") and any("<withheld" in turn.get("rx", "") for turn in turns):
        return ["card_record_invalid"]
    tries = header["outcome"].get("tries_left")
    return [code] + ([] if tries is None else [str(tries)])


def typed(talk, answer):
    if "face" in answer:
        return talk.resume(Reply.FACE_CHECKED(kaigotap.FaceCheck[{"match": "MATCH", "no_match": "NO_MATCH"}[answer["face"]]]))
    if "pin" in answer:
        return talk.enter_pin(TABLE["secrets"][answer["pin"]].encode())
    if "new_pin" in answer:
        return talk.enter_new_pin(*(TABLE["secrets"][name].encode() for name in answer["new_pin"]))
    if "consent" in answer:
        return talk.resume(Reply.CONSENTED(answer["consent"]))
    return talk.resume(Reply.CANCELLED())


def filled(text):
    """Bytes of hexadecimal with markers."""
    def marked(found):
        if found[1].startswith("withheld:"):
            return "00" * int(found[1].split(":")[1])
        secret = TABLE["secrets"][found[1]].encode()
        return bytes([len(secret)]).hex() + secret.hex()
    return bytes.fromhex(re.sub("<([^>]+)>", marked, text))


def tokens(text):
    for name in ("staff-token", "access-token"):
        text = text.replace(f"<{name}>", TABLE["secrets"][name])
    return text


def milliseconds(at):
    whole, _, fraction = at.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 1000 + int(fraction[:3].ljust(3, "0"))


if __name__ == "__main__":
    unittest.main()
