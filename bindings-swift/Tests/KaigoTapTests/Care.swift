import Foundation
import KaigoTap
import Simulator
import Testing

@Suite("beside the visit", .timeLimit(.minutes(2)))
struct Care {
    /// The device of the sandbox's nurse, with fresh randomness each time.
    private func here() throws -> (Drivers, Environment) {
        let sandbox = try Sandbox.shared.get()
        let known = sandbox.enrolment
        let environment = Environment(
            server: known.server, issuer: known.issuer,
            challengeKeys: known.challengeKeys.map { ChallengeKey(x: $0.x, y: $0.y) }, device: known.device,
            staffToken: known.staffToken, anchors: known.anchors, entropy: freshEntropy())
        return (Drivers(http: URLSessionHttp(), keys: sandbox.keys), environment)
    }

    @Test("whoever was visited is on the list, and seen again without a card")
    func listed() async throws {
        let verified = try await Sandbox.visit().run(card: VirtualReader(), screen: People("1234"))
        #expect(verified.opens == [.view])
        let (drivers, environment) = try here()
        let page = try await drivers.users(environment, search: UserSearch(nameBegins: "かいご"))
        let user = try #require(page.users.first { $0.subject == verified.subject })
        #expect("\(user)" == "User(..)" && user.method.code == "card_pin")
        let open = try await drivers.openUser(here().1, subject: user.subject)
        let plan = Plan(
            uses: [.view], registration: open.registration, beginWith: .registered, reading: [.life, .housing])
        let again = try await drivers.visit(plan, environment: here().1, screen: People())
        #expect(again.method == "registered" && again.subject == verified.subject)
        let token = again.accessToken
        let told = try await drivers.information(.life, environment: here().1, accessToken: token)
        guard case .life(let records) = told.records else { throw Fault() }
        #expect(!records.isEmpty && "\(told)" == "Information(..)")
        let housing = await code {
            _ = try await drivers.information(.housing, environment: here().1, accessToken: token)
        }
        #expect(housing == "not_shared")
        #expect(await code { try await drivers.endContract(here().1, subject: "nobody") } == "registration_expired")
    }

    @Test("a visit leaves what opens consent for a day")
    func consent() async throws {
        let (drivers, environment) = try here()
        var tapping = drivers
        tapping.card = VirtualReader()
        let plan = Plan(uses: [.view, .consent, .carePlanNotice])
        let confirmed = try await tapping.confirm(plan, environment: environment, screen: People("1234"))
        #expect(confirmed.opens == plan.uses)
        let evidence = try #require(confirmed.evidenceToken)
        let token = try await drivers.reopen(here().1, evidenceToken: evidence, uses: plan.uses).accessToken
        #expect(try await drivers.consent(here().1, accessToken: token).state.code == "given")
        let taken = await code {
            _ = try await drivers.takeConsent(here().1, accessToken: token, explained: true, agreed: false)
        }
        #expect(taken == "assent_missing")
        let notice = Notice(id: UUID().uuidString, kind: .carePlan, startOn: "2026-12-01", assent: true)
        let filed = await code { _ = try await drivers.file(notice, environment: here().1, accessToken: token) }
        #expect(filed == "facility_kind_not_allowed")
        #expect(try await drivers.filings(here().1).filings.isEmpty)
    }

    @Test("who was confirmed for one insurance is confirmed for the other")
    func insurance() async throws {
        let (drivers, environment) = try here()
        var tapping = drivers
        tapping.card = VirtualReader()
        let plan = Plan(uses: [.view], insuranceDomain: .medical)
        let confirmed = try await tapping.confirm(plan, environment: environment, screen: People("1234"))
        #expect(confirmed.insuranceDomain == .medical)
        let told = try await drivers.entitlement(here().1, accessToken: confirmed.accessToken)
        #expect(told.medical?.insurerNumber.count == 8)
        let evidence = try #require(confirmed.evidenceToken)
        let other = try await drivers.reopen(here().1, evidenceToken: evidence, uses: plan.uses)
        #expect(other.insuranceDomain == .care)
        #expect(try await drivers.entitlement(here().1, accessToken: other.accessToken).medical == nil)
    }

    struct Fault: Error {}
}
