import Foundation

/// What a facility does with a person beside the visit: conversations of no card and no screen. What the facility asks by
/// itself needs nothing more; what is about a person takes the access token of a visit that was for it, or of ``reopen``.
/// Each takes an environment of its own, with fresh entropy.
extension Drivers {
    /// The users of the facility (利用者一覧), page by page.
    public func users(
        _ environment: Environment,
        search: UserSearch = UserSearch()
    ) async throws(KaigoTapError) -> UserPage {
        let outcome = try await asked { try listUsers(environment: environment, search: search) }
        guard case .users(let page) = outcome else { throw KaigoTapError.internalFault }
        return page
    }

    /// Opens the registration of somebody who is on the list: for `Plan.registration`.
    public func openUser(
        _ environment: Environment,
        subject: String
    ) async throws(KaigoTapError) -> OpenRegistration {
        let outcome = try await asked { try KaigoTapCore.openUser(environment: environment, subject: subject) }
        guard case .opened(let registration) = outcome else { throw KaigoTapError.internalFault }
        return registration
    }

    /// Ends the contract (契約終了): from now on nothing of the person opens for this facility, on any device.
    public func endContract(_ environment: Environment, subject: String) async throws(KaigoTapError) {
        _ = try await asked { try KaigoTapCore.endContract(environment: environment, subject: subject) }
    }

    /// What the facility has filed, page by page.
    public func filings(
        _ environment: Environment,
        after: String? = nil,
        limit: UInt16? = nil
    ) async throws(KaigoTapError) -> FilingPage {
        let outcome = try await asked { try listFilings(environment: environment, after: after, limit: limit) }
        guard case .filings(let page) = outcome else { throw KaigoTapError.internalFault }
        return page
    }

    /// Another token for what a visit with a card left, within 24 hours; for care insurance, where nothing is said.
    public func reopen(
        _ environment: Environment,
        evidenceToken: String,
        uses: [Use],
        reading: [InformationKind] = [],
        insuranceDomain: InsuranceDomain? = nil
    ) async throws(KaigoTapError) -> Confirmation {
        let outcome = try await asked {
            try KaigoTapCore.reopen(
                environment: environment, evidenceToken: evidenceToken, uses: uses, reading: reading,
                insuranceDomain: insuranceDomain)
        }
        guard case .reopened(let confirmation) = outcome else { throw KaigoTapError.internalFault }
        return confirmation
    }

    /// What the platform tells of the person now.
    public func entitlement(
        _ environment: Environment,
        accessToken: String
    ) async throws(KaigoTapError) -> Entitlement {
        let outcome = try await asked {
            try KaigoTapCore.entitlement(environment: environment, accessToken: accessToken)
        }
        guard case .entitled(let entitlement) = outcome else { throw KaigoTapError.internalFault }
        return entitlement
    }

    /// What the platform has of one kind: the latest, or what is behind an earlier part's `next`.
    public func information(
        _ kind: InformationKind,
        environment: Environment,
        accessToken: String,
        after: String? = nil
    ) async throws(KaigoTapError) -> Information {
        let outcome = try await asked {
            try KaigoTapCore.information(
                environment: environment, accessToken: accessToken, kind: kind, after: after)
        }
        guard case .informationTold(let information) = outcome else { throw KaigoTapError.internalFault }
        return information
    }

    /// The person's consent (包括同意) as it is on record.
    public func consent(
        _ environment: Environment,
        accessToken: String
    ) async throws(KaigoTapError) -> Consent {
        try await consented { try consentOnRecord(environment: environment, accessToken: accessToken) }
    }

    /// Takes it in the municipality's stead; without agreement nothing is sent (`assent_missing`).
    public func takeConsent(
        _ environment: Environment,
        accessToken: String,
        explained: Bool,
        agreed: Bool
    ) async throws(KaigoTapError) -> Consent {
        try await consented {
            try KaigoTapCore.takeConsent(
                environment: environment, accessToken: accessToken, explained: explained, agreed: agreed)
        }
    }

    /// Files a notice to the insurer: once under its name, however often it is sent.
    public func file(
        _ notice: Notice,
        environment: Environment,
        accessToken: String
    ) async throws(KaigoTapError) -> Filing {
        let outcome = try await asked {
            try fileNotice(environment: environment, accessToken: accessToken, notice: notice)
        }
        guard case .filed(let filing) = outcome else { throw KaigoTapError.internalFault }
        return filing
    }

    private func consented(_ make: () throws -> Conversation) async throws(KaigoTapError) -> Consent {
        guard case .consentTold(let consent) = try await asked(make) else { throw KaigoTapError.internalFault }
        return consent
    }

    private func asked(_ make: () throws -> Conversation) async throws(KaigoTapError) -> Outcome {
        try await run(NoScreen(), nil, make)
    }
}
