/// What lines for people and for other programs' logs go through: secrets and data about people become words such as
/// `[email]`. One way only; nothing puts them back.
package struct LogMask: Hashable, Sendable {
    package var kinds: Set<PersonalData>

    /// Addresses of the network stay: who looks for a fault needs them.
    package static let standard = LogMask(kinds: Set(PersonalData.allCases).subtracting([.ip]))

    package init(kinds: Set<PersonalData>) { self.kinds = kinds }

    package func masked(_ text: String) -> String {
        let findings = PersonalData.findings(in: text, kinds: kinds)
        guard !findings.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var masked: [UInt8] = []
        var position = 0
        for finding in findings {
            masked += bytes[position..<finding.range.lowerBound]
            masked += "[\(finding.kind.rawValue)]".utf8
            position = finding.range.upperBound
        }
        return String(decoding: masked + bytes[position...], as: UTF8.self)
    }
}
