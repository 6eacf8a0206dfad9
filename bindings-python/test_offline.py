"""Visits without coverage from Python, with a virtual card, the sandbox and a folder."""

import json
import secrets
import tempfile
import unittest
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path

import host
import kaigotap
import visit
from kaigotap import EntryState, Step
from test_kaigotap import People, Virtual, enrolment


class NoCard:
    """No reader: its power is cut all the same."""

    def power_down(self):
        pass


class Offline(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = host.Folder(Path(folder.name) / "entries")
        self.known = enrolment(self)
        self.keys = host.Keys(self.known["keys"])
        self.secret, self.mark = secrets.token_bytes(32), 0

    def key(self):
        return kaigotap.JournalKey(secret=self.secret, mark=self.mark)

    def environment(self):
        """Who holds the device where there is no network."""
        payload = self.known["staff_token"].split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        online = visit.environment(self.known)
        told = kaigotap.Enrolment(
            server=online.server, issuer=online.issuer, staff_issuer=f"{online.issuer}/staff",
            challenge_keys=online.challenge_keys, device=online.device, mutual_tls=kaigotap.MutualTls.NONE)
        anchors = kaigotap.TrustAnchors.TEST([b64decode(one) for one in self.known["test_anchors"]], [])
        return kaigotap.OfflineEnvironment(
            enrolment=told, staff_id=claims["sub"], anchors=anchors, journal=self.key(),
            entropy=secrets.token_bytes(32))

    def outcome(self, talk, reader=None, people=None):
        step = host.run(talk, reader or NoCard(), people, self.store, self.keys)
        self.assertIsInstance(step, Step.DONE, step)
        return step.outcome

    def test_a_visit_waits_is_sent_and_its_maker_is_told(self):
        talk = kaigotap.fetch_tickets(visit.environment(self.known), self.key(), [None, None], 12)
        tickets = self.outcome(talk).tickets
        self.assertEqual((len(tickets.held), tickets.findings), (2, []))
        self.mark = tickets.mark
        plan = kaigotap.Plan(uses=[kaigotap.Use.VIEW, kaigotap.Use.REGISTER])
        talk = kaigotap.offline_visit(plan, self.environment(), "花子さん")
        waits = self.outcome(talk, Virtual(self).reader, People(b"1234")).waits
        self.assertEqual((waits.number, waits.method, waits.clock_set), (0, "card_pin", False))
        self.mark = waits.mark
        entry, = self.outcome(kaigotap.journal(self.environment())).journal.entries
        self.assertEqual((entry.state, entry.label, str(entry)), (EntryState.WAITING, "花子さん", "JournalEntry(..)"))
        talk = kaigotap.send_waiting(visit.environment(self.known), self.key())
        sent = self.outcome(talk).report
        self.assertEqual((sent.confirmed, sent.waiting, len(sent.opens)), (1, 0, 1))
        self.mark = sent.mark
        entry, = self.outcome(kaigotap.journal(self.environment())).journal.entries
        self.assertEqual(entry.state, EntryState.CONFIRMED)
        self.outcome(kaigotap.acknowledge(self.environment(), [0]))
        self.assertEqual(self.outcome(kaigotap.journal(self.environment())).journal.entries, [])


if __name__ == "__main__":
    unittest.main()
