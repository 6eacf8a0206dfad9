"""Whole conversations from Python: `python3 -m unittest`, after `cargo xtask bindings`.

The program `kaigotap` plays card and platform; KAIGOTAP_COMMAND says where it is, unless in target/debug.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from base64 import b64decode
from pathlib import Path
from unittest import mock

import host
import kaigotap
import visit
from kaigotap import FaceCheck, Reply, Step

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
            self.reader = host.Reader(listener)
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
    return {**json.loads(path.read_text()), "keys": f"{path}.keys"}


def play(known, reader, people, **options):
    """A visit of the device that is enrolled so, with its key."""
    return host.run(visit.visit(known, **options), reader, people, keys=host.Keys(known["keys"]))


class People:
    """A nurse who looks, and a holder who types one thing after the other and then stops."""

    def __init__(self, *typed, face=FaceCheck.MATCH, consents=False):
        self.typed, self.face, self.consents, self.asked = list(typed), face, consents, []

    def confirm_face(self):
        self.asked.append("face")
        return self.face

    def enter_pin(self, prompt):
        self.asked.append((prompt.why.name.lower(), prompt.tries_left))
        return self.typed.pop(0) if self.typed else None

    def last_try(self, prompt):
        self.asked.append("last try")
        return self.consents

    def new_pin(self, prompt):
        return (self.typed.pop(0), self.typed.pop(0)) if self.typed else None


class Visits(unittest.TestCase):
    def test_a_visit(self):
        people = People(b"1234")
        step = play(enrolment(self), Virtual(self).reader, people)
        self.assertIsInstance(step, Step.DONE, step)
        verified = step.outcome.verified
        self.assertEqual(verified.entitlement.insured_number, "0001234567")
        self.assertEqual((people.asked, verified.method), (["face", ("first", 3)], "card_pin"))
        self.assertGreater(verified.fresh_until_ms, verified.verified_at_ms)

    def test_the_next_visit_is_a_tap(self):
        known = enrolment(self)
        verified = play(known, Virtual(self).reader, People(b"1234")).outcome.verified
        of = verified.entitlement.person
        person = kaigotap.ChosenPerson(name_kana=of.name_kana, birth_date=of.birth_date, sex=of.sex)
        people = People()
        step = play(known, Virtual(self).reader, people, person=person, registered_as=verified.subject,
                    card_authorities=authorities("virtual"))
        self.assertIsInstance(step, Step.DONE, step)
        again = step.outcome.verified
        self.assertEqual((again.method, again.subject, people.asked), ("card_tap", verified.subject, ["face"]))
        self.assertEqual(verified.trust, kaigotap.Origin.TEST)
        # Printed by accident, it tells nothing.
        for printed in (str(verified), repr(verified), f"{verified.entitlement.person}"):
            self.assertNotIn("0001234567", printed)
            self.assertNotIn(verified.entitlement.person.name_kana, printed)

    def test_whoever_was_visited_is_on_the_list_until_the_contract_ends(self):
        known = enrolment(self)

        def ask(question, *told):
            return host.run(question(visit.environment(known), *told), None, None, keys=host.Keys(known["keys"]))

        verified = play(known, Virtual(self).reader, People(b"1234")).outcome.verified
        page = ask(kaigotap.list_users, kaigotap.UserSearch(name_begins="かいご")).outcome.page
        self.assertEqual([(user.subject, str(user)) for user in page.users], [(verified.subject, "User(..)")])
        told = ask(kaigotap.entitlement, verified.access_token).outcome.entitlement
        self.assertEqual(told.insured_number, page.users[0].insured_number)
        self.assertTrue(ask(kaigotap.end_contract, verified.subject).outcome.is_CONTRACT_ENDED())
        self.assertEqual(ask(kaigotap.open_user, verified.subject).failure.code, "registration_expired")

    def test_a_wrong_pin_is_told_with_what_is_left(self):
        people = People(b"9999", b"1234")
        step = play(enrolment(self), Virtual(self).reader, people)
        self.assertTrue(step.is_done(), step)
        self.assertEqual(people.asked, ["face", ("first", 3), ("wrong", 2)])

    def test_what_is_no_pin_is_asked_for_again_and_costs_nothing(self):
        people = People(b"", b"12345", "四桁の数".encode(), b"1234")
        step = play(enrolment(self), Virtual(self).reader, people)
        self.assertTrue(step.is_done(), step)
        self.assertEqual(people.asked, ["face", ("first", 3)] + [("malformed", 3)] * 3)

    def test_only_the_person_who_was_chosen_is_shown(self):
        known, reader = enrolment(self), Virtual(self).reader
        chosen = kaigotap.ChosenPerson(name_kana="かいご はなこ", birth_date="1941-05-03")
        self.assertTrue(play(known, reader, People(b"1234"), person=chosen).is_done())
        other = kaigotap.ChosenPerson(name_kana="カイゴ タロウ", sex=kaigotap.RegisteredSex.MALE)
        failure = play(known, reader, People(b"1234"), person=other).failure
        self.assertEqual(failure.code, "another_person")
        self.assertEqual(failure.differences, kaigotap.Differences(name=True, birth_date=False, sex=True))

    def test_with_the_pin_first_one_tap_does_everything(self):
        known, people = enrolment(self), People(b"1234")
        talk = visit.visit(known)
        talk.ask_for_pins(kaigotap.PinTiming.BEFORE_TAP)
        step = host.run(talk, Virtual(self).reader, people, keys=host.Keys(known["keys"]))
        self.assertTrue(step.is_done(), step)
        self.assertEqual(people.asked, ["face", ("first", None)])

    def test_only_the_nurse_says_that_a_face_matches(self):
        known, reader = enrolment(self), Virtual(self).reader
        for face, code in ((FaceCheck.NO_MATCH, "face_differs"), (None, "cancelled")):
            step = play(known, reader, People(b"1234", face=face))
            self.assertIsInstance(step, Step.FAILED)
            self.assertEqual(step.failure.code, code)

    def test_the_example_asks_and_tells(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "visit.json"
        known = enrolment(self)
        path.write_text(json.dumps(known))
        shutil.copytree(known["keys"], f"{path}.keys")
        # Without a terminal, so that the PIN is taken from where the other answers are.
        example = subprocess.Popen([sys.executable, "-B", visit.__file__, path, "127.0.0.1:0"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        self.addCleanup(lambda: (example.kill(), example.wait(), example.stdin.close(), example.stdout.close()))
        listen = example.stdout.readline().split()[-1]
        card = subprocess.Popen([PROGRAM, "virtual-card", "--vpcd", listen],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (card.kill(), card.wait()))
        told, _ = example.communicate("yes\n1234\n", timeout=60)
        self.assertIn("test hierarchy", told)
        self.assertTrue(told.endswith("certified: care level 3\nburden ratio: 10 %\n"), told)
        self.assertEqual(visit.shown("要介護3 \x1b[2J\r\u202e"), "要介護3 \\x1b[2J\\r\\u202e")

    def test_the_terminal_takes_no_silence_for_a_yes(self):
        terminal = visit.Terminal()
        for typed, check in (("yes", FaceCheck.MATCH), (" Yes ", FaceCheck.MATCH), ("", FaceCheck.NO_MATCH),
                             ("y", FaceCheck.NO_MATCH), ("no", FaceCheck.NO_MATCH)):
            with mock.patch("builtins.input", return_value=typed):
                self.assertEqual(terminal.confirm_face(), check, typed)
                asked = kaigotap.Prompt.LAST_TRY(kaigotap.PinKind.AUTHENTICATION, kaigotap.WhyPin.FIRST)
                self.assertEqual(terminal.last_try(asked), check == FaceCheck.MATCH)

    def test_the_fourteen_digits_of_number_b_are_taken_as_they_are(self):
        reader = Virtual(self, "--person", "foreign-resident", "--profile", "codes-as-printed").reader
        people = People(b"79022820310228")
        step = host.run(kaigotap.face(authorities("virtual"), None), reader, people)
        self.assertTrue(step.is_done(), step)
        self.assertEqual(step.outcome.face.birth_date, "1979-02-28")

    def test_a_locked_card_says_what_to_do(self):
        step = play(enrolment(self), Virtual(self, "--profile", "modern+locked").reader, People())
        self.assertIsInstance(step, Step.FAILED)
        self.assertEqual((step.failure.code, step.failure.tries_left), ("pin_blocked", 0))
        self.assertEqual(step.failure.retry(), kaigotap.Retry.OTHER_WAY)
        self.assertIn("市区町村", step.failure.next_action(kaigotap.Language.JAPANESE))

    def test_misuse_is_a_typed_error(self):
        talk = kaigotap.card_status()
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as early:
            talk.resume(Reply.DISCONNECTED())
        self.assertEqual(early.exception.failure.code, "flow_not_started")
        talk.start()
        with self.assertRaises(kaigotap.KaigoTapError.Failed) as wrong:
            talk.resume(Reply.CLOCK(0, 0))
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

    def test_what_differs_in_a_tap_or_a_sign_in_is_noticed(self):
        for name, then, now in (("visit-tap-modern", '"payload":"65', '"payload":"66'),
                                ("visit-tap-modern", '"birth_date":"1941-05-03"', '"birth_date":"1941-05-04"'),
                                ("sign-in", '"address":"http', '"address":"https'),
                                ("sign-in", "?code=", "?code=x")):
            text = (TRANSCRIPTS / f"{name}.jsonl").read_text()
            self.assertIn(then, text)
            header, *turns = map(json.loads, text.replace(then, now, 1).splitlines())
            with self.subTest(then), self.assertRaises(AssertionError):
                self.replay(header, turns)

    def replay(self, header, turns):
        talk = begin(header)
        if timing := header["parameters"].get("pin_timing"):
            talk.ask_for_pins(kaigotap.PinTiming[timing.upper()])
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
        asked = {"list": "list_names"}.get(kind, kind)
        if kind in ("sign", "keep", "forget", "list", "recall") and getattr(request, "is_" + asked)():
            return talk.resume(stored(self, request, turn))
        if request.is_clock() and kind == "clock":
            return talk.resume(Reply.CLOCK(turn["wall_ms"], turn["monotonic_ms"]))
        if request.is_ask() and kind == "ask":
            prompt, asked = request.prompt, turn["prompt"]
            self.assertTrue(getattr(prompt, "is_" + asked["kind"])(), prompt)
            for member in ("pin", "why"):
                if member in asked:
                    self.assertEqual(getattr(prompt, member).name.lower(), asked[member])
            if prompt.is_enter_pin():
                self.assertEqual(prompt.tries_left, asked.get("tries_left"))
            return typed(talk, turn["answer"])
        if request.is_browse() and kind == "browse":
            self.assertEqual((request.address, request.returns_to), (turn["address"], turn["returns_to"]))
            if "ended" in turn:
                return talk.resume(Reply.BROWSED(turn["ended"]))
            return talk.resume(Reply.NOT_BROWSED(kaigotap.BrowseError[turn["error"].upper()]))
        if request.is_send() and kind == "send":
            return talk.resume(self.sent(request.request, turn, header))
        self.fail(f"asked for {type(request).__name__}, recorded was {kind}")

    def sent(self, request, turn, header):
        self.assertEqual(request.method.name, turn["method"])
        server = header["parameters"].get(header["flow"])["server"]
        self.assertEqual(request.url, server + turn["path"])
        headers = [[name, value] for name, value in turn["headers"]]
        self.assertEqual([[h.name, h.value] for h in request.headers], headers)
        self.assertEqual(request.body.decode(), turn["body"])
        if "status" not in turn:
            return Reply.NOT_RECEIVED(kaigotap.HttpError[turn["error"].upper()])
        headers = [kaigotap.Header(name=name, value=value) for name, value in turn.get("answer_headers", [])]
        body = turn["answer"].encode()
        return Reply.RECEIVED(kaigotap.HttpResponse(status=turn["status"], headers=headers, body=body))


def begin(header):
    """The conversation of a transcript, anew."""
    given, challenge = header["parameters"], bytes.fromhex(header.get("challenge", "")) or None
    if header["flow"] == "visit":
        return begin_visit(given["visit"], given.get("authorities"), bytes.fromhex(header["entropy"]))
    if header["flow"] == "enrol":
        plan = given["enrol"]
        return kaigotap.enrol(kaigotap.EnrolPlan(
            server=plan["server"], activation_code=plan["activation_code"], issuer=plan["issuer"],
            key=device_key({"device_key": plan["key"]}), entropy=bytes.fromhex(header["entropy"])))
    if header["flow"] == "sign_in":
        return begin_sign_in(given["sign_in"], bytes.fromhex(header["entropy"]))
    return {
        "status": lambda: kaigotap.card_status(),
        "information": lambda: kaigotap.card_information(),
        "certificate": lambda: kaigotap.card_certificate(kaigotap.Credential[given["credential"].upper()]),
        "holder": lambda: kaigotap.holder(kaigotap.HolderKey[given["key"].upper()],
                                          authorities(given["authorities"]), challenge),
        "face": lambda: kaigotap.face(authorities(given["authorities"]), challenge),
        "age": lambda: kaigotap.age(authorities(given["authorities"]), challenge),
        "change_pin": lambda: kaigotap.change_pin(kaigotap.PinKind[given["pin"].upper()]),
        "host_check": lambda: kaigotap.host_check(device_key(given)),
    }[header["flow"]]()


def begin_visit(given, faces, entropy):
    keys = [kaigotap.ChallengeKey(x=key["x"], y=key["y"]) for key in given["challenge_keys"]]
    person = given.get("person")
    if person:
        sex = kaigotap.RegisteredSex[person["sex"].upper()]
        person = kaigotap.ChosenPerson(name_kana=person["name_kana"], birth_date=person["birth_date"], sex=sex)
    plan = kaigotap.Plan(uses=[kaigotap.Use[use.upper()] for use in given["uses"]], person=person,
                         registered_as=given.get("registered_as"))
    anchors = [b64decode(anchor) for anchor in TABLE["anchors"][given["anchors"]]]
    return kaigotap.visit(plan, kaigotap.Environment(
        server=given["server"], issuer=given["issuer"], challenge_keys=keys, device=enrolled(given["device"]),
        staff_token=given["staff_token"], anchors=kaigotap.TrustAnchors.TEST(anchors, []), entropy=entropy,
        card_authorities=faces and authorities(faces)))


def begin_sign_in(given, entropy):
    language = {None: None, "ja": kaigotap.Language.JAPANESE, "en": kaigotap.Language.ENGLISH}[given.get("language")]
    return kaigotap.sign_in(kaigotap.SignInPlan(
        issuer=given["issuer"], device=enrolled(given["device"]), returns_to=given["returns_to"], entropy=entropy,
        anew=given.get("anew", False), language=language))


def enrolled(device):
    key = kaigotap.DeviceKey(name=device["key"]["name"], public=bytes.fromhex(device["key"]["public"]))
    return kaigotap.EnrolledDevice(id=device["id"], facility=device["facility"], key=key)


def device_key(given):
    key = given.get("device_key")
    return key and kaigotap.DeviceKey(name=key["name"], public=bytes.fromhex(key["public"]))


def authorities(name):
    of = TABLE["authorities"][name]
    key = {name: kaigotap.CardAuthorityKey(key_id=bytes.fromhex(of[name]["key_id"]),
                                           modulus=bytes.fromhex(of[name]["modulus"])) for name in of}
    return kaigotap.CardAuthorities.TEST(input_support=key["input_support"], face=key["face"])


def stored(test, request, turn):
    """What a key or a store of the device answered."""
    for member in ("key", "name"):
        if member in turn:
            test.assertEqual(getattr(request, member), turn[member])
    for member in ("payload", "sealed"):
        if member in turn:
            test.assertEqual(getattr(request, member).hex(), turn[member])
    of, error = kaigotap.StoreError, turn.get("error", "").upper()
    if turn["type"] == "sign":
        if error:
            return Reply.NOT_SIGNED(kaigotap.SignError[error])
        return Reply.SIGNED(bytes.fromhex(turn["signature"]))
    if turn["type"] == "keep":
        return Reply.NOT_KEPT(of[error]) if error else Reply.KEPT()
    if turn["type"] == "forget":
        return Reply.NOT_FORGOTTEN(of[error]) if error else Reply.FORGOTTEN()
    if turn["type"] == "list":
        return Reply.NOT_LISTED(of[error]) if error else Reply.LISTED(turn["names"])
    test.assertEqual(request.names, turn["names"])
    if error:
        return Reply.NOT_RECALLED(of[error])
    entry = lambda entry: kaigotap.Entry(name=entry["name"], sealed=bytes.fromhex(entry["sealed"]))
    return Reply.RECALLED(list(map(entry, turn["entries"])))


def recorded(header, turns):
    """What a transcript says that it ends with; a record of zeros is none, whatever it was."""
    code = header["outcome"].get("code", "done")
    if code in ("done", "card_not_genuine") and any("<withheld" in turn.get("rx", "") for turn in turns):
        return ["card_record_invalid"]
    tries = header["outcome"].get("tries_left")
    return [code] + ([] if tries is None else [str(tries)])


def typed(talk, answer):
    if "face" in answer:
        return talk.resume(Reply.FACE_CHECKED(FaceCheck[answer["face"].upper()]))
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


if __name__ == "__main__":
    unittest.main()
