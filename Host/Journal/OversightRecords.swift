package import Kernel

/// The class of a run's data, since it was another than the usual for the first time.
package struct RunClassRecord: Hashable, Sendable {
    package static let maximumNoteBytes = 2_000

    package var run: RunID
    package var sensitivity: Sensitivity
    package var before: Sensitivity
    /// Of rules and origins; nothing of the data.
    package var reasons: [String]
    /// Nil: by rules.
    package var decidedBy: String?
    /// A person's reason.
    package var note: String?
    package var at: Instant
}

/// Classes of data, holds and settings, as the store has them.
package protocol OversightReading: AnyObject {
    /// Nil for a run that always was of the usual class.
    func runClass(_ run: RunID) throws(JournalError) -> RunClassRecord?

    /// By name.
    func legalHolds() throws(JournalError) -> [LegalHold]
    /// What keeps a run that is in the store from being moved, expired or erased.
    func legalHolds(over run: RunID) throws(JournalError) -> [LegalHold]
    /// What keeps a person's data from being erased, beside the holds over that person's runs.
    func legalHolds(overSubject subject: SubjectID) throws(JournalError) -> [LegalHold]

    func setting(_ name: HostSetting) throws(JournalError) -> String?
    func settings() throws(JournalError) -> [HostSetting: String]
}

/// The same, to change.
package protocol OversightChanging: OversightReading {
    /// Nothing happens to a run whose class is as high.
    func runRaise(_ run: RunID, to sensitivity: Sensitivity, because reason: String) throws(JournalError)
    /// A person's word: up or down. Down only here.
    func runClassify(
        _ run: RunID, as sensitivity: Sensitivity, by: String, because reason: String
    ) throws(JournalError) -> RunClassRecord

    /// `.conflict` when the name is taken, `.notFound` for a run that is not there.
    func holdPlace(_ hold: LegalHold) throws(JournalError)
    func holdRelease(_ name: String, by: String, because reason: String) throws(JournalError)

    /// - Parameter value: nil removes it. `.invalid` for one that the setting does not take.
    func settingSet(_ setting: HostSetting, to value: String?, by: String) throws(JournalError)
}
