/// What an operator says about the whole host for the record, and what reports take up.
package enum HostSetting: String, Hashable, Sendable, CaseIterable {
    /// `on`: departments work as a high-risk system of the AI Act; then records of runs are kept for 183 days at least.
    case highRisk = "ai_act.high_risk"
    /// Name and address of the controller, for the record of processing.
    case controller = "gdpr.controller"
    case dataProtectionOfficer = "gdpr.data_protection_officer"
    /// Which people the data is about.
    case dataSubjects = "gdpr.data_subjects"
    /// To which countries outside the Union data goes, and on what ground.
    case thirdCountries = "gdpr.third_countries"
    /// Who oversees the system, and with what competence (AI Act, Articles 14 and 26).
    case overseers = "ai_act.overseers"

    package static let maximumBytes = 4_000

    /// Why the setting does not take this value; nil when it does.
    package func problem(_ value: String) -> String? {
        if self == .highRisk, value != "on", value != "off" { return "\(rawValue) is on or off" }
        if value.isEmpty || value.utf8.count > Self.maximumBytes {
            return "\(rawValue): write 1 to \(Self.maximumBytes) bytes"
        }
        return nil
    }
}
