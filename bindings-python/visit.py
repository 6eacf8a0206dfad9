"""A whole home visit: `visit.py ENROLMENT LISTEN`, with the sandbox's enrolment and where virtual cards may come to."""

import getpass
import json
import secrets
import socket
import sys
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path

import host
import kaigotap
from kaigotap import FaceCheck, Step


class Terminal:
    """Asks the people who sit before it."""

    def confirm_face(self):
        """Only the nurse can say this: no program may answer by itself."""
        matches = said_yes("Does the face before you match the photo printed on the card?")
        return FaceCheck.MATCH if matches else FaceCheck.NO_MATCH

    def enter_pin(self, prompt):
        left = "" if prompt.tries_left is None else f", {prompt.tries_left} tries left"
        typed = getpass.getpass(f"PIN ({prompt.why.name.lower()}{left}), or nothing to stop: ")
        return typed.encode(errors="replace") or None

    def last_try(self, prompt):
        if prompt.why == kaigotap.WhyPin.WRONG:
            print("The PIN was wrong.")
        return said_yes("One try is left. A wrong PIN now locks it until it is reset, at the town hall for example. Go on?")

    def new_pin(self, prompt):
        return None


def said_yes(question):
    return input(f"{question} (yes/no) ").strip().lower() == "yes"


def shown(text):
    """What a stranger wrote, with what could steer a terminal as its escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def visit(enrolment, entropy=None, person=None, registered_as=None, card_authorities=None):
    """The visit that an enrolment allows, to a person where one was chosen (`kaigotap.ChosenPerson`): nobody else is
    shown then. To one whom an earlier visit with PIN gave the name `registered_as`, a tap is enough, of a card
    that is certified under the authorities of real cards, or these. With fresh randomness, unless a test gives its own."""
    uses = [kaigotap.Use.VIEW, kaigotap.Use.REGISTER]
    plan = kaigotap.Plan(uses=uses, person=person, registered_as=registered_as)
    return kaigotap.visit(plan, environment(enrolment, entropy, card_authorities))


def environment(enrolment, entropy=None, card_authorities=None):
    """Whom a device knows and trusts that is enrolled so, with fresh randomness: for one conversation."""
    keys = [kaigotap.ChallengeKey(x=key["x"], y=key["y"]) for key in enrolment["challenge_keys"]]
    anchors = [b64decode(anchor) for anchor in enrolment["test_anchors"]]
    return kaigotap.Environment(
        server=enrolment["server"], issuer=enrolment["issuer"], challenge_keys=keys,
        device=device(enrolment), staff_token=enrolment["staff_token"], anchors=kaigotap.TrustAnchors.TEST(anchors, []),
        entropy=entropy or secrets.token_bytes(32), card_authorities=card_authorities)


def device(enrolment):
    """The device, as the platform knows it."""
    coordinates = [urlsafe_b64decode(enrolment["device_key"][name] + "=") for name in ("x", "y")]
    key = kaigotap.DeviceKey(name="device", public=b"".join([b"\x04", *coordinates]))
    return kaigotap.EnrolledDevice(id=enrolment["device_id"], facility=enrolment["facility_id"], key=key)


def main():
    address, port = sys.argv[2].rsplit(":", 1)
    enrolment = json.loads(Path(sys.argv[1]).read_text())
    with socket.create_server((address, int(port))) as listener:
        print("waiting for a virtual card at {}:{}".format(*listener.getsockname()), flush=True)
        step = host.run(visit(enrolment), host.Reader(listener), Terminal(), keys=host.Keys(sys.argv[1] + ".keys"))
    if isinstance(step, Step.FAILED):
        failure = step.failure
        sys.exit(f"{failure.code}: {failure.message(kaigotap.Language.ENGLISH)}\n"
                 f"{failure.next_action(kaigotap.Language.ENGLISH)}")
    verified = step.outcome.verified
    if verified.trust == kaigotap.Origin.TEST:
        print("The card is of a test hierarchy: this says nothing about a real person.")
    entitlement = verified.entitlement
    level, ratio = entitlement.care_level, entitlement.burden_ratio
    print("certified:", shown(level.text(kaigotap.Language.ENGLISH)) if level else "nothing")
    print("burden ratio:", f"{ratio.percent} %" if ratio else "none")


if __name__ == "__main__":
    main()
