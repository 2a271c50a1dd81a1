import Journal
import Kernel
import Placement

/// What a department asks for beside what it was granted.
struct GrantView {
    private let wants: Manifest.Wants
    private let standing: GrantStanding

    init(_ entry: Catalogue.Entry) {
        self.init(wants: entry.descriptor?.manifest.wants ?? Manifest.Wants(), standing: entry.standing)
    }

    init(wants: Manifest.Wants, standing: GrantStanding) {
        self.wants = wants
        self.standing = standing
    }

    func lines(style: Style) -> [String] {
        let asked = wants.summary(readOnlyTools: ReadOnlyTools.names)
        guard !asked.isEmpty else { return ["", "It asks for nothing beyond its own work."] }
        var lines = ["", style.bold("asks for")] + asked.map { "  \($0.printable)" }
        switch standing {
        case .needless: lines.append("No decision is needed.")
        case .granted(let grant):
            let granted = grant.granted.summary(readOnlyTools: ReadOnlyTools.names)
            lines.append(style.bold("granted") + " by \(grant.by.printable) (\(grant.origin.rawValue))")
            lines += granted.isEmpty ? ["  nothing"] : granted.map { "  \($0.printable)" }
        case .missing(let wishes):
            lines.append(style.yellow("not granted"))
            lines += wishes.summary(readOnlyTools: ReadOnlyTools.names).map { "  \($0.printable)" }
        }
        return lines
    }
}
