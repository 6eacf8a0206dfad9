// The library describes these records by their names only. `dump` looks into a value all the same, and so do crash
// reporters that mirror it: they find nothing, either.

/// A record that shows nothing of a person or of a secret.
protocol Hidden: CustomReflectable {}

extension Hidden {
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Age: Hidden {}
extension BurdenRatio: Hidden {}
extension CardInformation: Hidden {}
extension CareLevel: Hidden {}
extension ChosenPerson: Hidden {}
extension Demand: Hidden {}
extension DeviceKey: Hidden {}
extension Entitlement: Hidden {}
extension Entry: Hidden {}
extension Environment: Hidden {}
extension Face: Hidden {}
extension Header: Hidden {}
extension Holder: Hidden {}
extension HttpRequest: Hidden {}
extension HttpResponse: Hidden {}
extension Insurer: Hidden {}
extension LimitCertificate: Hidden {}
extension Outcome: Hidden {}
extension Person: Hidden {}
extension Photo: Hidden {}
extension Reply: Hidden {}
extension Request: Hidden {}
extension VerifiedVisit: Hidden {}
