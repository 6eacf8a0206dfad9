// The library describes these records by their names only. `dump` looks into a value all the same, and so do crash
// reporters that mirror it: they find nothing, either.

/// A record that shows nothing of a person or of a secret.
protocol Hidden: CustomReflectable {}

extension Hidden {
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Age: Hidden {}
extension Attributes: Hidden {}
extension BenefitLimit: Hidden {}
extension BirthDateRead: Hidden {}
extension BurdenRatio: Hidden {}
extension CardInformation: Hidden {}
extension CareLevel: Hidden {}
extension CareManager: Hidden {}
extension CarePlanRecord: Hidden {}
extension CertificationRecord: Hidden {}
extension ChipPhoto: Hidden {}
extension ChosenPerson: Hidden {}
extension Confirmation: Hidden {}
extension Consent: Hidden {}
extension Demand: Hidden {}
extension DeviceKey: Hidden {}
extension DoctorOpinionRecord: Hidden {}
extension Due: Hidden {}
extension EnrolPlan: Hidden {}
extension EnrolledDevice: Hidden {}
extension Enrolment: Hidden {}
extension Entitlement: Hidden {}
extension Entry: Hidden {}
extension Environment: Hidden {}
extension Face: Hidden {}
extension Filing: Hidden {}
extension FilingPage: Hidden {}
extension Header: Hidden {}
extension HeldTicket: Hidden {}
extension Holder: Hidden {}
extension HousingItem: Hidden {}
extension HousingRecord: Hidden {}
extension HttpRequest: Hidden {}
extension HttpResponse: Hidden {}
extension Information: Hidden {}
extension InformationItem: Hidden {}
extension InformationRecords: Hidden {}
extension Insurer: Hidden {}
extension JournalEntry: Hidden {}
extension JournalKey: Hidden {}
extension LifeRecord: Hidden {}
extension LimitCertificate: Hidden {}
extension MedicalInsurance: Hidden {}
extension Notice: Hidden {}
extension OfflineEnvironment: Hidden {}
extension OpenRegistration: Hidden {}
extension OpenedVisit: Hidden {}
extension Outcome: Hidden {}
extension Person: Hidden {}
extension Photo: Hidden {}
extension PrintedFields: Hidden {}
extension Reply: Hidden {}
extension Request: Hidden {}
extension ShiftChange: Hidden {}
extension SignInPlan: Hidden {}
extension SignedIn: Hidden {}
extension SurveyRecord: Hidden {}
extension Term: Hidden {}
extension User: Hidden {}
extension UserPage: Hidden {}
extension UserSearch: Hidden {}
extension VerifiedVisit: Hidden {}
