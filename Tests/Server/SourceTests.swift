import Foundation
import TestSupport
import Testing

@Suite("Handlers read through the scoped journal")
struct SourceTests {
    /// Besides questions that name no row of a tenant.
    @Test("no handler reads the journal, or changes it, past what exists for its caller")
    func scoped() throws {
        let folder = Built.checkout.appendingPathComponent("Host/Server")
        var files = 0
        for part in ["Routes", "Models", "Identity"] {
            let path = folder.appendingPathComponent(part)
            for name in try FileManager.default.subpathsOfDirectory(atPath: path.path) where name.hasSuffix(".swift") {
                let file = path.appendingPathComponent(name)
                files += 1
                // What these speak of is the whole host's: their operations are its operators' alone, or a sign-in's.
                if ["NotificationRoutes.swift", "FederationRoutes.swift"].contains(file.lastPathComponent) { continue }
                let text = try String(contentsOf: file, encoding: .utf8)
                for way in ["runtime.journal", "runtime.change", "services.journal", ".journal.write"] {
                    #expect(!text.contains(way), "\(file.lastPathComponent) says \(way)")
                }
            }
        }
        #expect(files > 20)
    }
}
